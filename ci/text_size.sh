#!/usr/bin/env bash
# Fails if a go block adds more bytes to a release build than the limit: ci/text_size.sh [LIMIT].
# Measures what 100 blocks with 4 park points each add to a program that has one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

limit=${1:-2560}
blocks=100
root=$PWD
project=${CARGO_TARGET_DIR:-target}/text_size
mkdir -p "$project/src/bin"
project=$(cd "$project" && pwd)

# The profile is cargo's own release profile: what a user gets who sets nothing.
cat >"$project/Cargo.toml" <<TOML
[package]
name = "text-size"
version = "0.0.0"
edition = "2024"
publish = false

[workspace]

[dependencies]
csp = { package = "csp-rt", path = "$root" }
TOML
cp Cargo.lock "$project/" # the versions that the workspace uses

# program BLOCKS: each block has its own state across its park points, and arithmetic of its own
program() {
    echo 'use csp::prelude::*;'
    for ((n = 0; n <= $1; n++)); do
        cat <<RUST
fn block_$n(rx: Receiver<u64>, tx: Sender<u64>) {
    go!({
        let mut sum = $n;
        while let Some(a) = take!(rx) {
            put!(tx, a * $((2 * n + 3))).ok();
            let Some(b) = take!(rx) else { break };
            sum += a ^ b.rotate_left($((n % 63 + 1)));
            put!(tx, sum).ok();
        }
    });
}
RUST
    done
    echo 'fn main() {'
    echo '    let (tx, rx) = chan(1);'
    for ((n = 0; n <= $1; n++)); do
        echo "    block_$n(rx.clone(), tx.clone());"
    done
    echo '}'
}
program 0 >"$project/src/bin/one.rs"
program "$blocks" >"$project/src/bin/many.rs"

(
    # What the caller's environment says of profiles is not to change the measure.
    unset CARGO_INCREMENTAL "${!CARGO_PROFILE_RELEASE_@}"
    cd "$project"
    CARGO_TARGET_DIR=$project/target cargo build --quiet --release --bins
)

text() { size "$project/target/release/$1" | awk 'NR == 2 { print $1 }'; }
one=$(text one)
many=$(text many)
each=$(((many - one) / blocks))
echo "text: $one bytes with 1 block, $many with $((blocks + 1)): $each bytes a block, $limit allowed"
((each <= limit))
