#!/usr/bin/env bash
# Installs what the other scripts of CI need beside Rust (stable and nightly), a C linker and Python 3.
set -euo pipefail

cargo nextest --version 2>/dev/null || cargo install cargo-nextest --locked
if ! command -v valgrind >/dev/null; then
    apt=(apt-get)
    ((EUID == 0)) || apt=(sudo apt-get)
    "${apt[@]}" update -qq && "${apt[@]}" install -y -qq valgrind
fi
for tool in rustc cargo-fmt cargo-clippy cc python3 valgrind; do
    command -v "$tool" >/dev/null || {
        echo "$tool is missing" >&2
        exit 1
    }
done
rustc --version
