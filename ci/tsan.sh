#!/usr/bin/env bash
# Runs the tests under ThreadSanitizer, with a std that is instrumented too: without it every Arc would be a
# false report. rustup has no source of std for that everywhere; Debian's packages have one, and their compiler.
# They are unpacked beside the system (in CSP_TSAN_TOOLCHAIN, target/tsan-toolchain if unset), not installed.
# Arguments go to nextest: `ci/tsan.sh NAME`. CSP_TSAN_PACKAGES='csp-core csp-flow' chooses what is tested.
#
# There are no suppressions. (TSan does not see fences. Our only pair, in runtime::idle, orders two atomics
# and no data; crossbeam-deque has orderings in place of its own, by the sanitizer's cfg.)
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

export LD_LIBRARY_PATH=$usr/lib/x86_64-linux-gnu
export RUSTC=$usr/bin/rustc RUSTDOC=$usr/bin/rustdoc
export RUSTC_BOOTSTRAP=1 # -Z on a stable compiler
export RUSTFLAGS=-Zsanitizer=thread
export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1}
export CARGO_PROFILE_DEV_OPT_LEVEL=1    # makes up for what the sanitizer costs; asserts stay
export PROPTEST_CASES=${PROPTEST_CASES:-60} # they run on one thread, where there are no races
# --target, so that build scripts and macros, which run in the compiler, are not instrumented.
# What counts allocations or bytes is about another compiler's code, and trybuild compiles by itself.
exec "$usr/bin/cargo" nextest run -Zbuild-std --target "$host" "${packages[@]}" --lib --tests \
    --all-features -E 'not (binary(ui) | binary(alloc) | binary(sizes) | binary(acceptance))' "$@"
