"""What bench/compare and bench/growth write into docs/: numbers, targets and plots."""

import sys

from sources import ROOT

sys.path[1:1] = [str(ROOT / "bench/compare"), str(ROOT / "bench/growth"), str(ROOT / "tests/system")]

import document  # noqa: E402
import page  # noqa: E402
import plot  # noqa: E402
from questions import QUESTIONS  # noqa: E402
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
    table = text.split("<!-- table")[1].split("<!-- end of the table")[0]
    names = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")][1:]
    assert set(names) <= {one.name for one in ROWS}


# --- docs/growth.md -----------------------------------------------------------------------------------------------------------

CURVES = {"few": {10: 0.3, 1000: 0.4}, "many": {1000: 12.5}}


def test_a_table_has_a_row_for_each_size_and_a_dash_where_nothing_was_measured():
    assert list(document.table(QUESTIONS[0], CURVES))[2:] == ["| 10 | 0.30 | – |", "| 1,000 | 0.40 | 12.50 |"]


def test_a_plot_spans_whole_powers_of_ten_around_its_curves():
    assert (plot.lowest(CURVES), plot.highest(CURVES)) == (0.1, 100)
    drawn = plot.script(QUESTIONS[0], CURVES, "there.svg")
    assert "set logscale x" in drawn and "title 'few'" in drawn and "1000 12.5" in drawn


def test_the_page_answers_each_question_with_a_plot_that_follows_the_reader_s_colours():
    page_text = (ROOT / "docs/growth.md").read_text(encoding="utf-8")
    for question in QUESTIONS:
        assert f"## {question.title}\n" in page_text and question.shows in " ".join(page_text.split())
        assert f"(growth/{question.name}.svg)" in page_text
        picture = (ROOT / f"docs/growth/{question.name}.svg").read_text(encoding="utf-8")
        assert "prefers-color-scheme" in picture and "black" not in picture
