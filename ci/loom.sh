#!/usr/bin/env bash
# Runs the loom models, each in a process of its own: a failing model aborts. Arguments go to
# nextest, so `ci/loom.sh close` runs the models with "close" in their name.
#   LOOM_MAX_PREEMPTIONS=3 ci/loom.sh    looks further, and takes ten times as long
#   LOOM_LOG=trace LOOM_LOCATION=1 ci/loom.sh NAME --no-capture    shows the failing execution
# LOOM_MAX_DURATION and LOOM_MAX_PERMUTATIONS end a model early *as passed*: they are not for CI.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export RUSTFLAGS="--cfg csp_loom -C debug_assertions"
export LOOM_MAX_PREEMPTIONS=${LOOM_MAX_PREEMPTIONS:-2}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/loom
exec cargo nextest run --release --profile "${NEXTEST_PROFILE:-loom}" -p csp-core -p csp-sched -p csp-flow --lib \
    -E 'test(/loom/)' "$@"
