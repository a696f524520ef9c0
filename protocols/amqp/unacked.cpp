#include "protocols/amqp/unacked.hpp"

namespace causeway::amqp {

bool unacked::take(std::uint64_t tag, bool multiple, std::vector<delivery>& out) {
    if (tag == 0 && multiple) {
        take_up_to(last_tag_, out);
        return true;
    }
    auto at = find(tag);
    if (at == deliveries_.end()) return false;
    if (multiple) {
        take_up_to(tag, out);
        return true;
    }
    out.push_back(*at);
    at->seq = 0;
    --count_;
    trim();
    return true;
}

std::deque<delivery>::iterator unacked::find(std::uint64_t tag) {
    auto at = std::lower_bound(deliveries_.begin(), deliveries_.end(), tag,
                               [](const delivery& d, std::uint64_t wanted) { return d.tag < wanted; });
    return at != deliveries_.end() && at->tag == tag && at->seq != 0 ? at : deliveries_.end();
}

void unacked::take_up_to(std::uint64_t tag, std::vector<delivery>& out) {
    while (!deliveries_.empty() && deliveries_.front().tag <= tag) {
        if (deliveries_.front().seq != 0) {
            out.push_back(deliveries_.front());
            --count_;
        }
        deliveries_.pop_front();
    }
    trim();
}

void unacked::trim() {
    while (!deliveries_.empty() && deliveries_.front().seq == 0) deliveries_.pop_front();
    while (!deliveries_.empty() && deliveries_.back().seq == 0) deliveries_.pop_back();
    // One delivery that is never acknowledged must not keep the gaps behind it forever.
    if (deliveries_.size() > 64 && deliveries_.size() > 2 * count_)
        std::erase_if(deliveries_, [](const delivery& d) { return d.seq == 0; });
}

void unacked::restore(const std::vector<delivery>& taken) {
    deliveries_.insert(deliveries_.end(), taken.begin(), taken.end());
    count_ += taken.size();
    std::sort(deliveries_.begin(), deliveries_.end(), [](const delivery& a, const delivery& b) { return a.tag < b.tag; });
    // A gap with the tag of a restored delivery may stand beside it.
    std::erase_if(deliveries_, [](const delivery& d) { return d.seq == 0; });
}

}  // namespace causeway::amqp
