"""Adds up what the stages of `./dev test` left in a folder, shows again what failed, and prints one closing line: "N passed, N failed".

  *.json  meson's testlog: one program a line; Catch2 programs count by test case, those that end with such a line themselves
          by that, any other program counts as one
  *.xml   JUnit, from pytest
  *.tsv   "passed<TAB>name" or "failed<TAB>name" a line; what was printed of it is in the log beside it
"""

import json
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

CATCH_ALL_PASSED = re.compile(r"All tests passed \([\d,]+ assertions? in (\d+) test cases?\)")
CATCH_SOME_FAILED = re.compile(r"test cases:\s*(\d+)\s*\|(.*)")

PLAIN = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)

SHOWN_LINES = 60  # of what one failure printed, from its end


def of_output(text):
    """(passed, failed) of a program's console output; None if it has no summary."""
    if match := PLAIN.search(text):
        return int(match[1]), int(match[2])
    if match := CATCH_ALL_PASSED.search(text):
        return int(match[1]), 0
    if match := CATCH_SOME_FAILED.search(text):
        failed = re.search(r"(\d+) failed(?! as expected)", match[2])
        failed = int(failed[1]) if failed else 0
        return int(match[1]) - failed, failed
    return None


# Each reader yields (name, passed, failed, [(what failed, what it printed)]).

def of_meson(path):
    for line in path.read_text().splitlines():
        run = json.loads(line)
        counted = of_output(run.get("stdout", ""))
        if run["result"] == "SKIP":
            continue
        if run["result"] in ("OK", "EXPECTEDFAIL"):
            yield run["name"], *(counted or (1, 0)), []
        else:  # a crash after the last case is a failure, too
            passed, failed = counted or (0, 1)
            yield run["name"], passed, max(failed, 1), [(run["name"], run.get("stdout", "") + "\n" + run.get("stderr", ""))]


def of_junit(path):
    for suite in xml.parse(path).getroot().iter("testsuite"):
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        shown = [(f"{case.get('classname')}::{case.get('name')}", problem.text or problem.get("message", ""))
                 for case in suite.iter("testcase") for problem in case if problem.tag in ("failure", "error")]
        yield path.stem, int(suite.get("tests", 0)) - failed - int(suite.get("skipped", 0)), failed, shown


def of_table(path):
    outcomes = [line.split("\t") for line in path.read_text().splitlines() if line]
    failed = [what for outcome, what in outcomes if outcome == "failed"]
    log = path.with_suffix(".log")
    printed = log.read_text(errors="replace") if failed and log.exists() else ""
    yield path.stem, len(outcomes) - len(failed), len(failed), [*((what, "") for what in failed[:-1]), *((what, printed) for what in failed[-1:])]


READERS = {".json": of_meson, ".xml": of_junit, ".tsv": of_table}


def show(stage, what, printed):
    print(f"\n-- failed: {stage}: {what}")
    for line in printed.splitlines()[-SHOWN_LINES:]:
        print(f"   {line}")


def main(folder):
    rows = [row for path in sorted(folder.iterdir()) if path.suffix in READERS for row in READERS[path.suffix](path)]
    for name, _, _, failures in rows:
        for what, printed in failures:
            show(name, what, printed)
    for name, passed, failed, _ in rows:
        print(f"{name:28} {passed:6} passed {failed:4} failed")
    passed, failed = sum(row[1] for row in rows), sum(row[2] for row in rows)
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
