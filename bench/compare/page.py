"""Tells what was measured: on the console, and as the table in docs/performance.md."""

import datetime
import re
import subprocess

from machine import machine
from servers import TITLES

BEGIN, END = "<!-- table: written by ./dev bench --page -->", "<!-- end of the table -->"
COLUMNS = ("relay", "causeway", "mosquitto", "rabbitmq")
PEERS = ("mosquitto", "rabbitmq")


def targets(row, medians):
    """The target of each measure, as text, and whether Causeway meets it (None: nobody can say)."""
    for index, measure in enumerate(row.measures):
        own = medians.get("causeway")
        if row.below:
            other = medians.get(row.below)
            yield f"not above {row.below}", (own[index] <= other[index] if own and other else None)
        else:
            yield measure.target_text(), (measure.met(own[index]) if own and measure.target is not None else None)


def cell(row, numbers):
    texts = [measure.text(value) for measure, value in zip(row.measures, numbers)]
    units = [measure.unit for measure in row.measures]
    labels = [measure.label for measure in row.measures]
    if len(set(units)) == 1:
        joined = " / ".join(texts)
        return f"{joined} {units[0]}" + (f" ({' / '.join(labels)})" if any(labels) and len(labels) > 1 else "")
    return "; ".join(f"{text} {unit}" for text, unit in zip(texts, units))


def ratio(row, medians):
    """How many times the best peer costs what Causeway costs, by the first measure."""
    peers = [medians[kind][0] for kind in PEERS if kind in medians]
    own = medians.get("causeway")
    if not peers or not own or min(own[0], *peers) <= 0:
        return ""
    more = row.measures[0].more_is_better
    return f"{own[0] / max(peers):.1f}" if more else f"{min(peers) / own[0]:.1f}"


def above_relay(row, medians):
    """How many times the relay's cost Causeway's is, beside what the target was to the relay of its machine."""
    measure, own, relay = row.measures[0], medians.get("causeway"), medians.get("relay")
    if not own or not relay or relay[0] <= 0:
        return ""
    wanted = f" ({measure.sign()} {measure.target / measure.relay:.2f})" if measure.relay else ""
    return f"{own[0] / relay[0]:.2f}{wanted}"


def verdict(met):
    return {True: "met", False: "missed", None: ""}[met]


def console(row, medians):
    lines = [f"\n{row.name}"]
    lines += [f"  {TITLES[kind]:16} {cell(row, numbers)}" for kind, numbers in medians.items()]
    wanted = [f"{text} {verdict(met)}".strip() for text, met in targets(row, medians) if text]
    if wanted:
        lines.append(f"  {'target':16} {'; '.join(wanted)}")
    if times := above_relay(row, medians):
        lines.append(f"  {'÷ relay':16} {times}")
    if times := ratio(row, medians):
        lines.append(f"  {'best peer':16} {times} times Causeway's" if not row.measures[0].more_is_better else f"  {'':16} {times} times the best peer's")
    return "\n".join(lines)


def syscalls(counts):
    return "\n".join(f"  {TITLES[kind]:16} {count:.2f} system calls each" for kind, count in counts.items() if count is not None)


def version_of(package):
    shown = subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], capture_output=True, text=True, check=False).stdout
    return re.sub(r"^\d+:|[-+].*$", "", shown)


def table(measured, options):
    program = subprocess.run([str(options.causeway), "--version"], capture_output=True, text=True, check=False).stdout.strip()
    yield f"`./dev bench --rounds {options.rounds} --seconds {options.seconds:g}`, {datetime.date.today()}, {machine()};"
    yield f"{program}, mosquitto {version_of('mosquitto')}, rabbitmq-server {version_of('rabbitmq-server')}. Load average before: {options.load_before:.1f}."
    yield ""
    yield f"| work | {' | '.join(TITLES[kind] for kind in COLUMNS)} | target | ÷ relay | best peer ÷ Causeway |"
    yield "|---|" + "---|" * (len(COLUMNS) + 3)
    for row, medians in measured:
        cells = [cell(row, medians[kind]) if kind in medians else "–" for kind in COLUMNS]
        wanted = [f"{text}{'' if met is None else ' (' + verdict(met) + ')'}" for text, met in targets(row, medians)]
        yield f"| {row.name} | {' | '.join(cells)} | {'; '.join(dict.fromkeys(wanted))} | {above_relay(row, medians)} | {ratio(row, medians)} |"


def update(path, measured, options):
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    path.write_text(before + BEGIN + "\n" + "\n".join(table(measured, options)) + "\n" + END + after, encoding="utf-8")
