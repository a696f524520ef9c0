"""The report: every statement of every standard, and what became of it."""

import pathlib

from statements import BINDS, STANDARDS

CHECKED_IN = pathlib.Path(__file__).resolve().parents[2] / "docs/conformance.md"

HEAD = """\
# Conformance, clause by clause

Every normative statement of MQTT 3.1.1 and 5.0, by its id in the specification, and the tests of `tests/conformance` that prove it
against the running program. The test run writes this page and fails if the one that is checked in is another:

    ./dev conformance --report docs/conformance.md
"""


def title(item):
    """A test's name as a sentence, and where it is."""
    return f"{item.originalname.removeprefix('test_').replace('_', ' ')} (`{item.path.name}`)"


def render(proofs, outcomes):
    """`proofs`: (version, id) -> titles of tests; `outcomes`: title -> whether all of its cases passed."""
    return "\n".join([HEAD, *(section(standard, proofs, outcomes) for standard in STANDARDS.values())])


def section(standard, proofs, outcomes):
    table, counts = [], {}
    for statement in standard.statements().values():
        outcome, why = verdict(standard, statement, proofs, outcomes)
        counts[outcome] = counts.get(outcome, 0) + 1
        table.append(f"| {statement.id} | {BINDS[statement.binds]} | {outcome} | {why} |")
    summary = ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items(), reverse=True))
    return "\n".join([f"## MQTT {standard.version}\n", f"{len(table)} statements: {summary}.\n",
                      "| statement | binds | outcome | by, or why |", "|---|---|---|---|", *table, ""])


def verdict(standard, statement, proofs, outcomes):
    """(outcome, tests or reason)"""
    if tests := sorted(proofs.get((standard.version, statement.id), ())):
        return "passed" if all(outcomes.get(test) for test in tests) else "FAILED", "; ".join(tests)
    if statement.binds == "C":
        return "not applicable", "binds clients"
    reason = standard.not_applicable().get(statement.id)
    return ("not applicable", reason) if reason else ("UNTESTED", "")
