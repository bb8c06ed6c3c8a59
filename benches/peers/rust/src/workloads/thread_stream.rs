//! Threads that put into and take from one channel, and two that play ball.

use std::thread;

use crate::{
    measure::{Outcome, Tally, share},
    menu::{Menu, threads},
    threads::{ThreadChannel, chan},
};

pub(super) fn add(menu: &mut Menu) {
    let n = menu.workload("thr_spsc_1024", 5_000_000);
    threads!(menu, 1024, "", [Csp, Crossbeam, StdMpsc, Kanal, Flume, CrossfireSpsc];
        |C| move || stream::<C>(n, vec![C::bounded(1024)], Vec::new()));
    let n = menu.workload("thr_spsc_0", 1_000_000);
    threads!(menu, 0, "", [Csp, Crossbeam, StdMpsc, Kanal, Flume, CrossfireSpsc];
        |C| move || stream::<C>(n, vec![chan::<C>(0)], Vec::new()));
    let n = menu.workload("thr_pingpong", 1_000_000);
    threads!(menu, 0, "", [Csp, Crossbeam, StdMpsc, Kanal, Flume, CrossfireSpsc];
        |C| move || pingpong::<C>(n));
    let n = menu.workload("thr_mpsc4_1024", 4_000_000);
    threads!(menu, 1024, "", [Csp, Crossbeam, StdMpsc, Kanal, Flume, CrossfireMpsc];
    |C| move || {
        let (tx, rx) = C::bounded(1024);
        let more = (1..4).map(|_| tx.clone()).collect();
        stream::<C>(n, vec![(tx, rx)], more)
    });
    let n = menu.workload("thr_mpmc4x4_1024", 4_000_000);
    threads!(menu, 1024, "", [Csp, Crossbeam, Kanal, Flume, CrossfireMpmc];
    |C| move || {
        let (tx, rx) = C::bounded(1024);
        let ends = (0..4).map(|_| (tx.clone(), rx.clone())).collect();
        drop((tx, rx));
        stream::<C>(n, ends, Vec::new())
    });
}

/// A thread for each end. (Takes its ends, since not all of them can be cloned.)
fn stream<C: ThreadChannel>(n: u64, ends: Vec<(C::Tx, C::Rx)>, more: Vec<C::Tx>) -> Outcome {
    let (mut txs, rxs): (Vec<_>, Vec<_>) = ends.into_iter().unzip();
    txs.extend(more);
    let putters = txs.len() as u64;
    let takers: Vec<_> = rxs
        .into_iter()
        .map(|rx| {
            thread::spawn(move || {
                let mut tally = Tally::default();
                while let Some(n) = C::take(&rx) {
                    tally.add(n);
                }
                tally
            })
        })
        .collect();
    for (at, tx) in (0..).zip(txs) {
        thread::spawn(move || {
            for n in share(n, putters, at) {
                C::put(&tx, n);
            }
        });
    }
    let tallies = takers
        .into_iter()
        .map(|t| t.join().expect("it takes to the end"));
    Outcome::counted(n, tallies.fold(Tally::default(), Tally::plus))
}

fn pingpong<C: ThreadChannel>(rounds: u64) -> Outcome {
    let (ping_tx, ping_rx) = chan::<C>(0);
    let (pong_tx, pong_rx) = chan::<C>(0);
    let echo = thread::spawn(move || {
        while let Some(ball) = C::take(&ping_rx) {
            C::put(&pong_tx, ball + 1);
        }
    });
    let mut ball = 0;
    for _ in 0..rounds {
        C::put(&ping_tx, ball);
        match C::take(&pong_rx) {
            Some(back) => ball = back,
            None => break,
        }
    }
    drop(ping_tx);
    echo.join().expect("it plays to the end");
    Outcome {
        lost: rounds.saturating_sub(ball),
        right: ball == rounds,
        ..Outcome::of(rounds)
    }
}
