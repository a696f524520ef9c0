#pragma once
// The durable core::store: LMDB behind a commit thread. Built before the first listener opens; the constructor throws
// std::runtime_error with a text for the operator (database.hpp says when).

#include <chrono>
#include <functional>

#include "base/log.hpp"
#include "core/store.hpp"
#include "persistence/commit_thread.hpp"
#include "persistence/database.hpp"
#include "persistence/read_thread.hpp"

namespace causeway::persistence {

struct lmdb_store_options : database_options {
    std::chrono::milliseconds probe_interval{500};  // while writes fail
};

class lmdb_store final : public core::store {
public:
    lmdb_store(const lmdb_store_options& options, logger& log, const std::function<void()>& wake)
        : database_(options, log), commits_(database_, options.probe_interval, log, wake), reads_(database_, wake) {}

    void submit(core::commit_number number, core::batch&& what) override { commits_.submit(number, std::move(what)); }
    void collect(std::vector<core::completion>& done) override { commits_.collect(done); }
    bool available() const override { return commits_.available(); }

    /// Throws std::runtime_error if the table cannot be read.
    void scan(core::table where, std::string_view from, const visitor& visit) override { database_.scan(where, from, visit); }

    void find(core::table where, std::string_view key, const visitor& visit) override { database_.find(where, key, visit); }
    void read(core::page_request what) override { reads_.submit(std::move(what)); }
    void collect_pages(std::vector<core::page>& done) override { reads_.collect(done); }

    /// A consistent copy of everything durable into an empty directory, while it goes on. Empty text on success.
    std::string copy_to(const std::string& directory) { return database_.copy_to(directory); }

private:
    database database_;
    commit_thread commits_;  // after the database: it writes what is left when it goes
    read_thread reads_;
};

}  // namespace causeway::persistence
