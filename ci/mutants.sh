#!/usr/bin/env bash
# Plants a mistake in a core module, one at a time, and says which of them no test finds:
#   ci/mutants.sh [GROUP...]    with the groups core, task, sched and flow; all of them if none is given
# MUTANTS_FILES='csp-core/src/buffer.rs ...' has only those files of a group changed, MUTANTS_TIMEOUT=60 is how
# long a test run may take. The lists of what was caught, missed, did not build or hung are in OUT/GROUP/mutants.out/*.txt.
# It runs on a copy of the tree: minutes for a file, hours for all.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cargo mutants --version 2>/dev/null || cargo install cargo-mutants --locked --version 27.1.0

out=${CARGO_TARGET_DIR:-target}/mutants
mkdir -p "$out"
out=$(cd "$out" && pwd)
copy=$out/copy
export CARGO_TARGET_DIR=$out/target
export CARGO_INCREMENTAL=1 CARGO_PROFILE_DEV_DEBUG=0 # a mutant is one build: that is most of the time
export PROPTEST_CASES=${PROPTEST_CASES:-60}

rm -rf "$copy"
mkdir "$copy"
git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -cT - | tar -xC "$copy"
# The documentation's examples alone use the facade, and it would be built anew for every mutant.
sed -i '/^csp = { package = "csp-rt"/d' "$copy/csp-core/Cargo.toml"

core=(
    csp-core/src/chan/{inner,data,stored,close,core,take,put,callback,closed}.rs
    'csp-core/src/chan/put_all/*.rs' 'csp-core/src/chan/xform/*.rs'
    'csp-core/src/waiter/*.rs' 'csp-core/src/alts/*.rs'
    csp-core/src/buffer.rs
)
# Tasks run on an executor, so the scheduler's tests are theirs.
task=(csp-core/src/task/{state,join,mod,home,header,cell,waker}.rs)
sched=(csp-sched/src/runtime/{idle,handoff}.rs csp-sched/src/time/ticks.rs)
flow=(csp-flow/src/promise/{cell,many}.rs 'csp-flow/src/promise/shared/*.rs')

# mutants GROUP TESTED_PACKAGES FILE... -- ARGUMENTS OF cargo test: status 2 says that some were missed
mutants() {
    local group=$1 tested=$2 files=() status=0
    shift 2
    while [[ $1 != -- ]]; do
        files+=("$1")
        shift
    done
    if [[ -n ${MUTANTS_FILES:-} ]]; then
        read -ra files <<<"$MUTANTS_FILES"
    fi
    mkdir -p "$out/$group"
    # Only the copy is changed in place. A lost wake-up hangs: that is found, too.
    (cd "$copy" && nice cargo mutants --in-place --workspace --test-package "$tested" "${files[@]/#/--file=}" \
        --timeout "${MUTANTS_TIMEOUT:-60}" --baseline "${MUTANTS_BASELINE:-run}" \
        --no-shuffle --colors never --output "$out/$group" \
        --exclude="**/loom/**" --exclude="**/loom.rs" "$@") || status=$?
    ((status == 0 || status == 2 || status == 3)) || return "$status"
    (cd "$out/$group/mutants.out" && wc -l caught.txt missed.txt unviable.txt timeout.txt && cat missed.txt)
}

for group in "${@:-core task sched flow}"; do
    for name in $group; do
        case $name in
        core) mutants core csp-core "${core[@]}" -- --lib --test it -- --skip stress ;;
        task) mutants task csp-core,csp-rt "${task[@]}" -- --test it -- --skip stress ;;
        sched) mutants sched csp-sched,csp-rt "${sched[@]}" -- --lib --test it -- --skip stress ;;
        flow) mutants flow csp-flow "${flow[@]}" -- --lib --test it -- promise --skip stress ;;
        *) echo "no group $name: core, task, sched or flow" >&2 && exit 2 ;;
        esac
    done
done
