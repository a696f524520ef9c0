"""How many instructions a message costs, step by step, counted by callgrind, beside what earlier releases cost.

    instructions.py --program PROGRAM --version 0.1.0 --table bench/instructions.txt

The table has a column for each release; the one of this version is written anew.
"""

import argparse
import pathlib
import re
import subprocess

TITLE = "# Instructions of one message, counted by callgrind in the release build: ./dev instructions"
LOUD_PERCENT = 5
COUNTS = {"route to 10,000 subscriptions": (20, 40)}  # each of them is dear
OTHERWISE = (1000, 3000)


def total(program, step, count):
    """Instructions of the whole program that does the step so often."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, step, str(count)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return int(re.search(r"Collected : (\d+)", said)[1])


def each(program, step):
    """The difference of two counts: what comes before and after the steps is in both."""
    few, many = COUNTS.get(step, OTHERWISE)
    return round((total(program, step, many) - total(program, step, few)) / (many - few))


def read(path):
    """({step: {version: count}}, [version])"""
    if not path.exists():
        return {}, []
    head, *lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    versions = re.split(r"  +", head.strip())[1:]
    rows = (re.split(r"  +", line.strip()) for line in lines)
    return {row[0]: dict(zip(versions, (int(number.replace(",", "")) for number in row[1:]))) for row in rows}, versions


def written(counts, versions):
    width = max(map(len, counts)) + 2
    yield TITLE
    yield ""
    yield "step".ljust(width) + "".join(version.rjust(14) for version in versions)
    for step, by_version in counts.items():
        yield step.ljust(width) + "".join(f"{by_version.get(version, 0):,}".rjust(14) for version in versions)


def told(step, now, before):
    if not before:
        return f"{step:32}{now:12,}"
    change = (now - before) / before * 100
    return f"{step:32}{now:12,}   was {before:,}: {change:+.1f} %" + ("   <-- more" if change > LOUD_PERCENT else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--table", required=True, type=pathlib.Path)
    options = parser.parse_args()
    counts, versions = read(options.table)
    latest = versions[-1] if versions else None
    if options.version not in versions:
        versions.append(options.version)
    steps = subprocess.run([options.program], capture_output=True, text=True, check=True).stdout.splitlines()
    for step in steps:
        now = each(options.program, step)
        print(told(step, now, counts.get(step, {}).get(latest)), flush=True)
        counts.setdefault(step, {})[options.version] = now
    options.table.write_text("\n".join(written({step: counts[step] for step in steps}, versions)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
