//! Streams that do not begin with one receiver.

use std::{cell::Cell, iter, rc::Rc};

use csp::{
    chan,
    stream::{concat, empty, once},
};

use crate::{
    rules::{Rules, collect},
    util::blocks::{Stage, all, cause, drain, failing, ready},
};

#[test]
fn ev_150_concat_gives_one_after_the_other() {
    let out = concat([ready([1, 2]), ready([]), ready([3])])
        .map(|n| n + 1)
        .chan(0);
    assert_eq!(all(&out), [2, 3, 4]);
    assert_eq!(all(&concat::<[csp::Receiver<u32>; 0], _>([]).chan(0)), []);
    Rules::of("concat([..])").check(|s| concat([s.receiver()]).receiver(), Iterator::collect);
}

#[test]
fn concat_fails_with_the_first_that_fails() {
    let stage = Stage::new();
    let (tx, last) = chan::<u32>(1);
    let out = stage.with(|| concat([ready([1]), failing([2], "no disk"), last]).chan(0));
    assert_eq!(collect(&stage, &out), [1, 2]);
    assert_eq!(cause(&out), "no disk");
    assert!(tx.is_closed());
}

/// Those that were not their turn yet, too.
#[test]
fn ev_217_concat_lets_all_go() {
    let stage = Stage::new();
    let (tx1, rx1) = chan::<u32>(1);
    let (tx2, rx2) = chan::<u32>(1);
    tx2.try_put(1).unwrap();
    let others = rx2.clone();
    let out = stage.with(|| concat([rx1, rx2]).chan(0));
    out.close();
    stage.idle();
    assert!(tx1.is_closed());
    assert_eq!((others.receiver_count(), drain(&others)), (1, vec![1]));
}

#[test]
fn concat_asks_for_the_next_when_the_last_has_ended_and_bears_a_panic() {
    let stage = Stage::new();
    let (asked, log) = chan(8);
    let mut n = 0;
    let receivers = iter::from_fn(move || {
        n += 1;
        asked.try_put(n).unwrap();
        assert!(n < 3, "boom");
        Some(ready([n, n]))
    });
    let out = stage.with(|| concat(receivers).chan(0));
    assert_eq!(drain(&log), [1]);
    assert_eq!(collect(&stage, &out), [1, 1, 2, 2]);
    assert!(cause(&out).ends_with("panicked: boom"));
}

#[test]
fn once_and_empty() {
    let one = once(5).receiver();
    assert!(one.is_closed());
    assert_eq!(all(&one), [5]);
    assert_eq!(all(&once(5).map(|n| n + 1).chan(0)), [6]);
    assert_eq!(all(&empty::<u32>().chan(0)), []);
    // Values need not be `Send` for that.
    let cell = once(Rc::new(Cell::new(1)));
    drop(cell);
}
