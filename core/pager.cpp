#include "core/pager.hpp"

#include <utility>

namespace causeway::core {

namespace {
constexpr std::int64_t retry_ms = 500;
}

std::uint64_t pager::read(page_reader& who, page_request what) {
    what.id = ++last_id_;
    asked_[what.id] = {&who, what};
    store_.read(std::move(what));
    return last_id_;
}

bool pager::collect() {
    store_.collect_pages(arrived_);
    if (arrived_.empty()) return false;
    for (page& p : std::exchange(arrived_, {})) {
        const auto at = asked_.find(p.id);
        if (at == asked_.end()) continue;
        if (p.failed) {
            failed_.push_back(p.id);
            if (!retry_.armed()) retry_.arm_in(retry_ms);
            continue;
        }
        page_reader& who = *at->second.by;
        asked_.erase(at);
        who.page_arrived(std::move(p));
    }
    return true;
}

void pager::ask_again() {
    for (const std::uint64_t id : std::exchange(failed_, {}))
        if (const auto at = asked_.find(id); at != asked_.end()) store_.read(page_request(at->second.what));
}

}  // namespace causeway::core
