//! What once went wrong.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use csp::{Failure, Local, Pipeline, Runtime, promise::go_try};

use crate::util::promises::outcome;

/// A pipeline whose stage never ends; how often it was entered, and left.
fn endless() -> (Pipeline<(), ()>, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let (entered, left) = (Arc::default(), Arc::default());
    let (count, count_left) = (Arc::clone(&entered), Arc::clone(&left));
    let pipeline = Pipeline::<(), ()>::builder()
        .stage(move |()| {
            AtomicUsize::fetch_add(&count, 1, SeqCst);
            go_try::<(), csp::Error, _>(std::future::pending())
        })
        .finally(move || {
            AtomicUsize::fetch_add(&count_left, 1, SeqCst);
        })
        .build();
    (pipeline, entered, left)
}

/// The block for it was refused, and it was dropped unrun.
#[test]
fn finally_runs_also_if_the_runtime_ends() {
    let rt = Runtime::builder().workers(1).build();
    let (pipeline, entered, left) = endless();
    let run = {
        let _entered = rt.enter();
        pipeline.run(())
    };
    while entered.load(SeqCst) == 0 {
        std::thread::yield_now();
    }
    drop(rt);
    assert!(matches!(outcome(run), Err(Failure::Cancelled)));
    assert_eq!(left.load(SeqCst), 1);
}

/// The same, where the executor that ends is the current one.
#[test]
fn finally_runs_also_if_the_local_ends() {
    let local = Local::new();
    let (outer, entered, left) = endless();
    let (inner, entered_inner, left_inner) = endless();
    let both = Pipeline::<(), ()>::builder()
        .nest(&inner)
        .finally(|| panic!("in finally"))
        .build();
    let runs = local.run_until(async { [outer.run(()), both.run(())] });
    local.run_until_idle();
    assert_eq!((entered.load(SeqCst), entered_inner.load(SeqCst)), (1, 1));
    let there = local.handle().enter();
    drop(local);
    drop(there);
    for run in runs {
        assert!(matches!(outcome(run), Err(Failure::Cancelled)));
    }
    assert_eq!((left.load(SeqCst), left_inner.load(SeqCst)), (1, 1));
}
