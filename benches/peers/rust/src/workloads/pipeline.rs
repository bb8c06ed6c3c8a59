//! Ten blocks in a row, each of which adds one.

use csp::{Receiver, go, put, take};

use crate::{
    chan::Channel,
    measure::{Outcome, Tally},
    menu::{Menu, pairs, stackful},
    rt::Runtime,
    stackful::Stackful,
};

const STAGES: u64 = 10;
const ROOM: usize = 16;

pub(super) fn add(menu: &mut Menu) {
    let n = menu.workload("pipeline_10", 1_000_000);
    menu.csp(move || outcome(n, csp(n)));
    pairs!(menu, ROOM, "",
        Tokio: [TokioMpsc, Kanal, Flume, AsyncChannel, Tachyonix],
        Smol: [Kanal, Flume, AsyncChannel];
        |R, C| move || outcome(n, on::<R, C>(n))
    );
    stackful!(menu, |S| move || outcome(n, by_stacks::<S>(n)));
}

fn outcome(n: u64, tally: Tally) -> Outcome {
    let sum = tally.sum.wrapping_sub(STAGES * n);
    Outcome::counted(n, Tally { sum, ..tally })
}

fn csp(n: u64) -> Tally {
    let taker = go!({
        let (tx, mut rx): (_, Receiver<u64>) = csp::chan(ROOM);
        go!({
            for n in 0..n {
                put!(tx, n).expect("they are taken to the end");
            }
        });
        for _ in 0..STAGES {
            let (tx, next) = csp::chan(ROOM);
            go!({
                while let Some(n) = take!(rx) {
                    if put!(tx, n + 1).is_err() {
                        break;
                    }
                }
            });
            rx = next;
        }
        let mut tally = Tally::default();
        while let Some(n) = take!(rx) {
            tally.add(n);
        }
        tally
    });
    taker.wait().expect("it takes to the end")
}

fn on<R: Runtime, C: Channel>(n: u64) -> Tally {
    R::run(async move {
        let (mut tx, mut rx) = C::bounded(ROOM);
        R::go(async move {
            for n in 0..n {
                C::put(&mut tx, n).await;
            }
        });
        for _ in 0..STAGES {
            let (mut tx, next) = C::bounded(ROOM);
            R::go(async move {
                while let Some(n) = C::take(&mut rx).await {
                    if !C::put(&mut tx, n + 1).await {
                        break;
                    }
                }
            });
            rx = next;
        }
        let mut tally = Tally::default();
        while let Some(n) = C::take(&mut rx).await {
            tally.add(n);
        }
        tally
    })
}

fn by_stacks<S: Stackful>(n: u64) -> Tally {
    S::run(move || {
        let (tx, mut rx) = S::bounded(ROOM);
        S::go(move || {
            for n in 0..n {
                S::put(&tx, n);
            }
            S::close(&tx);
        });
        for _ in 0..STAGES {
            let (tx, next) = S::bounded(ROOM);
            S::go(move || {
                while let Some(n) = S::take(&rx) {
                    S::put(&tx, n + 1);
                }
                S::close(&tx);
            });
            rx = next;
        }
        let mut tally = Tally::default();
        while let Some(n) = S::take(&rx) {
            tally.add(n);
        }
        tally
    })
}
