#!/usr/bin/env bash
# Runs what README.md tells a visitor to run: the lines that follow "# run the tests" in a fenced
# block, up to the next comment, empty line or end of the block.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

commands=$(awk '
    /^```/ { fenced = !fenced; reading = 0; next }
    fenced && /^# run the tests[[:space:]]*$/ { reading = 1; next }
    /^#/ || /^[[:space:]]*$/ { reading = 0 }
    reading
' README.md)
if [[ -z $commands ]]; then
    echo 'README.md has no fenced block with commands after a line "# run the tests"' >&2
    exit 1
fi
printf '%s\n' "$commands"
exec bash -euo pipefail -c "$commands"
