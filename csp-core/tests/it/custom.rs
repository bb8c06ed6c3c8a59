//! Buffers with a policy of their own, well-behaved and not.

use std::{
    collections::VecDeque,
    pin::pin,
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
    },
};

use csp_core::{Buffer, BufferPolicy, TryPutError, TryTakeError, chan};

use crate::util::{Counter, Ledger, Tracked, id, panic_of, parks, ready};

/// What `fixed(n)` does, as a policy.
pub(crate) struct Fifo<T> {
    items: VecDeque<T>,
    capacity: usize,
}

impl<T> Fifo<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            items: VecDeque::new(),
            capacity,
        }
    }
}

impl<T: Send> BufferPolicy<T> for Fifo<T> {
    fn len(&self) -> usize {
        self.items.len()
    }

    fn capacity(&self) -> Option<usize> {
        Some(self.capacity)
    }

    fn is_full(&self) -> bool {
        self.items.len() >= self.capacity
    }

    fn add(&mut self, value: T) -> Option<T> {
        self.items.push_back(value);
        None
    }

    fn remove(&mut self) -> Option<T> {
        self.items.pop_front()
    }
}

/// Last in, first out, and at most two: the oldest goes.
struct Newest(Vec<Tracked>);

impl BufferPolicy<Tracked> for Newest {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn is_full(&self) -> bool {
        false
    }

    fn add(&mut self, value: Tracked) -> Option<Tracked> {
        self.0.push(value);
        (self.0.len() > 2).then(|| self.0.remove(0))
    }

    fn remove(&mut self) -> Option<Tracked> {
        self.0.pop()
    }
}

#[test]
fn a_policy_chooses_what_comes_out_and_what_goes() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(Buffer::custom(Newest(Vec::new())));
    for n in 0..5 {
        tx.try_put(ledger.value(n)).unwrap();
    }
    assert_eq!((rx.len(), ledger.live(), rx.capacity()), (2, 2, usize::MAX));
    assert_eq!(id(rx.try_take().ok()), Some(4));
    assert_eq!(id(rx.try_take().ok()), Some(3));
    assert_eq!(rx.try_take().err(), Some(TryTakeError::Empty));
    // A parked taker is served through the policy.
    let mut take = pin!(rx.take());
    parks(take.as_mut());
    tx.try_put(ledger.value(9)).unwrap();
    assert_eq!(id(ready(take)), Some(9));
    assert_eq!(ledger.live(), 0);
}

/// Gives nothing out until it has three.
struct Batch(Vec<u32>, VecDeque<u32>);

impl BufferPolicy<u32> for Batch {
    fn len(&self) -> usize {
        self.1.len()
    }

    fn is_full(&self) -> bool {
        !self.1.is_empty()
    }

    fn add(&mut self, value: u32) -> Option<u32> {
        self.0.push(value);
        if self.0.len() == 3 {
            self.1.extend(self.0.drain(..));
        }
        None
    }

    fn remove(&mut self) -> Option<u32> {
        self.1.pop_front()
    }
}

#[test]
fn a_policy_that_collects_serves_all_takers_at_once() {
    let (tx, rx) = chan(Buffer::custom(Batch(Vec::new(), VecDeque::new())));
    let waker = Counter::new();
    let mut takes: Vec<_> = (0..3).map(|_| Box::pin(rx.take())).collect();
    for take in &mut takes {
        assert!(waker.poll(take.as_mut()).is_pending());
    }
    tx.try_put(1).unwrap();
    tx.try_put(2).unwrap();
    assert_eq!(waker.wakes(), 0);
    tx.try_put(3).unwrap();
    assert_eq!(waker.wakes(), 3);
    for (n, take) in (1..).zip(&mut takes) {
        assert_eq!(ready(take.as_mut()), Some(n));
    }
    // With nobody waiting it is full, and the next puts park until it is drained.
    for n in 4..7 {
        tx.try_put(n).unwrap();
    }
    assert_eq!(tx.try_put(7), Err(TryPutError::Full(7)));
    let mut put = pin!(tx.put(7));
    parks(put.as_mut());
    assert_eq!((rx.try_take(), rx.try_take()), (Ok(4), Ok(5)));
    parks(put.as_mut());
    assert_eq!(rx.try_take(), Ok(6));
    assert_eq!(ready(put), Ok(()));
}

/// An alts that was ended by another arm does not make the policy give anything out.
#[test]
fn nothing_is_removed_for_takers_that_are_gone() {
    let (tx, rx) = chan(Buffer::custom(Fifo::new(1)));
    let (other_tx, other) = chan(0);
    let mut block = pin!(async { csp_core::alts!(rx.take(), other.take(), rx.take()) });
    parks(block.as_mut());
    other_tx.try_put(1).unwrap();
    tx.try_put(2).unwrap();
    assert_eq!(tx.try_put(3), Err(TryPutError::Full(3)));
    assert_eq!(ready(block), csp_core::Of3::B(Some(1)));
    assert_eq!((rx.len(), rx.try_take()), (1, Ok(2)));
}

/// What its `Bad` is to panic in.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum In {
    Nothing,
    Add,
    Remove,
    IsFull,
}

/// A fifo that panics when told to.
pub(crate) struct Bad {
    pub(crate) inner: Fifo<Tracked>,
    pub(crate) bad: Arc<AtomicUsize>,
}

impl Bad {
    fn check(&self, now: In) {
        assert!(
            self.bad.load(Ordering::Relaxed) != now as usize,
            "bad policy"
        );
    }
}

impl BufferPolicy<Tracked> for Bad {
    fn len(&self) -> usize {
        self.inner.len()
    }

    fn is_full(&self) -> bool {
        self.check(In::IsFull);
        self.inner.is_full()
    }

    fn add(&mut self, value: Tracked) -> Option<Tracked> {
        self.check(In::Add);
        self.inner.add(value)
    }

    fn remove(&mut self) -> Option<Tracked> {
        self.check(In::Remove);
        self.inner.remove()
    }
}

/// A policy that panics fails the operation that met the panic, and nothing else.
#[test]
fn a_panicking_policy_fails_the_operation_that_met_it() {
    let ledger = Ledger::new();
    let bad = Arc::new(AtomicUsize::new(In::Nothing as usize));
    let (tx, rx) = chan(Buffer::custom(Bad {
        inner: Fifo::new(1),
        bad: Arc::clone(&bad),
    }));
    let set = |at: In| bad.store(at as usize, Ordering::Relaxed);

    set(In::Add);
    assert_eq!(
        panic_of(|| tx.try_put(ledger.value(1)).is_ok()),
        "bad policy"
    );
    assert_eq!(
        panic_of(|| ready(pin!(tx.put(ledger.value(2)))).is_ok()),
        "bad policy"
    );
    assert_eq!(ledger.live(), 0);
    // Asked whether it has room, it has not got the value yet: that goes all the same, and is dropped.
    set(In::IsFull);
    assert_eq!(
        panic_of(|| tx.try_put(ledger.value(5)).is_ok()),
        "bad policy"
    );
    assert_eq!(
        panic_of(|| ready(pin!(tx.put(ledger.value(6)))).is_ok()),
        "bad policy"
    );
    assert_eq!(ledger.live(), 0);
    set(In::Nothing);
    tx.try_put(ledger.value(3)).unwrap();
    set(In::Remove);
    assert_eq!(panic_of(|| rx.try_take().is_ok()), "bad policy");
    assert_eq!(panic_of(|| ready(pin!(rx.take())).is_some()), "bad policy");
    set(In::Nothing);
    assert_eq!(id(rx.try_take().ok()), Some(3));
    assert!(rx.try_take().is_err());
    tx.try_put(ledger.value(4)).unwrap();
    assert_eq!(id(rx.try_take().ok()), Some(4));
    assert_eq!(ledger.live(), 0);
}

/// The panic comes when a take lets a parked put in: neither is left hanging in a queue.
#[test]
fn a_policy_that_panics_while_a_parked_put_moves_in_leaves_sound_queues() {
    for when in [In::Add, In::IsFull] {
        let ledger = Ledger::new();
        let bad = Arc::new(AtomicUsize::new(In::Nothing as usize));
        let (tx, rx) = chan(Buffer::custom(Bad {
            inner: Fifo::new(1),
            bad: Arc::clone(&bad),
        }));
        tx.try_put(ledger.value(1)).unwrap();
        let wakers = [Counter::new(), Counter::new()];
        let mut first = Box::pin(tx.put(ledger.value(2)));
        let mut second = Box::pin(tx.put(ledger.value(3)));
        assert!(wakers[0].poll(first.as_mut()).is_pending());
        assert!(wakers[1].poll(second.as_mut()).is_pending());
        bad.store(when as usize, Ordering::Relaxed);
        // The take itself went well; the panic hook sees what happened after it.
        assert_eq!(id(rx.try_take().ok()), Some(1));
        bad.store(In::Nothing as usize, Ordering::Relaxed);
        // Whoever was met by the panic is not waiting any more; the others still are.
        let met = wakers[0].wakes() > 0;
        assert_eq!((met, wakers[1].wakes()), (when == In::Add, 0));
        if met {
            assert!(crate::util::poll(first.as_mut()).is_ready());
        }
        drop(first);
        let mut rest = Vec::new();
        while let Ok(value) = rx.try_take() {
            rest.push(value.id);
        }
        assert_eq!(rest.last(), Some(&3));
        assert!(ready(second.as_mut()).is_ok());
        drop((second, rx));
    }
}

/// A fast try takes no lock: it does not even wait for a policy at work under it.
#[test]
fn a_try_on_an_empty_channel_takes_no_lock() {
    struct Slow(Arc<Barrier>);
    impl BufferPolicy<u32> for Slow {
        fn len(&self) -> usize {
            0
        }
        fn is_full(&self) -> bool {
            false
        }
        fn add(&mut self, _: u32) -> Option<u32> {
            self.0.wait();
            self.0.wait();
            None
        }
        fn remove(&mut self) -> Option<u32> {
            None
        }
    }
    let barrier = Arc::new(Barrier::new(2));
    let (tx, rx) = chan(Buffer::custom(Slow(Arc::clone(&barrier))));
    std::thread::scope(|scope| {
        scope.spawn(|| tx.try_put(1).unwrap());
        barrier.wait();
        // The lock is held from here on.
        assert_eq!(rx.try_take(), Err(TryTakeError::Empty));
        assert!(!rx.is_closed());
        barrier.wait();
    });
}
