//! Puts into several channels at one instant: what each kind of channel makes of it, whose turn it is, and where
//! the values are when nothing is put. Lamina's transactional queues.

use std::pin::pin;

use csp_core::{
    Buffer, Of2, Order, Put, Receiver, Sender, chan, chan_with, dropping, fixed, promise_buffer,
    put_all_or_none, sliding, xf,
};

use crate::util::{panic_of, parks, ready};

/// An alts over two takes, in order.
macro_rules! either {
    ($a:expr, $b:expr) => {
        csp_core::__private::alt(
            ($a.take(), $b.take()),
            Order::Priority,
            csp_core::__site!(Alt, either),
        )
    };
}
pub(crate) use either;

#[test]
fn values_of_all_types_and_shapes_go_at_once() {
    let (a_tx, a) = chan(1);
    let (b_tx, b) = chan::<String>(1);
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..3).map(|_| chan(1)).unzip();
    let rest: Vec<_> = txs.iter().zip([1, 2, 3]).map(|(tx, n)| tx.put(n)).collect();
    let all = put_all_or_none((a_tx.put('x'), [b_tx.put("y".into())], rest));
    assert_eq!(all.now().map_err(|none| none.index()), Ok(()));
    assert_eq!((a.try_take(), b.try_take().as_deref()), (Ok('x'), Ok("y")));
    assert_eq!(
        rxs.iter()
            .map(|rx| rx.try_take().unwrap())
            .collect::<Vec<_>>(),
        [1, 2, 3]
    );
}

#[test]
fn nothing_is_put_at_once_if_there_is_nothing() {
    let none = Vec::<Put<'_, u32>>::new();
    assert!(put_all_or_none(none).now().is_ok());
    assert!(
        put_all_or_none(Vec::<Put<'_, u32>>::new())
            .blocking()
            .is_ok()
    );
}

#[test]
fn values_come_back_in_their_shape() {
    let ((a_tx, a), (b_tx, b)) = (chan(1), chan(0));
    let (c_tx, c) = chan(1);
    let (b_tx, c_tx) = (b_tx.named("replies"), c_tx.named("audit"));
    let all = || put_all_or_none((a_tx.put(1), vec![b_tx.put('b')], [c_tx.put("c")]));
    let none = all().now().unwrap_err();
    assert!(none.is_full() && !none.is_closed());
    assert_eq!(none.index(), 1);
    assert_eq!(
        none.to_string(),
        "channel `replies` of put 2 of 3 has no room: none was put"
    );
    assert_eq!(none.into_inner(), (1, vec!['b'], ["c"]));
    c.close();
    let none = all().now().unwrap_err();
    assert!(none.is_closed() && !none.is_full());
    assert_eq!(
        none.to_string(),
        "channel `audit` of put 3 of 3 is closed: none was put"
    );
    assert!(format!("{none:?}").contains("audit"));
    assert_eq!(none.into_inner(), (1, vec!['b'], ["c"]));
    assert_eq!((a.len(), b.len(), c.len()), (0, 0, 0));
}

#[test]
fn every_buffer_says_for_itself_whether_it_has_room() {
    let (always_tx, always) = chan(8);
    let with = |tx: &Sender<u32>| put_all_or_none([tx.put(1), always_tx.put(1)]).now();

    let (tx, rx) = chan(fixed(1));
    with(&tx).unwrap();
    assert!(with(&tx).unwrap_err().is_full());
    assert_eq!(rx.try_take(), Ok(1));

    let (tx, rx) = chan(sliding(1));
    tx.try_put(0).unwrap();
    with(&tx).unwrap();
    assert_eq!((rx.try_take(), rx.try_take().is_err()), (Ok(1), true));

    let (tx, rx) = chan(dropping(1));
    tx.try_put(0).unwrap();
    with(&tx).unwrap();
    assert_eq!((rx.try_take(), rx.try_take().is_err()), (Ok(0), true));

    let (tx, rx) = chan(promise_buffer());
    with(&tx).unwrap();
    with(&tx).unwrap();
    assert_eq!((rx.try_take(), rx.try_take()), (Ok(1), Ok(1)));

    let (tx, rx) = chan(Buffer::custom(crate::custom::Fifo::new(1)));
    with(&tx).unwrap();
    assert!(with(&tx).unwrap_err().is_full());
    assert_eq!(rx.try_take(), Ok(1));

    let (tx, rx) = chan_with(1, xf::mapcat(|n: u32| [n, n + 1]));
    with(&tx).unwrap();
    assert!(with(&tx).unwrap_err().is_full());
    assert_eq!((rx.try_take(), rx.try_take()), (Ok(1), Ok(2)));

    let (tx, rx) = chan(0);
    assert!(with(&tx).unwrap_err().is_full());
    let mut take = pin!(rx.take());
    parks(take.as_mut());
    with(&tx).unwrap();
    assert_eq!(ready(take), Some(1));
    assert_eq!(always.len(), 8);
}

#[test]
fn takers_who_wait_for_any_buffer_are_served() {
    let (txs, rxs): (Vec<_>, Vec<_>) = [
        chan(1),
        chan(promise_buffer()),
        chan(sliding(1)),
        chan(Buffer::custom(crate::custom::Fifo::new(1))),
        chan_with(1, xf::map(|n: u32| n + 1)),
    ]
    .into_iter()
    .unzip();
    let mut takes: Vec<_> = rxs.iter().map(|rx| Box::pin(rx.take())).collect();
    let mut second = Box::pin(rxs[1].take());
    takes.iter_mut().for_each(|take| parks(take.as_mut()));
    parks(second.as_mut());
    let puts: Vec<_> = txs.iter().map(|tx| tx.put(4)).collect();
    put_all_or_none(puts).now().unwrap();
    let got: Vec<_> = takes.into_iter().map(|take| ready(take).unwrap()).collect();
    assert_eq!(got, [4, 4, 4, 4, 5]);
    assert_eq!(ready(second), Some(4));
    assert_eq!(
        rxs.iter().map(Receiver::len).collect::<Vec<_>>(),
        [0, 1, 0, 0, 0]
    );
}

#[test]
fn one_channel_more_than_once_needs_room_for_all() {
    let ((a_tx, a), (b_tx, b)) = (chan(2), chan(1));
    let both = || put_all_or_none((a_tx.put(1), b_tx.put(9), a_tx.put(2)));
    a_tx.try_put(0).unwrap();
    assert_eq!(both().now().unwrap_err().index(), 0);
    assert_eq!(a.try_take(), Ok(0));
    both().now().unwrap();
    assert_eq!(
        (a.try_take(), a.try_take(), b.try_take()),
        (Ok(1), Ok(2), Ok(9))
    );

    // A place in the buffer, and a taker.
    let (mut first, mut second) = (pin!(b.take()), pin!(b.take()));
    let three = || put_all_or_none([b_tx.put(1), b_tx.put(2), b_tx.put(3)]);
    parks(first.as_mut());
    assert!(three().now().is_err());
    parks(second.as_mut());
    three().now().unwrap();
    assert_eq!(
        (ready(first), ready(second), b.try_take()),
        (Some(1), Some(2), Ok(3))
    );

    let (c_tx, c) = chan(sliding(1));
    put_all_or_none([c_tx.put(1), c_tx.put(2)]).now().unwrap();
    assert_eq!((c.try_take(), c.is_empty()), (Ok(2), true));
}

#[test]
fn one_channel_with_user_code_can_be_named_once() {
    let (tx, rx) = chan_with(4, xf::map(|n: u32| n));
    let twice = put_all_or_none([tx.put(1), tx.put(2)]);
    let text = panic_of(|| twice.now());
    assert!(
        text.contains("can have only one put of a `put_all_or_none`"),
        "{text}"
    );
    let (tx, _custom) = chan(Buffer::custom(crate::custom::Fifo::new(4)));
    let tx = tx.named("letters");
    let twice = put_all_or_none([tx.put(1), tx.put(2)]);
    assert!(panic_of(|| twice.blocking()).starts_with("channel `letters`"));
    assert!(rx.is_empty());
    assert!(tx.try_put(1).is_ok());
}

#[test]
fn one_alts_serves_one_channel_only() {
    let ((a_tx, a), (b_tx, b)) = (chan(0), chan(0));
    let both = || put_all_or_none([a_tx.put(1), b_tx.put(2)]);
    let mut alts = pin!(either!(a, b));
    parks(alts.as_mut());
    assert!(both().now().unwrap_err().is_full());
    // First come is first served where that goes; here the alts, which came first, is left to `b`.
    let mut plain = pin!(a.take());
    parks(plain.as_mut());
    both().now().unwrap();
    assert_eq!(ready(plain), Some(1));
    assert!(matches!(ready(alts), Of2::B(Some(2))));
}

#[test]
fn a_chain_of_alts_is_shifted_along() {
    // alts i waits on channels i and i + 1, and is served by i first; a plain taker waits on the first only.
    const LONG: usize = 50;
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..=LONG).map(|_| chan(0)).unzip();
    let mut alts: Vec<_> = (rxs.windows(2))
        .map(|rx| Box::pin(either!(rx[0], rx[1])))
        .collect();
    alts.iter_mut().for_each(|alts| parks(alts.as_mut()));
    let all = || {
        put_all_or_none(
            txs.iter()
                .zip(0..)
                .map(|(tx, n)| tx.put(n))
                .collect::<Vec<_>>(),
        )
    };
    assert!(all().now().is_err());
    let mut plain = pin!(rxs[0].take());
    parks(plain.as_mut());
    all().now().unwrap();
    assert_eq!(ready(plain), Some(0));
    for (n, alts) in (1..).zip(alts) {
        assert!(matches!(ready(alts), Of2::B(Some(got)) if got == n));
    }
}

#[test]
fn two_takers_of_which_one_is_an_alts_served_elsewhere() {
    let ((a_tx, a), (b_tx, b)) = (chan(0), chan(0));
    let mut alts = pin!(either!(a, b));
    let mut plain = pin!(a.take());
    parks(alts.as_mut());
    parks(plain.as_mut());
    b_tx.try_put(7).unwrap();
    // The alts is over, but has not left `a` yet.
    put_all_or_none([a_tx.put(1)]).now().unwrap();
    assert_eq!(ready(plain), Some(1));
    assert!(matches!(ready(alts), Of2::B(Some(7))));
}

#[test]
fn a_buffer_takes_what_an_alts_is_needed_for_elsewhere() {
    let ((a_tx, a), (b_tx, b)) = (chan(1), chan(0));
    let mut alts = pin!(either!(a, b));
    parks(alts.as_mut());
    put_all_or_none((a_tx.put(1), b_tx.put(2))).now().unwrap();
    assert!(matches!(ready(alts), Of2::B(Some(2))));
    assert_eq!(a.try_take(), Ok(1));
}

#[test]
fn takers_of_one_channel_are_served_in_their_order() {
    // The alts is left to `b` for the plain taker of `a`, behind the taker who came there first.
    let ((a_tx, a), (b_tx, b)) = (chan(0), chan(0));
    let mut first = pin!(b.take());
    let mut alts = pin!(either!(a, b));
    let mut plain = pin!(a.take());
    parks(first.as_mut());
    parks(alts.as_mut());
    parks(plain.as_mut());
    let all = put_all_or_none([b_tx.put(1), b_tx.put(2), a_tx.put(3)]);
    all.now().unwrap();
    assert_eq!((ready(first), ready(plain)), (Some(1), Some(3)));
    assert!(matches!(ready(alts), Of2::B(Some(2))));
}
