#!/usr/bin/env bash
# Runs the fuzz targets, on nightly, each for some seconds: ci/fuzz.sh [SECONDS] [TARGET...]
# What they find interesting stays in fuzz/corpus, a failing input in fuzz/artifacts; to run it again:
#   cargo +nightly fuzz run TARGET fuzz/artifacts/TARGET/crash-…
# The same bodies run on fixed inputs among the crates' tests ("fuzz" is in their names), 24,000 in all; that is what
# CI has, since nightly, cargo-fuzz and this build cost more than all that they would run in a minute.
# CSP_FUZZ_TIMES=100 makes it that many times as many.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${1:-15}
targets=("${@:2}")
if ((${#targets[@]} == 0)); then targets=(go alt alts flow channel transducer promise); fi

cargo fuzz --version 2>/dev/null || cargo install cargo-fuzz --locked --version 0.13.2

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/fuzz
unset CARGO_PROFILE_RELEASE_LTO # fuzz/Cargo.toml has its own profile
export RUSTFLAGS='--cfg csp_no_reuse' # each task's memory goes back to the sanitizer
host=$(rustc -vV | sed -n 's/^host: //p')
cargo +nightly fuzz build --target "$host"

failed=()
for target in "${targets[@]}"; do
    echo "--- $target, $seconds s"
    mkdir -p "fuzz/corpus/$target" "fuzz/artifacts/$target"
    seeds=()
    case $target in go | alt | alts | flow) seeds=(tests/ui tests/it examples) ;; esac
    # A single input that takes 10 s counts as a hang.
    "$CARGO_TARGET_DIR/$host/release/$target" -max_total_time="$seconds" -timeout=10 -max_len=4096 -verbosity=0 \
        -print_final_stats=1 -artifact_prefix="fuzz/artifacts/$target/" "fuzz/corpus/$target" "${seeds[@]}" \
        >"$CARGO_TARGET_DIR/$target.log" 2>&1 || failed+=("$target")
    grep -E 'number_of_executed_units|panicked|ERROR|SUMMARY' -A3 "$CARGO_TARGET_DIR/$target.log" | head -20 || true
done
if ((${#failed[@]})); then
    echo "failed: ${failed[*]}; their whole output is in $CARGO_TARGET_DIR" >&2
    exit 1
fi
