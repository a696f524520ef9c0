"""House rules about the text of files: what a reader would stumble over, and what gives away where a file was written."""

import re

import pytest
from sources import relative, sources_of, tracked

LINES_MAX = 600
COLUMNS_MAX = 160
BINARY = {".png", ".ico", ".gz"}
NOT_OURS = {"LICENSE"}
TABLES = {"config_keys.cpp"}  # one row a line
GENERATED = {"package-lock.json"}


def text_files():
    return [path for path in tracked()
            if path.suffix not in BINARY and path.name not in NOT_OURS and "corpus" not in path.parts]


def lines_that_match(pattern, files):
    expression = re.compile(pattern)
    return [f"{relative(path)}:{number}: {line.strip()}" for path in files
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if expression.search(line)]


def fail_on(found):
    assert not found, "\n".join(found)


def test_files_are_utf8_and_end_with_one_newline():
    def well_ended(text):
        return text == "" or (text.endswith("\n") and not text.endswith("\n\n"))

    fail_on([relative(path) for path in text_files() if not well_ended(path.read_text(encoding="utf-8"))])


def test_files_are_short_enough_to_be_read_at_once():
    code = [path for path in text_files() if path.suffix in (".cpp", ".hpp", ".py", ".js", ".yaml", ".build")]
    lengths = [(relative(path), path.read_text(encoding="utf-8").count("\n")) for path in code]
    fail_on([f"{name}: {lines} lines, {LINES_MAX} at most" for name, lines in lengths if lines > LINES_MAX])


def test_lines_fit_on_a_screen():
    files = [path for path in sources_of("") if path.name not in TABLES]
    fail_on(lines_that_match(rf"^.{{{COLUMNS_MAX + 1},}}$", files))


def test_there_are_no_tabs_and_no_blanks_at_line_ends():
    fail_on(lines_that_match(r"\t|[ ]+$", [path for path in text_files() if path.suffix not in (".tsv", ".txt", ".md")]))


@pytest.mark.parametrize("path", [path for path in sources_of("") if path.suffix == ".hpp"], ids=relative)
def test_a_header_is_read_once(path):
    assert path.read_text(encoding="utf-8").startswith("#pragma once\n")


def test_nothing_is_left_to_be_done():
    fail_on(lines_that_match(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b", text_files()))


def test_no_file_knows_the_machine_it_was_written_on():
    fail_on(lines_that_match(r"/(home|root|Users|work)/", text_files()))


def test_no_file_names_a_package_registry():
    hosts = r"registry\.[a-z]+js\.org|pypi\." r"org|deb\.debian\." r"org|crates\." r"io"
    fail_on(lines_that_match(hosts, text_files()))
    fail_on(lines_that_match(r'"resolved"', [path for path in tracked() if path.name in GENERATED]))


def test_no_key_or_password_hash_is_kept_in_the_repository():
    fail_on(lines_that_match(r"BEGIN [A-Z ]*PRIVATE " r"KEY", text_files()))


def test_headers_keep_their_names_to_themselves():
    headers = [path for path in sources_of("") if path.suffix == ".hpp"]
    fail_on(lines_that_match(r"^using namespace ", headers))
