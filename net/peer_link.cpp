#include "net/peer_link.hpp"

#include "base/check.hpp"
#include "net/connection.hpp"
#include "net/peers.hpp"

namespace causeway::net {

namespace {

constexpr std::size_t in_flight_bytes_max = 256 * 1024;  // of one connection, on its way through an I/O thread
constexpr std::size_t joined_bytes_max = 4096;           // up to here kept bytes are joined with new ones in shared memory

}  // namespace

peer_link::peer_link(peers& home, connection& io) : home_(home), io_(io), output_(io.commands().output_of(io)) {
    if (output_ == nullptr) output_ = &own_output_;
}

protocols::peer_info peer_link::peer() const { return io_.info(); }

std::string peer_link::peer_address() const { return io_.address(); }

void peer_link::start() {
    endpoint_ = io_.endpoints().make(*this);
    ENSURE(endpoint_);
}

// Output

void peer_link::touch() {
    if (touched_) return;
    touched_ = true;
    home_.touched(*this);
}

void peer_link::notify_when_flushed() {
    notify_ = true;
    touch();
}

void peer_link::close() {
    closing_ = true;
    touch();
}

void peer_link::flush() {
    touched_ = false;
    if (gone() || close_sent_) return;
    if (!closing_ && in_flight_ >= in_flight_bytes_max) {
        waits_for_room_ = true;
        return;
    }
    const bool notify = std::exchange(notify_, false);
    if (notify || !output_->empty()) in_flight_ += io_.commands().send(io_, *output_, notify);
    if (!closing_) return;
    close_sent_ = true;
    io_.commands().close(io_);
}

void peer_link::sent(std::size_t bytes) {
    ENSURE(bytes <= in_flight_);
    in_flight_ -= bytes;
    if (std::exchange(waits_for_room_, false)) touch();
}

void peer_link::flushed() {
    if (!closing_) endpoint_->flushed();
}

// Input

void peer_link::received(std::string_view bytes) {
    if (closing_) return;
    if (reading_ && (!kept_ || kept_->size() <= joined_bytes_max)) {
        if (kept_) bytes = home_.scratch().assign(*kept_).append(bytes);
        return keep(bytes.substr(give(bytes)));
    }
    if (!kept_) kept_ = std::make_unique<std::string>();
    kept_->append(bytes);
    deliver_kept();
}

void peer_link::deliver_kept() {
    if (gone() || closing_ || !reading_ || !kept_) return;
    const std::size_t consumed = give(*kept_);
    if (consumed > 0) keep(std::string_view(*kept_).substr(consumed));  // gives the memory back, too
}

/// Instead of what was kept.
void peer_link::keep(std::string_view rest) {
    if (rest.empty())
        kept_.reset();
    else if (kept_)
        *kept_ = std::string(rest);
    else
        kept_ = std::make_unique<std::string>(rest);
}

/// Returns how much the endpoint has consumed.
std::size_t peer_link::give(std::string_view bytes) {
    std::size_t consumed = 0;
    while (consumed < bytes.size() && reading_ && !closing_) {
        const std::size_t count = endpoint_->receive(bytes.substr(consumed));
        ENSURE(count <= bytes.size() - consumed);
        if (count == 0) break;
        consumed += count;
    }
    return closing_ ? bytes.size() : consumed;
}

void peer_link::read(bool on) {
    if (reading_ == on || gone() || closing_) return;
    reading_ = on;
    io_.commands().read(io_, on);
    if (on) home_.resumed(*this);
}

// The end

void peer_link::shut_down() {
    if (!closing_) endpoint_->shut_down();
}

void peer_link::closed() {
    closing_ = true;
    endpoint_->closed();
    endpoint_.reset();
}

}  // namespace causeway::net
