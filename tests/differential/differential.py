"""Drives Causeway and RabbitMQ with the same random sequences and compares everything that they say.

    differential.py [--runs N] [--seed S] [--seconds T] [--keep-going]

One seed makes one sequence; --runs counts on from --seed. A sequence that differs is played again, so that what differs by chance is
told apart ("unsteady"), then cut down and printed with both transcripts."""

import argparse
import collections
import pathlib
import re
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "system"))

from compare import Pair, difference, shrink
from sequences import Generator
from support import brokers
from tolerated import Tolerated


class Differential:
    def __init__(self, pair, tolerated):
        self.pair, self.tolerated = pair, tolerated
        self.steps = self.unsteady = self.differ = 0
        self.seen = collections.Counter()

    def differs(self, steps):
        expected, got = self.pair.play(steps)
        return difference(steps, expected, got, self.tolerated)

    def run(self, seed):
        """True if both brokers behave alike."""
        steps = Generator(seed).sequence()
        self.steps += len(steps)
        first = self.differs(steps)
        if first is None:
            return True
        steps = steps[:first[0] + 1]
        if self.differs(steps) is None or self.differs(steps) is None:
            self.unsteady += 1
            print(f"seed {seed}: unsteady at step {first[0]}: {steps[first[0]]}", flush=True)
            return True
        self.differ += 1
        kind = kind_of(steps[-1], *first[1:])
        self.seen[kind] += 1
        if self.seen[kind] > 1:
            return False
        self.report(seed, shrink(steps, lambda fewer: self.differs(fewer) is not None))
        return False

    def report(self, seed, steps):
        expected, got = self.pair.play(steps)
        print(f"\nseed {seed}: the two differ")
        for number, step in enumerate(steps):
            print(f"  {step}")
            theirs = expected[number] if number < len(expected) else ["(ended)"]
            ours = got[number] if number < len(got) else ["(ended)"]
            if theirs == ours:
                for line in theirs:
                    print(f"        {line}")
                continue
            for line in theirs:
                print(f"    R   {line}")
            for line in ours:
                print(f"    C   {line}")
        sys.stdout.flush()


def kind_of(step, theirs, ours):
    """Differences that are the same but for names and numbers are shown once."""
    what = [f"{step.kind} {step.name}", *(line for line in theirs if line not in ours), "|", *(line for line in ours if line not in theirs)]
    return re.sub(r"~\w+|amq\.\w+|\d+|b'.*'", "#", "\n".join(what))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, help="stop after so long")
    parser.add_argument("--stop-after", type=int, default=10, metavar="N", help="end after so many different differences")
    parser.add_argument("--results", metavar="FILE", help="write one line for each sequence: passed or failed, TAB, its seed")
    return parser.parse_args()


def main():
    given = arguments()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="causeway-differential-"))
    started = []
    try:
        for kind in ("rabbitmq", "causeway"):
            (folder / kind).mkdir()
            started.append(brokers.BROKERS[kind](folder / kind))
            started[-1].start()
        sys.exit(0 if run(Pair(causeway=started[1], rabbitmq=started[0]), given) else 1)
    finally:
        for broker in started:
            broker.close()
        shutil.rmtree(folder, ignore_errors=True)


def run(pair, given):
    all_of_them = Differential(pair, Tolerated())
    begin, results = time.monotonic(), []
    for seed in range(given.seed, given.seed + given.runs):
        results.append((seed, all_of_them.run(seed)))
        if len(all_of_them.seen) >= given.stop_after or given.seconds and time.monotonic() - begin > given.seconds:
            break
    if given.results:
        pathlib.Path(given.results).write_text("".join(f"{'passed' if good else 'failed'}\tseed {seed}\n" for seed, good in results))
    print(f"\n{len(results)} sequences, {all_of_them.steps} steps, {time.monotonic() - begin:.0f} s; tolerated differences met: "
          f"{dict(all_of_them.tolerated.met)}")
    for kind, count in all_of_them.seen.most_common():
        print(f"{count} times: {kind}\n")
    print(f"{len(results) - all_of_them.differ} alike, {all_of_them.differ} different, {all_of_them.unsteady} unsteady")
    return all_of_them.differ == 0


if __name__ == "__main__":
    main()
