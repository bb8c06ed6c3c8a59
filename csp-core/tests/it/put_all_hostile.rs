//! Puts into several channels at one instant, where code of the user's runs in between: policies, steps, wakers,
//! callbacks, destructors.

use std::{
    collections::VecDeque,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Wake, Waker},
};

use csp_core::{
    Buffer, BufferPolicy, Receiver, Sender, chan, chan_with, dropping, put_all_or_none, sliding,
    xf::{self, Transducer},
};

use crate::util::{Ledger, Tracked, panic_of, parks, poll, ready};

/// A queue that does as it is told.
struct Told {
    kept: VecDeque<Tracked>,
    panics_when_asked: Arc<AtomicBool>,
    panics_on: u32,
    copies: Option<Sender<u32>>,
}

impl Told {
    fn new() -> Self {
        Self {
            kept: VecDeque::new(),
            panics_when_asked: Arc::default(),
            panics_on: 99,
            copies: None,
        }
    }
}

impl BufferPolicy<Tracked> for Told {
    fn len(&self) -> usize {
        self.kept.len()
    }
    fn is_full(&self) -> bool {
        assert!(
            !self.panics_when_asked.load(Ordering::Relaxed),
            "do not ask"
        );
        self.kept.len() > 3
    }
    fn add(&mut self, value: Tracked) -> Option<Tracked> {
        assert!(value.id != self.panics_on, "not this one");
        if let Some(copies) = &self.copies {
            copies.try_put(value.id).unwrap();
        }
        self.kept.push_back(value);
        None
    }
    fn remove(&mut self) -> Option<Tracked> {
        self.kept.pop_front()
    }
}

#[test]
fn a_policy_that_panics_when_asked_fails_it_and_nothing_is_put() {
    let ledger = Ledger::new();
    let (a_tx, a) = chan(1);
    let told = Told::new();
    let asked = Arc::clone(&told.panics_when_asked);
    let (b_tx, b) = chan(Buffer::custom(told));
    asked.store(true, Ordering::Relaxed);
    let all = put_all_or_none((a_tx.put(ledger.value(1)), b_tx.put(ledger.value(2))));
    assert_eq!(panic_of(|| all.now()), "do not ask");
    asked.store(false, Ordering::Relaxed);
    assert_eq!((a.len(), b.len(), ledger.live()), (0, 0, 0));
    assert!(b_tx.try_put(ledger.value(3)).is_ok());
}

#[test]
fn a_policy_that_panics_over_its_value_takes_only_that() {
    let ledger = Ledger::new();
    let (a_tx, a) = chan(1);
    let (b_tx, b) = chan(Buffer::custom(Told {
        panics_on: 2,
        ..Told::new()
    }));
    let (c_tx, c) = chan(Buffer::custom(Told {
        panics_on: 3,
        ..Told::new()
    }));
    let all = put_all_or_none((
        b_tx.put(ledger.value(2)),
        a_tx.put(ledger.value(1)),
        c_tx.put(ledger.value(3)),
    ));
    assert_eq!(panic_of(|| all.now()), "not this one");
    assert_eq!((a.len(), b.len(), c.len()), (1, 0, 0));
    drop(a.try_take());
    assert_eq!(ledger.live(), 0);
    assert!(b_tx.try_put(ledger.value(3)).is_ok());
}

#[test]
fn what_was_put_when_a_policy_panicked_does_not_come_back() {
    let ledger = Ledger::new();
    let (a_tx, a) = chan(1);
    let (b_tx, b) = chan(Buffer::custom(Told {
        panics_on: 2,
        ..Told::new()
    }));
    let mut all = pin!(put_all_or_none((
        a_tx.put(ledger.value(1)),
        b_tx.put(ledger.value(2)),
    )));
    assert_eq!(panic_of(|| poll(all.as_mut())), "not this one");
    assert!(all.as_mut().withdraw().is_none());
    assert!(panic_of(|| poll(all.as_mut())).contains("polled after it had ended"));
    assert_eq!((a.len(), b.len(), ledger.live()), (1, 0, 1));
}

#[test]
fn a_policy_that_uses_a_channel_of_the_transaction_is_told_so() {
    let ledger = Ledger::new();
    let (copy_tx, copies) = chan(8);
    let (tx, rx) = chan(Buffer::custom(Told {
        copies: Some(copy_tx.clone()),
        ..Told::new()
    }));
    tx.try_put(ledger.value(1)).unwrap();
    let all = put_all_or_none((copy_tx.put(0), tx.put(ledger.value(2))));
    assert!(panic_of(|| all.now()).contains("it would wait for itself"));
    assert_eq!((copies.try_take(), copies.try_take()), (Ok(1), Ok(0)));
    // Nothing is poisoned.
    tx.try_put(ledger.value(3)).unwrap();
    assert_eq!((copies.try_take(), rx.len()), (Ok(3), 2));
    drop((tx, rx, copy_tx));
    assert_eq!(ledger.live(), 0);
}

#[test]
fn a_step_that_panics_or_ends_is_the_channels_affair() {
    let ((a_tx, a), (b_tx, b)) = (chan(2), chan_with(2, xf::map(|n: u32| 10 / n)));
    put_all_or_none((a_tx.put(1), b_tx.put(0))).now().unwrap();
    assert!(b.failure().is_some() && b_tx.is_closed());
    assert_eq!((a.try_take(), b.take_blocking()), (Ok(1), None));

    let (c_tx, c) = chan_with(2, xf::take(1).map(|n: u32| n));
    put_all_or_none((a_tx.put(2), c_tx.put(7))).now().unwrap();
    assert!(c_tx.is_closed());
    let none = put_all_or_none((a_tx.put(3), c_tx.put(8)))
        .now()
        .unwrap_err();
    assert!(none.is_closed());
    assert_eq!((a.try_take(), a.len()), (Ok(2), 0));
    assert_eq!((c.take_blocking(), c.take_blocking()), (Some(7), None));
}

#[test]
fn a_step_that_uses_a_channel_of_the_transaction_is_told_so() {
    let (a_tx, a) = chan(8);
    let inner = a_tx.clone();
    let step = xf::map(move |n: u32| {
        inner.try_put(n).unwrap();
        n
    });
    let (b_tx, b) = chan_with(8, step);
    b_tx.try_put(1).unwrap();
    put_all_or_none((b_tx.put(2), a_tx.put(0))).now().unwrap();
    let failure = b.failure().unwrap().to_string();
    assert!(failure.contains("it would wait for itself"), "{failure}");
    assert_eq!((a.try_take(), a.try_take(), a.len()), (Ok(1), Ok(0), 0));
    assert_eq!((b.take_blocking(), b.take_blocking()), (Some(1), None));
}

#[test]
fn handles_dropped_in_a_step_go_when_all_is_done() {
    let ((a_tx, a), (c_tx, c)) = (chan(1), chan::<u32>(0));
    let mut kept = Some(c_tx);
    let (b_tx, b) = chan_with(
        1,
        xf::map(move |n: u32| {
            drop(kept.take());
            n
        }),
    );
    put_all_or_none((a_tx.put(1), b_tx.put(2))).now().unwrap();
    assert!(c.is_closed());
    assert_eq!((a.try_take(), b.try_take()), (Ok(1), Ok(2)));
}

/// Looks at all the channels when it is woken.
struct Looks {
    a: Receiver<u32>,
    b: Receiver<u32>,
    c: Receiver<Tracked>,
    saw: Mutex<Vec<(usize, usize)>>,
}

impl Wake for Looks {
    fn wake(self: Arc<Self>) {
        let lens = (self.b.len(), self.c.len());
        self.saw.lock().unwrap().push(lens);
        let _taken = self.a.try_take();
    }
}

#[test]
fn wakers_callbacks_and_destructors_find_the_locks_free_and_all_put() {
    let ledger = Ledger::new();
    let ((a_tx, a), (b_tx, b), (c_tx, c)) = (chan(0), chan(1), chan(Buffer::custom(Told::new())));
    let looks = Arc::new(Looks {
        a: a.clone(),
        b: b.clone(),
        c: c.clone(),
        saw: Mutex::default(),
    });
    let waker = Waker::from(Arc::clone(&looks));
    let mut take = pin!(a.take());
    assert!(
        take.as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    let called = Arc::new(AtomicUsize::new(0));
    let (count, again, other) = (Arc::clone(&called), b.clone(), a_tx.clone());
    a.take_then(move |value| {
        assert_eq!(value, Some(2));
        count.store(again.len() + 1, Ordering::Relaxed);
        assert!(other.try_put(9).is_err());
    })
    .unwrap();
    let all = put_all_or_none((
        a_tx.put(1),
        a_tx.put(2),
        b_tx.put(3),
        c_tx.put(ledger.value(4)),
    ));
    all.now().unwrap();
    assert_eq!(*looks.saw.lock().unwrap(), [(1, 1)]);
    assert_eq!(called.load(Ordering::Relaxed), 2);
    assert_eq!(ready(take), Some(1));
}

/// Uses its channel when it is dropped, and panics then if it is to.
struct Last(Option<Sender<Last>>, bool);

impl Drop for Last {
    fn drop(&mut self) {
        if let Some(tx) = &self.0 {
            assert_eq!(tx.len(), 1);
        }
        assert!(!self.1, "dropped");
    }
}

#[test]
fn what_slides_out_is_dropped_without_a_lock_and_may_panic() {
    let ((a_tx, a), (b_tx, b)) = (chan(sliding(1)), chan(dropping(1)));
    let value = |panics| Last(Some(a_tx.clone()), panics);
    put_all_or_none([a_tx.put(value(false)), b_tx.put(Last(None, false))])
        .now()
        .unwrap();
    put_all_or_none([b_tx.put(value(false)), a_tx.put(value(true))])
        .now()
        .unwrap();
    let all = put_all_or_none([a_tx.put(Last(None, false)), b_tx.put(Last(None, false))]);
    assert_eq!(panic_of(|| all.now()), "dropped");
    // It was put all the same.
    assert_eq!((a.len(), b.len()), (1, 1));
    assert!(a.try_take().unwrap().0.is_none());
}

#[test]
fn a_waker_that_panics_when_cloned_leaves_nothing_behind() {
    use std::task::{RawWaker, RawWakerVTable};
    fn clone(_: *const ()) -> RawWaker {
        panic!("no clones")
    }
    fn nothing(_: *const ()) {}
    static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, nothing, nothing, nothing);
    #[allow(unsafe_code, reason = "a waker that misbehaves")]
    // SAFETY: the functions touch nothing.
    let waker = unsafe { Waker::new(std::ptr::null(), &VTABLE) };
    let ledger = Ledger::new();
    let ((a_tx, _a), (b_tx, _b)) = (chan(0), chan(0));
    let mut all = Box::pin(put_all_or_none([
        a_tx.put(ledger.value(1)),
        b_tx.put(ledger.value(2)),
    ]));
    let text = panic_of(|| all.as_mut().poll(&mut Context::from_waker(&waker)));
    assert_eq!(text, "no clones");
    parks(all.as_mut());
    drop(all);
    assert_eq!(ledger.live(), 0);
}
