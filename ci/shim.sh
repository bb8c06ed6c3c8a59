#!/usr/bin/env bash
# Fails if csp-core, csp-sched or csp-flow name a synchronisation primitive anywhere but in their sync.rs:
# a model checker would not see it. Tests and models may; so may comments and strings.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

exec python3 - <<'PYTHON'
import pathlib
import re
import sys

# "file": ("path of the item", "why a model need not see it")
ALLOWED = {
    "csp-flow/src/dataflow.rs": ("sync", "one task alone polls the arms of a flow"),
}

CRATES = ["csp-core", "csp-flow", "csp-sched"]
NOT_CODE = re.compile(
    r"""//[^\n]*|/\*.*?\*/|\bb?r(\#*)".*?"\1|"(?:\\.|[^"\\])*"|'(?:\\u\{[^}]*\}|\\.|[^\\'\n])'""",
    re.DOTALL,
)
ROOT = re.compile(r"(?<![\w:])(?:::)?(?:std|core|alloc)::")
WORDS = re.compile(r"[\w:*]*")
BANNED = re.compile(r"(sync|thread)(::|$)|cell::(UnsafeCell|SyncUnsafeCell|\*)")


def expand(text, at):
    """The paths of the use tree that starts at text[at], each with where it starts; its end."""
    head = WORDS.match(text, at)
    start, at = head.start(), head.end()
    if at == len(text) or text[at] != "{":
        return [(head.group().rstrip(":"), start)], at
    paths, at = [], at + 1
    while at < len(text) and text[at] != "}":
        if text[at] == "," or text[at].isspace():
            at += 1
            continue
        inner, end = expand(text, at)
        paths += [(head.group() + path, where) for path, where in inner]
        # skip "as name", and never stand still
        at = max(end, at + 1)
        while at < len(text) and text[at] not in ",}":
            at += 1
    return paths, at + 1


def is_exempt(path):
    names = [*path.parts[2:-1], path.stem]
    return path.name == "sync.rs" or any(
        name in ("sync", "loom", "models", "test", "tests") or re.match(r"loom_|.*_(loom|tests?)$", name)
        for name in names
    )


def main():
    problems, unused = [], set(ALLOWED)
    for crate in CRATES:
        files = sorted(pathlib.Path(crate, "src").rglob("*.rs"))
        if not files:
            problems.append(f"{crate}/src: no sources found")
        for file in files:
            if is_exempt(file):
                continue
            # newlines stay, so that line numbers do
            code = NOT_CODE.sub(
                lambda found: re.sub(r"[^\n]", " ", found.group()),
                file.read_text(encoding="utf-8"),
            )
            for root in ROOT.finditer(code):
                for path, where in expand(code, root.end())[0]:
                    if not BANNED.match(path):
                        continue
                    item, _reason = ALLOWED.get(str(file), ("", ""))
                    if item and path.startswith(item):
                        unused.discard(str(file))
                        continue
                    line = code.count("\n", 0, where) + 1
                    problems.append(f"{file}:{line}: {root.group()}{path}")
    problems += [f"{file}: is in the list of exceptions for nothing" for file in sorted(unused)]
    for problem in problems:
        print(problem)
    if problems:
        sys.exit("use the crate's own sync.rs instead (or give a reason in ci/shim.sh)")
    print("every primitive comes from a sync.rs")


main()
PYTHON
