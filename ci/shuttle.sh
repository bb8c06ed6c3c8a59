#!/usr/bin/env bash
# Runs whole programs on the real runtime under random schedules. Arguments go to nextest, so
# `ci/shuttle.sh cancel` runs those with "cancel" in their name.
#   CSP_SHUTTLE_TIMES=20 ci/shuttle.sh    20 times as many executions, with schedules that are others each time
#   ci/shuttle.sh NAME --no-capture       says how many executions there were, and in which one it failed
# A failure prints its seed (SHUTTLE_RANDOM_SEED=… runs it first) or its schedule, for `shuttle::replay`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export RUSTFLAGS="--cfg csp_shuttle -C debug_assertions"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/shuttle
exec cargo nextest run --release --profile shuttle -p csp-sched --test shuttle "$@"
