#!/usr/bin/env bash
# Says which lines the tests reach: ci/coverage.sh [PACKAGE...], all but csp-net if none is given. A table for each
# file, then the lines that nothing reached, by file (all of it also in the target directory, as lcov).
# llvm's tools are those of Debian's llvm-22, unpacked beside the system: cargo-llvm-cov would otherwise have
# rustup install some.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=("$@")
if ((${#packages[@]} == 0)); then packages=(csp-core csp-sched csp-flow csp-macros csp-rt); fi

cargo llvm-cov --version 2>/dev/null || cargo install cargo-llvm-cov --locked --version 0.9.1

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/coverage
mkdir -p "$CARGO_TARGET_DIR"
tools=${CSP_LLVM_TOOLS:-$CARGO_TARGET_DIR/llvm}
if [[ ! -x $tools/usr/bin/llvm-cov-22 ]]; then
    mkdir -p "$tools/debs"
    (
        cd "$tools/debs"
        apt-get update -qq
        apt-get download -qq llvm-22 libllvm22
        for package in *.deb; do dpkg -x "$package" ..; done
    )
    rm -rf "$tools/debs"
fi
tools=$(cd "$tools" && pwd)
export LLVM_COV=$tools/usr/bin/llvm-cov-22 LLVM_PROFDATA=$tools/usr/bin/llvm-profdata-22
export LD_LIBRARY_PATH=$tools/usr/lib/x86_64-linux-gnu

selected=()
for package in "${packages[@]}"; do selected+=(-p "$package"); done
cargo llvm-cov nextest --no-report "${selected[@]}" --lib --tests --all-features -E 'not test(=ui)'
# Tests and models are no part of what is to be covered.
ignored='(/tests/|/tests\.rs|/loom|/fuzz/|testing\.rs|models\.rs|/benches/|/examples/|rustc|registry)'
cargo llvm-cov report "${selected[@]}" --summary-only --ignore-filename-regex "$ignored"
cargo llvm-cov report "${selected[@]}" --lcov --output-path "$CARGO_TARGET_DIR/lcov.info" --ignore-filename-regex "$ignored"

echo "--- lines that nothing reached"
python3 - "$CARGO_TARGET_DIR/lcov.info" <<'PYTHON'
import os
import sys


def ranges(lines):
    """`3-5, 9`"""
    runs = []
    for line in lines:
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


file, missed = "", []
for record in open(sys.argv[1], encoding="utf-8"):
    kind, _, value = record.strip().partition(":")
    if kind == "SF":
        file, missed = os.path.relpath(value), []
    elif kind == "DA" and value.split(",")[1] == "0":
        missed.append(int(value.split(",")[0]))
    elif kind == "end_of_record" and missed:
        print(f"{file}: {ranges(missed)}")
PYTHON
