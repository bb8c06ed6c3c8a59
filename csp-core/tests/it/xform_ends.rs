//! Channels with a transducer: closing, failing, dropping, and steps that misbehave.

use std::{
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use csp_core::{
    Closed, Panicked, Receiver, Sender, TryPutError, TryTakeError, chan_with,
    xf::{self, Flow, Transducer},
};

use crate::{
    util::{Ledger, Tracked, parks, ready},
    xform_util::{Groups, fx, go_on},
};

/// CA-191 with a transducer: parked puts survive the close, and then the tail comes
#[test]
fn ca_191_parked_puts_go_in_before_the_tail_is_flushed() {
    let ledger = Ledger::new();
    let (tx, rx) = chan_with(1, Groups::<Tracked> { n: 2, held: vec![] });
    tx.try_put(ledger.value(0)).unwrap();
    tx.try_put(ledger.value(1)).unwrap();
    let mut puts: Vec<_> = (2..5).map(|n| Box::pin(tx.put(ledger.value(n)))).collect();
    for put in &mut puts {
        parks(put.as_mut());
    }
    assert!(tx.close());
    for put in &mut puts {
        parks(put.as_mut());
    }
    let ids = |group: Vec<Tracked>| group.iter().map(|value| value.id).collect::<Vec<_>>();
    let groups: Vec<_> = rx.iter_blocking().map(ids).collect();
    assert_eq!(groups, [vec![0, 1], vec![2, 3], vec![4]]);
    for put in &mut puts {
        assert!(ready(put.as_mut()).is_ok());
    }
    assert_eq!(ledger.live(), 0);
}

/// CA-194: the completion runs once, however often one takes afterwards
#[test]
fn ca_194_the_completion_runs_once() {
    let runs = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&runs);
    let (tx, rx) = chan_with(
        1,
        fx(
            |n: u32, emit| emit(n),
            move |emit| {
                count.fetch_add(1, Ordering::SeqCst);
                emit(99)
            },
        ),
    );
    tx.try_put(1).unwrap();
    let mut parked = pin!(tx.put(2));
    parks(parked.as_mut());
    tx.close();
    tx.close();
    rx.close();
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    assert_eq!(ready(parked), Err(Closed(2)));
    assert_eq!((rx.try_take(), rx.try_take()), (Ok(1), Ok(99)));
    for _ in 0..3 {
        assert_eq!(rx.try_take(), Err(TryTakeError::Closed));
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[test]
fn parked_takers_get_the_tail_and_then_none() {
    let (tx, rx) = chan_with(1, Groups { n: 3, held: vec![] });
    tx.try_put(1).unwrap();
    let mut takes = [pin!(rx.take()), pin!(rx.take())];
    takes.iter_mut().for_each(|take| parks(take.as_mut()));
    drop(tx);
    let [first, second] = takes;
    assert_eq!((ready(first), ready(second)), (Some(vec![1]), None));
}

#[test]
fn a_receiver_that_closes_can_still_take_what_was_held_back() {
    let (tx, rx) = chan_with(1, Groups { n: 3, held: vec![] });
    tx.try_put(1).unwrap();
    assert!(rx.close());
    assert_eq!(tx.try_put(2), Err(TryPutError::Closed(2)));
    assert_eq!(
        (rx.take_blocking(), rx.take_blocking()),
        (Some(vec![1]), None)
    );
}

#[test]
fn the_last_receiver_drops_what_is_anywhere_in_the_channel() {
    let ledger = Ledger::new();
    let state = ledger.value(77);
    let step = fx(
        move |value: Tracked, emit: &mut dyn FnMut(Tracked) -> Flow| {
            let _ = &state;
            emit(value.clone())?;
            emit(value)
        },
        go_on,
    );
    let (tx, rx) = chan_with(1, step);
    tx.try_put(ledger.value(1)).unwrap();
    let mut put = pin!(tx.put(ledger.value(2)));
    parks(put.as_mut());
    assert_eq!(ledger.live(), 4);
    drop(rx);
    assert_eq!(ready(put.as_mut()).unwrap_err().into_inner().id, 2);
    assert_eq!(ledger.live(), 0);
    assert_eq!((tx.len(), tx.capacity()), (0, 1));
    assert!(tx.is_closed());
}

#[test]
fn a_failure_travels_through() {
    let (tx, rx) = chan_with(2, Groups { n: 2, held: vec![] });
    (0..3).for_each(|n| tx.try_put(n).unwrap());
    tx.fail("the disk is full");
    assert_eq!(
        (rx.take_blocking(), rx.take_blocking(), rx.take_blocking()),
        (Some(vec![0, 1]), Some(vec![2]), None)
    );
    assert_eq!(rx.failure().unwrap().to_string(), "the disk is full");
}

fn panics_at(bad: u32) -> impl Transducer<In = u32, Out = u32> + Send {
    xf::map(move |n| {
        assert_ne!(n, bad, "bad value {n}");
        n
    })
}

#[test]
fn a_step_that_panics_fails_the_channel_and_nothing_else() {
    let (tx, rx) = chan_with(2, panics_at(3));
    tx.try_put(1).unwrap();
    tx.try_put(2).unwrap();
    let mut puts: Vec<_> = (3..6).map(|n| Box::pin(tx.put(n))).collect();
    for put in &mut puts {
        parks(put.as_mut());
    }
    // The taker is not harmed by the step that its take makes room for.
    assert_eq!(rx.try_take(), Ok(1));
    assert_eq!(ready(puts[0].as_mut()), Ok(()));
    assert_eq!(ready(puts[1].as_mut()), Err(Closed(4)));
    assert_eq!(ready(puts[2].as_mut()), Err(Closed(5)));
    assert_eq!(tx.try_put(6), Err(TryPutError::Closed(6)));
    assert_eq!((rx.take_blocking(), rx.take_blocking()), (Some(2), None));
    let failure = rx.failure().unwrap();
    let panicked = failure.downcast_ref::<Panicked>().unwrap();
    assert!(panicked.message().contains("bad value 3"), "{panicked}");
}

#[test]
fn a_step_that_panics_in_a_put_harms_the_putter_no_more() {
    let (tx, rx) = chan_with(2, panics_at(1));
    let mut take = pin!(rx.take());
    parks(take.as_mut());
    assert_eq!(tx.try_put(1), Ok(()));
    assert_eq!(ready(take), None);
    assert!(rx.failure().is_some());
}

#[test]
fn a_completion_that_panics_fails_the_channel() {
    let (tx, rx) = chan_with(
        2,
        fx(
            |n: u32, emit| emit(n),
            |_: &mut dyn FnMut(u32) -> Flow| panic!("no end"),
        ),
    );
    tx.try_put(1).unwrap();
    drop(tx);
    assert_eq!((rx.take_blocking(), rx.take_blocking()), (Some(1), None));
    assert!(rx.failure().unwrap().to_string().contains("no end"));
}

/// CA-193, CA-073: a handler gives a value in place; one that panics leaves no lock held
#[test]
fn ca_193_a_handler_that_panics_fails_the_channel_without_holding_it() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    let handled = panics_at(3).on_panic(move |panic| {
        notes.lock().unwrap().push(panic.message().to_owned());
        Some(0)
    });
    let (tx, rx) = chan_with(9, handled);
    (1..=5).for_each(|n| tx.try_put(n).unwrap());
    drop(tx);
    assert_eq!(rx.into_iter().collect::<Vec<_>>(), [1, 2, 0, 4, 5]);
    assert_eq!(seen.lock().unwrap().len(), 1);

    let (tx, rx) = chan_with(9, panics_at(2).on_panic(|_| panic!("the handler too")));
    (1..=2).for_each(|n| tx.try_put(n).unwrap());
    assert_eq!(tx.try_put(3), Err(TryPutError::Closed(3)));
    assert_eq!(
        (rx.try_take(), rx.try_take()),
        (Ok(1), Err(TryTakeError::Closed))
    );
    assert!(
        rx.failure()
            .unwrap()
            .to_string()
            .contains("the handler too")
    );
}

#[test]
fn a_handler_that_gives_nothing_drops_the_value() {
    let (tx, rx) = chan_with(9, panics_at(2).on_panic(|_| None).map(|n| n * 10));
    (1..=3).for_each(|n| tx.try_put(n).unwrap());
    drop(tx);
    assert_eq!(rx.into_iter().collect::<Vec<_>>(), [10, 30]);
}

/// A panic of what stands behind a handler is not the handler's
#[test]
fn a_handler_sees_only_what_stands_before_it() {
    let chain = xf::map(|n: u32| n).on_panic(|_| Some(0)).then(panics_at(2));
    let (tx, rx) = chan_with(9, chain);
    (1..=2).for_each(|n| tx.try_put(n).unwrap());
    assert_eq!((rx.take_blocking(), rx.take_blocking()), (Some(1), None));
    assert!(rx.failure().unwrap().to_string().contains("bad value 2"));
}

type Ends = (Sender<u32>, Receiver<u32>);

fn with_own_ends(step: impl Fn(&Ends, u32) -> u32 + Send + 'static) -> Ends {
    let ends: Arc<Mutex<Option<Ends>>> = Arc::default();
    let own = Arc::clone(&ends);
    let (tx, rx) = chan_with(
        4,
        xf::map(move |n: u32| step(own.lock().unwrap().as_ref().unwrap(), n)),
    );
    *ends.lock().unwrap() = Some((tx.clone(), rx.clone()));
    (tx, rx)
}

/// It would wait for its own lock for ever
#[test]
fn a_step_that_uses_its_own_channel_panics_instead_of_hanging() {
    let uses: [fn(&Ends, u32) -> u32; 5] = [
        |(tx, _), n| tx.try_put(n).map_or(0, |()| n),
        |(_, rx), n| rx.try_take().map_or(n, |n| n),
        |(tx, _), n| u32::from(tx.close()) + n,
        |(_, rx), n| u32::try_from(rx.len()).unwrap() + n,
        |(tx, _), n| u32::try_from(format!("{tx:?}").len()).unwrap() + n,
    ];
    for (at, step) in uses.into_iter().enumerate() {
        let (tx, rx) = with_own_ends(step);
        tx.try_put(1).unwrap();
        let took = rx.try_take();
        // A try on an empty channel takes no lock, so there is nothing to wait for.
        if at == 1 {
            assert_eq!(took, Ok(1));
            // (The step's own ends go with it.)
            tx.close();
            continue;
        }
        assert_eq!(took, Err(TryTakeError::Closed), "use {at}");
        let failure = rx.failure().unwrap().to_string();
        assert!(
            failure.contains("a transducer's step used its own channel"),
            "{failure}"
        );
    }
}

#[test]
fn a_step_may_drop_ends_of_its_own_channel() {
    let kept: Arc<Mutex<Vec<Ends>>> = Arc::default();
    let own = Arc::clone(&kept);
    let (tx, rx) = chan_with(
        4,
        xf::map(move |n: u32| {
            drop(own.lock().unwrap().pop());
            n
        }),
    );
    kept.lock().unwrap().push((tx.clone(), rx.clone()));
    kept.lock().unwrap().push((tx.clone(), rx.clone()));
    (0..3).for_each(|n| tx.try_put(n).unwrap());
    drop(tx);
    assert_eq!(rx.into_iter().collect::<Vec<_>>(), [0, 1, 2]);
}

/// The last receiver goes in the middle of a put: the put is done, the channel closed
#[test]
fn a_step_may_drop_the_last_receiver_of_its_own_channel() {
    let ledger = Ledger::new();
    let kept: Arc<Mutex<Option<Receiver<Tracked>>>> = Arc::default();
    let own = Arc::clone(&kept);
    let (tx, rx) = chan_with(
        4,
        xf::map(move |value: Tracked| {
            drop(own.lock().unwrap().take());
            value
        }),
    );
    *kept.lock().unwrap() = Some(rx);
    tx.try_put(ledger.value(1)).unwrap();
    assert!(tx.is_closed());
    assert!(tx.try_put(ledger.value(2)).is_err());
    assert_eq!(ledger.live(), 0);
}

/// A hook that looks at the channel that failed
#[test]
fn no_lock_is_held_while_a_value_that_has_to_go_is_dropped() {
    struct Looks(Option<Sender<u32>>);
    impl Drop for Looks {
        fn drop(&mut self) {
            if let Some(tx) = &self.0 {
                let _ = tx.len();
            }
        }
    }
    let (slot, own) = {
        let slot: Arc<Mutex<Option<Sender<u32>>>> = Arc::default();
        (Arc::clone(&slot), slot)
    };
    let (tx, rx) = chan_with(
        csp_core::sliding(1),
        xf::map(move |_: u32| Looks(own.lock().unwrap().clone())),
    );
    *slot.lock().unwrap() = Some(tx.clone());
    (0..3).for_each(|n| tx.try_put(n).unwrap());
    *slot.lock().unwrap() = None;
    drop(tx);
    assert_eq!(rx.into_iter().count(), 1);
}
