#!/usr/bin/env python3
"""Counts the instructions of an operation, and compares them with the table of benches/instructions.txt.

    ci/instructions.py              fails where a workload takes more than 5 % more than the table says (a table of
                                    another compiler is not compared)
    ci/instructions.py --write      writes the table anew
    ci/instructions.py NAME...      only these

Counts do not depend on what else the machine does, as times do. Each workload runs under valgrind's callgrind on one
worker, with n operations and with 3 n: half of the difference of the counts, by n, is what one takes. In which order the blocks of a workload first meet is chance still, and some go on in that order to the end
(eight putters and their taker: 270 to 310 instructions): so the table has the greatest of five counts, and what
takes more is counted again before it fails.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "benches" / "instructions.txt"
TOLERANCE = 1.05
WRITES = 5
TRIES = 3
HEAD = """\
# Instructions of one operation (ci/instructions.py --write). What an operation is, says the bench `figures`.
# {rustc}
"""


def build():
    """The bench's program, as CI builds the benches."""
    env = dict(os.environ, CARGO_PROFILE_BENCH_LTO="false", CARGO_PROFILE_BENCH_CODEGEN_UNITS="4")
    command = ["cargo", "bench", "--bench", "instructions", "--all-features", "--no-run", "--message-format=json-render-diagnostics"]
    output = subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in output.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "instructions":
            return message["executable"]
    sys.exit("cargo built no program `instructions`")


def workloads(program):
    """Their names, and how many operations are counted of each."""
    listed = subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [(name, int(n)) for name, n in map(str.split, listed.splitlines())]


def count(program, name, n):
    """How many instructions the whole process takes."""
    with tempfile.NamedTemporaryFile() as out:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", program, name, str(n)]
        result = subprocess.run(command, capture_output=True, text=True, timeout=600)
        collected = re.search(r"Collected : (\d+)", result.stderr)
    if result.returncode or not collected:
        sys.exit(f"{name} failed under valgrind:\n{result.stdout}{result.stderr}")
    return int(collected.group(1))


def cost(program, name, n):
    """How many instructions one operation takes."""
    return (count(program, name, 3 * n) - count(program, name, n)) / (2 * n)


def main():
    write = "--write" in sys.argv
    chosen = [word for word in sys.argv[1:] if not word.startswith("--")]
    program = build()
    known = workloads(program)
    unknown = set(chosen) - {name for name, _ in known}
    if unknown:
        sys.exit(f"no workload is called {', '.join(sorted(unknown))}")
    rows = [line.split() for line in TABLE.read_text().splitlines() if not line.startswith("#")] if TABLE.exists() else []
    table = {name: float(instructions) for name, instructions in rows}
    rustc = subprocess.run(["rustc", "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    comparable = TABLE.exists() and rustc in TABLE.read_text()
    worse = []
    for name, n in known:
        if chosen and name not in chosen:
            continue
        before = table.get(name)
        counted = cost(program, name, n)
        if write:
            counted = max([counted] + [cost(program, name, n) for _ in range(WRITES - 1)])
        elif before is not None:
            for _ in range(TRIES - 1):
                if counted <= before * TOLERANCE:
                    break
                counted = min(counted, cost(program, name, n))
        change = "" if before is None else f"{100 * (counted / before - 1):+6.1f} %"
        print(f"{name:14} {counted:8.0f} {change}", flush=True)
        if before is None or counted > before * TOLERANCE:
            worse.append(name)
        table[name] = counted
    if write:
        lines = [f"{name:14} {table[name]:8.0f}\n" for name, _ in known if name in table]
        TABLE.write_text(HEAD.format(rustc=rustc) + "".join(lines))
    elif not comparable:
        print(f"not compared: the table is not of this compiler, {rustc}")
    elif worse:
        sys.exit(f"more instructions than {TABLE.relative_to(ROOT)} says, or none said: {', '.join(worse)}")


if __name__ == "__main__":
    main()
