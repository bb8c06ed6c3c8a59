//! A token round a ring of blocks, over unbuffered channels.

use crate::{
    chan::{Channel, chan},
    measure::Outcome,
    menu::{Menu, pairs, stackful},
    ours,
    rt::Runtime,
    stackful::Stackful,
};

const MEMBERS: u64 = 503;

pub(super) fn add(menu: &mut Menu) {
    let n = menu.workload("ring", 2_000_000);
    menu.csp(move || {
        ours::blocks::ring(503, n);
        Outcome::of(n)
    });
    pairs!(menu, 0, "",
        Tokio: [TokioMpsc, Kanal, Flume, AsyncChannel, Tachyonix],
        Smol: [Kanal, Flume, AsyncChannel];
        |R, C| move || ring::<R, C>(n)
    );
    stackful!(menu, |S| move || stackful_ring::<S>(n));
}

fn ring<R: Runtime, C: Channel>(hops: u64) -> Outcome
where
    C::Tx: Clone,
{
    let at = R::run(async move {
        let (mut start, mut takes) = chan::<C>(0);
        let (seen_tx, mut seen) = C::bounded(1);
        for member in 0..MEMBERS {
            let (mut tx, rx) = if member + 1 == MEMBERS {
                (start.clone(), None)
            } else {
                let (tx, rx) = chan::<C>(0);
                (tx, Some(rx))
            };
            let mut seen = seen_tx.clone();
            R::go(async move {
                while let Some(left) = C::take(&mut takes).await {
                    if left == 0 {
                        C::put(&mut seen, member).await;
                        break;
                    }
                    if !C::put(&mut tx, left - 1).await {
                        break;
                    }
                }
            });
            match rx {
                Some(rx) => takes = rx,
                None => break,
            }
        }
        drop(seen_tx);
        C::put(&mut start, hops).await;
        C::take(&mut seen).await
    });
    outcome(hops, at)
}

fn stackful_ring<S: Stackful>(hops: u64) -> Outcome {
    let at = S::run(move || {
        let (start, mut takes) = S::bounded(0);
        let (seen_tx, seen) = S::bounded(1);
        for member in 0..MEMBERS {
            let (tx, rx) = if member + 1 == MEMBERS {
                (start.clone(), None)
            } else {
                let (tx, rx) = S::bounded(0);
                (tx, Some(rx))
            };
            let seen = seen_tx.clone();
            // The others stay parked at the end: a closed channel would have them put to nobody.
            S::go(move || {
                while let Some(left) = S::take(&takes) {
                    if left == 0 {
                        S::put(&seen, member);
                    } else {
                        S::put(&tx, left - 1);
                    }
                }
            });
            match rx {
                Some(rx) => takes = rx,
                None => break,
            }
        }
        S::put(&start, hops);
        S::take(&seen)
    });
    outcome(hops, at)
}

fn outcome(hops: u64, at: Option<u64>) -> Outcome {
    Outcome {
        right: at == Some(hops % MEMBERS),
        ..Outcome::of(hops)
    }
}
