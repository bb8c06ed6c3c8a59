//! Plain puts, takes and tries on rendezvous and fixed buffers.

use std::{
    collections::VecDeque,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Wake, Waker},
};

use csp_core::{TryPutError, TryTakeError, block_on, chan};

use crate::util::{Counter, Ledger, id, parks, ready};

/// GO-001
#[test]
fn go_001_a_buffer_gives_back_in_order_without_blocking() {
    let (tx, rx) = chan(10);
    for n in 0..10 {
        assert_eq!(ready(pin!(tx.put(n))), Ok(()));
    }
    parks(pin!(tx.put(10)));
    for n in 0..10 {
        assert_eq!(ready(pin!(rx.take())), Some(n));
    }
    parks(pin!(rx.take()));
}

/// GO-002, CA-197
#[test]
fn go_002_parked_takers_are_served_in_order() {
    for capacity in [0, 1, 3] {
        let (tx, rx) = chan(capacity);
        let mut takes: Vec<_> = (0..10).map(|_| Box::pin(rx.take())).collect();
        for take in &mut takes {
            parks(take.as_mut());
        }
        for n in 0..10 {
            tx.try_put(n).unwrap();
        }
        // The order in which they are polled makes no difference.
        for (n, take) in takes.iter_mut().enumerate().rev() {
            assert_eq!(ready(take.as_mut()), Some(n));
        }
    }
}

/// CA-197
#[test]
fn ca_197_parked_putters_are_served_in_order() {
    for capacity in [0, 1, 3] {
        let (tx, rx) = chan(capacity);
        let mut puts: Vec<_> = (0..10).map(|n| Box::pin(tx.put(n))).collect();
        for (n, put) in puts.iter_mut().enumerate() {
            if n < capacity {
                assert_eq!(ready(put.as_mut()), Ok(()));
            } else {
                parks(put.as_mut());
            }
        }
        for n in 0..10 {
            assert_eq!(rx.try_take(), Ok(n), "capacity {capacity}");
        }
        for put in &mut puts[capacity..] {
            assert_eq!(ready(put.as_mut()), Ok(()));
        }
    }
}

fn not_ready<T: Clone + PartialEq + std::fmt::Debug>(sample: &T) {
    for capacity in [0, 1] {
        // GO-004
        let (tx, rx) = chan::<T>(capacity);
        assert_eq!(rx.try_take(), Err(TryTakeError::Empty));
        // GO-005
        let mut take = pin!(rx.take());
        parks(take.as_mut());
        assert_eq!(tx.try_put(sample.clone()), Ok(()));
        assert_eq!(ready(take), Some(sample.clone()));
    }
    // GO-006
    let (tx, rx) = chan::<T>(0);
    let waker = Counter::new();
    let mut put = pin!(tx.put(sample.clone()));
    assert!(waker.poll(put.as_mut()).is_pending());
    assert_eq!(rx.try_take(), Ok(sample.clone()));
    assert_eq!(waker.wakes(), 1);
    assert_eq!(ready(put), Ok(()));
    // GO-007
    let (tx, rx) = chan::<T>(1);
    assert_eq!(ready(pin!(tx.put(sample.clone()))), Ok(()));
    assert_eq!(rx.try_take(), Ok(sample.clone()));
}

/// A waker that puts a number into a queue.
struct Post(usize, Arc<Mutex<VecDeque<usize>>>);

impl Wake for Post {
    fn wake(self: Arc<Self>) {
        self.1.lock().unwrap().push_back(self.0);
    }
}

/// GO-003
#[test]
fn go_003_a_value_goes_through_a_chain_of_10_000() {
    const LINKS: usize = 10_000;
    let due: Arc<Mutex<VecDeque<usize>>> = Arc::default();
    let (leftmost_tx, leftmost) = chan::<usize>(0);
    let mut left = leftmost_tx;
    let mut blocks = Vec::new();
    for n in 0..LINKS {
        let (tx, right) = chan::<usize>(0);
        let to = std::mem::replace(&mut left, tx);
        blocks.push(Box::pin(async move {
            to.put(1 + right.take().await.unwrap()).await.unwrap();
        }));
        due.lock().unwrap().push_back(n);
    }
    let mut rightmost = Box::pin(left.put(0));
    parks(rightmost.as_mut());
    let mut result = Box::pin(leftmost.take());
    parks(result.as_mut());
    let mut ended = 0;
    // Each is polled when it is woken, and not otherwise.
    while let Some(n) = { due.lock().unwrap().pop_front() } {
        let waker = Waker::from(Arc::new(Post(n, Arc::clone(&due))));
        let polled = blocks[n].as_mut().poll(&mut Context::from_waker(&waker));
        ended += usize::from(polled.is_ready());
    }
    assert_eq!((ended, ready(result)), (LINKS, Some(LINKS)));
    ready(rightmost).unwrap();
}

/// GO-004, GO-005, GO-006, GO-007
#[test]
fn go_004_to_007_tries_meet_parked_partners_and_buffers() {
    not_ready(&1_i32);
    not_ready(&1_i64);
    not_ready(&true);
    not_ready(&"text".to_owned());
    not_ready(&());
}

/// GO-014
#[test]
fn go_014_channels_go_through_channels() {
    let (tx, rx) = chan(1);
    let (inner_tx, inner_rx) = chan::<u32>(1);
    let (out_tx, out_rx) = chan::<u32>(1);
    tx.try_put(inner_rx).unwrap();
    inner_tx.try_put(7).unwrap();
    // The channel expression of a put awaits, and so does its value.
    block_on(async {
        out_tx
            .put(rx.take().await.unwrap().take().await.unwrap())
            .await
    })
    .unwrap();
    assert_eq!(out_rx.try_take(), Ok(7));
}

/// GO-019, GO-020, GO-021, GO-022, GO-023, GO-025, GO-049
#[test]
fn go_019_to_025_every_capacity_from_0_to_199() {
    for capacity in 0..200_usize {
        // GO-019
        let (tx, rx) = chan::<usize>(capacity);
        let waker = Counter::new();
        {
            let (mut one, mut two) = (pin!(rx.take()), pin!(rx.clone().into_inner_take()));
            assert!(waker.poll(one.as_mut()).is_pending());
            assert!(waker.poll(two.as_mut()).is_pending());
            assert_eq!(rx.try_take(), Err(TryTakeError::Empty));
        }
        // GO-025
        assert_eq!((tx.len(), rx.len(), tx.capacity()), (0, 0, capacity));
        // GO-049, GO-020
        for n in 0..capacity {
            assert_eq!(ready(pin!(tx.put(n))), Ok(()));
            assert_eq!((tx.len(), rx.capacity()), (n + 1, capacity));
        }
        let mut put = pin!(tx.put(capacity));
        assert!(waker.poll(put.as_mut()).is_pending());
        assert_eq!(tx.try_put(usize::MAX), Err(TryPutError::Full(usize::MAX)));
        assert_eq!(waker.wakes(), 0);
        assert_eq!(rx.try_take(), Ok(0));
        assert_eq!(waker.wakes(), 1);
        assert_eq!(ready(put), Ok(()));
        // GO-021
        tx.close();
        for n in 1..=capacity {
            assert_eq!(rx.try_take(), Ok(n));
        }
        for _ in 0..3 {
            assert_eq!(rx.try_take(), Err(TryTakeError::Closed));
            assert_eq!(ready(pin!(rx.take())), None);
        }
        // GO-022
        let (tx, rx) = chan::<usize>(capacity);
        let waker = Counter::new();
        let mut take = pin!(rx.take());
        assert!(waker.poll(take.as_mut()).is_pending());
        tx.close();
        assert_eq!(waker.wakes(), 1);
        assert_eq!(ready(take), None);
    }
}

/// Makes a future that owns its receiver.
trait IntoInnerTake<T> {
    fn into_inner_take(self) -> impl Future<Output = Option<T>>;
}

impl<T> IntoInnerTake<T> for csp_core::Receiver<T> {
    async fn into_inner_take(self) -> Option<T> {
        self.take().await
    }
}

/// GO-023, CA-005
#[test]
fn go_023_a_hundred_values_through_each_capacity_on_two_threads() {
    for capacity in [0, 1, 2, 10, 99, 100, 199] {
        let (tx, rx) = chan(capacity);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                for n in 0..100 {
                    tx.put_blocking(n).unwrap();
                }
            });
            assert!((0..50).all(|n| rx.take_blocking() == Some(n)));
            assert!(rx.into_iter().eq(50..100));
        });
    }
}

/// CA-019
#[test]
fn ca_019_tries_on_a_buffer_of_two() {
    let (tx, rx) = chan(2);
    assert_eq!(tx.try_put(1), Ok(()));
    assert_eq!(tx.try_put(2), Ok(()));
    assert_eq!(tx.try_put(3), Err(TryPutError::Full(3)));
    assert_eq!(rx.try_take(), Ok(1));
    assert_eq!(rx.try_take(), Ok(2));
    assert_eq!(rx.try_take(), Err(TryTakeError::Empty));
}

/// CA-020
#[test]
fn ca_020_tries_on_a_rendezvous_without_a_partner() {
    let (tx, rx) = chan(0);
    assert_eq!(tx.try_put(1), Err(TryPutError::Full(1)));
    assert_eq!(rx.try_take(), Err(TryTakeError::Empty));
}

/// CA-007
#[test]
fn ca_007_one_put_serves_exactly_one_of_two_takers() {
    let (tx, rx) = chan(0);
    let wakers = [Counter::new(), Counter::new()];
    let mut takes = [Box::pin(rx.take()), Box::pin(rx.take())];
    for (take, waker) in takes.iter_mut().zip(&wakers) {
        assert!(waker.poll(take.as_mut()).is_pending());
    }
    tx.try_put(42).unwrap();
    assert_eq!((wakers[0].wakes(), wakers[1].wakes()), (1, 0));
    assert_eq!(ready(takes[0].as_mut()), Some(42));
    parks(takes[1].as_mut());
    assert_eq!(tx.try_put(43), Ok(()));
    assert_eq!(ready(takes[1].as_mut()), Some(43));
}

/// CA-006, CA-018, CA-149, CA-186
#[test]
fn ca_018_a_take_from_a_full_buffer_moves_the_parked_put_in() {
    let (tx, rx) = chan(1);
    tx.try_put(1).unwrap();
    let waker = Counter::new();
    let mut put = pin!(tx.put(2));
    assert!(waker.poll(put.as_mut()).is_pending());
    assert_eq!(rx.try_take(), Ok(1));
    // In the same step: it is in the buffer, and its putter is woken, before anybody polls.
    assert_eq!((rx.len(), waker.wakes()), (1, 1));
    assert_eq!(tx.try_put(3), Err(TryPutError::Full(3)));
    assert_eq!(ready(put), Ok(()));
    assert_eq!(rx.try_take(), Ok(2));
}

/// CA-150
#[test]
fn ca_150_a_parked_take_goes_on_when_a_value_is_put() {
    let (tx, rx) = chan(0);
    let mut block = pin!(async { rx.take().await.map(|n: u32| n + 1) });
    parks(block.as_mut());
    tx.try_put(1).unwrap();
    assert_eq!(ready(block), Some(2));
}

/// CA-146, CA-147, CA-148, CA-151
#[test]
fn ca_146_to_151_operations_stand_anywhere_in_async_code() {
    let (tx, rx) = chan(2);
    let out = block_on(async {
        assert_eq!((tx.try_put(5), tx.try_put(6)), (Ok(()), Ok(())));
        let mut seen = vec![csp_core::take!(rx)];
        while let Ok(n) = rx.try_take() {
            seen.push(Some(n));
        }
        seen
    });
    assert_eq!(out, [Some(5), Some(6)]);
    // Four puts by one block on a buffer of one, three takes from outside and one from inside.
    let (tx, rx) = chan(1);
    let inner = rx.clone();
    let mut block = pin!(async {
        for n in 0..4 {
            csp_core::put!(tx, n).unwrap();
        }
        csp_core::take!(inner)
    });
    let mut seen = Vec::new();
    while seen.len() < 3 {
        parks(block.as_mut());
        seen.push(rx.try_take().unwrap());
    }
    seen.push(ready(block).unwrap());
    assert_eq!(seen, [0, 1, 2, 3]);
}

/// Strict FIFO: who comes later does not overtake, however it comes.
#[test]
fn nobody_barges_in() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(1);
    tx.try_put(ledger.value(0)).unwrap();
    let mut parked = pin!(tx.put(ledger.value(1)));
    parks(parked.as_mut());
    // Room appears and is given away at once, so a try finds none.
    assert_eq!(id(rx.try_take().ok()), Some(0));
    assert!(tx.try_put(ledger.value(9)).unwrap_err().is_full());
    let mut later = pin!(tx.put(ledger.value(2)));
    parks(later.as_mut());
    assert_eq!(id(rx.try_take().ok()), Some(1));
    assert_eq!(id(rx.try_take().ok()), Some(2));
    ready(parked).unwrap();
    ready(later).unwrap();
    assert_eq!(ledger.live(), 0);
}

/// The macros `take!` and `put!` are the methods, and take what derefs to a handle.
#[test]
fn take_and_put_macros_accept_references_and_temporaries() {
    let (tx, rx) = chan(1);
    let (by_ref, by_ref_ref) = (&tx, &&rx);
    block_on(async {
        csp_core::put!(by_ref, 1).unwrap();
        assert_eq!(csp_core::take!(by_ref_ref), Some(1));
        csp_core::put!(tx.clone(), 2).unwrap();
        assert_eq!(csp_core::take!(rx.clone()), Some(2));
        assert_eq!(csp_core::park!(async { 3 }), 3);
    });
}

/// A future may be polled to its end only once.
#[test]
fn a_finished_operation_says_so_when_polled_again() {
    let (tx, rx) = chan(1);
    let mut put = pin!(tx.put(1));
    assert_eq!(ready(put.as_mut()), Ok(()));
    let text = crate::util::panic_of(|| crate::util::poll(put.as_mut()).is_ready());
    assert!(
        text.contains("a put was polled after it had ended"),
        "{text}"
    );
    let mut take = pin!(rx.take());
    assert_eq!(ready(take.as_mut()), Some(1));
    let text = crate::util::panic_of(|| crate::util::poll(take.as_mut()).is_ready());
    assert!(text.contains("a take was polled after"), "{text}");
}
