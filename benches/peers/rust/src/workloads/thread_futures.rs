//! Futures that put into and take from one channel, on two threads that run nothing else: as channels are used between
//! executors.

use std::thread;

use futures_lite::future::block_on;

use crate::{
    chan::Channel,
    measure::{Outcome, Tally},
    menu::{Menu, futures},
};

const ROOM: usize = 1024;

pub(super) fn add(menu: &mut Menu) {
    let n = menu.workload("thr_futures_1024", 5_000_000);
    menu.csp(move || Outcome::counted(n, csp(n)));
    futures!(menu, ROOM, [TokioMpsc, Kanal, Flume, AsyncChannel, Tachyonix, CrossfireSpsc];
        |C| move || Outcome::counted(n, on::<C>(n)));
}

fn csp(n: u64) -> Tally {
    let (tx, rx) = csp::chan(ROOM);
    let putter = thread::spawn(move || {
        csp::block_on(async {
            for n in 0..n {
                tx.put(n).await.expect("they are taken to the end");
            }
        });
    });
    let tally = csp::block_on(async {
        let mut tally = Tally::default();
        while let Some(n) = rx.take().await {
            tally.add(n);
        }
        tally
    });
    putter.join().expect("it does not panic");
    tally
}

fn on<C: Channel>(n: u64) -> Tally {
    let (mut tx, mut rx) = C::bounded(ROOM);
    let putter = thread::spawn(move || {
        block_on(async {
            for n in 0..n {
                C::put(&mut tx, n).await;
            }
        });
    });
    let tally = block_on(async {
        let mut tally = Tally::default();
        while let Some(n) = C::take(&mut rx).await {
            tally.add(n);
        }
        tally
    });
    putter.join().expect("it does not panic");
    tally
}
