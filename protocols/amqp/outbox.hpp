#pragma once
// What one channel has to say, in order. A reply that promises durability is held until its commit is stored, and all that
// the channel says afterwards is held behind it. While nothing is held, bytes go straight into the link's output.

#include <cstddef>
#include <deque>

#include "base/output_buffer.hpp"
#include "core/store.hpp"
#include "protocols/amqp/context.hpp"

namespace causeway::amqp {

class outbox {
public:
    explicit outbox(context& at) : at_(at) {}

    /// Where the channel's next bytes go; call written() afterwards, before anything else.
    output_buffer& where() {
        output_buffer& to = here();
        size_before_ = to.size();
        return to;
    }
    void written(std::size_t frames = 1) {
        at_.count_out(here().size() - size_before_, frames);
        if (held_.empty()) at_.touch();
    }

    /// What is written from now on leaves after this commit. 0, or one that is stored already: at once.
    void wait_for(core::commit_number commit);

    bool held() const { return !held_.empty(); }

    enum class progress { waiting, clear, failed };
    /// Commits have been settled: sends what may leave. `failed`: a promise was broken. The reply that made it and all
    /// behind it are thrown away.
    progress advance();

private:
    struct promise {
        core::commit_number commit;
        output_buffer bytes;  // that follow the commit
    };
    output_buffer& here() { return held_.empty() ? at_.link.output() : held_.back().bytes; }

    context& at_;
    std::size_t size_before_ = 0;  // of where() the channel writes
    std::deque<promise> held_;
};

}  // namespace causeway::amqp
