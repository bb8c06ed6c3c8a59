#!/usr/bin/env python3
"""Makes the table of docs/reliability.md from what the tests say they ran, or compares the two.

    CSP_CASES=cases.tsv cargo test --workspace --all-features
    ci/reliability.py cases.tsv            # is the table true?
    ci/reliability.py cases.tsv --write    # make it so

A test calls `cases::held(promise, injected, cases)`, which appends a line to the file that CSP_CASES names. Rows
must be the same; counts that depend on schedules may differ by a factor of two.
"""

import sys
from collections import defaultdict
from pathlib import Path

DOCUMENT = Path(__file__).parent.parent / "docs" / "reliability.md"
BEGIN, END = "<!-- cases: begin -->", "<!-- cases: end -->"
HEADER = ["| what was done | cases | test |", "|---|---:|---|"]


def read(path):
    """{promise: {(injected, test): cases}}; what was run more than once counts once."""
    found = defaultdict(dict)
    for line in Path(path).read_text().splitlines():
        promise, injected, cases, binary, test = line.split("\t")
        # A crate's unit tests and its binaries of the name of `it` are told apart by their module.
        found[promise][(injected, f"`{binary}` `{test}`")] = int(cases)
    if not found:
        sys.exit(f"{path} has no cases: run the tests with CSP_CASES={path}")
    return found


def render(found):
    lines = []
    for promise in sorted(found):
        rows = found[promise]
        lines += ["", f"### {promise[0].upper()}{promise[1:]}: {sum(rows.values()):,} cases", "", *HEADER]
        lines += [f"| {injected} | {cases:,} | {test} |" for (injected, test), cases in sorted(rows.items())]
    return lines + [""]


def parse(lines):
    found, promise = defaultdict(dict), None
    for line in lines:
        if line.startswith("### "):
            promise = line[4:].rsplit(":", 1)[0]
            promise = promise[0].lower() + promise[1:]
        elif line.startswith("| ") and line not in HEADER:
            injected, cases, test = (cell.strip() for cell in line.strip("|").split("|"))
            found[promise][(injected, test)] = int(cases.replace(",", ""))
    return found


def differences(said, ran):
    for promise in sorted(set(said) | set(ran)):
        rows = said.get(promise, {}), ran.get(promise, {})
        for key in sorted(set(rows[0]) | set(rows[1])):
            was, now = rows[0].get(key), rows[1].get(key)
            name = f"{promise}: {key[0]} ({key[1]})"
            if was is None:
                yield f"not in the table: {name}"
            elif now is None:
                yield f"did not run: {name}"
            elif not was / 2 <= now <= was * 2:
                yield f"the table says {was:,} cases, {now:,} ran: {name}"


def main():
    arguments = [a for a in sys.argv[1:] if a != "--write"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    ran = read(arguments[0])
    text = DOCUMENT.read_text()
    before, rest = text.split(BEGIN)
    table, after = rest.split(END)
    if "--write" in sys.argv:
        DOCUMENT.write_text(before + BEGIN + "\n".join(["", *render(ran), ""]) + END + after)
        return
    found = list(differences(parse(table.splitlines()), ran))
    for line in found:
        print(line)
    if found:
        sys.exit(f"docs/reliability.md is not what ran; `ci/reliability.py {arguments[0]} --write` makes it so")
    total = sum(cases for rows in ran.values() for cases in rows.values())
    print(f"docs/reliability.md is true: {sum(map(len, ran.values()))} rows, {total:,} cases")


if __name__ == "__main__":
    main()
