#!/usr/bin/env bash
# Runs tests of the libraries under valgrind's memcheck, a second opinion on leaks and on memory that is not
# initialised: ci/valgrind.sh [NAME]. An hour's work for all, so without a NAME it runs those of the core that
# hand memory around; what measures, stresses or has many cases is left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

host=$(rustc -vV | sed -n 's/^host: //p')
variable=CARGO_TARGET_$(tr 'a-z-' 'A-Z_' <<<"$host")_RUNNER
# Std leaves its main thread's handle behind, and that is only "possibly lost"; --fair-sched lets who spins be
# waited for.
export "$variable=valgrind -q --error-exitcode=1 --leak-check=full --show-leak-kinds=definite,indirect \
--errors-for-leak-kinds=definite,indirect --fair-sched=yes"
export RUSTFLAGS='--cfg csp_no_reuse' # each task's memory goes back to valgrind
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/valgrind
export PROPTEST_CASES=${PROPTEST_CASES:-10}
usual='test(/cancel|close|callback|put_all|xform|alts|chan|payload|panic/)'
filter="not test(/stress|fuzz|model/) and not binary(ui)"
if (($# == 0)); then filter="$usual and $filter"; fi
exec cargo nextest run -p csp-core -p csp-sched --lib --test it --no-fail-fast -E "$filter" "$@"
