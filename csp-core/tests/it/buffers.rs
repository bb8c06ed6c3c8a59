//! What each buffer does with values that nobody takes yet.

use std::pin::pin;

use csp_core::{Buffer, TryPutError, TryTakeError, chan, dropping, fixed, promise_buffer, sliding};

use crate::{
    custom::Fifo,
    util::{Counter, Ledger, id, panic_of, parks, ready},
};

/// CA-001, CA-002, CA-003, CA-004: only a fixed buffer ever makes a put park
#[test]
fn ca_001_to_004_which_buffers_block() {
    let blocks = |buffer: Buffer<u32>| {
        let (tx, _rx) = chan(buffer);
        (0..10).any(|n| tx.try_put(n).is_err())
    };
    assert!(blocks(fixed(2)));
    assert!(blocks(fixed(0)));
    assert!(blocks(2.into()));
    assert!(!blocks(dropping(2)));
    assert!(!blocks(sliding(2)));
    assert!(!blocks(promise_buffer()));
    assert!(blocks(Buffer::custom(Fifo::new(2))));
}

/// CA-078, CA-079, CA-080
#[test]
fn ca_078_to_080_fixed() {
    let (tx, rx) = chan(fixed(2));
    assert_eq!(tx.len(), 0);
    assert!(tx.is_empty() && rx.is_empty());
    tx.try_put(1).unwrap();
    assert_eq!(tx.len(), 1);
    tx.try_put(2).unwrap();
    assert_eq!((tx.len(), rx.capacity()), (2, 2));
    assert!(!tx.is_empty() && !rx.is_empty());
    assert_eq!(tx.try_put(3), Err(TryPutError::Full(3)));
    assert_eq!(rx.try_take(), Ok(1));
    assert_eq!(tx.try_put(3), Ok(()));
    assert_eq!((rx.try_take(), rx.try_take()), (Ok(2), Ok(3)));
    assert_eq!(rx.try_take(), Err(TryTakeError::Empty));
}

/// CA-081, CA-082, CA-083
#[test]
fn ca_081_to_083_dropping() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(dropping(2));
    for n in 1..=3 {
        assert!(tx.try_put(ledger.value(n)).is_ok());
    }
    assert_eq!((rx.len(), ledger.live(), tx.capacity()), (2, 2, 2));
    assert_eq!(id(rx.try_take().ok()), Some(1));
    assert_eq!(id(rx.try_take().ok()), Some(2));
    assert_eq!(rx.try_take().err(), Some(TryTakeError::Empty));
}

/// CA-084, CA-085, CA-086
#[test]
fn ca_084_to_086_sliding() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(sliding(2));
    for n in 1..=3 {
        assert!(ready(pin!(tx.put(ledger.value(n)))).is_ok());
    }
    assert_eq!((rx.len(), ledger.live(), tx.capacity()), (2, 2, 2));
    assert_eq!(id(rx.try_take().ok()), Some(2));
    assert_eq!(id(rx.try_take().ok()), Some(3));
    assert_eq!(rx.try_take().err(), Some(TryTakeError::Empty));
}

/// A taker that waits gets the value, and the buffer stays empty, with every policy.
#[test]
fn a_waiting_taker_is_served_before_any_policy() {
    for buffer in [
        fixed(1),
        sliding(1),
        dropping(1),
        Buffer::custom(Fifo::new(1)),
    ] {
        let (tx, rx) = chan(buffer);
        let waker = Counter::new();
        let mut take = pin!(rx.take());
        assert!(waker.poll(take.as_mut()).is_pending());
        tx.try_put(1).unwrap();
        tx.try_put(2).unwrap();
        assert_eq!(waker.wakes(), 1);
        assert_eq!(ready(take), Some(1));
        assert_eq!(rx.try_take(), Ok(2));
    }
}

/// CA-087, CA-088, CA-089, CA-090
#[test]
fn ca_087_to_090_promise() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(promise_buffer());
    assert_eq!((rx.len(), tx.capacity()), (0, 1));
    for n in 1..=3 {
        assert!(tx.try_put(ledger.value(n)).is_ok());
        assert_eq!((rx.len(), ledger.live()), (1, 1));
    }
    for _ in 0..3 {
        assert_eq!(id(rx.try_take().ok()), Some(1));
        assert_eq!(rx.len(), 1);
    }
    tx.close();
    assert_eq!(id(rx.try_take().ok()), Some(1));
    assert_eq!(id(ready(pin!(rx.take()))), Some(1));
    drop(rx);
    assert_eq!(ledger.live(), 0);
}

/// CA-021, CA-022, CA-023, CA-024, CA-027
#[test]
fn ca_021_to_027_one_put_fulfils_every_taker_of_a_promise() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(promise_buffer());
    let waker = Counter::new();
    // More than one batch, and one of them is dropped after its wake-up.
    let mut takes: Vec<_> = (0..300).map(|_| Box::pin(rx.take())).collect();
    for take in &mut takes {
        assert!(waker.poll(take.as_mut()).is_pending());
    }
    tx.try_put(ledger.value(7)).unwrap();
    assert_eq!(waker.wakes(), 300);
    drop(takes.pop());
    for take in &mut takes {
        assert_eq!(id(ready(take.as_mut())), Some(7));
    }
    ready(pin!(tx.put(ledger.value(8)))).unwrap();
    assert_eq!(ledger.live(), 1);
    assert_eq!(id(rx.try_take().ok()), Some(7));
    drop(tx);
    for _ in 0..3 {
        assert_eq!(id(ready(pin!(rx.take()))), Some(7));
        assert_eq!(id(rx.take_blocking()), Some(7));
    }
    drop(takes);
    drop(rx);
    assert_eq!((ledger.live(), waker.held()), (0, 0));
}

/// The takers of a promise that is fulfilled and closed before they run still get the value.
#[test]
fn a_promise_closed_right_after_its_value_serves_all_takers() {
    let (tx, rx) = chan(promise_buffer());
    let mut takes: Vec<_> = (0..300).map(|_| Box::pin(rx.take())).collect();
    takes.iter_mut().for_each(|take| parks(take.as_mut()));
    tx.try_put("once".to_owned()).unwrap();
    rx.close();
    for take in &mut takes {
        assert_eq!(ready(take.as_mut()).as_deref(), Some("once"));
    }
}

/// A clone that panics fails its own take, and nothing else.
#[test]
fn a_panicking_clone_harms_no_other_taker() {
    struct Shy(std::sync::Arc<std::sync::atomic::AtomicBool>);
    impl Clone for Shy {
        fn clone(&self) -> Self {
            assert!(
                !self.0.swap(false, std::sync::atomic::Ordering::Relaxed),
                "not now"
            );
            Self(std::sync::Arc::clone(&self.0))
        }
    }
    let flag = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let (tx, rx) = chan(promise_buffer());
    let mut take = Box::pin(rx.take());
    parks(pin!(async { take.as_mut().await.map(|_| ()) }));
    tx.try_put(Shy(std::sync::Arc::clone(&flag))).ok().unwrap();
    assert_eq!(panic_of(|| ready(take.as_mut()).is_some()), "not now");
    drop(take);
    assert!(rx.try_take().is_ok());
    flag.store(true, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(panic_of(|| rx.try_take().is_ok()), "not now");
    assert!(ready(pin!(async { rx.take().await.map(|_| ()) })).is_some());
    drop((tx, rx));
    assert_eq!(std::sync::Arc::strong_count(&flag), 1);
}

/// GO-026
#[test]
fn go_026_a_capacity_out_of_range_says_so() {
    let text = panic_of(|| chan::<u64>(usize::MAX));
    assert!(
        text.starts_with(&format!("channel capacity {} is out of range", usize::MAX)),
        "{text}"
    );
    assert!(text.contains("values of 8 bytes"), "{text}");
    let most = isize::MAX.cast_unsigned() / 8;
    let text = panic_of(|| chan::<u64>(sliding(most + 1)));
    assert!(text.contains(&format!("at most {most} fit")), "{text}");
    let text = panic_of(|| dropping::<()>(usize::MAX));
    assert!(text.contains("out of range"), "{text}");
    // In range: only as much memory as is used.
    let (tx, rx) = chan::<u64>(most);
    tx.try_put(1).unwrap();
    assert_eq!((rx.capacity(), rx.try_take()), (most, Ok(1)));
}

/// Buffers that would keep nothing are refused.
#[test]
fn sliding_and_dropping_of_0_are_refused() {
    assert_eq!(
        panic_of(|| sliding::<u32>(0)),
        "sliding(0) would keep nothing: give it a capacity of 1 or more"
    );
    assert_eq!(
        panic_of(|| dropping::<u32>(0)),
        "dropping(0) would keep nothing: give it a capacity of 1 or more"
    );
}

/// Values dropped by a policy are dropped without the lock: their `Drop` may use the channel.
#[test]
fn a_value_that_goes_is_dropped_without_the_lock() {
    struct Looks(csp_core::Sender<Looks>);
    impl Drop for Looks {
        fn drop(&mut self) {
            assert!(self.0.len() <= 1);
            assert!(!format!("{:?}", self.0).is_empty());
        }
    }
    for buffer in [sliding(1), dropping(1)] {
        let (tx, rx) = chan(buffer);
        tx.try_put(Looks(tx.clone())).ok().unwrap();
        tx.try_put(Looks(tx.clone())).ok().unwrap();
        // Refused by close: comes back, and dies here.
        tx.close();
        drop(tx.try_put(Looks(tx.clone())));
        drop(rx);
    }
}
