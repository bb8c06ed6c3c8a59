//! A tree of blocks; each node sums its children through a channel.

use crate::{
    chan::{Channel, chan},
    measure::{Outcome, sum_below},
    menu::{Menu, pairs},
    ours,
    rt::Runtime,
};

const FAN: u64 = 10;

pub(super) fn add(menu: &mut Menu) {
    let most = menu.workload("skynet", 1_000_000);
    let leaves = FAN.pow(most.ilog10());
    menu.csp(move || {
        ours::blocks::skynet(leaves, FAN);
        Outcome::of(1)
    });
    pairs!(menu, 0, "",
        Tokio: [TokioMpsc, Kanal, Flume, AsyncChannel, Tachyonix],
        Smol: [Kanal, Flume, AsyncChannel];
        |R, C| move || skynet::<R, C>(leaves)
    );
}

fn skynet<R: Runtime, C: Channel>(leaves: u64) -> Outcome
where
    C::Tx: Clone,
{
    let sum = R::run(async move {
        let (tx, mut rx) = chan::<C>(0);
        node::<R, C>(tx, 0, leaves);
        C::take(&mut rx).await
    });
    Outcome {
        right: sum == Some(sum_below(leaves)),
        ..Outcome::of(1)
    }
}

fn node<R: Runtime, C: Channel>(mut parent: C::Tx, first: u64, leaves: u64)
where
    C::Tx: Clone,
{
    R::go(async move {
        let mut sum = first;
        if leaves > 1 {
            sum = 0;
            let (tx, mut rx) = chan::<C>(0);
            for child in 0..FAN {
                let leaves = leaves / FAN;
                node::<R, C>(tx.clone(), first + child * leaves, leaves);
            }
            drop(tx);
            while let Some(n) = C::take(&mut rx).await {
                sum += n;
            }
        }
        C::put(&mut parent, sum).await;
    });
}
