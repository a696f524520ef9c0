#include "bench/sender.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace causeway::bench {

sender::sender(const terms& t, meter& counts, std::vector<sender*>& woken) : terms_(t), counts_(counts), woken_(woken) {}

void sender::attach(connection& over, message_template t, std::size_t in_flight_max) {
    over_ = &over;
    template_ = std::move(t);
    const std::size_t allowed = std::min<std::size_t>(terms_.window, in_flight_max);
    if (terms_.confirms) in_flight_ = std::make_unique<in_flight>(std::max<std::size_t>(1, allowed));
}

bool sender::may_publish() {
    if (published_ >= quota_) return false;
    const std::uint64_t copies = published_ * terms_.copies;
    settled_ = std::min(settled_, copies);  // what was refused is a gap for receivers, too: do not count it twice
    if (terms_.copies > 0 && copies >= settled_ + std::uint64_t{terms_.window} * terms_.copies) return false;
    if (in_flight_ && !in_flight_->has_room(next_tag_)) return false;
    stalled_ = over_->pending() >= connection::pending_bytes_max;
    return !stalled_;
}

void sender::publish(std::uint64_t due_ns) {
    char* const bytes = over_->send(template_.bytes);
    const stamp s{terms_.run, terms_.index, published_, due_ns};
    std::memcpy(bytes + template_.stamp_at, &s, sizeof s);
    if (in_flight_) in_flight_->begin(next_tag_, due_ns);
    if (template_.digits_at > 0)
        write_topic_digits(bytes + template_.digits_at, published_ * terms_.topic_step % terms_.topics);
    if (template_.packet_id_at > 0) {
        bytes[template_.packet_id_at] = static_cast<char>(next_tag_ >> 8);
        bytes[template_.packet_id_at + 1] = static_cast<char>(next_tag_);
        if (next_tag_ == 0xFFFF) next_tag_ = 0;
    }
    ++next_tag_;
    ++published_;
    ++counts_.published;
}

void sender::count(std::uint64_t due_ns, std::uint64_t now_ns, bool refused) {
    ++(refused ? counts_.refused : counts_.confirmed);
    counts_.confirmation.record(now_ns > due_ns ? now_ns - due_ns : 0);
    if (refused && terms_.copies > 0) settled_ += terms_.copies;  // nobody will get it
}

void sender::confirmed(std::uint64_t tag, std::uint64_t now_ns, bool refused) {
    if (!in_flight_) return;
    if (const auto due_ns = in_flight_->settle(tag)) count(*due_ns, now_ns, refused);
    wake();
}

void sender::confirmed_up_to(std::uint64_t tag, std::uint64_t now_ns, bool refused) {
    if (!in_flight_) return;
    in_flight_->settle_up_to(tag, [&](std::uint64_t due_ns) { count(due_ns, now_ns, refused); });
    wake();
}

}  // namespace causeway::bench
