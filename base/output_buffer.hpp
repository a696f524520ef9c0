#pragma once
// Bytes on their way to one peer: small things are copied together, large ones are referenced. Belongs to one thread.
// While it is empty it is a pointer to nothing: idle connections have several.

#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/shared_bytes.hpp"

namespace causeway {

class output_buffer {
public:
    /// From this size on shared bytes are referenced rather than copied.
    static constexpr std::size_t reference_bytes_min = 4096;

    /// What a tail has room for from its beginning, so that it need not grow from nothing in every turn.
    static constexpr std::size_t fresh_bytes = 512;

    bool empty() const { return !held_ || held_->size() == 0; }
    std::size_t size() const { return held_ ? held_->size() : 0; }

    void append(std::string_view bytes) { tail().append(bytes); }
    void append(const shared_bytes& bytes) { append(bytes, bytes.view()); }
    /// A part of shared bytes.
    void append(const shared_bytes& bytes, std::string_view part);

    /// Where encoders write: append only, and only until the next call of another function.
    std::string& tail() {
        if (!held_ || held_->tail.capacity() < fresh_bytes) refresh_tail();
        return held_->tail;
    }

    /// The first pieces to send, in order; fills `pieces` and returns how many it used.
    std::size_t gather(std::span<iovec> pieces) const;

    /// The first `count` bytes have been sent.
    void consume(std::size_t count);

    /// All of the other's bytes follow ours; the other is left empty.
    void splice(output_buffer& other);

    void clear();

private:
    struct piece {
        std::string owned;
        shared_bytes shared;
        std::string_view part = {};  // of the shared bytes
        std::string_view view() const { return shared.empty() ? std::string_view(owned) : part; }
    };
    struct content {
        std::vector<piece> pieces;     // before the tail, in order
        std::size_t pieces_bytes = 0;  // sum over pieces
        std::string tail;
        std::size_t sent = 0;          // of the first piece, or of the tail if there is no piece

        std::size_t size() const { return pieces_bytes + tail.size() - sent; }
        void seal_tail();
        void add(piece p);
    };
    using content_ptr = std::unique_ptr<content>;

    static std::vector<content_ptr>& spares();
    static void keep_for_others(content_ptr done);
    void refresh_tail();

    content_ptr held_;
};

}  // namespace causeway
