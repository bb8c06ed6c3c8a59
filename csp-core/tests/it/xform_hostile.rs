//! Channels with a transducer against steps and values that do what they should not, in safe code.

use std::{
    mem::ManuallyDrop,
    pin::Pin,
    process::Command,
    sync::{Arc, Mutex, mpsc},
    thread,
};

use csp_core::{
    Receiver, Sender, TryPutError, TryTakeError, chan, chan_with, sliding,
    xf::{self, Flow, Transducer},
};

use crate::{
    util::{Ledger, Tracked, parks, poll},
    xform_util::{cat, fx, go_on},
};

/// What a step gets hold of after its channel was made.
pub(crate) type Later<T> = Arc<Mutex<Option<T>>>;

pub(crate) fn take<T>(later: &Later<T>) -> Option<T> {
    later.lock().unwrap().take()
}

pub(crate) fn set<T>(later: &Later<T>, value: T) {
    *later.lock().unwrap() = Some(value);
}

/// Values pass; the first calls `f` on its way.
fn at_first<T>(f: impl FnOnce() + Send) -> impl Transducer<In = T, Out = T> + Send {
    let mut f = Some(f);
    xf::map(move |value: T| {
        if let Some(f) = f.take() {
            f();
        }
        value
    })
}

/// Takes no lock: true if the step of `tx` panicked because of what it did.
fn used_its_own(failure: Option<csp_core::Cause>) -> bool {
    failure.is_some_and(|cause| cause.to_string().contains("used its own channel"))
}

/// Its waiter would stay in the queue when its memory goes: unwinding is no way out.
#[test]
fn a_step_that_drops_an_operation_parked_on_its_own_channel_aborts() {
    const CHILD: &str = "CSP_TEST_DROPS_WHAT_IS_PARKED";
    if let Ok(which) = std::env::var(CHILD) {
        let parked: Later<Pin<Box<dyn Future<Output = ()> + Send>>> = Later::default();
        let own = Arc::clone(&parked);
        let (tx, rx) = chan_with(1, at_first::<u32>(move || drop(take(&own))));
        let tx: &'static Sender<u32> = Box::leak(Box::new(tx));
        let rx: &'static Receiver<u32> = Box::leak(Box::new(rx));
        let mut op: Pin<Box<dyn Future<Output = ()> + Send>> = if which == "take" {
            Box::pin(async { assert_eq!(rx.take().await, None) })
        } else {
            Box::pin(tx.closed())
        };
        parks(op.as_mut());
        set(&parked, op);
        let _ = tx.try_put(1);
        // Not reached: this would use the waiter that has gone.
        tx.close();
        return;
    }
    let name = "xform_hostile::a_step_that_drops_an_operation_parked_on_its_own_channel_aborts";
    for which in ["take", "closed"] {
        let out = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(CHILD, which)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&out.stderr);
        assert!(!out.status.success(), "{which}: {text}");
        assert!(text.contains("used its own channel"), "{which}: {text}");
    }
}

/// From A's step into B, and from B's step back into A.
#[test]
fn a_step_that_comes_back_to_its_channel_through_another_panics() {
    let ends: Later<(Sender<u32>, Receiver<u32>)> = Later::default();
    let own = Arc::clone(&ends);
    let (b_tx, b_rx) = chan_with(
        1,
        at_first(move || {
            let (tx, rx) = take(&own).unwrap();
            assert_eq!(rx.len(), 0);
            drop(tx);
        }),
    );
    let b_tx2 = b_tx.clone();
    let (a_tx, a_rx) = chan_with(1, at_first(move || b_tx2.try_put(1).unwrap()));
    set(&ends, (a_tx.clone(), a_rx.clone()));
    a_tx.try_put(7).unwrap();
    assert!(used_its_own(b_rx.failure()) && a_rx.failure().is_none());
    assert_eq!(a_rx.try_take(), Ok(7));
    assert!(b_tx.is_closed());
    drop(a_tx);
    assert_eq!(a_rx.try_take(), Err(TryTakeError::Closed));
}

/// The handle waits for the end of its own channel's step, not of the one in between.
#[test]
fn a_step_may_drop_ends_of_its_own_channel_and_use_another() {
    let ends: Later<(Sender<u32>, Receiver<u32>)> = Later::default();
    let own = Arc::clone(&ends);
    let (b_tx, b_rx) = chan_with(2, at_first(|| ()));
    let (a_tx, a_rx) = chan_with(
        1,
        at_first(move || {
            drop(take(&own));
            b_tx.try_put(1).unwrap();
            b_tx.try_put(2).unwrap();
        }),
    );
    set(&ends, (a_tx.clone(), a_rx.clone()));
    a_tx.try_put(7).unwrap();
    assert_eq!((b_rx.try_take(), b_rx.try_take()), (Ok(1), Ok(2)));
    drop(a_tx);
    assert_eq!(
        (a_rx.take_blocking(), a_rx.take_blocking()),
        (Some(7), None)
    );
}

/// A's step ends B, whose completion drops the last end of A.
#[test]
fn a_chain_of_completions_that_drop_each_others_last_ends() {
    let ledger = Ledger::new();
    let last: Later<Receiver<Tracked>> = Later::default();
    let own = Arc::clone(&last);
    let (b_tx, b_rx) = chan_with(
        1,
        fx(
            |n: u32, emit| emit(n),
            move |emit| {
                drop(take(&own));
                emit(99)
            },
        ),
    );
    let b_end = Mutex::new(Some(b_tx));
    let (a_tx, a_rx) = chan_with(
        1,
        at_first::<Tracked>(move || drop(b_end.lock().unwrap().take())),
    );
    set(&last, a_rx);
    a_tx.try_put(ledger.value(1)).unwrap();
    assert_eq!(
        (b_rx.take_blocking(), b_rx.take_blocking()),
        (Some(99), None)
    );
    assert!(a_tx.is_closed());
    drop(a_tx);
    assert_eq!(ledger.live(), 0);
}

/// A value that is filtered out has the last sender of another channel: those who wait there are told
/// when the step's lock is free, so they may use the step's channel.
#[test]
fn nobody_is_woken_by_what_a_step_drops_before_its_lock_is_free() {
    let (a_tx, a_rx) = chan_with(
        1,
        fx(
            |end: Sender<u32>, _: &mut dyn FnMut(u32) -> Flow| {
                drop(end);
                Flow::Continue(())
            },
            go_on,
        ),
    );
    let (b_tx, b_rx) = chan::<u32>(0);
    let (done, seen) = mpsc::channel();
    let own = a_tx.clone();
    b_rx.take_then(move |value| done.send((value, own.len())).unwrap())
        .unwrap();
    a_tx.try_put(b_tx).unwrap();
    assert_eq!(seen.try_recv(), Ok((None, 0)));
    assert!(b_rx.is_closed() && !a_rx.is_closed());
}

/// ... and the put that it belongs to has been done.
#[test]
fn a_panic_of_what_a_handle_leaves_behind_does_not_unwind_the_put() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("a value that cannot be dropped");
        }
    }
    let ends: Later<Receiver<Bad>> = Later::default();
    let own = Arc::clone(&ends);
    let (tx, rx) = chan_with(
        1,
        xf::map(move |()| {
            drop(take(&own));
            Bad
        }),
    );
    set(&ends, rx);
    assert!(tx.try_put(()).is_ok());
    assert!(tx.is_closed());
}

/// Ends of the channel in its own buffer, in its own transducer, and in each other's.
#[test]
fn ends_that_go_through_their_own_channel() {
    struct Loop(#[expect(dead_code, reason = "dropped")] Option<(Sender<Loop>, Receiver<Loop>)>);
    let (tx, rx) = chan_with(2, xf::map(|value: Loop| value));
    tx.try_put(Loop(Some((tx.clone(), rx.clone()))))
        .ok()
        .unwrap();
    tx.try_put(Loop(None)).ok().unwrap();
    let mut put = Box::pin(tx.put(Loop(Some((tx.clone(), rx.clone())))));
    assert!(poll(put.as_mut()).is_pending());
    drop(put);
    drop(rx.try_take());
    drop(rx);
    assert!(tx.is_closed());

    // What the transducer holds goes when it ends.
    let own: Later<Sender<u32>> = Later::default();
    let mine = Arc::clone(&own);
    let mut held = None;
    let (tx, rx) = chan_with(
        1,
        xf::map(move |n: u32| {
            held = take(&mine).or(held.take());
            n
        }),
    );
    set(&own, tx.clone());
    tx.try_put(1).unwrap();
    let other = tx.clone();
    drop((tx, rx));
    assert_eq!(other.try_put(2), Err(TryPutError::Closed(2)));
}

/// A step's value, its results and its own state all panic when they are dropped.
#[test]
fn drops_that_panic_unwind_neither_putter_nor_taker() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            assert!(thread::panicking(), "dropped");
        }
    }
    // What the buffer lets go of, more than one at once.
    let (tx, rx) = chan_with(sliding(1), cat());
    tx.try_put(vec![Bad, Bad, Bad]).unwrap();
    let _kept = rx.try_take().map(ManuallyDrop::new);
    // What a step lets go of: it panics.
    let (tx, rx) = chan_with(1, xf::map(|_: Bad| ()));
    assert!(tx.try_put(Bad).is_ok());
    assert!(rx.failure().unwrap().to_string().contains("dropped"));
    // The transducer itself.
    let state = Bad;
    let (tx, rx) = chan_with(
        1,
        fx(
            move |n: u32, emit| {
                let _ = &state;
                emit(n)
            },
            go_on,
        ),
    );
    tx.try_put(1).unwrap();
    assert!(tx.close());
    assert_eq!(
        (rx.try_take(), rx.try_take()),
        (Ok(1), Err(TryTakeError::Closed))
    );
}
