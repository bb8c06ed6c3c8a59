//! What is shown: Debug of the parts, Display of the errors.

use std::{error::Error, pin::pin};

use csp_core::{
    AltSet, Buffer, Closed, Elapsed, Failure, Order, PutTimeoutError, Receiver, TryPutError,
    TryTakeError, chan, dropping, fixed, promise_buffer, sliding,
};

use crate::{
    custom::Fifo,
    util::{parks, poll},
};

/// Not `Debug`.
struct Opaque;

/// Both ends show name, buffer, who waits, and whether it is closed; whatever the values are.
#[test]
fn handles_show_the_state_of_their_channel() {
    let (tx, rx) = chan::<Opaque>(2);
    let tx = tx.named("orders");
    assert_eq!(rx.name().as_deref(), Some("orders"));
    let shown = |rx: &Receiver<Opaque>| {
        let text = format!("{rx:?}");
        let id = text
            .split_once("id: ")
            .unwrap()
            .1
            .split_once(',')
            .unwrap()
            .0;
        assert!(id.parse::<u32>().is_ok(), "{text}");
        text.replacen(&format!("id: {id}, "), "", 1)
    };
    assert_eq!(
        shown(&rx),
        r#"Receiver { name: "orders", buffer: fixed 0/2, takers: 0, putters: 0, closed: false }"#
    );
    assert!(format!("{tx:?}").starts_with("Sender { id: "));
    let mut takes = [Box::pin(rx.take()), Box::pin(rx.take())];
    takes
        .iter_mut()
        .for_each(|take| assert!(poll(take.as_mut()).is_pending()));
    assert!(shown(&rx).contains("takers: 2"));
    drop(takes);
    let mut puts: Vec<_> = (0..3).map(|_| Box::pin(tx.put(Opaque))).collect();
    for put in &mut puts {
        let _ = poll(put.as_mut());
    }
    assert!(shown(&rx).contains("fixed 2/2, takers: 0, putters: 1"));
    tx.close();
    assert!(shown(&rx).ends_with("putters: 1, closed: true }"));
    let renamed = rx.named("late");
    assert_eq!(tx.name().as_deref(), Some("late"));
    let (tx, _rx) = chan::<Opaque>(0);
    assert!(tx.name().is_none());
    assert!(format!("{tx:?}").contains("buffer: rendezvous"));
    assert!(!tx.same_channel(&chan(0).0) && tx.same_channel(&tx.clone()));
    assert!(renamed.same_channel(&renamed.clone()));
    assert_eq!(renamed.receiver_count(), 1);
}

#[test]
fn buffers_show_kind_and_fill() {
    let shown = |buffer: Buffer<Opaque>| format!("{buffer:?}");
    assert_eq!(shown(fixed(0)), "Buffer(rendezvous)");
    assert_eq!(shown(3.into()), "Buffer(fixed 0/3)");
    assert_eq!(shown(sliding(3)), "Buffer(sliding 0/3)");
    assert_eq!(shown(dropping(3)), "Buffer(dropping 0/3)");
    assert_eq!(
        format!("{:?}", promise_buffer::<u32>()),
        "Buffer(promise 0/1)"
    );
    assert_eq!(shown(Buffer::custom(Fifo::new(2))), "Buffer(custom 0/2)");
}

#[test]
fn operations_show_their_state() {
    let (tx, rx) = chan::<u32>(0);
    let mut take = pin!(rx.take());
    assert_eq!(format!("{take:?}"), "Take { status: Idle, .. }");
    parks(take.as_mut());
    assert_eq!(format!("{take:?}"), "Take { status: Queued, .. }");
    tx.try_put(1).unwrap();
    assert_eq!(format!("{take:?}"), "Take { status: Done, .. }");
    assert_eq!(format!("{:?}", tx.put(1)), "Put { status: Idle, .. }");
    assert_eq!(format!("{:?}", tx.closed()), "WaitClosed { .. }");
    let mut set = AltSet::new();
    set.take(&rx);
    assert_eq!(format!("{set:?}"), "AltSet { len: 1, .. }");
    assert!(format!("{:?}", set.choose(Order::Random)).starts_with("Choose"));
}

/// Errors: Debug asks nothing of the value, Display is a lower-case phrase, values come back.
#[test]
fn errors_read_well_and_give_the_value_back() {
    fn texts(error: &(impl Error + ?Sized)) -> (String, String) {
        (format!("{error:?}"), error.to_string())
    }
    let pair = |debug: &str, display: &str| (debug.to_owned(), display.to_owned());
    assert_eq!(
        texts(&Closed(Opaque)),
        pair("Closed(..)", "put on a closed channel")
    );
    assert_eq!(
        texts(&TryPutError::Full(Opaque)),
        pair("Full(..)", "the channel is full")
    );
    assert_eq!(
        texts(&TryPutError::Closed(Opaque)),
        pair("Closed(..)", "put on a closed channel")
    );
    assert_eq!(
        texts(&PutTimeoutError::Elapsed(Opaque)),
        pair("Elapsed(..)", "no room before the time was over")
    );
    assert_eq!(
        texts(&TryTakeError::Empty),
        pair("Empty", "the channel is empty")
    );
    assert_eq!(
        texts(&TryTakeError::Closed),
        pair("Closed", "take from a closed and drained channel")
    );
    assert_eq!(texts(&Elapsed), pair("Elapsed", "the time was over"));
    assert_eq!(Failure::Error(Elapsed).to_string(), "the time was over");
    assert_eq!(Failure::<Elapsed>::Cancelled.to_string(), "cancelled");
    assert_eq!(TryPutError::from(Closed(3)), TryPutError::Closed(3));
    assert_eq!(Closed(4).into_inner(), 4);
    assert_eq!(TryPutError::Full(5).into_inner(), 5);
    let full = TryPutError::Full(());
    assert!(full.is_full() && !full.is_closed());
    let closed = PutTimeoutError::Closed(6);
    assert!(closed.is_closed() && !closed.is_elapsed());
    assert_eq!(closed.into_inner(), 6);
    assert!(TryTakeError::Empty.is_empty() && TryTakeError::Closed.is_closed());
}

/// A future's text says whether it waits.
#[test]
fn futures_say_how_they_stand() {
    let (tx, rx) = chan::<u32>(0);
    let mut alt = Box::pin(crate::util::one(rx.take()));
    assert_eq!(format!("{alt:?}"), "Alt { queued: false, .. }");
    parks(alt.as_mut());
    assert_eq!(format!("{alt:?}"), "Alt { queued: true, .. }");
    drop(alt);
    let mut all = Box::pin(csp_core::put_all_or_none((tx.put(1),)));
    assert_eq!(format!("{all:?}"), "PutAllOrNone { state: New, .. }");
    assert!(poll(all.as_mut()).is_pending());
    assert_eq!(format!("{all:?}"), "PutAllOrNone { state: Begun, .. }");
}
