#pragma once
// A store in memory whose commits a test can hold back or let fail. Without being told otherwise it stores at once. As in
// persistence/, the erases of a failed batch are kept and made up for before anything else is written; its puts are lost.

#include <array>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/store.hpp"

namespace causeway::test {

class held_store final : public core::store {
public:
    /// Batches wait until release().
    void hold() { holding_ = true; }
    void release() {
        holding_ = false;
        settle_all();
    }
    /// From now on (also what is held) nothing is written.
    void break_down() { available_ = false; }
    void repair() { available_ = true; }
    /// The power goes off: what is held was never written.
    void lose_held() {
        waiting_.clear();
        kept_.clear();
        done_.clear();
        holding_ = false;
    }

    std::size_t size(core::table where) const { return at(where).size(); }

    void submit(core::commit_number number, core::batch&& what) override {
        waiting_.emplace_back(number, std::move(what));
        if (!holding_) settle_all();
    }

    void collect(std::vector<core::completion>& done) override {
        done.insert(done.end(), done_.begin(), done_.end());
        done_.clear();
    }

    bool available() const override { return available_; }

    void scan(core::table where, std::string_view from, const visitor& visit) override {
        const pairs& all = at(where);
        for (auto it = all.lower_bound(from); it != all.end(); ++it)
            if (!visit(it->first, it->second)) return;
    }

private:
    using pairs = std::map<std::string, std::string, std::less<>>;
    pairs& at(core::table where) { return tables_[static_cast<std::size_t>(where)]; }
    const pairs& at(core::table where) const { return tables_[static_cast<std::size_t>(where)]; }

    void settle_all() {
        for (auto& [number, what] : waiting_) {
            if (available_)
                write(what);
            else
                keep_erases(what);
            done_.push_back({number, number, available_ ? core::commit_status::stored : core::commit_status::full});
        }
        waiting_.clear();
    }

    void keep_erases(const core::batch& what) {
        for (std::size_t i = 0; i < what.size(); ++i)
            if (what[i].erase) kept_.emplace_back(what[i].where, what[i].key);
    }

    void write(const core::batch& what) {
        for (const auto& [where, key] : std::exchange(kept_, {})) at(where).erase(key);
        for (std::size_t i = 0; i < what.size(); ++i) {
            const core::batch::operation o = what[i];
            if (o.erase)
                at(o.where).erase(std::string(o.key));
            else
                at(o.where)[std::string(o.key)] = std::string(o.value);
        }
    }

    std::array<pairs, core::table_count> tables_;
    std::deque<std::pair<core::commit_number, core::batch>> waiting_;
    std::vector<core::completion> done_;
    std::vector<std::pair<core::table, std::string>> kept_;
    bool holding_ = false;
    bool available_ = true;
};

}  // namespace causeway::test
