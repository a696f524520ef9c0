#pragma once
// The memory store with the words in which the broker's tests tell their stories: a store that is held back, breaks down and
// is repaired. While broken it is unavailable at once, not only from the next commit on.

#include "persistence/memory_store.hpp"

namespace causeway::test {

class held_store final : public persistence::memory_store {
public:
    /// Batches wait until release().
    void hold() { memory_store::hold(true); }
    void release() {
        memory_store::hold(false);
        complete_all();
    }
    /// From now on (also what is held) nothing is written.
    void break_down() {
        broken_ = true;
        fail_next(core::commit_status::full);
    }
    void repair() {
        broken_ = false;
        mend();
    }
    /// The power goes off: what is held was never written.
    void lose_held() {
        memory_store::hold(false);
        crash();
    }

    /// Another broker begins on it, after an orderly end of the last one.
    void reopen() {
        memory_store::hold(false);
        crash(waiting());
    }

    std::size_t size(core::table where) {
        std::size_t count = 0;
        scan(where, {}, [&count](std::string_view, std::string_view) { return ++count > 0; });
        return count;
    }

    bool available() const override { return !broken_ && memory_store::available(); }

private:
    bool broken_ = false;
};

}  // namespace causeway::test
