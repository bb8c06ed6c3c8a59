#!/usr/bin/env bash
# Runs the loom models (ci/loom.sh), and compares them with the tables of docs/models.md: none may be missing there, and
# none be named that is not run.
#   ci/models.sh            what CI runs
#   ci/models.sh --write    also writes the bounds and the numbers of executions of this run into the tables
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

counts=$(mktemp)
trap 'rm -f "$counts"' EXIT
CSP_MODEL_COUNTS=$counts bash ci/loom.sh
python3 - "$counts" "$@" <<'PYTHON'
import pathlib
import re
import sys

TABLES = pathlib.Path("docs/models.md")
# | `crate::path::of::model` | bound | executions | …
ROW = re.compile(r"^\| `(csp_\w+::[\w:]+)` \| *([\d, +]*) *\| *([\d, +]*) *\|", re.MULTILINE)

# A test may run several models, one after the other.
runs = {}
for line in pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
    package, name, bound, executions = line.split()
    runs.setdefault(f"{package.replace('-', '_')}::{name}", []).append((bound, int(executions)))

text = TABLES.read_text(encoding="utf-8")
named = [row.group(1) for row in ROW.finditer(text)]
problems = [f"{name}: is not in the tables" for name in sorted(set(runs) - set(named))]
problems += [f"{name}: is in the tables, but there is no such model" for name in sorted(set(named) - set(runs))]
problems += [f"{name}: is in the tables twice" for name in sorted({n for n in named if named.count(n) > 1})]


def figures(row):
    if row.group(1) not in runs:
        return row.group()
    bounds = sorted({bound for bound, _ in runs[row.group(1)]})
    executions = sum(executions for _, executions in runs[row.group(1)])
    return f"| `{row.group(1)}` | {', '.join(bounds)} | {executions} |"


if "--write" in sys.argv[2:]:
    TABLES.write_text(ROW.sub(figures, text), encoding="utf-8")
else:
    # Other figures are no fault: every change of the code changes them. A smaller bound is one.
    for row in ROW.finditer(text):
        run = {bound for bound, _ in runs.get(row.group(1), [])}
        said = {bound.strip() for bound in row.group(2).split(",")}
        if run and min(map(int, run)) < min(map(int, said)):
            problems.append(f"{row.group(1)}: run with a bound of {run}, not {said}")
total = sum(executions for run in runs.values() for _, executions in run)
print(f"{len(runs)} models, {total} executions")
for problem in problems:
    print(problem)
if problems:
    sys.exit("docs/models.md and the models do not agree")
PYTHON
