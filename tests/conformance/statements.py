"""The normative statements as data, and the decorators with which tests say what they prove.

    @proves311("MQTT-3.1.0-2")
    @proves5("MQTT-3.1.0-2")          # the two lists number alike, but not always the same
    def test_a_second_connect_ends_the_connection(…)

Both also mark single rows of a table: pytest.param(…, marks=proves311("MQTT-1.5.3-1")).
"""

import pathlib
import typing

import pytest

FOLDER = pathlib.Path(__file__).parent / "statements"
BINDS = {"S": "server", "C": "client", "B": "both"}


class Statement(typing.NamedTuple):
    id: str
    binds: str  # a key of BINDS
    about: str  # a reading aid; the specification's text is what counts


class Standard(typing.NamedTuple):
    """One specification."""
    version: str
    file: str

    def statements(self):
        return {row[0]: Statement(*row) for row in rows(self.file + ".tsv")}

    def not_applicable(self):
        """id -> why no test can fail or pass for it here."""
        return dict(rows(self.file + "_not_applicable.tsv"))

    def proves(self, *ids):
        return pytest.mark.proves(*((self.version, one) for one in ids))


def rows(name):
    return [tuple(line.split("\t")) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines() if line]


MQTT311, MQTT5 = Standard("3.1.1", "mqtt311"), Standard("5.0", "mqtt5")
STANDARDS = {one.version: one for one in (MQTT311, MQTT5)}
proves311, proves5 = MQTT311.proves, MQTT5.proves


def proved_by(item):
    """(version, id) of all that a collected test proves, each once, in the decorators' order."""
    return list(dict.fromkeys(one for mark in item.iter_markers("proves") for one in mark.args))


def mistakes(proofs):
    """What is wrong with the whole of the tests: `proofs` has (version, id) -> names of tests."""
    found = []
    for version, standard in STANDARDS.items():
        statements, excused = standard.statements(), standard.not_applicable()
        tested = {one for of, one in proofs if of == version}
        found += [f"{version}: a test proves the unknown {one}" for one in sorted(tested - statements.keys())]
        found += [f"{version}: {one} is excused, but unknown" for one in sorted(excused.keys() - statements.keys())]
        found += [f"{version}: {one} is excused, but has a test" for one in sorted(excused.keys() & tested)]
        found += [f"{version}: {one.id} has no test: {one.about}" for one in statements.values()
                  if one.binds != "C" and one.id not in tested and one.id not in excused]
    return found
