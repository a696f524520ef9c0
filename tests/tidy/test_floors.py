"""Reads every #include of every floor and fails on a breach of the table in floors.py."""

import re

import pytest
from floors import FLOORS, IMPURE_HEADERS, ONLY_IN, PURE
from sources import ROOT, floor_of, relative, sources_of

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
FOREIGN = ("boost/", "openssl/", "lmdb.h", "sodium.h", "yaml-cpp/", "CLI/", "catch2/")


def includes(path):
    """(header, 1-based line, quoted) of each #include."""
    text = path.read_text(encoding="utf-8")
    for match in INCLUDE.finditer(text):
        yield match[2], text.count("\n", 0, match.start(2)) + 1, match[1] == '"'


def breach(path, header, quoted):
    """Why the file may not include this header, or None."""
    floor = floor_of(path)
    if quoted:
        if not (ROOT / header).is_file():
            return "quoted includes start at the root of the project"
        return None if may_include(floor, header) else f"{floor}/ may not include {floor_of(ROOT / header)}/"
    return foreign_breach(floor, relative(path), header) or impure_breach(floor, header)


def may_include(floor, header):
    target = floor_of(ROOT / header)
    return target == floor or target in FLOORS[floor].may_include or header in FLOORS[floor].may_include


def foreign_breach(floor, file, header):
    for beginning, files in ONLY_IN.items():
        if header.startswith(beginning):
            return None if file in files else f"<{header}> is for {' and '.join(files)} only"
    if header.startswith(FOREIGN) and not header.startswith(FLOORS[floor].foreign or ("\0",)):
        return f"<{header}> is foreign to {floor}/"
    return None


def impure_breach(floor, header):
    return f"<{header}>: {floor}/ knows no clock, file, socket or thread" if floor in PURE and header.startswith(IMPURE_HEADERS) else None


@pytest.mark.parametrize("floor", FLOORS)
def test_a_floor_includes_only_what_its_row_allows(floor):
    files = sources_of(floor)
    assert files, f"{floor}/ holds no sources"
    breaches = [f"{relative(path)}:{line}: {why}" for path in files for header, line, quoted in includes(path)
                if (why := breach(path, header, quoted))]
    assert not breaches, "\n".join(breaches)


def test_every_folder_with_sources_is_a_floor_of_the_table():
    strangers = {floor_of(path) for path in sources_of("") if not relative(path).startswith("tests/")} - set(FLOORS)
    assert not strangers


def test_no_floor_reaches_itself_through_the_table():
    def reached(floor, seen=()):
        assert floor not in seen, " -> ".join((*seen, floor))
        for below in FLOORS[floor].may_include:
            if below in FLOORS:
                reached(below, (*seen, floor))

    for floor in FLOORS:
        reached(floor)


@pytest.mark.parametrize("file, header, allowed", [
    ("core/queue.cpp", "base/time.hpp", True),
    ("core/queue.cpp", "core/queue.hpp", True),
    ("core/queue.cpp", "protocols/endpoint.hpp", False),
    ("protocols/mqtt/x.cpp", "protocols/amqp/x.hpp", False),
    ("protocols/amqp/x.cpp", "protocols/endpoint.hpp", True),
    ("net/x.cpp", "protocols/mqtt/x.hpp", False),
    ("net/x.cpp", "protocols/endpoint.hpp", True),
])
def test_the_table_says_what_it_means(file, header, allowed):
    assert may_include(floor_of(ROOT / file), header) == allowed


@pytest.mark.parametrize("file, header, allowed", [
    ("persistence/lmdb.cpp", "lmdb.h", True),
    ("persistence/lmdb_store.cpp", "lmdb.h", False),
    ("core/queue.cpp", "boost/asio/io_context.hpp", False),
    ("net/tcp.cpp", "boost/asio/io_context.hpp", True),
    ("net/tcp.cpp", "openssl/ssl.h", False),
    ("tls/context.cpp", "openssl/ssl.h", True),
    ("app/config.cpp", "yaml-cpp/yaml.h", True),
    ("protocols/amqp/x.cpp", "sys/socket.h", False),
    ("core/timers.cpp", "vector", True),
])
def test_foreign_headers_stay_where_they_belong(file, header, allowed):
    assert (breach(ROOT / file, header, quoted=False) is None) == allowed
