//! Channels with a transducer when many wait, and come and go.

use std::{
    cell::Cell,
    pin::{Pin, pin},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use csp_core::{
    AltSet, Order, TryTakeError, alts, chan_with, park,
    xf::{self, Flow},
};

use crate::{
    util::{Ledger, Tracked, id, parks, poll, ready},
    xform_util::{cat, fx, go_on},
};

/// More wait than are served at once elsewhere: nobody who comes in between gets before them.
#[test]
fn nobody_barges_in_while_many_takers_are_served() {
    let (tx, rx) = chan_with(1, cat::<u32>());
    let got: Arc<Mutex<Vec<_>>> = Arc::default();
    for _ in 0..200 {
        let (got, other) = (Arc::clone(&got), rx.clone());
        rx.take_then(move |value| {
            let mut set = AltSet::new();
            set.take(&other);
            let after = set.choose(Order::Random).now();
            got.lock().unwrap().push((value, after));
        })
        .unwrap();
    }
    tx.try_put((0..200).collect()).unwrap();
    let expected: Vec<_> = (0..200).map(|n| (Some(n), None)).collect();
    assert_eq!(*got.lock().unwrap(), expected);
}

/// As above, the other way round: parked puts that give nothing.
#[test]
fn nobody_barges_in_while_many_puts_are_admitted() {
    let stepped: Arc<Mutex<Vec<u32>>> = Arc::default();
    let steps = Arc::clone(&stepped);
    let (tx, rx) = chan_with(
        1,
        fx(
            move |n: u32, emit: &mut dyn FnMut(u32) -> Flow| {
                steps.lock().unwrap().push(n);
                if n == 0 || n == 1000 {
                    return emit(n);
                }
                Flow::Continue(())
            },
            go_on,
        ),
    );
    tx.try_put(0).unwrap();
    for n in 1..=200 {
        let (tx, rx) = (tx.clone(), rx.clone());
        tx.clone()
            .put_then(n, move |result| {
                assert_eq!(result, Ok(()));
                let mut set = AltSet::new();
                set.take(&rx);
                assert!(set.choose(Order::Random).now().is_none());
                tx.try_put(n + 200).unwrap();
            })
            .unwrap();
    }
    assert_eq!(rx.try_take(), Ok(0));
    assert_eq!(*stepped.lock().unwrap(), (0..=400).collect::<Vec<_>>());
    tx.try_put(1000).unwrap();
    assert_eq!(rx.try_take(), Ok(1000));
}

/// The receiving side closes with more parked puts than are ended at once: none of them is accepted by
/// a take that comes in between.
#[test]
fn a_take_in_the_middle_of_a_close_admits_no_put() {
    let (tx, rx) = chan_with(1, xf::map(|n: u32| n));
    tx.try_put(0).unwrap();
    let results: Arc<Mutex<Vec<_>>> = Arc::default();
    for n in 1..=200 {
        let (results, rx) = (Arc::clone(&results), rx.clone());
        tx.put_then(n, move |result| {
            results
                .lock()
                .unwrap()
                .push((result.is_ok(), rx.try_take()));
        })
        .unwrap();
    }
    assert!(rx.close());
    let results = results.lock().unwrap();
    assert_eq!(results.len(), 200);
    assert_eq!(results[0], (false, Ok(0)));
    assert!(
        results[1..]
            .iter()
            .all(|result| *result == (false, Err(TryTakeError::Closed)))
    );
}

/// Its put is done when the step begins: whoever polls it then, since another arm woke it, does not wait for
/// the step.
#[test]
fn an_alts_whose_put_is_in_the_step_goes_on() {
    let limit = Duration::from_secs(20);
    let (begin, begun) = mpsc::channel();
    let (tx, rx) = chan_with(
        1,
        xf::map(move |wait: Option<mpsc::Receiver<()>>| {
            wait.is_none_or(|wait| {
                begin.send(()).unwrap();
                wait.recv_timeout(limit).is_ok()
            })
        }),
    );
    let (over, wait) = mpsc::channel();
    tx.try_put(None).unwrap();
    let mut block = pin!(async { alts!(tx.put(Some(wait)), park(std::future::pending::<()>())) });
    parks(block.as_mut());
    thread::scope(|scope| {
        let taker = scope.spawn(|| rx.try_take());
        begun.recv().unwrap();
        assert!(matches!(ready(block), csp_core::Of2::A(Ok(()))));
        over.send(()).expect("the step waits for it");
        assert_eq!(taker.join().unwrap(), Ok(true));
    });
    assert_eq!(rx.try_take(), Ok(true));
}

/// The ends go on other threads in the middle of everything.
#[test]
fn stress_ends_are_dropped_in_the_middle() {
    const ROUNDS: u32 = if cfg!(debug_assertions) { 300 } else { 3_000 };
    for round in 0..ROUNDS {
        let ledger = Ledger::new();
        let (tx, rx) = chan_with(
            2,
            fx(
                |value: Tracked, emit: &mut dyn FnMut(Tracked) -> Flow| {
                    for _ in 0..value.id % 4 {
                        emit(value.clone())?;
                    }
                    Flow::Continue(())
                },
                go_on,
            ),
        );
        thread::scope(|scope| {
            for at in 0..2 {
                let (tx, ledger) = (tx.clone(), &ledger);
                scope.spawn(move || {
                    for n in 0..50 {
                        if tx.put_blocking(ledger.value(n * 2 + at)).is_err() {
                            return;
                        }
                    }
                });
            }
            let taker = rx.clone();
            scope.spawn(move || while id(taker.take_blocking()).is_some() {});
            scope.spawn(move || {
                for _ in 0..round % 40 {
                    if rx.take_blocking().is_none() {
                        break;
                    }
                }
                if round % 2 == 0 {
                    rx.close();
                }
            });
            drop(tx);
        });
        assert_eq!(ledger.live(), 0);
    }
}

/// Values need not be `Sync`, and some have no size.
#[test]
fn values_that_are_not_sync_or_have_no_size_pass_between_threads() {
    static MADE: AtomicU32 = AtomicU32::new(0);
    struct Unit;
    impl Unit {
        fn new() -> Self {
            MADE.fetch_add(1, Ordering::SeqCst);
            Self
        }
    }
    impl Drop for Unit {
        fn drop(&mut self) {
            MADE.fetch_sub(1, Ordering::SeqCst);
        }
    }
    let (tx, rx) = chan_with(
        1,
        xf::map(|n: Cell<u32>| (Cell::new(n.get() + 1), Unit::new())),
    );
    let putter =
        thread::spawn(move || (0..50).for_each(|n| tx.put_blocking(Cell::new(n)).unwrap()));
    let sum: u32 = rx.iter_blocking().map(|(n, _unit)| n.get()).sum();
    assert_eq!(sum, (1..=50).sum());
    putter.join().unwrap();

    let (tx, rx) = chan_with(
        1,
        fx(
            |unit: Unit, emit: &mut dyn FnMut(Unit) -> Flow| {
                emit(Unit::new())?;
                emit(unit)
            },
            go_on,
        ),
    );
    tx.try_put(Unit::new()).unwrap();
    let mut puts = [Box::pin(tx.put(Unit::new())), Box::pin(tx.put(Unit::new()))];
    assert!(puts.iter_mut().all(|put| poll(put.as_mut()).is_pending()));
    assert!((0..2).all(|_| rx.try_take().is_ok()));
    assert!(poll(puts[0].as_mut()).is_ready());
    assert_eq!((MADE.load(Ordering::SeqCst), rx.len()), (3, 2));
    drop(puts);
    drop(rx);
    assert_eq!(MADE.load(Ordering::SeqCst), 0);
}

/// A sink of what goes in, and a stream of what comes out.
#[cfg(feature = "futures")]
#[test]
fn a_sink_and_a_stream_of_a_channel_with_a_transducer() {
    use futures_lite::{Stream, StreamExt};
    use futures_sink::Sink;

    let ledger = Ledger::new();
    let (tx, rx) = chan_with(
        1,
        fx(
            |value: Tracked, emit: &mut dyn FnMut(Vec<Tracked>) -> Flow| {
                emit(vec![value.clone()])?;
                emit(vec![value])
            },
            go_on,
        ),
    );
    let (mut sink, mut stream) = (tx.sink(), rx.stream());
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(Pin::new(&mut stream).poll_next(&mut cx).is_pending());
    for n in 0..2 {
        Pin::new(&mut sink).start_send(ledger.value(n)).unwrap();
        let flushed = Pin::new(&mut sink).poll_flush(&mut cx).is_ready();
        // The first has gone in, with one of its two; the second waits.
        assert_eq!(flushed, n == 0);
    }
    let taken: Vec<_> = (0..3)
        .map(|_| ready(pin!(stream.next())).unwrap()[0].id)
        .collect();
    assert_eq!(taken, [0, 0, 1]);
    assert!(Pin::new(&mut sink).poll_close(&mut cx).is_ready());
    Pin::new(&mut sink).start_send(ledger.value(2)).unwrap();
    assert!(Pin::new(&mut sink).poll_flush(&mut cx).is_pending());
    drop((sink, stream));
    assert_eq!(ledger.live(), 0);
}
