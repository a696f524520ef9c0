#include "core/queue_consumers.hpp"

#include <utility>

namespace causeway::core {

void queue_consumers::add(consumer& c, bool exclusive) {
    exclusive_ = exclusive;
    if (empty()) {
        only_ = &c;
        return;
    }
    if (!several_) {
        several_ = std::make_unique<consumer_turns>(single_active_);
        several_->add(*std::exchange(only_, nullptr));
    }
    several_->add(c);
}

bool queue_consumers::remove(consumer& c) {
    if (several_ ? !several_->remove(c) : only_ != &c) return false;
    only_ = several_ && several_->size() == 1 ? several_->all().front() : nullptr;
    if (only_) several_.reset();
    exclusive_ = false;
    return true;
}

std::vector<consumer*> queue_consumers::remove_all() {
    std::vector<consumer*> gone;
    if (several_) gone = several_->all();
    if (only_) gone.push_back(only_);
    several_.reset();
    only_ = nullptr;
    exclusive_ = false;
    return gone;
}

consumer* queue_consumers::next_taker(const queue& from, const entry& e) {
    if (several_) return several_->next_taker(from, e);
    return only_->can_take(from, e) ? only_ : nullptr;
}

void queue_consumers::wake(const consumer& c) {
    if (several_) several_->wake(c);
}

}  // namespace causeway::core
