//! A channel that keeps its first value for everyone. (Its buffer has its own tests in csp-core.)

use std::sync::mpsc;

use csp::{Runtime, prelude::*};

use crate::util::blocks::{Ledger, Stage, is_over, value};

/// CA-021 to CA-024: one put serves all that wait, and all that come later, also after the close.
#[test]
fn ca_021_to_024_the_first_value_is_for_everyone_for_ever() {
    let stage = Stage::new();
    let (tx, rx) = csp::promise_chan();
    let waiting: Vec<_> = (0..2000)
        .map(|_| {
            let rx = rx.clone();
            stage.start(|| go!({ take!(rx) }))
        })
        .collect();
    assert_eq!(stage.live(), 2000);
    stage.put(&tx, ["first", "second"]);
    for block in waiting {
        assert_eq!(value(block), Some("first"));
    }
    for _ in 0..3 {
        assert_eq!(rx.try_take(), Ok("first"));
    }
    tx.close();
    assert_eq!(tx.try_put("third"), Err(TryPutError::Closed("third")));
    for _ in 0..3 {
        assert_eq!(rx.take_blocking(), Some("first"));
    }
}

/// CA-025 and CA-026: closed without a value, every form of take says so, now and later.
#[test]
fn ca_025_026_closed_without_a_value_nobody_gets_one() {
    let rt = Runtime::builder().workers(2).build();
    let _entered = rt.enter();
    let (tx, rx) = csp::promise_chan::<u32>();
    let (calls_tx, calls) = mpsc::channel();
    rx.take_then(move |taken| calls_tx.send(taken).unwrap())
        .unwrap();
    let blocks: Vec<_> = (0..20)
        .map(|n| {
            let rx = rx.clone();
            if n % 2 == 0 {
                go!({ take!(rx) })
            } else {
                go!({
                    alt! {
                        taken = take!(rx) => taken,
                        _ = take!(timeout(secs(50))) => Some(0),
                    }
                })
            }
        })
        .collect();
    let thread = {
        let rx = rx.clone();
        thread(move || rx.take_blocking())
    };
    // All but the two that are no blocks are seen to wait.
    while !blocks.iter().all(|block| block.parked_at().is_some()) {
        std::thread::yield_now();
    }
    tx.close();
    for block in blocks {
        assert_eq!(value(block), None);
    }
    assert_eq!(value(thread), None);
    assert_eq!(calls.recv(), Ok(None));
    assert!(is_over(&rx) && is_over(&rx));
    assert_eq!(tx.put_blocking(1), Err(Closed(1)));
    assert!(is_over(&rx), "the refused value was not kept");
}

/// CA-027: a value and then the close: takes before and after get it; it lives as long as the channel.
#[test]
fn ca_027_the_value_outlives_the_close_and_goes_with_the_channel() {
    let ledger = Ledger::default();
    let (tx, rx) = csp::promise_chan();
    tx.put_blocking(ledger.value(7)).map_err(drop).unwrap();
    assert_eq!(rx.try_take().map(|value| value.n), Ok(7));
    drop(tx);
    assert_eq!(rx.try_take().map(|value| value.n), Ok(7));
    assert_eq!(ledger.live(), 1);
    drop(rx);
    assert_eq!(ledger.live(), 0);
}

/// A failure is told to all, like the close.
#[test]
fn a_promise_that_fails_tells_everyone() {
    let stage = Stage::new();
    let (tx, rx) = csp::promise_chan::<u32>();
    let waiting = [rx.clone(), rx.clone()].map(|rx| {
        stage.start(|| {
            go!({
                let taken = take!(rx);
                (taken, rx.failure().map(|cause| cause.to_string()))
            })
        })
    });
    stage.idle();
    tx.fail("no answer");
    stage.idle();
    for block in waiting {
        assert_eq!(value(block), (None, Some("no answer".to_owned())));
    }
}
