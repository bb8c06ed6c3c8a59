//! Takes from an unbuffered channel, each with a new timeout of a second.

use std::time::Duration;

use crate::{
    chan::{Channel, chan},
    measure::{Outcome, Tally},
    menu::{Kind, Menu, pairs},
    ours,
    rt::Runtime,
    stackful::{May, Stackful},
};

const LIMIT: Duration = Duration::from_secs(1);

pub(super) fn add(menu: &mut Menu) {
    let n = menu.workload("take_timeout", 1_000_000);
    menu.csp(move || {
        ours::alts::take_timeout(n);
        Outcome::of(n)
    });
    pairs!(menu, 0, "",
        Tokio: [TokioMpsc, Kanal, Flume, AsyncChannel, Tachyonix],
        Smol: [Kanal, Flume, AsyncChannel], SmolIo: [Kanal, Flume];
        |R, C| move || take_timeout::<R, C>(n)
    );
    menu.with::<May>("may(unbounded)", Kind::Less("unbounded"), move || on_may(n));
}

fn take_timeout<R: Runtime, C: Channel>(n: u64) -> Outcome {
    let tally = R::run(async move {
        let (mut tx, mut rx) = chan::<C>(0);
        R::go(async move {
            for n in 0..n {
                C::put(&mut tx, n).await;
            }
        });
        let mut tally = Tally::default();
        loop {
            match R::timeout(LIMIT, C::take(&mut rx)).await {
                Some(Some(n)) => tally.add(n),
                Some(None) => break tally,
                None => {} // a machine that stands still for a second is no error
            }
        }
    });
    Outcome::counted(n, tally)
}

fn on_may(n: u64) -> Outcome {
    let tally = May::run(move || {
        let (tx, rx) = may::sync::mpsc::channel();
        May::go(move || {
            for n in 0..n {
                tx.send(n).ok();
            }
        });
        let mut tally = Tally::default();
        while let Ok(n) = rx.recv_timeout(LIMIT) {
            tally.add(n);
        }
        tally
    });
    Outcome::counted(n, tally)
}
