//! What the search once missed, one program each.

use std::{cell::RefCell, collections::BTreeSet};

use csp::{prelude::*, sim::Sim};

use super::{
    explored::{explore, report},
    operation::Op,
    program::Program,
};

/// What `program` gives, under all schedules that there are.
fn outcomes<T: Ord>(program: impl Fn() -> T) -> BTreeSet<T> {
    let seen = RefCell::new(BTreeSet::new());
    let report = Sim::random(1).exhaustive().allow_leaks().run(|| {
        let outcome = program();
        seen.borrow_mut().insert(outcome);
    });
    assert!(report.complete, "{report}");
    seen.into_inner()
}

/// Which of two drops is the last, and closes, is up to their order.
#[test]
fn drops_of_handles_race() {
    let seen = outcomes(|| {
        let (tx, rx) = chan::<()>(0);
        let (done, done_rx) = chan(0);
        let first = tx.clone();
        let blocks = [
            go!({ drop(first) }),
            go!({
                drop(tx);
                put!(done, ()).unwrap();
            }),
        ];
        let closed = go!({
            take!(done_rx);
            rx.is_closed()
        });
        let closed = closed.wait().unwrap();
        drop(blocks);
        closed
    });
    assert_eq!(seen, BTreeSet::from([false, true]));
}

/// A block that was cancelled between two operations does not do the second, whatever the second is about.
#[test]
fn a_cancel_races_with_every_step_of_its_block() {
    let seen = outcomes(|| {
        let (a, a_rx) = chan(1);
        let (b, b_rx) = chan(1);
        let block = go!({
            put!(a, ()).unwrap();
            put!(b, ()).unwrap();
        });
        let canceller = go!({ block.cancel() });
        canceller.wait().unwrap();
        sleep_until_idle();
        (a_rx.try_take().is_ok(), b_rx.try_take().is_ok())
    });
    assert_eq!(
        seen,
        BTreeSet::from([(false, false), (true, false), (true, true)])
    );
}

/// `put_all_or_none` looks again when it is woken, and that look races with the others' operations.
#[test]
fn a_second_look_races() {
    let program = Program::of(
        &[1],
        &[
            &[Op::TryTake(0), Op::PutAll([0, 0])],
            &[Op::Alt([(false, 0), (true, 0)])],
            &[Op::Alt([(true, 0), (true, 0)]), Op::TakeWithin(0)],
        ],
    );
    let all = explore(&program, Sim::random(1).unreduced().preemptions(1));
    let reduced = explore(&program, Sim::random(1).exhaustive().preemptions(1));
    assert_eq!(report(&all, &reduced), None);
    assert!(all.is_complete && reduced.is_complete);
}

/// Time passes when nobody can go on.
fn sleep_until_idle() {
    go(sleep(ms(1))).wait().unwrap();
}
