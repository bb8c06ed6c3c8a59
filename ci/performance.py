#!/usr/bin/env python3
"""The table of csp beside its peers, from the figures that `csp-peers` writes.

    ci/performance.py FIGURES.json...             prints the table
    ci/performance.py FIGURES.json... --write     writes it into docs/performance.md

With figures of several runs, a workload that is in more than one has the figures of each, in this order.
"""

import json
import pathlib
import re
import sys

import marked

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "performance.md"
CATALOGUE = ROOT / "benches" / "peers" / "src" / "catalogue.rs"


def number(value):
    """Three digits at least, thousands apart."""
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:,.0f}"


def shown(value, workload):
    """With its unit."""
    by = workload["by"]
    if "time per" in by:
        divisor, unit = (1, " ns") if value < 1e4 else (1e3, " µs") if value < 1e7 else (1e6, " ms")
        return number(value / divisor) + unit
    names = (name for row in workload["rows"] for run in row["runs"] for name in run)
    suffix = next((name[len(by):] for name in names if name.startswith(by.replace(" ", "_"))), "")
    unit = {"_ms": " ms", "_us": " µs", "_ns": " ns"}.get(suffix, "")
    return number(value) + unit


def several(values):
    """Each once, in this order."""
    return ", ".join(dict.fromkeys(values))


def line(runs):
    first = runs[0]
    ours = [next(row for row in run["rows"] if row["kind"] == "ours") for run in runs]
    mine = several(shown(row["median"], run) if row["right"] else "WRONG" for row, run in zip(ours, runs))
    best, which, ratios = [], [], []
    for run in runs:
        to = run["to_best_correct"]
        if to:
            peer = next(row for row in run["rows"] if row["name"] == to["to"])
            best.append(shown(peer["median"], run))
            which.append(peer["name"])
            ratios.append(f"{to['ratio']:.2f}")
    what = f"{first['by']}: {first['what']}"
    cells = [f"`{first['name']}`", what, mine, several(best), several(which), several(ratios)]
    return "| " + " | ".join(cells) + " |"


def main():
    files = [word for word in sys.argv[1:] if not word.startswith("--")]
    if not files:
        sys.exit(__doc__)
    runs = [json.loads(pathlib.Path(file).read_text()) for file in files]
    # In the catalogue's order.
    workloads = {name: [] for name in re.findall(r'cpu\("(\w+)"', CATALOGUE.read_text())}
    for run in runs:
        for workload in run["workloads"]:
            workloads[workload["name"]].append(workload)
    lines = ["| workload | what is counted | csp | best correct peer | which | ratio |", "|---|---|---:|---:|---|---:|"]
    lines += [line(found) for found in workloads.values() if found]
    about = [f"{run['rounds']} rounds{'' if run['scale'] == 1 else ', sizes divided by ' + str(run['scale'])}" for run in runs]
    lines += ["", f"(Medians of {several(about)}.)"]
    print("\n".join(lines))
    if "--write" in sys.argv:
        marked.replace(PAGE, "peers", lines)


if __name__ == "__main__":
    main()
