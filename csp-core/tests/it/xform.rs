//! Channels with a transducer: values on their way through.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use csp_core::{
    Buffer, BufferPolicy, Closed, Receiver, Sender, TryPutError, TryTakeError, alts_blocking, chan,
    chan_with, dropping, promise_buffer, sliding,
    xf::{self, Transducer},
};

use crate::{
    util::{Counter, Ledger, Tracked, id, panic_of, parks, ready},
    xform_util::{Groups, cat, copies, first, keep_if},
};

fn all<T>(rx: Receiver<T>) -> Vec<T> {
    rx.into_iter().collect()
}

#[test]
fn values_are_changed_on_their_way_in_order() {
    let (tx, rx) = chan_with(4, xf::map(|n: u32| n.to_string()));
    for n in 0..4 {
        tx.try_put(n).unwrap();
    }
    assert_eq!(tx.try_put(4), Err(TryPutError::Full(4)));
    assert_eq!(
        (tx.len(), rx.len(), tx.capacity(), rx.capacity()),
        (4, 4, 4, 4)
    );
    drop(tx);
    assert_eq!(all(rx), ["0", "1", "2", "3"]);
}

#[test]
fn types_of_other_size_and_alignment_pass() {
    #[repr(align(64))]
    #[derive(Clone, Copy)]
    struct Wide([u8; 192]);
    let (tx, rx) = chan_with(1, xf::map(|n: u8| Wide([n; 192])));
    let putter = thread::spawn(move || (0..100).for_each(|n| tx.put_blocking(n).unwrap()));
    for n in 0..100 {
        let value = rx.take_blocking().unwrap();
        assert!((&raw const value).addr().is_multiple_of(64));
        assert!(value.0.iter().all(|byte| *byte == n));
    }
    putter.join().unwrap();
    let (tx, rx) = chan_with(1, xf::map(|wide: Wide| wide.0[5]));
    let mut parked = [pin!(tx.put(Wide([7; 192]))), pin!(tx.put(Wide([8; 192])))];
    ready(parked[0].as_mut()).unwrap();
    parks(parked[1].as_mut());
    assert_eq!((rx.try_take(), rx.try_take()), (Ok(7), Ok(8)));
    let (tx, rx) = chan_with(2, xf::map(|()| ()));
    tx.try_put(()).unwrap();
    assert_eq!(rx.try_take(), Ok(()));
}

/// CA-061: an expanding transducer serves every parked taker
#[test]
fn ca_061_one_put_serves_many_takers() {
    for room in 1..10 {
        for takers in 1..10_usize {
            let (tx, rx) = chan_with(room, copies::<u32>(3));
            let mut takes: Vec<_> = (0..takers).map(|_| Box::pin(rx.take())).collect();
            for take in &mut takes {
                parks(take.as_mut());
            }
            let puts = takers.div_ceil(3);
            for n in 0..puts {
                tx.try_put(u32::try_from(n).unwrap()).unwrap();
            }
            let got: Vec<_> = takes
                .iter_mut()
                .map(|take| ready(take.as_mut()).unwrap() as usize)
                .collect();
            let expected: Vec<_> = (0..takers).map(|at| at / 3).collect();
            assert_eq!(got, expected, "room {room}, {takers} takers");
            assert_eq!(rx.len(), puts * 3 - takers);
        }
    }
}

/// CA-062: what one put gave counts against the buffer until it fits
#[test]
fn ca_062_an_expanded_buffer_is_full_until_it_fits_again() {
    let (tx, rx) = chan_with(1, cat());
    tx.try_put(vec![1, 2, 3]).unwrap();
    assert_eq!(rx.try_take(), Ok(1));
    assert_eq!(tx.try_put(vec![9]), Err(TryPutError::Full(vec![9])));
    assert_eq!((rx.try_take(), rx.try_take()), (Ok(2), Ok(3)));
    tx.try_put(vec![4]).unwrap();
    assert_eq!(rx.try_take(), Ok(4));
}

/// CA-063: a parked put stays parked while the expanded buffer is full
#[test]
fn ca_063_a_put_parks_until_the_expansion_has_gone() {
    let (tx, rx) = chan_with(1, cat());
    tx.try_put(vec![1, 2, 3]).unwrap();
    let waker = Counter::new();
    let mut put = pin!(tx.put(vec![4, 5]));
    assert!(waker.poll(put.as_mut()).is_pending());
    assert_eq!(rx.try_take(), Ok(1));
    assert_eq!(rx.try_take(), Ok(2));
    assert_eq!(waker.wakes(), 0);
    assert!(tx.try_put(vec![]).is_err());
    assert_eq!(rx.try_take(), Ok(3));
    assert_eq!(waker.wakes(), 1);
    ready(put).unwrap();
    assert_eq!((rx.try_take(), rx.try_take()), (Ok(4), Ok(5)));
}

#[test]
fn a_put_that_gives_nothing_makes_room_for_the_next() {
    let (tx, rx) = chan_with(1, keep_if(|n: &u32| n.is_multiple_of(3)));
    tx.try_put(0).unwrap();
    let mut puts: Vec<_> = (1..=7).map(|n| Box::pin(tx.put(n))).collect();
    for put in &mut puts {
        parks(put.as_mut());
    }
    // One take admits 1 and 2, which give nothing, and 3.
    assert_eq!(rx.try_take(), Ok(0));
    for put in &mut puts[..3] {
        ready(put.as_mut()).unwrap();
    }
    for put in &mut puts[3..] {
        parks(put.as_mut());
    }
    assert_eq!(rx.try_take(), Ok(3));
    assert_eq!(rx.try_take(), Ok(6));
    ready(puts[6].as_mut()).unwrap();
    assert_eq!(rx.try_take(), Err(TryTakeError::Empty));
}

/// CA-187: map, filter, mapcat and partition-all in a row; the short last group is delivered at close
#[test]
fn ca_187_a_chain_of_steps_with_a_tail_that_close_flushes() {
    let chain = xf::map(|n: u32| n + 1)
        .then(keep_if(|n| n % 2 == 0))
        .then(copies(2))
        .then(Groups { n: 5, held: vec![] });
    let (tx, rx) = chan_with(1, chain);
    let putter = thread::spawn(move || (0..10).for_each(|n| tx.put_blocking(n).unwrap()));
    let expected = [2, 2, 4, 4, 6, 6, 8, 8, 10, 10];
    let got: Vec<_> = rx.iter_blocking().collect();
    assert_eq!(got, [expected[..5].to_vec(), expected[5..].to_vec()]);
    putter.join().unwrap();

    let (tx, rx) = chan_with(1, Groups { n: 5, held: vec![] });
    for n in 0..3 {
        tx.try_put(n).unwrap();
    }
    assert_eq!(rx.try_take(), Err(TryTakeError::Empty));
    tx.close();
    assert_eq!(
        (rx.try_take(), rx.try_take()),
        (Ok(vec![0, 1, 2]), Err(TryTakeError::Closed))
    );
}

#[test]
fn every_buffer_can_stand_behind_a_transducer() {
    let (tx, rx) = chan_with(sliding(2), copies(2));
    (0..3).for_each(|n| tx.try_put(n).unwrap());
    drop(tx);
    assert_eq!(all(rx), [2, 2]);

    let (tx, rx) = chan_with(dropping(3), copies(2));
    (0..3).for_each(|n| tx.try_put(n).unwrap());
    drop(tx);
    assert_eq!(all(rx), [0, 0, 1]);

    struct Last(Option<u32>);
    impl BufferPolicy<u32> for Last {
        fn len(&self) -> usize {
            usize::from(self.0.is_some())
        }
        fn is_full(&self) -> bool {
            false
        }
        fn add(&mut self, value: u32) -> Option<u32> {
            self.0.replace(value)
        }
        fn remove(&mut self) -> Option<u32> {
            self.0.take()
        }
    }
    let (tx, rx) = chan_with(Buffer::custom(Last(None)), copies(3));
    (0..3).for_each(|n| tx.try_put(n).unwrap());
    assert_eq!(
        (rx.try_take(), rx.try_take()),
        (Ok(2), Err(TryTakeError::Empty))
    );
}

/// A promise that a filtered-out put does not fulfil: core.async's `(promise-chan xform)`
#[test]
fn a_promise_takes_the_first_value_that_comes_out() {
    let (tx, rx) = chan_with(promise_buffer(), keep_if(|n: &u32| n.is_multiple_of(2)));
    let mut waiting = [pin!(rx.take()), pin!(rx.take())];
    waiting.iter_mut().for_each(|take| parks(take.as_mut()));
    tx.try_put(1).unwrap();
    waiting.iter_mut().for_each(|take| parks(take.as_mut()));
    tx.try_put(2).unwrap();
    tx.try_put(4).unwrap();
    for take in waiting {
        assert_eq!(ready(take), Some(2));
    }
    tx.close();
    assert_eq!((rx.try_take(), rx.try_take()), (Ok(2), Ok(2)));
    assert_eq!(tx.try_put(6), Err(TryPutError::Closed(6)));
}

#[test]
fn a_rendezvous_has_no_place_for_what_comes_out() {
    let message = panic_of(|| chan_with(0, xf::map(|n: u32| n)));
    assert!(
        message.contains("needs a buffer: give `chan_with` a capacity"),
        "{message}"
    );
}

#[test]
fn alts_take_from_it_and_put_into_it() {
    let (tx, rx) = chan_with(1, cat::<u32>());
    let (other_tx, other_rx) = chan::<u32>(0);
    let taker = {
        let rx = rx.clone();
        thread::spawn(move || alts_blocking!(rx.take(), other_rx.take()))
    };
    crate::util::until_shows(&rx, "takers: 1");
    tx.try_put(vec![1, 2]).unwrap();
    assert!(matches!(taker.join().unwrap(), csp_core::Of2::A(Some(1))));
    let putter = {
        let tx = tx.clone();
        thread::spawn(move || alts_blocking!(tx.put(vec![3]), other_tx.put(9)))
    };
    assert_eq!(rx.take_blocking(), Some(2));
    // (The other channel's receiver is gone, so that arm is ready as well, with its failure.)
    let won = matches!(putter.join().unwrap(), csp_core::Of2::A(Ok(())));
    assert_eq!(
        rx.try_take(),
        if won { Ok(3) } else { Err(TryTakeError::Empty) }
    );
}

/// CA-192 with a transducer: one alts with both ends of a channel does not meet itself
#[test]
fn ca_192_an_alts_of_both_ends_puts_and_does_not_take_it() {
    for _ in 0..100 {
        let (tx, rx) = chan_with(1, copies::<u32>(1));
        match alts_blocking!(rx.take(), tx.put(5)) {
            csp_core::Of2::A(value) => panic!("took {value:?} of its own put"),
            csp_core::Of2::B(result) => assert_eq!(result, Ok(())),
        }
        assert_eq!(
            (rx.try_take(), rx.try_take()),
            (Ok(5), Err(TryTakeError::Empty))
        );
    }
}

#[test]
fn a_cancelled_put_takes_its_value_with_it_and_a_cancelled_take_gives_back() {
    let ledger = Ledger::new();
    let (tx, rx) = chan_with(1, copies::<Tracked>(1));
    tx.try_put(ledger.value(0)).unwrap();
    {
        let mut put = pin!(tx.put(ledger.value(1)));
        parks(put.as_mut());
        assert_eq!(put.withdraw().map(|value| value.id), Some(1));
    }
    assert_eq!(ledger.live(), 1);
    assert_eq!(id(rx.try_take().ok()), Some(0));
    {
        let mut take = Box::pin(rx.take());
        parks(take.as_mut());
        tx.try_put(ledger.value(2)).unwrap();
        tx.try_put(ledger.value(3)).unwrap();
    }
    assert_eq!(rx.len(), 2);
    assert_eq!(
        (id(rx.try_take().ok()), id(rx.try_take().ok())),
        (Some(2), Some(3))
    );
    drop((tx, rx));
    assert_eq!(ledger.live(), 0);
}

#[test]
fn callbacks_pass_it_as_well() {
    let (tx, rx) = chan_with(1, cat::<u32>());
    let sum = Arc::new(AtomicUsize::new(0));
    for _ in 0..3 {
        let sum = Arc::clone(&sum);
        rx.take_then(move |value| {
            sum.fetch_add(value.unwrap() as usize, Ordering::SeqCst);
        })
        .unwrap();
    }
    tx.put_then(vec![1, 10, 100, 1000, 10_000], |result| result.unwrap())
        .unwrap();
    assert_eq!(sum.load(Ordering::SeqCst), 111);
    let put = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&put);
    tx.put_then(vec![], move |result| {
        assert_eq!(result, Ok(()));
        seen.fetch_add(1, Ordering::SeqCst);
    })
    .unwrap();
    assert_eq!(put.load(Ordering::SeqCst), 0);
    assert_eq!((rx.try_take(), rx.try_take()), (Ok(1000), Ok(10_000)));
    assert_eq!(put.load(Ordering::SeqCst), 1);
}

#[test]
fn a_step_that_wants_no_more_closes_the_channel_and_gives_parked_puts_back() {
    let ledger = Ledger::new();
    let (tx, rx) = chan_with(2, first::<Tracked>(3));
    tx.try_put(ledger.value(0)).unwrap();
    tx.try_put(ledger.value(1)).unwrap();
    let mut puts: Vec<_> = (2..5).map(|n| Box::pin(tx.put(ledger.value(n)))).collect();
    for put in &mut puts {
        parks(put.as_mut());
    }
    let watcher = tx.clone();
    let mut closed = Box::pin(watcher.closed());
    parks(closed.as_mut());
    assert!(!tx.is_closed());
    assert_eq!(id(rx.try_take().ok()), Some(0));
    ready(closed.as_mut());
    drop(closed);
    drop(watcher);
    assert!(tx.is_closed() && rx.failure().is_none());
    assert!(ready(puts[0].as_mut()).is_ok());
    for (put, expected) in puts[1..].iter_mut().zip(3..) {
        let Closed(value) = ready(put.as_mut()).unwrap_err();
        assert_eq!(value.id, expected);
    }
    assert!(
        matches!(tx.try_put(ledger.value(9)), Err(TryPutError::Closed(value)) if value.id == 9)
    );
    assert_eq!(
        (id(rx.try_take().ok()), id(rx.try_take().ok())),
        (Some(1), Some(2))
    );
    assert_eq!(rx.try_take().unwrap_err(), TryTakeError::Closed);
    drop(puts);
    drop((tx, rx));
    assert_eq!(ledger.live(), 0);
}

#[test]
fn both_ends_show_the_same_channel() {
    let (tx, rx) = chan_with(3, xf::map(|n: u8| n.to_string()));
    let tx = tx.named("words");
    tx.try_put(1).unwrap();
    assert_eq!(rx.name().as_deref(), Some("words"));
    let text = format!("{rx:?}");
    assert!(
        text.contains("fixed 1/3") && text.contains("transducer: true"),
        "{text}"
    );
    assert_eq!(format!("{tx:?}").replace("Sender", "Receiver"), text);
}

/// Many putters and takers over one channel: every value comes out as often as it should
#[test]
fn stress_no_value_is_lost_or_doubled() {
    const EACH: u32 = if cfg!(debug_assertions) {
        3_000
    } else {
        30_000
    };
    let (tx, rx) = chan_with(
        3,
        keep_if(|n: &u32| !n.is_multiple_of(3))
            .then(copies(2))
            .then(Groups { n: 7, held: vec![] }),
    );
    let putters: Vec<_> = (0..4)
        .map(|at| {
            let tx: Sender<u32> = tx.clone();
            thread::spawn(move || (0..EACH).for_each(|n| tx.put_blocking(n * 4 + at).unwrap()))
        })
        .collect();
    drop(tx);
    let takers: Vec<_> = (0..3)
        .map(|_| {
            let rx = rx.clone();
            thread::spawn(move || rx.into_iter().flatten().collect::<Vec<_>>())
        })
        .collect();
    drop(rx);
    putters
        .into_iter()
        .for_each(|putter| putter.join().unwrap());
    let mut got: Vec<_> = takers
        .into_iter()
        .flat_map(|taker| taker.join().unwrap())
        .collect();
    got.sort_unstable();
    let expected: Vec<_> = (0..EACH * 4)
        .filter(|n| n % 3 != 0)
        .flat_map(|n| [n, n])
        .collect();
    assert_eq!(got, expected);
}
