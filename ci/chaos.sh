#!/usr/bin/env bash
# Runs test programs under chaos: the workers decide by dice what they decide for speed otherwise (see
# `Builder::chaos`). Arguments go to nextest, so `ci/chaos.sh hub` runs the tests with "hub" in their name.
#   CSP_CHAOS_SEEDS="1 2 3 4" ci/chaos.sh    other seeds, or more of them
# The seed makes the dice repeat, not the system's scheduling: a failure may need several runs to come again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What is built of channels, and the scheduler's own: those that need most of the runtime. Left out is what
# counts allocations, and what asserts how soon, or in which order, one worker runs its blocks.
for seed in ${CSP_CHAOS_SEEDS:-1 2}; do
    echo "--- CSP_CHAOS=$seed"
    CSP_CHAOS=$seed cargo nextest run -p csp-flow --test hubs --test streams --test pipelines --test requests "$@"
    CSP_CHAOS=$seed cargo nextest run -p csp-rt --all-features --test it \
        -E 'not test(/stress/)' "$@"
done
