#include "base/output_buffer.hpp"

#include <utility>

#include "base/check.hpp"

namespace causeway {

namespace {

iovec to_iovec(std::string_view view) { return {const_cast<char*>(view.data()), view.size()}; }

constexpr std::size_t spares_max = 256;
constexpr std::size_t spare_bytes_max = 16 * 1024;

}  // namespace

/// Contents that are done with, of this thread, with their tails' memory: most connections that write do so in every turn.
std::vector<output_buffer::content_ptr>& output_buffer::spares() {
    thread_local std::vector<content_ptr> kept;
    return kept;
}

void output_buffer::keep_for_others(content_ptr done) {
    const std::size_t room = done->tail.capacity();
    if (room < fresh_bytes || room > spare_bytes_max || spares().size() >= spares_max) return;
    std::vector<piece>().swap(done->pieces);
    done->pieces_bytes = 0;
    done->tail.clear();
    done->sent = 0;
    spares().push_back(std::move(done));
}

void output_buffer::append(const shared_bytes& bytes, std::string_view part) {
    if (part.size() < reference_bytes_min) {
        tail().append(part);
        return;
    }
    if (!held_) held_ = std::make_unique<content>();
    held_->seal_tail();
    held_->add({{}, bytes, part});
}

void output_buffer::content::add(piece p) {
    pieces_bytes += p.view().size();
    pieces.push_back(std::move(p));
}

void output_buffer::content::seal_tail() {
    if (tail.empty()) return;
    add({std::move(tail), {}});
    tail = {};
}

/// Room for a beginning, with what another one has left behind if there is something.
void output_buffer::refresh_tail() {
    if (spares().empty()) {
        if (!held_) held_ = std::make_unique<content>();
        return held_->tail.reserve(fresh_bytes);
    }
    content_ptr spare = std::move(spares().back());
    spares().pop_back();
    if (!held_) {
        held_ = std::move(spare);
        return;
    }
    spare->tail.append(held_->tail);
    held_->tail.swap(spare->tail);
}

std::size_t output_buffer::gather(std::span<iovec> pieces) const {
    if (!held_) return 0;
    std::size_t used = 0;
    std::size_t skip = held_->sent;
    for (const piece& p : held_->pieces) {
        if (used == pieces.size()) return used;
        pieces[used++] = to_iovec(p.view().substr(skip));
        skip = 0;
    }
    const std::string_view tail = held_->tail;
    if (used < pieces.size() && tail.size() > skip) pieces[used++] = to_iovec(tail.substr(skip));
    return used;
}

void output_buffer::consume(std::size_t count) {
    ENSURE(count <= size());
    if (!held_) return;
    content& h = *held_;
    h.sent += count;
    std::size_t done = 0;
    while (done < h.pieces.size() && h.sent >= h.pieces[done].view().size()) {
        h.sent -= h.pieces[done].view().size();
        h.pieces_bytes -= h.pieces[done].view().size();
        ++done;
    }
    h.pieces.erase(h.pieces.begin(), h.pieces.begin() + static_cast<std::ptrdiff_t>(done));
    if (h.size() == 0) clear();
}

void output_buffer::splice(output_buffer& other) {
    if (empty()) {
        std::swap(held_, other.held_);
        other.clear();
        return;
    }
    if (other.empty()) return other.clear();
    content& from = *other.held_;
    if (from.pieces.empty()) {
        tail().append(std::string_view(from.tail).substr(from.sent));
        other.clear();
        return;
    }
    held_->seal_tail();
    std::size_t skip = from.sent;
    for (piece& p : from.pieces) {
        if (skip > 0) p = {std::string(p.view().substr(skip)), {}};
        skip = 0;
        held_->add(std::move(p));
    }
    held_->tail = std::move(from.tail);
    other.held_.reset();
}

void output_buffer::clear() {
    if (held_) keep_for_others(std::exchange(held_, nullptr));
}

}  // namespace causeway
