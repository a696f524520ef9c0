#include "app/log_sink.hpp"

namespace causeway::app {

log_sink::log_sink(const log_config& c, log_pace pace)
    : writer_(std::make_shared<log_writer>(c, pace)), thread_([writer = writer_] { writer->run(); }) {
    set_lowest(c.level);
}

/// Nothing ends a thread that the kernel holds in write(), except that the whole program ends.
log_sink::~log_sink() {
    if (writer_->finish())
        thread_.join();
    else
        thread_.detach();
}

}  // namespace causeway::app
