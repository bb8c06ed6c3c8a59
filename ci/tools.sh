#!/usr/bin/env bash
# Installs what the other scripts need beside stable Rust, a C linker and Python 3.
set -euo pipefail

cargo nextest --version 2>/dev/null || cargo install cargo-nextest --locked
for tool in rustc cargo-fmt cargo-clippy cc python3; do
    command -v "$tool" >/dev/null || {
        echo "$tool is missing" >&2
        exit 1
    }
done
rustc --version
