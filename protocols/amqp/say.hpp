#pragma once
// Methods of channel 0: straight into the link's output, and counted.

#include <cstddef>
#include <string>

#include "protocols/amqp/context.hpp"
#include "protocols/amqp/framing.hpp"

namespace causeway::amqp {

template <class M>
void say(context& at, const M& m) {
    std::string& out = at.link.output().tail();
    const std::size_t before = out.size();
    write_method(out, 0, m);
    at.count_out(out.size() - before, 1);
    at.touch();
}

}  // namespace causeway::amqp
