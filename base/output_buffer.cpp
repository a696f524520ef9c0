#include "base/output_buffer.hpp"

#include "base/check.hpp"

namespace causeway {

namespace {

iovec to_iovec(std::string_view view) { return {const_cast<char*>(view.data()), view.size()}; }

/// Tails that are done with, of this thread: most connections that write do so in every turn.
constexpr std::size_t spares_max = 256;
constexpr std::size_t spare_bytes_max = 16 * 1024;
thread_local std::vector<std::string> spares;

void keep_for_others(std::string& tail) {
    if (tail.capacity() >= output_buffer::fresh_bytes && tail.capacity() <= spare_bytes_max && spares.size() < spares_max) {
        tail.clear();
        spares.push_back(std::move(tail));
    }
    std::string().swap(tail);
}

}  // namespace

void output_buffer::append(const shared_bytes& bytes, std::string_view part) {
    if (part.size() < reference_bytes_min) {
        tail().append(part);
        return;
    }
    seal_tail();
    pieces_bytes_ += part.size();
    pieces_.push_back({{}, bytes, part});
}

void output_buffer::seal_tail() {
    if (tail_.empty()) return;
    pieces_bytes_ += tail_.size();
    pieces_.push_back({std::move(tail_), {}});
    tail_ = {};
}

void output_buffer::refresh_tail() {
    if (spares.empty()) return tail_.reserve(fresh_bytes);
    spares.back().append(tail_);
    tail_.swap(spares.back());
    spares.pop_back();
}

std::size_t output_buffer::gather(std::span<iovec> pieces) const {
    std::size_t used = 0;
    std::size_t skip = sent_;
    for (const piece& p : pieces_) {
        if (used == pieces.size()) return used;
        pieces[used++] = to_iovec(p.view().substr(skip));
        skip = 0;
    }
    if (used < pieces.size() && tail_.size() > skip) pieces[used++] = to_iovec(std::string_view(tail_).substr(skip));
    return used;
}

void output_buffer::consume(std::size_t count) {
    ENSURE(count <= size_());
    sent_ += count;
    std::size_t done = 0;
    while (done < pieces_.size() && sent_ >= pieces_[done].view().size()) {
        sent_ -= pieces_[done].view().size();
        pieces_bytes_ -= pieces_[done].view().size();
        ++done;
    }
    pieces_.erase(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(done));
    if (pieces_.empty() && sent_ == tail_.size()) clear();
}

void output_buffer::splice(output_buffer& other) {
    if (empty()) {
        std::swap(*this, other);
        other.clear();
        return;
    }
    if (other.pieces_.empty()) {
        tail().append(std::string_view(other.tail_).substr(other.sent_));
        other.clear();
        return;
    }
    seal_tail();
    std::size_t skip = other.sent_;
    for (piece& p : other.pieces_) {
        if (skip > 0) p = {std::string(p.view().substr(skip)), {}};
        skip = 0;
        pieces_bytes_ += p.view().size();
        pieces_.push_back(std::move(p));
    }
    tail_ = std::move(other.tail_);
    other.clear();
}

void output_buffer::clear() {
    std::vector<piece>().swap(pieces_);
    pieces_bytes_ = 0;
    sent_ = 0;
    keep_for_others(tail_);
}

}  // namespace causeway
