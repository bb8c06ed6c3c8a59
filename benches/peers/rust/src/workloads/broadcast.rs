//! One putter and 64 subscribers, with back pressure.

use csp::{go, put, take};
use tokio::sync::broadcast::error::RecvError;

use crate::{
    chan::Channel,
    measure::{Outcome, Tally},
    menu::{Kind, Menu, pairs},
    rt::{Runtime, Smol, Tokio},
};

const SUBSCRIBERS: usize = 64;
const ROOM: usize = 16;

pub(super) fn add(menu: &mut Menu) {
    let n = menu.workload("broadcast_64", 50_000);
    menu.csp(move || outcome(n, csp(n)));
    menu.csp_variant("64 channels", move || outcome(n, csp_by_hand(n)));
    let shared = "async-broadcast";
    menu.named::<Tokio>(shared, Kind::Peer, move || outcome(n, ring::<Tokio>(n)));
    menu.named::<Smol>(shared, Kind::Peer, move || outcome(n, ring::<Smol>(n)));
    let lossy = "tokio_broadcast";
    menu.named::<Tokio>(lossy, Kind::Less("lossy"), move || {
        outcome(n, dropping::<Tokio>(n))
    });
    pairs!(menu, ROOM, "/64 channels",
        Tokio: [TokioMpsc, Kanal, Flume, AsyncChannel, Tachyonix, CrossfireSpsc],
        Smol: [Kanal, Flume, AsyncChannel, CrossfireSpsc];
        |R, C| move || outcome(n, by_hand::<R, C>(n))
    );
}

fn outcome(n: u64, tally: Tally) -> Outcome {
    Outcome::copied(n, SUBSCRIBERS as u64, tally)
}

fn csp_adder(rx: csp::Receiver<u64>) -> csp::Go<Tally> {
    go!({
        let mut tally = Tally::default();
        while let Some(n) = take!(rx) {
            tally.add(n);
        }
        tally
    })
}

fn csp_total(adders: Vec<csp::Go<Tally>>) -> Tally {
    let tallies = adders
        .into_iter()
        .map(|a| a.wait().expect("it adds to the end"));
    tallies.fold(Tally::default(), Tally::plus)
}

fn csp(n: u64) -> Tally {
    let (tx, source) = csp::chan(ROOM);
    let mult = csp::mult(source);
    let adders = (0..SUBSCRIBERS)
        .map(|_| {
            let (tap, rx) = csp::chan(ROOM);
            mult.tap(tap);
            csp_adder(rx)
        })
        .collect();
    go!({
        for n in 0..n {
            put!(tx, n).expect("they are taken to the end");
        }
    });
    csp_total(adders)
}

fn csp_by_hand(n: u64) -> Tally {
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..SUBSCRIBERS).map(|_| csp::chan(ROOM)).unzip();
    let adders = rxs.into_iter().map(csp_adder).collect();
    go!({
        for n in 0..n {
            for tx in &txs {
                put!(tx, n).expect("they are taken to the end");
            }
        }
    });
    csp_total(adders)
}

async fn total<R: Runtime>(adders: Vec<R::Handle<Tally>>) -> Tally {
    let mut tally = Tally::default();
    for adder in adders {
        tally = tally.plus(adder.await);
    }
    tally
}

/// async-broadcast: one ring for all.
fn ring<R: Runtime>(n: u64) -> Tally {
    R::run(async move {
        let (tx, rx) = async_broadcast::broadcast(ROOM);
        let adders = (0..SUBSCRIBERS)
            .map(|_| {
                let mut rx = rx.clone();
                R::spawn(async move {
                    let mut tally = Tally::default();
                    while let Ok(n) = rx.recv_direct().await {
                        tally.add(n);
                    }
                    tally
                })
            })
            .collect();
        drop(rx);
        R::go(async move {
            for n in 0..n {
                tx.broadcast_direct(n).await.ok();
            }
        });
        total::<R>(adders).await
    })
}

/// tokio's own, which drops what a slow subscriber has not taken.
fn dropping<R: Runtime>(n: u64) -> Tally {
    R::run(async move {
        let (tx, rx) = tokio::sync::broadcast::channel(ROOM);
        let adders = (0..SUBSCRIBERS)
            .map(|_| {
                let mut rx = rx.resubscribe();
                R::spawn(async move {
                    let mut tally = Tally::default();
                    loop {
                        match rx.recv().await {
                            Ok(n) => tally.add(n),
                            Err(RecvError::Lagged(_)) => {}
                            Err(RecvError::Closed) => break tally,
                        }
                    }
                })
            })
            .collect();
        drop(rx);
        R::go(async move {
            for n in 0..n {
                tx.send(n).ok();
                // Else it would not wait at all, and they would see next to nothing.
                tokio::task::yield_now().await;
            }
        });
        total::<R>(adders).await
    })
}

fn by_hand<R: Runtime, C: Channel>(n: u64) -> Tally {
    R::run(async move {
        let (mut txs, rxs): (Vec<_>, Vec<_>) = (0..SUBSCRIBERS).map(|_| C::bounded(ROOM)).unzip();
        let adders = rxs
            .into_iter()
            .map(|mut rx| {
                R::spawn(async move {
                    let mut tally = Tally::default();
                    while let Some(n) = C::take(&mut rx).await {
                        tally.add(n);
                    }
                    tally
                })
            })
            .collect();
        R::go(async move {
            for n in 0..n {
                for tx in &mut txs {
                    C::put(tx, n).await;
                }
            }
        });
        total::<R>(adders).await
    })
}
