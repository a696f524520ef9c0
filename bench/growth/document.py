"""Tells what was measured: on the console, and as docs/growth.md with its plots."""

import datetime
import subprocess
import textwrap

import plot
from machine import machine

INTRODUCTION = """# Growth

What a message costs is to depend on the work, not on what merely exists. Each section has one question: a table and a plot of the
server's CPU time (user and system, all threads) for each message, in microseconds. A curve that is flat is what is wanted. Payloads have 64
bytes unless a section says otherwise; server and [load generator](bench.md) share the machine, over the loopback. See
[performance](performance.md) for the same costs beside other brokers."""


def amount(x):
    return f"{x:,}"


def cells(curves):
    """Rows of texts, the names of the series first."""
    yield ["", *curves]
    for x in sorted({x for points in curves.values() for x in points}):
        yield [amount(x), *(f"{points[x]:.2f}" if x in points else "–" for points in curves.values())]


def console(question, curves):
    lines = [f"\n{question.title} (microseconds each)"]
    width = max(len(name) for name in curves) + 2
    places = sorted({x for points in curves.values() for x in points})
    lines.append(" " * (width + 2) + "".join(f"{amount(x):>12}" for x in places))
    for name, points in curves.items():
        lines.append(f"  {name:{width}}" + "".join(f"{points[x]:12.3f}" if x in points else " " * 12 for x in places))
    return "\n".join(lines)


def table(question, curves):
    head, *rows = cells(curves)
    yield f"| {question.x} | {' | '.join(head[1:])} |"
    yield "|---|" + "---|" * (len(head) - 1)
    for row in rows:
        yield f"| {' | '.join(row)} |"


def section(question, curves, folder):
    yield f"## {question.title}"
    yield ""
    yield textwrap.fill(f"{question.asks} {question.shows}", 140, break_long_words=False, break_on_hyphens=False)
    yield ""
    yield f"![{question.title}: microseconds each]({folder}/{question.name}.svg)"
    yield ""
    yield from table(question, curves)


def text(measured, options, folder):
    program = subprocess.run([str(options.causeway), "--version"], capture_output=True, text=True, check=False).stdout.strip()
    yield INTRODUCTION
    yield ""
    yield (f"`./dev growth --page`, medians of {options.rounds} rounds, {options.seconds:g} s each; {datetime.date.today()}, {machine()}; "
           f"{program}. Load average before: {options.load_before:.1f}.")
    for question, curves in measured:
        yield ""
        yield from section(question, curves, folder)


def write(path, measured, options):
    folder = path.with_suffix("")
    folder.mkdir(exist_ok=True)
    for question, curves in measured:
        plot.draw(question, curves, folder / f"{question.name}.svg")
    path.write_text("\n".join(text(measured, options, folder.name)) + "\n", encoding="utf-8")
