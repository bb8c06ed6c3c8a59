//! Channels, and operations over many of them.

use csp::{prelude::*, put_all_or_none};

use super::{Meter, shuffled, size};

type Ends = (Vec<Sender<u64>>, Vec<Receiver<u64>>);

fn channels(n: u64, room: usize) -> Ends {
    (0..n).map(|_| chan::<u64>(room)).unzip()
}

/// Channels with a value in each.
pub(crate) fn channels_used(meter: &mut Meter, n: u64) {
    meter.begin();
    let (txs, rxs) = channels(n, 1);
    meter.end_made("make", n);
    for (n, tx) in (0..).zip(&txs) {
        tx.try_put(n).expect("there is room");
    }
    let sum: u64 = rxs.iter().map(|rx| rx.try_take().unwrap()).sum();
    assert_eq!(sum, n * (n - 1) / 2);
    meter.end("put and take", n);
    drop((txs, rxs));
    meter.end("drop", n);
}

/// Handles of one channel.
pub(crate) fn handles(meter: &mut Meter, n: u64) {
    let (tx, rx) = chan::<u64>(1);
    meter.begin();
    let handles: Vec<_> = (0..n).map(|_| (tx.clone(), rx.clone())).collect();
    drop(handles);
    meter.end("clone and drop both ends", n);
}

/// Values in one channel.
pub(crate) fn values(meter: &mut Meter, n: u64) {
    meter.begin();
    let (tx, rx) = chan(size(n));
    for n in 0..n {
        tx.try_put(n).expect("there is room");
    }
    meter.end_made("put", n);
    for _ in 0..n {
        rx.try_take().expect("it is there");
    }
    meter.end("take", n);
}

/// The arms of an alts that takes, while its channels get a value one after the other.
pub(crate) fn arms(meter: &mut Meter, n: u64) {
    let rounds = (1_000_000 / n).clamp(30, 20_000);
    let (txs, rxs) = channels(n, 0);
    meter.begin();
    let set = go!({
        let mut set = AltSet::new();
        for rx in &rxs {
            set.take(rx);
        }
        set
    });
    let mut set = set.wait().expect("it is made");
    meter.end_made("make an arm", n);
    let putter = go!({
        let order = shuffled(n);
        for (round, &at) in (0..rounds).zip(order.iter().cycle()) {
            put!(txs[at], round).expect("it is taken");
        }
        txs
    });
    let taker = go!({
        for _ in 0..rounds {
            let (_, event) = alts!(&mut set);
            event.took().expect("nothing is closed");
        }
        set
    });
    let set = taker.wait().expect("it takes all");
    let txs = putter.wait().expect("it puts all");
    meter.end("message, by arm", rounds * n);
    drop((set, txs));
    meter.end("drop an arm", n);
}

/// The same arms, of which one after the other is closed, and disabled.
pub(crate) fn arms_that_close(meter: &mut Meter, n: u64) {
    let (txs, rxs) = channels(n, 0);
    let taker = go!({
        let mut set = AltSet::new();
        for rx in &rxs {
            set.take(rx);
        }
        for _ in 0..rxs.len() {
            let (at, event) = alts!(&mut set);
            assert_eq!(event.took(), None);
            set.disable(at);
        }
    });
    meter.begin();
    drop(txs);
    taker.wait().expect("all are closed");
    meter.end("end, by arm", n * n);
}

/// Puts into so many channels at one instant.
pub(crate) fn put_all(meter: &mut Meter, n: u64) {
    let rounds = (200_000 / n).max(2);
    let (txs, rxs) = channels(n, 1);
    meter.begin();
    let both = go!({
        for round in 0..rounds {
            let puts: Vec<_> = txs.iter().map(|tx| tx.put(round)).collect();
            put_all_or_none(puts).await.expect("nothing is closed");
            for rx in &rxs {
                take!(rx).expect("it was put");
            }
        }
    });
    both.wait().expect("it ends");
    meter.end("put and take", rounds * n);
}

/// A transaction over so many channels that waits for room in each, one after the other.
pub(crate) fn put_all_parked(meter: &mut Meter, n: u64) {
    let (txs, rxs) = channels(n, 0);
    let putter = go!({
        let puts: Vec<_> = txs.iter().map(|tx| tx.put(0)).collect();
        put_all_or_none(puts).await.expect("nothing is closed");
        txs
    });
    go!({ yield_now().await }).wait().expect("it yields");
    meter.begin();
    let takers: Vec<_> = rxs
        .into_iter()
        .map(|rx| go!({ take!(rx).expect("it is put") }))
        .collect();
    for taker in takers {
        taker.wait().expect("it takes");
    }
    putter.wait().expect("it puts");
    meter.end("taker", n);
}
