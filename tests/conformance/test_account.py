"""The account of the whole run. These tests come last."""

import pathlib

import pytest
import report
import statements


def test_every_statement_that_binds_a_server_has_a_test_or_a_reason(pytestconfig):
    mistakes = statements.mistakes(pytestconfig.account.proofs)
    assert not mistakes, "\n".join(mistakes)


def test_the_checked_in_report_is_the_one_of_this_run(pytestconfig):
    account, file = pytestconfig.account, pytestconfig.getoption("--report", None)
    text = report.render(account.proofs, account.outcomes)
    if file:
        pathlib.Path(file).write_text(text, encoding="utf-8")
    if not account.whole:
        pytest.skip("only a part of the tests ran")
    assert report.CHECKED_IN.read_text(encoding="utf-8") == text, "docs/conformance.md is another: ./dev conformance --report docs/conformance.md"
