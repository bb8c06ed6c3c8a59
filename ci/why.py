#!/usr/bin/env python3
"""Counts what an operation does besides computing: atomic instructions, locks, allocations, system calls.

    ci/why.py [NAME...]     prints a row for each workload of the bench `instructions`, or for these
    ci/why.py --write       writes all rows into docs/performance.md

As ci/instructions.py, with which it shares the program: under callgrind on one worker, with n operations and with 3 n, of
whose counts half the difference, by n, is one operation's. Which instructions are atomic, objdump tells; whose they
are, the functions that were inlined there (a lock's, a task's, a count's). On x86-64 only.
"""

import collections
import pathlib
import re
import subprocess
import sys
import tempfile

import instructions
import marked

ALLOCATES = re.compile(r"^(malloc|calloc|realloc|posix_memalign|aligned_alloc)(@.*|'\d+)?$")
PAGE = instructions.ROOT / "docs" / "performance.md"
COLUMNS = ["instructions", "atomics", "locks", "allocations", "system calls"]


def run(command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def atomics_of(program):
    """The addresses of the program's atomic instructions and full fences."""
    found = set()
    for line in run(["objdump", "-d", "--no-show-raw-insn", "-j", ".text", program]).splitlines():
        match = re.match(r"\s*([0-9a-f]+):\s+(.*)", line)
        if not match:
            continue
        text = match.group(2)
        # (xchg with memory locks by itself.)
        if text.startswith(("lock ", "mfence")) or (text.startswith("xchg ") and "(" in text):
            found.add(int(match.group(1), 16))
    return found


def owners_of(program, addresses):
    """Whose each of these atomic instructions is: a lock's, or the source file's that it was inlined from."""
    addresses = sorted(addresses)
    if not addresses:
        return {}
    output = run(["addr2line", "-e", program, "-a", "-i", *map(hex, addresses)])
    frames, at = collections.defaultdict(list), None
    for line in output.splitlines():
        if re.match(r"0x[0-9a-f]+$", line):
            at = int(line, 16)
        else:
            frames[at].append(line)
    return {address: owner(frames[address]) for address in addresses}


def owner(frames):
    """By the source lines from the innermost function out."""
    for frame in frames:
        path = re.sub(r"[:?].*", "", frame)
        if re.search(r"library/std/src/sys/sync/mutex/", path):
            return "a lock"
        if "/rustc/" in path or not path:
            continue
        crate = re.search(r"/(csp-\w+)/src/(.*)\.rs$", path) or re.search(r"/registry/src/[^/]+/(.*?)-[\d.]+/src/(.*)\.rs$", path)
        return crate.group(1) + "/" + crate.group(2) if crate else pathlib.Path(path).stem
    return "std"


def profile(program, name, n):
    """Counts of one run: instructions, those at each address of the program, calls that allocate, system calls."""
    with tempfile.NamedTemporaryFile(mode="r") as out:
        command = ["valgrind", "--tool=callgrind", "--dump-instr=yes", "--dump-line=no", "--compress-pos=no"]
        command += ["--compress-strings=no", "--collect-systime=nsec", f"--callgrind-out-file={out.name}"]
        result = subprocess.run([*command, program, name, str(n)], capture_output=True, text=True, timeout=600)
        if result.returncode:
            sys.exit(f"{name} failed under valgrind:\n{result.stdout}{result.stderr}")
        return parse(out, program)


def parse(lines, program):
    totals, at = collections.Counter(), collections.Counter()
    ours, callee, inclusive = False, "", False
    for line in lines:
        if line.startswith("ob="):
            ours = line[3:].strip() == program
        elif line.startswith("cfn="):
            callee = line[4:].strip()
        elif line.startswith("calls="):
            if ours and ALLOCATES.match(callee):
                totals["allocations"] += int(line[6:].split()[0])
            inclusive = True
        elif line.startswith("0x"):
            if inclusive:
                inclusive = False
                continue
            words = line.split()
            counts = [int(word) for word in words[1:]]
            totals["instructions"] += counts[0]
            if ours:
                at[int(words[0], 16)] += counts[0]
            if len(counts) > 1:
                totals["system calls"] += counts[1]
    return totals, at


def row(program, atomics, name, n):
    """What one operation takes, and whose its atomic instructions are."""
    (few, few_at), (many, many_at) = profile(program, name, n), profile(program, name, 3 * n)
    values = {key: (many[key] - few[key]) / (2 * n) for key in ("instructions", "allocations", "system calls")}
    executed = {address: (many_at[address] - few_at[address]) / (2 * n) for address in atomics & set(many_at)}
    owners, whose = owners_of(program, executed), collections.Counter()
    for address, count in executed.items():
        whose[owners[address]] += count
    values["atomics"] = sum(whose.values())
    # (One to lock, one to unlock.)
    values["locks"] = whose.pop("a lock", 0) / 2
    return values, whose


def shown(value):
    return f"{value:,.0f}" if value >= 99.5 else f"{value:.1f}" if value >= 0.05 else "0"


def main():
    chosen = [word for word in sys.argv[1:] if not word.startswith("--")]
    program = instructions.build()
    atomics = atomics_of(program)
    lines = ["| operation | " + " | ".join(COLUMNS) + " | whose the other atomics are |", "|---|" + "---:|" * len(COLUMNS) + "---|"]
    for name, n in instructions.workloads(program):
        if chosen and name not in chosen:
            continue
        values, whose = row(program, atomics, name, n)
        parts = [f"{file} {shown(count)}" for file, count in whose.most_common() if count >= 0.05]
        cells = [f"`{name}`", *(shown(values[column]) for column in COLUMNS), ", ".join(parts)]
        lines.append("| " + " | ".join(cells) + " |")
        print(lines[-1], flush=True)
    if "--write" in sys.argv:
        marked.replace(PAGE, "why", lines)


if __name__ == "__main__":
    main()
