"""What bench/compare writes into docs/performance.md: numbers and targets side by side."""

import sys

from sources import ROOT

sys.path.insert(0, str(ROOT / "bench/compare"))

import page  # noqa: E402
from rows import ROWS, Row, cpu, rate  # noqa: E402


def row(measure):
    return Row("a work", "pairs", ("relay", "causeway"), (measure,))


def test_costs_are_told_in_relays_beside_what_the_target_was_in_relays():
    assert page.above_relay(row(cpu(0.2, relay=0.05)), {"relay": [0.1], "causeway": [0.3]}) == "3.00 (≤ 4.00)"
    assert page.above_relay(row(rate(40, relay=50)), {"relay": [20], "causeway": [30]}) == "1.50 (≥ 0.80)"
    assert page.above_relay(row(cpu(0.2)), {"relay": [0.1], "causeway": [0.3]}) == "3.00"


def test_without_the_relay_nothing_is_told_in_relays():
    assert page.above_relay(row(cpu(0.2, relay=0.05)), {"causeway": [0.3]}) == ""
    assert page.above_relay(row(cpu(0.2, relay=0.05)), {"relay": [0.0], "causeway": [0.3]}) == ""


def test_a_target_in_relays_is_for_works_that_the_relay_does():
    assert all("relay" in one.servers for one in ROWS for measure in one.measures if measure.relay)


def test_the_page_has_no_line_that_is_not_measured():
    text = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    names = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")][1:]
    assert set(names) <= {one.name for one in ROWS}
