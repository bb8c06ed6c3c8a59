//! A receiver as a `Stream`, a sender as a `Sink` (feature `futures`).

use std::{
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use csp_core::{Closed, chan};
use futures_lite::{Stream, StreamExt};
use futures_sink::Sink;

use crate::util::{Counter, Ledger, id, parks, ready};

#[test]
fn a_stream_ends_with_its_channel() {
    let (tx, rx) = chan(0);
    let mut stream = rx.stream();
    let mut next = pin!(stream.next());
    parks(next.as_mut());
    tx.try_put(1).unwrap();
    assert_eq!(ready(next), Some(1));
    drop(tx);
    assert_eq!(ready(pin!(stream.next())), None);
    assert_eq!(ready(pin!(stream.next())), None);
    assert!(stream.into_inner().is_closed());
}

/// Dropped while it waits, it loses nothing.
#[test]
fn a_dropped_stream_gives_back() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(0);
    let waker = Counter::new();
    let mut stream = rx.clone().stream();
    let mut next = Box::pin(stream.next());
    assert!(waker.poll(next.as_mut()).is_pending());
    drop(next);
    tx.try_put(ledger.value(1)).unwrap();
    assert_eq!(waker.wakes(), 1);
    drop(stream);
    assert_eq!(id(rx.try_take().ok()), Some(1));
    // The last receiver: the value goes with it.
    let mut stream = rx.stream();
    assert!(ready_none(&mut stream));
    tx.try_put(ledger.value(2)).unwrap();
    drop(stream);
    assert_eq!((ledger.live(), waker.held()), (0, 0));
    assert!(tx.is_closed());
}

fn ready_none<S: Stream + Unpin>(stream: &mut S) -> bool {
    let mut cx = Context::from_waker(Waker::noop());
    Pin::new(stream).poll_next(&mut cx).is_pending()
}

#[test]
fn a_sink_holds_one_value_on_its_way() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(0);
    let mut sink = tx.sink();
    let waker = Counter::new();
    let mut cx = Context::from_waker(Waker::noop());
    for n in 0..3 {
        assert!(Pin::new(&mut sink).poll_ready(&mut cx).is_ready());
        Pin::new(&mut sink).start_send(ledger.value(n)).unwrap();
        let mut flush = pin!(std::future::poll_fn(|cx| Pin::new(&mut sink).poll_flush(cx)));
        assert!(waker.poll(flush.as_mut()).is_pending());
        assert_eq!(id(rx.try_take().ok()), Some(n));
        assert!(matches!(ready(flush), Ok(())));
    }
    assert_eq!(waker.wakes(), 3);
    // Refused by close: the value is in the error.
    Pin::new(&mut sink).start_send(ledger.value(9)).unwrap();
    assert!(Pin::new(&mut sink).poll_ready(&mut cx).is_pending());
    rx.close();
    match Pin::new(&mut sink).poll_close(&mut cx) {
        Poll::Ready(Err(Closed(value))) => assert_eq!(value, 9),
        other => panic!("{other:?}"),
    }
    // Dropped with a value on its way: withdrawn, dropped once.
    let (tx, rx) = chan(0);
    let mut sink = tx.sink();
    Pin::new(&mut sink).start_send(ledger.value(10)).unwrap();
    assert!(Pin::new(&mut sink).poll_flush(&mut cx).is_pending());
    let text = crate::util::panic_of(|| Pin::new(&mut sink).start_send(ledger.value(11)).is_ok());
    assert!(text.contains("start_send without poll_ready"), "{text}");
    drop(sink);
    assert!(rx.try_take().unwrap_err().is_closed());
    assert_eq!(ledger.live(), 0);
}
