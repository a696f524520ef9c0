"""Drives Causeway and RabbitMQ with the same random sequences and compares everything that they say.

    differential.py [--runs N] [--seed S] [--seconds T]

First the cases of docs/amqp_errors.md are produced on both, and compared with that page. Then come the sequences: one seed makes one
sequence; --runs counts on from --seed. A sequence that differs is played again, so that what differs by chance is
told apart ("unsteady"), then cut down and printed with both transcripts."""

import argparse
import collections
import pathlib
import re
import sys
import time

import errors
from both import both_brokers
from compare import Pair, difference, shrink
from sequences import Generator
from tolerated import Tolerated


REPEATS = 2  # plays after a first one that differs: what differs by chance is no failure
MANY = 1000  # sequences in which every difference that is tolerated should be met


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
        if any(self.differs(steps) is None for _ in range(REPEATS)):
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
    results = []  # (what, whether it is as it should be)
    with both_brokers() as (rabbitmq, causeway):
        met = compare_errors(rabbitmq, causeway, results)
        run(Pair(causeway=causeway, rabbitmq=rabbitmq), given, met, results)
    if given.results:
        pathlib.Path(given.results).write_text("".join(f"{'passed' if good else 'failed'}\t{what}\n" for what, good in results))
    failed = [what for what, good in results if not good]
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


def compare_errors(rabbitmq, causeway, results):
    """Fails what differs without a reason, and what is written otherwise. Returns how often each reason was needed."""
    met, written = collections.Counter(), {row.case: row for row in errors.written_rows()}
    for row in errors.rows(rabbitmq, causeway):
        expected = written.pop(row.case, None)
        for _ in range(REPEATS):
            if as_written(row, expected):
                break
            print(f"\nnot as docs/amqp_errors.md says, or without a reason: {row.case}\n    R   {row.rabbitmq}\n    C   {row.causeway}", flush=True)
            row = errors.row_again(row.case, rabbitmq, causeway)
        results.append((f"error: {row.case}", as_written(row, expected)))
        met[row.reason] += 1
    for case in written:
        results.append((f"docs/amqp_errors.md has a case that is no more: {case}", False))
    return met


def as_written(row, expected):
    return row == expected and (row.causeway == "the same" or row.reason != "")


def run(pair, given, reasons_met, results):
    all_of_them = Differential(pair, Tolerated())
    begin, played = time.monotonic(), 0
    for seed in range(given.seed, given.seed + given.runs):
        results.append((f"seed {seed}", all_of_them.run(seed)))
        played += 1
        if len(all_of_them.seen) >= given.stop_after or given.seconds and time.monotonic() - begin > given.seconds:
            break
    for entry in all_of_them.tolerated.known:
        needed = all_of_them.tolerated.met[entry.name] + reasons_met[entry.reason]
        if not needed and not entry.rare:
            print(f"the tolerated difference '{entry.name}' was not met")
        if needed or played >= MANY and not entry.rare:
            results.append((f"the difference '{entry.name}' is still there", bool(needed)))
    print(f"\n{played} sequences, {all_of_them.steps} steps, {time.monotonic() - begin:.0f} s; tolerated differences met: "
          f"{dict(all_of_them.tolerated.met)}")
    for kind, count in all_of_them.seen.most_common():
        print(f"{count} times: {kind}\n")
    print(f"{played - all_of_them.differ} alike, {all_of_them.differ} different, {all_of_them.unsteady} unsteady")


if __name__ == "__main__":
    main()
