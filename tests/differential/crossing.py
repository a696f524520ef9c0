"""Plays the same random MQTT and AMQP on RabbitMQ with its MQTT plugin and on Causeway with the mapping `rabbitmq`, and compares what each
consumer gets.

    crossing.py [--runs N] [--seed S] [--seconds T]"""

import argparse
import collections
import pathlib
import sys
import threading
import time

from both import both_brokers
from compare import shrink
from crossing_player import Player
from crossing_steps import Generator
from crossing_tolerated import KNOWN

MANY = 200  # plays in which every difference that is tolerated should be met


def play_on_both(pair, steps):
    """(RabbitMQ's, Causeway's): a list of what was seen after each step."""
    seen, problems = [None, None], []

    def one(place):
        try:
            seen[place] = Player(pair[place]).play(steps)
        except Exception as problem:
            problems.append(f"{type(pair[place]).__name__}: {problem!r}")

    threads = [threading.Thread(target=one, args=(place,)) for place in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen, problems


def explained(step, published, theirs, ours, met):
    for known in KNOWN:
        changed = known.explain(step, published, theirs, ours)
        if changed != (theirs, ours):
            met[known.name] += 1
            theirs, ours = changed
    return theirs, ours


def difference(pair, steps, met):
    """Lines that say what differs at the first step that does, or None."""
    (theirs, ours), problems = play_on_both(pair, steps)
    if problems:
        return problems
    origin = {step.what.get("payload", step.what.get("body")): step for step in steps if step.kind == "publish"}
    for step, (at_theirs, at_ours) in zip(steps, zip(theirs, ours)):
        lines = []
        for what in sorted({*at_theirs, *at_ours}, key=repr):
            one, other = explained(step, origin.get(what[1]), at_theirs.get(what), at_ours.get(what), met)
            if one != other:
                lines += [f"    {what}", f"    R   {one}", f"    C   {other}"]
        if lines:
            return [str(step), *lines]
    return None


def run(pair, seed, met):
    """True if both are alike. What does not repeat is "unsteady"."""
    steps = Generator(seed).play()
    if difference(pair, steps, met) is None:
        return True
    if difference(pair, steps, met) is None:
        print(f"seed {seed}: unsteady", flush=True)
        return True
    steps = shrink(steps, lambda fewer: difference(pair, fewer, collections.Counter()) is not None)
    print(f"\nseed {seed}: the two differ")
    for step in steps:
        print(f"  {step}")
    print("\n".join(difference(pair, steps, met) or ["unsteady once it was short"]), flush=True)
    return False


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, help="stop after so long")
    parser.add_argument("--stop-after", type=int, default=5, metavar="N", help="end after so many differences")
    parser.add_argument("--results", metavar="FILE", help="write one line for each play: passed or failed, TAB, its seed")
    return parser.parse_args()


def main():
    given = arguments()
    results, met = [], collections.Counter()
    with both_brokers(crossing=True) as pair:
        begin = time.monotonic()
        for seed in range(given.seed, given.seed + given.runs):
            results.append((f"crossing: seed {seed}", run(pair, seed, met)))
            differ = sum(not good for _, good in results)
            if differ >= given.stop_after or given.seconds and time.monotonic() - begin > given.seconds:
                break
    for known in KNOWN:
        if met[known.name] or len(results) >= MANY:
            results.append((f"crossing: the difference '{known.name}' is still there", met[known.name] > 0))
        else:
            print(f"the tolerated difference '{known.name}' was not met")
    if given.results:
        pathlib.Path(given.results).write_text("".join(f"{'passed' if good else 'failed'}\t{what}\n" for what, good in results))
    failed = sum(not good for _, good in results)
    print(f"tolerated differences met: {dict(met)}\n{len(results) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
