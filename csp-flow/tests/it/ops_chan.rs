//! `onto_chan`, `to_chan`: from collections and iterators into channels.

use std::{iter, thread};

use csp::{AtEnd, Failure, Receiver, Sender, chan, ops};

use crate::util::blocks::{Census, Stage, all, cause, drain, outcome, value};

#[test]
fn ca_035_ca_036_to_chan_gives_the_values_in_order_and_closes() {
    assert_eq!(all(&ops::to_chan(0..10)), (0..10).collect::<Vec<_>>());
    assert_eq!(all(&ops::to_chan(vec!["a", "b"])), ["a", "b"]);
}

#[test]
fn ca_037_to_chan_blocking_gives_the_values_in_order_and_closes() {
    assert_eq!(
        all(&ops::to_chan_blocking(0..10)),
        (0..10).collect::<Vec<_>>()
    );
}

#[test]
fn ca_038_ca_039_onto_chan_puts_the_values_in_order_and_closes() {
    for buffer in [10, 0] {
        let (tx, rx) = chan(buffer);
        let go = ops::onto_chan(tx, 0..10);
        assert_eq!(all(&rx), (0..10).collect::<Vec<_>>());
        assert!(value(go).is_ok());
    }
}

#[test]
fn ca_040_onto_chan_blocking_puts_the_values_in_order_and_closes() {
    for buffer in [10, 0] {
        let (tx, rx) = chan(buffer);
        let go = ops::onto_chan_blocking(tx, 0..10);
        assert_eq!(all(&rx), (0..10).collect::<Vec<_>>());
        assert!(value(go).is_ok());
    }
}

#[test]
fn onto_chan_closes_also_for_other_senders_unless_it_is_to_stay_open() {
    let (tx, rx) = chan(10);
    value(ops::onto_chan_with(tx.clone(), [1], AtEnd::KeepOpen)).unwrap();
    value(ops::onto_chan_blocking_with(
        tx.clone(),
        [2],
        AtEnd::KeepOpen,
    ))
    .unwrap();
    assert!(!tx.is_closed());
    value(ops::onto_chan_blocking(tx.clone(), [3])).unwrap();
    assert!(tx.is_closed());
    assert_eq!(all(&rx), [1, 2, 3]);

    let (tx, _rx) = chan(10);
    value(ops::onto_chan(tx.clone(), [1])).unwrap();
    assert!(tx.is_closed());
}

type Onto =
    fn(Sender<u32>, std::ops::Range<u32>) -> csp::Go<Result<(), ops::Rest<std::ops::Range<u32>>>>;

#[test]
fn onto_chan_gives_back_what_a_closed_channel_refuses() {
    let forms: [Onto; 2] = [ops::onto_chan, ops::onto_chan_blocking];
    for onto in forms {
        let (tx, rx) = chan(0);
        let go = onto(tx, 0..6);
        assert_eq!((rx.take_blocking(), rx.take_blocking()), (Some(0), Some(1)));
        drop(rx);
        let rest = value(go).unwrap_err();
        assert_eq!((rest.put, rest.value), (2, 2));
        assert_eq!(
            rest.to_string(),
            "the channel closed after 2 values had been put"
        );
        assert!(rest.into_iter().eq(2..6));
    }
}

#[test]
fn onto_chan_is_well_if_the_channel_closes_after_the_last_value() {
    let stage = Stage::new();
    let (tx, rx) = chan(2);
    let go = stage.with(|| ops::onto_chan_with(tx, [1, 2], AtEnd::KeepOpen));
    drop(rx);
    assert!(value(go).is_ok());
}

#[test]
fn onto_chan_asks_for_the_next_value_when_the_last_was_accepted() {
    let stage = Stage::new();
    let census = Census::default();
    let made = census.clone();
    let (tx, rx) = chan(0);
    let _go = stage.with(|| ops::onto_chan(tx, (0..).map(move |n| made.of(n))));
    assert_eq!(census.living(), 1);
    let first = rx.try_take().unwrap();
    stage.idle();
    assert_eq!((first.value, census.living()), (0, 2));
}

#[test]
fn onto_chan_cancelled_drops_the_iterator_and_leaves_the_channel_to_others() {
    let stage = Stage::new();
    let census = Census::default();
    let (tx, rx) = chan(1);
    let values: Vec<_> = (0..5).map(|n| census.of(n)).collect();
    let go = stage.with(|| ops::onto_chan(tx.clone(), values));
    assert!(go.cancel());
    stage.idle();
    assert_eq!(outcome(go).unwrap_err(), Failure::Cancelled);
    assert_eq!(census.living(), 1, "the one that was put");
    assert!(!tx.is_closed());
    assert_eq!(drain(&rx).len(), 1);
}

#[test]
fn an_iterator_that_panics_fails_the_channel() {
    let values = || (0..).inspect(|&n| assert!(n < 2, "no {n}"));
    let want = "the iterator of `ops::onto_chan` panicked: no 2";
    for rx in [ops::to_chan(values()), ops::to_chan_blocking(values())] {
        assert_eq!(all(&rx), [0, 1]);
        assert_eq!(cause(&rx), want);
    }
    let (tx, rx) = chan(5);
    let Err(Failure::Panicked(panic)) = outcome(ops::onto_chan(tx, values())) else {
        panic!("it ended well")
    };
    assert_eq!(panic.message(), "no 2");
    assert_eq!((all(&rx), cause(&rx).as_str()), (vec![0, 1], want));
}

#[test]
fn an_iterator_that_panics_leaves_a_channel_alone_that_is_to_stay_open() {
    let (tx, rx) = chan(5);
    let values = (0..).inspect(|&n| assert!(n < 2, "no {n}"));
    let go = ops::onto_chan_with(tx.clone(), values, AtEnd::KeepOpen);
    assert!(matches!(outcome(go), Err(Failure::Panicked(_))));
    assert!(!tx.is_closed());
    assert_eq!(drain(&rx), [0, 1]);
}

#[test]
fn to_chan_holds_at_most_a_hundred_values_ready() {
    assert_eq!(ops::to_chan(0..7).capacity(), 7);
    assert_eq!(ops::to_chan(0..1000).capacity(), 100);
    assert_eq!(ops::to_chan(0_u64..).capacity(), 100);
    assert_eq!(ops::to_chan_blocking(iter::repeat_n(1, 3)).capacity(), 3);

    let stage = Stage::new();
    let rx = stage.with(|| ops::to_chan(0_u64..));
    assert_eq!(rx.len(), 100);
}

#[test]
fn to_chan_of_nothing_is_closed() {
    let stage = Stage::new();
    let rx: Receiver<u32> = stage.with(|| ops::to_chan([]));
    assert!(rx.is_closed());
    assert_eq!(all(&ops::to_chan_blocking(None::<u32>)), []);
}

#[test]
fn to_chan_drops_its_iterator_when_nobody_takes_any_more() {
    let stage = Stage::new();
    let census = Census::default();
    let values: Vec<_> = (0..300).map(|n| census.of(n)).collect();
    let rx = stage.with(|| ops::to_chan(values));
    assert_eq!(rx.try_take().unwrap().value, 0);
    assert_eq!(census.living(), 299);
    drop(rx);
    stage.idle();
    assert_eq!(census.living(), 0);
}

#[test]
fn onto_chan_blocking_may_block_in_its_iterator() {
    let (tx, queue) = std::sync::mpsc::sync_channel(0);
    let rx = ops::to_chan_blocking(queue);
    let feeder = thread::spawn(move || {
        for n in 0..100 {
            tx.send(n).unwrap();
        }
    });
    assert_eq!(all(&rx), (0..100).collect::<Vec<_>>());
    feeder.join().unwrap();
}
