#!/usr/bin/env bash
# Runs the tests under ThreadSanitizer, with a std that is instrumented too: without it every Arc would be a
# false report. rustup has no source of std for that everywhere; Debian's packages have one, and their compiler.
# They are unpacked beside the system (in CSP_TSAN_TOOLCHAIN, target/tsan-toolchain if unset), not installed.
# Arguments go to nextest: `ci/tsan.sh NAME`. CSP_TSAN_PACKAGES='csp-core csp-flow' chooses what is tested, and
# CSP_TSAN_TARGETS='--test it' which of its test programs are built, which is what takes the time. The short form
# is CSP_TSAN_PACKAGES='csp-core csp-sched': nine minutes of one processor, seven of them to build, std among it.
#
# TSan does not see fences: our only pair, in runtime::idle, orders two atomics and no data, and crossbeam-deque has
# orderings in place of its own, by the sanitizer's cfg. What is suppressed is crossbeam-deque's known race, and by the
# innermost function only: a thief reads a slot that its owner may be overwriting, and forgets what it read when its
# compare-exchange fails. (Its source says so, at `Buffer::read`.)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

host=x86_64-unknown-linux-gnu
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/tsan
mkdir -p "$CARGO_TARGET_DIR"
toolchain=${CSP_TSAN_TOOLCHAIN:-$CARGO_TARGET_DIR-toolchain}
mkdir -p "$toolchain"
toolchain=$(cd "$toolchain" && pwd)
usr=$toolchain/unpacked/usr
rustlib=lib/rustlib/$host/lib

unpack() (
    rm -rf "$toolchain"/{unpacked,debs}
    mkdir -p "$toolchain/debs"
    cd "$toolchain/debs"
    apt-get update -qq
    # its name has the version in it, which moves with security updates
    std=$(apt-cache depends libstd-rust-web-dev | sed -n 's/.*Depends: \(libstd-rust-web-[0-9.]*\)$/\1/p' | head -1)
    apt-get download -qq rustc-web cargo-web rust-web-src libstd-rust-web-dev "$std" rust-web-llvm \
        libllvm22 libgit2-1.5 libhttp-parser2.9 libmbedcrypto7 libmbedx509-1 libmbedtls14
    for package in *.deb; do dpkg -x "$package" "$toolchain/unpacked"; done
    # Debian leaves out the sanitizer's runtime; that of the same LLVM fits.
    cp "$(rustc --print sysroot)/$rustlib/librustc-stable_rt.tsan.a" "$usr/$rustlib/"
    rm -rf "$toolchain/debs"
)
[[ -e $usr/$rustlib/librustc-stable_rt.tsan.a ]] || unpack

packages=()
for package in ${CSP_TSAN_PACKAGES:-csp-core csp-sched csp-rt}; do packages+=(-p "$package"); done

read -ra targets <<<"${CSP_TSAN_TARGETS:---lib --tests}"

export LD_LIBRARY_PATH=$usr/lib/x86_64-linux-gnu
export RUSTC=$usr/bin/rustc RUSTDOC=$usr/bin/rustdoc
export RUSTC_BOOTSTRAP=1 # -Z on a stable compiler
export RUSTFLAGS=-Zsanitizer=thread
cat >"$CARGO_TARGET_DIR/suppressions" <<'SUPPRESSIONS'
race_top:read_volatile<core::mem::maybe_uninit::MaybeUninit<csp_core::task::Task>>
race_top:write_volatile<core::mem::maybe_uninit::MaybeUninit<csp_core::task::Task>>
SUPPRESSIONS
export TSAN_OPTIONS="halt_on_error=1 suppressions=$(realpath "$CARGO_TARGET_DIR/suppressions") ${TSAN_OPTIONS:-}"
export CARGO_PROFILE_DEV_OPT_LEVEL=${CARGO_PROFILE_DEV_OPT_LEVEL:-1}    # makes up for what the sanitizer costs; asserts stay
export PROPTEST_CASES=${PROPTEST_CASES:-60} # they run on one thread, where there are no races
# --target, so that build scripts and macros, which run in the compiler, are not instrumented.
# Left out: what counts allocations or bytes, which is about another compiler's code; trybuild, which compiles by
# itself; the simulator's search on toys and the tests of the guides, which have one thread; tokio's sockets, the
# address of whose state goes through the kernel (epoll), which looks like a race within tokio.
exec "$usr/bin/cargo" nextest run -Zbuild-std --target "$host" "${packages[@]}" "${targets[@]}" --all-features -E '
    not (binary(ui) | binary(alloc) | binary(sizes) | binary(acceptance)
        | test(/^(sim::strategy|guide)::/) | test(=interop::tokio_timers_and_sockets_in_blocks))' "$@"
