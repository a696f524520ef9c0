"""How the cost of a message grows with what exists besides it: subscriptions, retained messages, a backlog, connections; and what
threads for sockets do to it. What is told is the server's CPU time for each message (delivery, lookup, operation).

    growth.py --causeway PROGRAM --relay PROGRAM [--rounds 3] [--seconds 1] [--quick] [--only TEXT] [--page docs/growth.md] [--results FILE]

Needs 15 GB in the folder for temporary files ($TMPDIR), 20,000 open files and about ten minutes; --quick needs next to nothing.
"""

import argparse
import os
import pathlib
import resource
import shutil
import statistics
import sys
import tempfile

sys.path[1:1] = [str(pathlib.Path(__file__).resolve().parents[1] / "compare"), str(pathlib.Path(__file__).resolve().parents[2] / "tests/system")]

import document  # noqa: E402
import servers  # noqa: E402
from questions import QUESTIONS  # noqa: E402
from run import Run, WorkFailed  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--causeway", required=True, type=pathlib.Path)
    parser.add_argument("--relay", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each point where messages flow")
    parser.add_argument("--quick", action="store_true", help="one short round of small works: does everything still run?")
    parser.add_argument("--only", default="", help="questions whose name contains this")
    parser.add_argument("--page", type=pathlib.Path, nargs="?", const=pathlib.Path("docs/growth.md"), help="write this page and its plots")
    parser.add_argument("--results", type=pathlib.Path, help="a line for each question: passed or failed")
    options = parser.parse_args()
    if options.page and options.only:
        parser.error("the page holds all questions or none")
    if options.quick:
        options.rounds, options.seconds = 1, min(options.seconds, 0.2)
    return options


def measure(question, options, folder):
    """{series: {x: median}} of all rounds."""
    found = {}
    for number in range(1 if question.once else options.rounds):
        place = folder / f"{question.name}-{number}"
        place.mkdir()
        with Run(options, place) as run:
            for series, x, value in question.measure(run):
                found.setdefault(series, {}).setdefault(x, []).append(value)
        shutil.rmtree(place)
    return {series: {x: statistics.median(values) for x, values in points.items()} for series, points in found.items()}


def main():
    options = arguments()
    options.load_before = os.getloadavg()[0]
    options.causeway = options.causeway.resolve()
    os.environ["CAUSEWAY"] = str(options.causeway)
    servers.Relay.program = str(options.relay.resolve())
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    measured, failed = [], {}
    with tempfile.TemporaryDirectory(prefix="causeway-growth-") as folder:
        for question in (one for one in QUESTIONS if options.only in one.name):
            try:
                measured.append((question, measure(question, options, pathlib.Path(folder))))
                print(document.console(*measured[-1]), flush=True)
            except WorkFailed as failure:
                failed[question.name] = failure
                print(f"\n{question.name}: {failure}", file=sys.stderr)
    if options.page and not failed:
        document.write(options.page, measured, options)
    if options.results:
        wanted = [one.name for one in QUESTIONS if options.only in one.name]
        options.results.write_text("".join(f"{'failed' if name in failed else 'passed'}\t{name}\n" for name in wanted), encoding="utf-8")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
