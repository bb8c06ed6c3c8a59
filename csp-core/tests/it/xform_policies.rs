//! Channels with a transducer before a buffer of the user's own that misbehaves.

use std::{
    panic::{catch_unwind, panic_any},
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
};

use csp_core::{
    Buffer, BufferPolicy, Panicked, Sender, TryTakeError, chan_with,
    xf::{self, Flow},
};

use crate::{
    custom::Fifo,
    util::{panic_of, parks, ready},
    xform_hostile::{Later, set, take},
    xform_util::{cat, fx, go_on},
};

/// A fifo with a hook in each method, which may panic.
struct Hooked<F> {
    inner: Fifo<u32>,
    hook: F,
}

fn hooked<F>(capacity: usize, hook: F) -> Buffer<u32>
where
    F: FnMut(&'static str) + Send + 'static,
{
    Buffer::custom(Hooked {
        inner: Fifo::new(capacity),
        hook,
    })
}

impl<F: FnMut(&'static str) + Send> BufferPolicy<u32> for Hooked<F> {
    fn len(&self) -> usize {
        self.inner.len()
    }

    fn is_full(&self) -> bool {
        self.inner.is_full()
    }

    fn add(&mut self, value: u32) -> Option<u32> {
        (self.hook)("add");
        self.inner.add(value)
    }

    fn remove(&mut self) -> Option<u32> {
        let value = self.inner.remove();
        (self.hook)("remove");
        value
    }
}

/// The value is lost with the panic, and the place that it had is free.
#[test]
fn a_policy_that_panics_when_it_gives_leaves_no_putter_parked() {
    let bad = Arc::new(AtomicBool::new(true));
    let (tx, rx) = chan_with(
        hooked(1, move |at| {
            assert!(at != "remove" || !bad.swap(false, Ordering::SeqCst), "once");
        }),
        xf::map(|n: u32| n),
    );
    tx.try_put(1).unwrap();
    let mut put = pin!(tx.put(2));
    parks(put.as_mut());
    assert_eq!(panic_of(|| rx.try_take()), "once");
    assert_eq!(ready(put), Ok(()));
    assert_eq!(rx.try_take(), Ok(2));
}

/// The channel fails; who waits to take is told, though the policy says that it has something.
#[test]
fn a_policy_that_gives_nothing_leaves_no_taker_parked() {
    struct Mean;
    impl BufferPolicy<u32> for Mean {
        fn len(&self) -> usize {
            1
        }
        fn is_full(&self) -> bool {
            false
        }
        fn add(&mut self, value: u32) -> Option<u32> {
            Some(value)
        }
        fn remove(&mut self) -> Option<u32> {
            panic!("mine")
        }
    }
    let empty = Arc::new(AtomicBool::new(true));
    struct Later(Arc<AtomicBool>);
    impl BufferPolicy<u32> for Later {
        fn len(&self) -> usize {
            usize::from(!self.0.load(Ordering::SeqCst))
        }
        fn is_full(&self) -> bool {
            Mean.is_full()
        }
        fn add(&mut self, value: u32) -> Option<u32> {
            self.0.store(false, Ordering::SeqCst);
            Mean.add(value)
        }
        fn remove(&mut self) -> Option<u32> {
            Mean.remove()
        }
    }
    let (tx, rx) = chan_with(
        Buffer::custom(Later(Arc::clone(&empty))),
        xf::map(|n: u32| n),
    );
    let mut take = pin!(rx.take());
    parks(take.as_mut());
    tx.try_put(1).unwrap();
    assert!(tx.is_closed() && rx.failure().unwrap().to_string().contains("mine"));
    assert_eq!(ready(take), None);
}

/// A transducer that ended is dropped without the lock, also if the policy panics right after.
#[test]
fn a_transducer_is_dropped_without_the_lock_whatever_follows_its_end() {
    struct Looks(Sender<u32>, mpsc::Sender<usize>);
    impl Drop for Looks {
        fn drop(&mut self) {
            self.1.send(self.0.len()).unwrap();
        }
    }
    let looks: Later<Looks> = Later::default();
    let own = Arc::clone(&looks);
    let held = Mutex::new(None);
    let mut adds = 0;
    let (tx, rx) = chan_with(
        hooked(1, move |at| {
            adds += usize::from(at == "add");
            assert!(adds < 2, "no more");
        }),
        fx(
            move |n: u32, emit: &mut dyn FnMut(u32) -> Flow| {
                *held.lock().unwrap() = take(&own);
                let _ = (emit(n), emit(n + 1));
                Flow::Break(())
            },
            go_on,
        ),
    );
    let (done, seen) = mpsc::channel();
    set(&looks, Looks(tx.clone(), done));
    let mut taken = pin!(rx.take());
    parks(taken.as_mut());
    tx.try_put(1).unwrap();
    assert_eq!(ready(taken), Some(1));
    assert_eq!(seen.try_recv(), Ok(0));
    assert!(rx.failure().unwrap().to_string().contains("no more"));
}

/// The policy panics, and then the step: both payloads are dropped without the lock.
#[test]
fn payloads_of_panics_are_dropped_without_the_lock() {
    struct Looks(Sender<u32>, mpsc::Sender<usize>);
    impl Drop for Looks {
        fn drop(&mut self) {
            self.1.send(self.0.len()).unwrap();
        }
    }
    let ends: Later<(Sender<u32>, mpsc::Sender<usize>)> = Later::default();
    let (own, own_too) = (Arc::clone(&ends), Arc::clone(&ends));
    fn payload(own: &Later<(Sender<u32>, mpsc::Sender<usize>)>) -> ! {
        let (tx, done) = own.lock().unwrap().clone().unwrap();
        panic_any(Looks(tx, done))
    }
    let (tx, rx) = chan_with(
        hooked(1, move |_| payload(&own)),
        fx(
            move |n: u32, emit: &mut dyn FnMut(u32) -> Flow| {
                let _ = emit(n);
                payload(&own_too)
            },
            go_on,
        ),
    );
    let (done, seen) = mpsc::channel();
    set(&ends, (tx.clone(), done));
    tx.try_put(1).unwrap();
    assert_eq!(rx.try_take(), Err(TryTakeError::Closed));
    // The first is the failure; it has an end of the channel.
    let failure = rx.failure().unwrap();
    let first = failure.downcast_ref::<Panicked>().unwrap().clone();
    assert_eq!(seen.try_iter().count(), 1);
    drop(catch_unwind(|| first.resume()));
    assert_eq!(seen.try_iter().count(), 1);
    take(&ends);
}

/// A policy that panics twice in one operation, with something that panics when it is dropped.
#[test]
fn a_panic_of_a_policys_panic_does_not_unwind_the_take() {
    struct Bad(Arc<AtomicBool>);
    impl Drop for Bad {
        fn drop(&mut self) {
            if self.0.load(Ordering::SeqCst) {
                panic_any(());
            }
        }
    }
    let armed = Arc::new(AtomicBool::new(true));
    let bad = Arc::clone(&armed);
    let mut adds = 0;
    let (tx, rx) = chan_with(
        hooked(2, move |at| {
            adds += usize::from(at == "add");
            if at == "add" && adds > 2 {
                panic_any(Bad(Arc::clone(&bad)));
            }
        }),
        cat(),
    );
    tx.try_put(vec![1, 2, 3, 4, 5]).unwrap();
    assert_eq!(rx.try_take(), Ok(1));
    assert!(rx.failure().is_some());
    assert_eq!(
        (rx.try_take(), rx.try_take()),
        (Ok(2), Err(TryTakeError::Closed))
    );
    armed.store(false, Ordering::SeqCst);
}
