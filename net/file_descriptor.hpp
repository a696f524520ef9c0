#pragma once
// Owns a file descriptor until somebody takes it over.

#include <unistd.h>

#include <utility>

namespace causeway::net {

class file_descriptor {
public:
    explicit file_descriptor(int number) : number_(number) {}
    file_descriptor(file_descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    file_descriptor& operator=(file_descriptor&&) = delete;
    ~file_descriptor() { close(); }

    int get() const { return number_; }
    void close() {
        if (number_ >= 0) ::close(std::exchange(number_, -1));
    }
    int release() { return std::exchange(number_, -1); }

private:
    int number_;
};

}  // namespace causeway::net
