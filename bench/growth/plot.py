"""Draws with gnuplot: small pictures that are readable on a light page and on a dark one."""

import re
import subprocess

INK = "#0a0b0c"  # 10, 11, 12: stands for the page's own ink until that is put in
STYLE = "<style>svg{color:#1f2328}@media(prefers-color-scheme:dark){svg{color:#e6edf3}}</style>"
COLOURS = ("#2f81f7", "#e36209", "#2da44e", "#bf4b8a")  # enough contrast on both


def script(question, curves, path):
    """What gnuplot is told."""
    lines = ["set terminal svg size 720,380 font 'sans-serif,13' linewidth 1.5", f"set output '{path}'",
             f"set border 3 linecolor rgb '{INK}'", f"set grid linecolor rgb '#808080' linewidth 0.3", "set tics nomirror out", "set mxtics 1", "set mytics 1",
             f"set key outside bottom center horizontal Left reverse maxrows 4 textcolor rgb '{INK}'",
             f"set xlabel '{question.x}' textcolor rgb '{INK}'", f"set ylabel 'µs CPU each' textcolor rgb '{INK}'",
             f"set tics textcolor rgb '{INK}'", "set logscale y", f"set yrange [{lowest(curves):g}:{highest(curves):g}]", "set offsets graph 0.03, graph 0.03"]
    if question.log_x:
        lines += ["set logscale x", "set format x '10^{%L}'"]
    else:
        lines += ["set xtics 1", "set xrange [-0.2:2.2]"]
    drawn = []
    for number, (name, points) in enumerate(curves.items()):
        lines += [f"$curve{number} << end", *(f"{x} {y:.6g}" for x, y in points.items()), "end"]
        drawn.append(f"$curve{number} using 1:2 with linespoints linecolor rgb '{COLOURS[number % len(COLOURS)]}' pointtype 7 pointsize 0.6 title '{name}'")
    return "\n".join([*lines, "plot " + ", ".join(drawn)]) + "\n"


def lowest(curves):
    """A power of ten below all: a flat curve is to look flat."""
    least = min(y for points in curves.values() for y in points.values())
    return next(10.0**power for power in range(3, -6, -1) if 10.0**power <= least)


def highest(curves):
    most = max(y for points in curves.values() for y in points.values())
    return next(10.0**power for power in range(-5, 9) if 10.0**power >= most)


def finished(picture):
    """In the page's ink, without marks that no curve has, nor blanks at the ends of lines."""
    picture = re.sub(r"rgb\(\s*10,\s*11,\s*12\)|black", "currentColor", picture)
    picture = picture.replace("<desc>", STYLE + "\n<desc>", 1)
    lines = [line.strip().replace("\t", " ") for line in picture.splitlines()]
    return "\n".join(line for line in lines if line and not re.search(r"id='gp(Dot|Pt\d+)'", line) or re.search(r"id='gpPt[56]'", line)) + "\n"


def draw(question, curves, path):
    subprocess.run(["gnuplot"], input=script(question, curves, path), text=True, check=True, timeout=60)
    path.write_text(finished(path.read_text(encoding="utf-8")), encoding="utf-8")
