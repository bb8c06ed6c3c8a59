#!/usr/bin/env bash
# Checks every crate of the workspace without features and with each of its features alone.
# clippy rather than cargo check: it does the same and lets warnings fail without new RUSTFLAGS.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# one line for each crate: its name, then its features
crates=$(cargo metadata --no-deps --format-version 1 | python3 -c '
import json, sys
for package in json.load(sys.stdin)["packages"]:
    print(package["name"], *sorted(set(package["features"]) - {"default"}))
')
while read -r crate features; do
    for feature in "" $features; do
        echo "$crate --no-default-features --features '$feature'"
        cargo clippy --quiet -p "$crate" --no-default-features --features "$feature" -- -D warnings
    done
done <<<"$crates"
