#!/usr/bin/env bash
# Runs the larger examples on real input, in release: each must end by itself and exit with 0. (Those of
# examples/README.md that come from other systems are run by tests/acceptance.)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo build --release --all-features \
    --example wordfreq --example log_flow --example sieve --example ping_pong

run() {
    echo "--- $1"
    timeout --kill-after=10 180 cargo run --quiet --release --all-features --example "$@"
}

# the words of our own sources, counted concurrently and once more in sequence
mapfile -d '' -t sources < <(find . -name target -prune -o -name .git -prune \
    -o -type f \( -name '*.rs' -o -name '*.md' \) -print0 | sort -z)
run wordfreq -- --check "${sources[@]}"
# ends by itself, once the tailed files are at their end
run log_flow
run sieve
run ping_pong
