#!/usr/bin/env python3
"""Runs a command on a terminal of its own and draws what it printed as an SVG.

    docs/terminal-svg.py docs/demo.svg ./lastref demo --no-wait
    docs/terminal-svg.py docs/top.svg ./lastref top --once

Nothing but the standard library. The picture has a background of its own and follows the reader's light or dark
scheme. Understood are the colours that the demo and top print with, and lines that are overwritten before they end.
"""
import os
import pty
import re
import sys
from xml.sax.saxutils import escape

CELL, LINE, MARGIN, SIZE = 7.8, 18, 16, 13
COLUMNS = 100
CLASSES = {"0": "", "1": "b", "2": "s", "31": "r", "32": "g", "33": "w", "35": "p", "36": "p", "90": "s"}
LIGHT = {"bg": "#ffffff", "edge": "#d0d7de", "": "#1f2328", "b": "#1f2328", "s": "#818b98",
         "r": "#cf222e", "g": "#1a7f37", "w": "#9a6700", "p": "#0969da"}
DARK = {"bg": "#0d1117", "edge": "#3d444d", "": "#d1d7e0", "b": "#f0f6fc", "s": "#7d8590",
        "r": "#ff7b72", "g": "#56d364", "w": "#e3b341", "p": "#79c0ff"}


def run(command):
    """Runs it and returns its exit status and what it wrote to its terminal."""
    written = []

    def read(descriptor):
        data = os.read(descriptor, 65536)
        written.append(data)
        return data

    status = pty.spawn(command, read)
    return os.waitstatus_to_exitcode(status), b"".join(written).decode("utf-8", "replace")


def shown(line):
    """What is left of a line when all that was overwritten is gone."""
    return line.rstrip("\r").split("\r")[-1].replace("\x1b[K", "")


def runs(line):
    """Yields column, class and text of each piece in one colour."""
    column, style = 0, ""
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if part.startswith("\x1b"):
            style = CLASSES[part[2:-1]]
        elif part:
            text = part.lstrip(" ")
            if text.rstrip(" "):
                yield column + len(part) - len(text), style, text.rstrip(" ")
            column += len(part)


def rules(colours):
    text = "".join(f".{name or 'x'}{{fill:{value}}}" for name, value in colours.items() if name not in ("bg", "edge"))
    return f".card{{fill:{colours['bg']};stroke:{colours['edge']}}}{text}"


def draw(lines, title):
    width, height = COLUMNS * CELL + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
        f' height="{height:g}" role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
        f"<style>text{{font:{SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}}"
        f".b{{font-weight:bold}}{rules(LIGHT)}",
        f"@media (prefers-color-scheme:dark){{{rules(DARK)}}}</style>",
        f'<rect class="card" x="0.5" y="0.5" width="{width - 1:g}" height="{height - 1:g}" rx="8"/>',
    ]
    for row, line in enumerate(lines):
        y = MARGIN + row * LINE + SIZE
        for column, style, text in runs(line):
            # The length keeps columns aligned whatever font the reader has.
            out.append(f'<text xml:space="preserve" class="{style or "x"}" x="{MARGIN + column * CELL:g}" y="{y}"'
                       f' textLength="{len(text) * CELL:g}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>')
    return "\n".join(out + ["</svg>", ""])


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    target, command = sys.argv[1], sys.argv[2:]
    status, output = run(command)
    if status != 0:
        sys.exit(f"{' '.join(command)} ended with status {status}; nothing was drawn")
    lines = [shown(line) for line in output.rstrip().split("\n")]
    too_long = [line for line in lines if len(re.sub(r"\x1b\[[0-9;]*m", "", line)) > COLUMNS]
    if too_long:
        sys.exit(f"longer than {COLUMNS} columns: {too_long[0]}")
    prompt = "$ " + " ".join(command)
    with open(target, "w", encoding="utf-8") as svg:
        svg.write(draw([prompt, ""] + lines, prompt))


main()
