//! A program that uses what the simulation knows nothing of is told so.

use csp::{
    Local, Runtime,
    prelude::*,
    sim::{Failure, FailureKind, Sim},
};

#[track_caller]
fn assert_names(program: impl Fn(), what: &[&str]) {
    let report = Sim::random(1).progress(false).schedules(20).run(program);
    let failure: Failure = report.failure.expect("it is refused");
    let told = failure.to_string();
    assert_eq!(failure.kind(), FailureKind::NotDeterministic, "{told}");
    for what in what {
        assert!(told.contains(what), "no {what:?} in: {told}");
    }
}

fn outside() -> Runtime {
    Runtime::builder().workers(1).name("outer").build()
}

const INSIDE: &str =
    "the runtime \"outer\", which was made outside of the exploration: make it inside";

#[test]
fn a_block_on_a_runtime_from_outside() {
    let rt = outside();
    assert_names(
        || {
            let (tx, rx) = chan(0);
            rt.go(async move { tx.put(1).await });
            assert_eq!(rx.take_blocking(), Some(1));
        },
        &[
            "the block of tests/sim/leftovers_outside.rs:",
            "was started on",
            INSIDE,
        ],
    );
    let handle = rt.handle();
    assert_names(
        || drop(handle.go(async {})),
        &["the block of tests/sim/leftovers_outside.rs:", INSIDE],
    );
}

#[test]
fn a_runtime_from_outside_that_is_entered() {
    let rt = outside();
    assert_names(
        || {
            let _entered = rt.enter();
            let (tx, rx) = chan(0);
            go!({ put!(tx, 1) });
            assert_eq!(rx.take_blocking(), Some(1));
        },
        &[
            "at tests/sim/leftovers_outside.rs:",
            "the program entered",
            INSIDE,
        ],
    );
    assert_names(
        || {
            let _entered = rt.handle().enter();
            thread(|| ()).wait().ok();
        },
        &["the program entered", INSIDE],
    );
}

#[test]
fn a_callback_on_a_runtime_from_outside() {
    let rt = outside();
    assert_names(
        || {
            let (tx, rx) = chan::<u32>(0);
            rx.take_then(rt.dispatch(|_: Option<u32>| ())).unwrap();
            tx.put_blocking(1).unwrap();
        },
        &[INSIDE],
    );
}

#[test]
fn a_local_from_outside() {
    let local = Local::new();
    assert_names(
        || local.run_until(async {}),
        &["the program ran the `Local`, which was made outside of the exploration"],
    );
}

/// What is made inside is used as ever.
#[test]
fn what_is_made_inside_is_no_matter() {
    Sim::random(1).progress(false).schedules(20).explore(|| {
        let rt = outside();
        let one = rt.go(async { go!({ 1 }).await });
        let _entered = rt.enter();
        let local = Local::new();
        let two = local.run_until(async { go!({ 2 }).await });
        assert_eq!((one.wait(), two), (Ok(Ok(1)), Ok(2)));
    });
}

/// A deadlock, if the thread had not come to put yet.
#[test]
fn a_std_thread_that_puts() {
    assert_names(
        || {
            let (tx, rx) = chan(0);
            std::thread::spawn(move || tx.put_blocking(1));
            assert_eq!(rx.take_blocking(), Some(1));
        },
        &[
            "a thread without a name",
            "used a channel of the exploration (put at tests/sim/leftovers_outside.rs:",
            "`csp::thread`",
        ],
    );
    assert_names(
        || {
            let (tx, rx) = chan(0);
            let putter = std::thread::Builder::new().name("putter".into());
            putter.spawn(move || drop(tx)).unwrap();
            assert_eq!(rx.take_blocking(), None::<u32>);
        },
        &["the thread \"putter\"", "`csp::thread`"],
    );
}

/// Threads and channels of the rest of the process are no matter.
#[test]
fn others_may_use_channels_of_their_own() {
    let (stop_tx, stop) = chan::<()>(0);
    let other = std::thread::spawn(move || {
        let (tx, rx) = chan(1);
        while !stop.is_closed() {
            tx.put_blocking(1).unwrap();
            rx.take_blocking().unwrap();
        }
    });
    let outer = chan(8);
    Sim::random(1).progress(false).schedules(200).explore(|| {
        let (tx, rx) = chan(0);
        go!({ put!(tx, 1) });
        outer.0.try_put(1).unwrap();
        assert_eq!((rx.take_blocking(), outer.1.try_take()), (Some(1), Ok(1)));
    });
    drop(stop_tx);
    other.join().unwrap();
}
