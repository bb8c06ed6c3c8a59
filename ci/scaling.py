#!/usr/bin/env python3
"""The table of docs/scaling.md, from what the bench `scaling` prints.

    cargo bench --bench scaling -- --max=10000000 | ci/scaling.py [--write]
"""

import pathlib
import re
import sys

import marked

PAGE = pathlib.Path(__file__).resolve().parent.parent / "docs" / "scaling.md"
# dimension, part, size, ns, growth, and perhaps bytes, growth and a mark
LINE = re.compile(r"(\S+) +(\S.*?) {2,}(\d+) +([\d.]+) +([\d.]+)(?: +(\d+) +([\d.]+))? *(<--)?")


def shown(ns):
    return f"{ns:,.0f}" if ns >= 9.95 else f"{ns:.1f}"


def main():
    rows = {}
    for line in sys.stdin:
        match = LINE.match(line)
        if not match:
            continue
        dimension, part, size, ns, _, size_of_one, _, mark = match.groups()
        cells, _ = row = rows.setdefault((dimension, part), [{}, ""])
        text = shown(float(ns))
        # A power of ten, or (the workers) twice that.
        cells[len(size) - 1] = f"**{text}**" if mark else text
        row[1] = size_of_one or row[1]
    powers = ["1", "10", "10²", "10³", "10⁴", "10⁵", "10⁶", "10⁷"]
    lines = ["| | of which | " + " | ".join(powers) + " | bytes |", "|---|---|" + "---:|" * (len(powers) + 1)]
    before = ""
    for (dimension, part), (cells, size_of_one) in rows.items():
        name = "" if dimension == before else f"`{dimension}`"
        before = dimension
        values = [cells.get(power, "") for power in range(len(powers))]
        lines.append("| " + " | ".join([name, part, *values, size_of_one]) + " |")
    print("\n".join(lines))
    if "--write" in sys.argv:
        marked.replace(PAGE, "scaling", lines)


if __name__ == "__main__":
    main()
