"""docs/amqp.md says what programs find, and has to stay true: its lists are compared with the code and with what the tests install."""

import json
import re

from sources import ROOT, sources_of

PAGE = ROOT / "docs/amqp.md"
OTHER_PAGES = ["mapping.md", "queues.md", "exchanges.md"]  # in detail
CLASSES = "connection|channel|access|exchange|queue|basic|confirm|tx"


def methods_in_the_code():
    """Those that somebody handles, or looks for."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources_of("protocols/amqp"))
    found = re.findall(rf"^verdict handle\(channel&(?: c)?, const ({CLASSES})_(\w+)&", text, re.MULTILINE)
    found += re.findall(rf"(?:get_if|holds_alternative|carries)<({CLASSES})_(\w+)>", text)
    return {(class_name, method.replace("_", "-")) for class_name, method in found}


def methods_on_the_page():
    section = PAGE.read_text(encoding="utf-8").split("## Methods")[1].split("\n## ")[0]
    for class_name, methods in re.findall(r"^\| ([a-z]+) \| (.*) \|$", section, re.MULTILINE):
        if class_name != "class":
            yield from ((class_name, method.split()[0]) for method in methods.removesuffix(", left over from AMQP 0-8").split(", "))


def test_the_page_lists_every_method_of_clients():
    assert set(methods_on_the_page()) == methods_in_the_code()


def names_in_the_code():
    text = "\n".join(path.read_text(encoding="utf-8") for floor in ("core", "protocols/amqp") for path in sources_of(floor))
    return set(re.findall(r'"(x-[a-z-]+)"', text))


def test_every_argument_and_header_is_explained():
    pages = [PAGE, *(PAGE.with_name(name) for name in OTHER_PAGES)]
    explained = "\n".join(page.read_text(encoding="utf-8") for page in pages if page.exists())
    assert sorted(name for name in names_in_the_code() if name not in explained) == []


def test_the_page_names_no_argument_that_is_not_there():
    listed = set(re.findall(r"`(x-[a-z-]+[a-z])`", PAGE.read_text(encoding="utf-8")))
    known = names_in_the_code()
    assert sorted(name for name in listed if not any(name == one or one.endswith("-") and name.startswith(one) for one in known)) == []


def test_the_page_names_the_versions_of_npm_packages_that_the_tests_install():
    wanted = json.loads((ROOT / "tests/system/node/package.json").read_text(encoding="utf-8"))["dependencies"]
    programs = dict(re.findall(r"^\| ([^|]+) \| ([0-9.]+) \| [^|]+ \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert {name: version for name, version in wanted.items() if "amqp" in name or "rabbit" in name} == {
        name: version for name, version in programs.items() if name in wanted}


def test_the_page_names_the_capabilities_that_the_server_announces():
    code = (ROOT / "protocols/amqp/handshake.cpp").read_text(encoding="utf-8")
    announced = re.findall(r'"([a-z_.]+)"', code.split("capabilities[] = {")[1].split("}")[0])
    row = re.search(r"^\| capabilities \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)[1]
    assert sorted(re.findall(r"`([a-z_.]+)`", row)) == sorted(announced)
