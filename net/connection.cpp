#include "net/connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "net/clock.hpp"
#include "net/worker.hpp"

namespace causeway::net {

namespace {

constexpr std::size_t pieces_max = 64;             // of one gathered write
constexpr std::size_t packed_bytes_max = 64 * 1024;  // packed at once by a layer
constexpr std::size_t answers_bytes_max = 1024 * 1024;  // of a layer (pongs, say), beside packed output
constexpr std::size_t report_bytes_min = 64 * 1024;  // sent bytes are reported in such portions

bool try_again(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

connection::connection(worker& home, listener& origin, file_descriptor socket, connection_id id, const remote_address& remote)
    : home_(home), origin_(origin), id_(id), remote_(remote), socket_(std::move(socket)), counted_(!origin.options().proxy_protocol) {
    if (auto made = origin_.make_layer(home_.packs())) {
        packed_ = std::make_unique<packed>();
        packed_->by = std::move(made);
    }
    const bool behind_a_proxy = !counted_;
    if (packed_ || behind_a_proxy) arm(origin_.options().handshake_timeout_ms);
    if (behind_a_proxy) passage_->before = std::make_unique<preamble>(preamble{.header = {}, .proxy = remote});
}

protocols::peer_info connection::info() const {
    const listener_options& options = origin_.options();
    const auto* const certified = packed_ && packed_->certificate_user ? &*packed_->certificate_user : nullptr;
    return {.id = id_,
            .loopback = remote_.local(),
            .secure = options.kind == transport_kind::tls || options.kind == transport_kind::wss,
            .certificate_unnamed = certified && certified->empty(),
            .certificate_user = certified ? std::string_view(*certified) : std::string_view(),
            .listener = options.name,
            .vhost = options.vhost};
}

downlink& connection::commands() const { return home_.commands(); }

void connection::start() { note(news); }

void connection::note(std::uint8_t marks) {
    marks_ |= marks;
    if (queued) return;
    queued = true;
    home_.queue(*this);
}

void connection::happened(std::uint32_t events) {
    if (phase_ == phase::closed) return;
    constexpr std::uint32_t end = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    ended_ = ended_ || (events & end) != 0;
    if ((events & (EPOLLIN | end)) != 0) {
        input_ = true;
        read_what_is_there();
    }
    if (waits_for_room_ && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) {
        waits_for_room_ = false;
        note(writable);
    }
}

/// In the next step. What is not there yet is announced by the poller.
void connection::read_what_is_there() {
    if (phase_ == phase::closed || (phase_ == phase::open && !reading_)) return;
    if (input_ || layer_has_more()) note(readable);
}

void connection::await_room() {
    if (waits_for_room_) return;
    waits_for_room_ = true;
    home_.sockets().await_room(socket_.get(), *this);
}

void connection::arm(std::int64_t timeout_ms) {
    if (!passage_) {
        passage_ = std::make_unique<passage>(*this);
        home_.watch(*passage_);
    }
    passage_->deadline_ms = steady_now_ms() + timeout_ms;
}

void connection::step(uplink& up, bool hold) {
    std::uint8_t marks = std::exchange(marks_, std::uint8_t{0});
    const bool held = hold && (marks & readable) != 0 && phase_ <= phase::open;
    if (held) marks &= static_cast<std::uint8_t>(~readable);

    if (phase_ == phase::opening && (marks & news) != 0) begin(up);
    if ((marks & writable) != 0) write_out();
    if ((marks & readable) != 0) read_in(up);
    report(up);
    if (held) note(readable);
}

/// Its bytes are waited for only now: what came over other connections before this one was made has been noted before its own
/// can be. A client may well have said goodbye there.
void connection::begin(uplink& up) {
    if (!packed_ && !before()) open(up);
    if (const int error = home_.sockets().add(socket_.get(), *this); error != 0) lost(std::strerror(error));
}

void connection::report(uplink& up) {
    if (!announced_ || told_closed_) return;
    if (unreported_ >= report_bytes_min || (flushed_ && unreported_ > 0)) up.sent(*this, std::exchange(unreported_, 0));
    if (flushed_) {
        flushed_ = false;
        up.flushed(*this);
    }
    if (phase_ < phase::lingering) return;
    told_closed_ = true;
    up.closed(*this);
}

bool connection::finished() const {
    return phase_ == phase::closed && (released_ || !announced_) && !queued;
}

// Reading

void connection::read_in(uplink& up) {
    if (phase_ == phase::closed || (phase_ == phase::open && !reading_)) return;
    if (layer_has_more()) {
        unpack({}, up);
        return read_what_is_there();
    }
    const std::span<char> room = home_.room();
    const ssize_t count = ::recv(socket_.get(), room.data(), room.size(), 0);
    home_.counters().reads.add(1);
    if (count == 0) return lost("the peer has closed");
    if (count < 0) {
        if (!try_again(errno)) return lost(std::strerror(errno));
        input_ = errno == EINTR;
        return read_what_is_there();
    }
    const auto size = static_cast<std::size_t>(count);
    input_ = size == room.size() || ended_;  // else it was all there was
    home_.counters().bytes_in.add(size);
    take_in({room.data(), size}, up);
    read_what_is_there();
}

bool connection::layer_has_more() const { return packed_ && phase_ == phase::open && packed_->by->has_more(); }

void connection::take_in(std::string_view bytes, uplink& up) {
    if (phase_ >= phase::closing) return;
    if (before() && !behind_preamble(bytes)) return;
    if (packed_) return unpack(bytes, up);
    if (phase_ == phase::opening) open(up);
    if (!bytes.empty()) up.received(*this, bytes);
}

/// Reads what a proxy says first. True: `bytes` is what came behind it.
bool connection::behind_preamble(std::string_view& bytes) {
    proxy_header& header = before()->header;
    switch (header.receive(bytes)) {
        case proxy_header::state::reading: return false;
        case proxy_header::state::failed: fail(header.failure()); return false;
        case proxy_header::state::complete: break;
    }
    remote_ = header.client_of(before()->proxy);
    if (!origin_.admit(remote_)) {
        home_.counters().refused.add(1);
        abort();
        return false;
    }
    counted_ = true;
    passage_->before.reset();
    return true;
}

void connection::unpack(std::string_view bytes, uplink& up) {
    std::string& plain = home_.scratch();
    plain.clear();
    const layer::state state = packed_->by->receive(bytes, plain, packed_->wire);
    if (state >= layer::state::open && phase_ == phase::opening && (state == layer::state::open || !plain.empty())) open(up);
    if (!plain.empty()) up.received(*this, plain);
    if (state == layer::state::failed) return fail(packed_->by->failure());
    if (!packed_->wire.empty()) write_out();
    if (packed_->wire.size() > answers_bytes_max) return lost("the peer does not take its answers");
    if (state == layer::state::closed) say_goodbye();
}

void connection::open(uplink& up) {
    phase_ = phase::open;
    passage_.reset();
    if (packed_) packed_->certificate_user = packed_->by->certificate_user();
    announced_ = true;
    up.opened(*this);
}

// Writing

void connection::send(output_buffer& bytes, bool notify) {
    if (phase_ >= phase::closing) return bytes.clear();
    if (&bytes != &outgoing_) {
        handed_over_ = true;
        outgoing_.splice(bytes);
    }
    notify_ = notify_ || notify;
    write_out();
}

/// Writes until everything is out or the socket is full.
void connection::write_out() {
    if (waits_for_room_ || phase_ >= phase::lingering) return;
    const bool done = packed_ ? write_packed() : write_plain();
    if (done) all_sent();
}

bool connection::write_plain() {
    std::array<iovec, pieces_max> pieces;
    while (!outgoing_.empty()) {
        const std::size_t used = outgoing_.gather(pieces);
        std::size_t taken = 0;
        const bool all = send_pieces(std::span(pieces).first(used), taken);
        consume(taken);
        if (!all) return false;
    }
    return true;
}

bool connection::write_packed() {
    do {
        while (packed_->sent < packed_->wire.size()) {
            iovec rest{packed_->wire.data() + packed_->sent, packed_->wire.size() - packed_->sent};
            std::size_t taken = 0;
            const bool all = send_pieces({&rest, 1}, taken);
            packed_->sent += taken;
            if (!all) return false;
        }
        std::string().swap(packed_->wire);
        packed_->sent = 0;
    } while (pack());
    return true;
}

/// Puts some of the output through the layer. False: there is nothing left to send.
bool connection::pack() {
    if (phase_ == phase::opening) return false;
    std::string& plain = home_.scratch();
    plain.clear();
    std::array<iovec, pieces_max> pieces;
    for (const iovec& piece : std::span(pieces).first(outgoing_.gather(pieces))) {
        plain.append(static_cast<const char*>(piece.iov_base), std::min(piece.iov_len, packed_bytes_max - plain.size()));
        if (plain.size() == packed_bytes_max) break;
    }
    if (!plain.empty()) {
        packed_->by->send(plain, packed_->wire);
        consume(plain.size());
    } else if (phase_ == phase::closing && !std::exchange(packed_->said_goodbye, true)) {
        packed_->by->close(packed_->wire);
    }
    return !packed_->wire.empty();
}

/// One system call. False: not everything has been taken, and somebody will call write_out() again if that makes sense.
bool connection::send_pieces(std::span<iovec> pieces, std::size_t& taken) {
    std::size_t wanted = 0;
    for (const iovec& piece : pieces) wanted += piece.iov_len;
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    const ssize_t count = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    home_.counters().writes.add(1);
    if (count < 0 && !try_again(errno)) {
        lost(std::strerror(errno));
        return false;
    }
    taken = count < 0 ? 0 : static_cast<std::size_t>(count);
    home_.counters().bytes_out.add(taken);
    if (taken > 0 && phase_ == phase::closing) arm(home_.options().stalled_close_ms);
    if (taken < wanted) await_room();
    return taken == wanted;
}

void connection::consume(std::size_t count) {
    outgoing_.consume(count);
    if (!handed_over_) return;
    unreported_ += count;
    if (unreported_ >= report_bytes_min) note(news);
}

void connection::all_sent() {
    if (notify_) {
        notify_ = false;
        flushed_ = true;
        note(news);
    }
    if (phase_ != phase::closing) return;
    phase_ = phase::lingering;
    ::shutdown(socket_.get(), SHUT_WR);
    arm(home_.options().linger_ms);
    note(news);
}

// The end

void connection::read(bool on) {
    if (reading_ == on) return;
    reading_ = on;
    if (on) read_what_is_there();
}

void connection::close() {
    if (phase_ >= phase::closing) return;
    phase_ = phase::closing;
    arm(home_.options().stalled_close_ms);
    read_what_is_there();
    write_out();
}

/// The peer has broken the layer's rules: it gets what the layer has to say about it, nothing more.
void connection::fail(std::string_view reason) {
    home_.log().info(phase_ == phase::opening ? "handshake failed" : "connection failed",
                     {{"listener", origin_.options().name}, {"peer", address()}, {"reason", reason}});
    if (phase_ == phase::opening) home_.counters().handshakes_failed.add(1);
    if (before() || !packed_) return abort();
    outgoing_.clear();
    packed_->said_goodbye = true;
    close();
}

/// The peer has said goodbye: it takes nothing more but ours.
void connection::say_goodbye() {
    if (phase_ == phase::opening) return lost("the peer has said goodbye");
    tell_debug("connection lost", "the peer has said goodbye");
    outgoing_.clear();
    close();
}

void connection::expire(std::int64_t now_ms) {
    if (now_ms < passage_->deadline_ms) return;
    if (phase_ == phase::opening) {
        home_.counters().handshakes_failed.add(1);
        home_.log().info("handshake timed out", {{"listener", origin_.options().name}, {"peer", address()}});
    } else if (phase_ == phase::closing) {
        home_.log().info("peer does not take its last output", {{"listener", origin_.options().name}, {"peer", address()}});
        forget_unsent();
    }
    abort();
}

/// Closing the socket will reset the connection. Else the kernel would keep for minutes what it has taken for such a peer, megabytes.
void connection::forget_unsent() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

/// Such lines are seldom wanted, and there is one for each connection: they are put together only if somebody reads them.
void connection::tell_debug(std::string_view what, std::string_view reason) {
    if (!home_.log().enabled(log_level::debug)) return;
    home_.log().debug(what, {{"listener", origin_.options().name}, {"peer", address()}, {"reason", reason}});
}

void connection::lost(std::string_view reason) {
    if (phase_ == phase::closed) return;
    if (before() && before()->header.empty()) {
        tell_debug("a proxy has only looked in", reason);
    } else if (phase_ == phase::opening) {
        home_.counters().handshakes_failed.add(1);
        home_.log().info("handshake broken off", {{"listener", origin_.options().name}, {"peer", address()}, {"reason", reason}});
    } else if (phase_ < phase::lingering) {
        tell_debug("connection lost", reason);
    }
    abort();
}

void connection::abort() {
    if (phase_ == phase::closed) return;
    phase_ = phase::closed;
    passage_.reset();
    socket_.close();
    origin_.leave(counted_ ? remote_.key() : address_key::none);
    outgoing_.clear();
    home_.counters().closed.add(1);
    note(news);
}

void connection::release() {
    released_ = true;
    note(news);
}

}  // namespace causeway::net
