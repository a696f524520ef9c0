#pragma once
// Immutable bytes with many owners. Copying costs one reference, and owners may be on different threads.

#include <memory>
#include <string>
#include <string_view>

namespace causeway {

class shared_bytes {
public:
    shared_bytes() = default;
    explicit shared_bytes(std::string_view bytes)
        : bytes_(bytes.empty() ? nullptr : std::make_shared<const std::string>(bytes)) {}
    explicit shared_bytes(std::string&& bytes)
        : bytes_(bytes.empty() ? nullptr : std::make_shared<const std::string>(std::move(bytes))) {}

    std::string_view view() const { return bytes_ ? std::string_view(*bytes_) : std::string_view(); }
    std::size_t size() const { return bytes_ ? bytes_->size() : 0; }
    bool empty() const { return !bytes_; }

private:
    std::shared_ptr<const std::string> bytes_;
};

}  // namespace causeway
