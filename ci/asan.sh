#!/usr/bin/env bash
# Runs the tests of the libraries under AddressSanitizer and LeakSanitizer, on the stable compiler.
# Arguments go to nextest. CSP_ASAN_PACKAGES='csp-core csp-flow' chooses what is tested: csp-flow and csp-net have
# no unsafe code of their own, so ci/deep alone has them. trybuild's tests compile in a project of their own and
# are left out.
# Nor can it run what leaks on purpose (a future, a guard, what the drop of a panic's payload panics with), and what
# limits the memory of its process.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

host=$(rustc -vV | sed -n 's/^host: //p')
export RUSTC_BOOTSTRAP=1 # -Z on stable
export RUSTFLAGS='-Zsanitizer=address --cfg csp_no_reuse' # each task's memory goes back to the sanitizer
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/asan
export CARGO_PROFILE_DEV_OPT_LEVEL=${CARGO_PROFILE_DEV_OPT_LEVEL:-1} # makes up for what the sanitizer costs; asserts stay
# --target, so that build scripts and macros, which run in the compiler, are not instrumented
packages=()
for package in ${CSP_ASAN_PACKAGES:-csp-core csp-sched csp-rt}; do packages+=(-p "$package"); done
read -ra targets <<<"${CSP_ASAN_TARGETS:---lib --tests}" # '--test it' builds that alone
exec cargo nextest run --target "$host" "${packages[@]}" "${targets[@]}" \
    --all-features -E 'not (test(=ui) | test(/^(leaks|mutex)::a_leaked_/) | test(/^refused::/)
        | test(=events::a_panic_of_a_handler_is_told_and_the_loop_goes_on))' "$@"
