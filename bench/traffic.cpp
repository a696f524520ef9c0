// The works in which messages flow: at once, into the void, or to those who are away.

#include "bench/cast.hpp"
#include "bench/works.hpp"

namespace causeway::bench {

std::vector<phase> traffic(stage& on) {
    std::vector<phase> done(1);
    phase& p = done.front();
    p.name = info_of(on.how.work).name;
    cast all(on);
    const visit v = on.how.work == work::publish ? visit::prepare : visit::stay;
    if (!all.bring_receivers(v, p) || !all.bring_senders()) return done;
    all.publish(p);
    all.close();
    return done;
}

std::vector<phase> offline(stage& on) {
    std::vector<phase> done(2);
    phase& in = done[0];
    phase& out = done[1];
    in.name = "in";
    out.name = "out";
    cast all(on);
    if (!all.bring_receivers(visit::prepare, in)) return done;
    all.send_receivers_away();
    if (!all.bring_senders()) return done;
    all.publish(in);
    if (on.over()) return done;

    const stopwatch watch(on.how.pid);
    if (!all.bring_receivers(visit::collect, out)) return done;
    all.collect(out, in.counts.published - in.counts.refused);
    watch.stop(out);
    all.close();
    return done;
}

}  // namespace causeway::bench
