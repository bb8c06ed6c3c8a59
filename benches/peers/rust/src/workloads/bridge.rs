//! A thread puts, a block passes on, another thread takes.

use std::thread;

use csp::{go, put, take};

use crate::{
    chan::Blocking,
    measure::{Outcome, Tally},
    menu::{Menu, pairs},
    rt::Runtime,
};

const ROOM: usize = 64;

pub(super) fn add(menu: &mut Menu) {
    let n = menu.workload("bridge", 1_000_000);
    menu.csp(move || Outcome::counted(n, csp(n)));
    pairs!(menu, ROOM, "",
        Tokio: [TokioMpsc, Kanal, Flume, AsyncChannel], Smol: [Kanal, Flume, AsyncChannel];
        |R, C| move || Outcome::counted(n, on::<R, C>(n))
    );
}

fn csp(n: u64) -> Tally {
    let (tx, from) = csp::chan(ROOM);
    let (to, rx) = csp::chan(ROOM);
    let putter = thread::spawn(move || {
        for n in 0..n {
            tx.put_blocking(n).expect("they are taken to the end");
        }
    });
    go!({
        while let Some(n) = take!(from) {
            put!(to, n).expect("they are taken to the end");
        }
    });
    let mut tally = Tally::default();
    while let Some(n) = rx.take_blocking() {
        tally.add(n);
    }
    putter.join().expect("it does not panic");
    tally
}

fn on<R: Runtime, C: Blocking>(n: u64) -> Tally {
    let (mut tx, mut from) = C::bounded(ROOM);
    let (mut to, mut rx) = C::bounded(ROOM);
    let putter = thread::spawn(move || {
        for n in 0..n {
            C::put_blocking(&mut tx, n);
        }
    });
    let taker = thread::spawn(move || {
        let mut tally = Tally::default();
        while let Some(n) = C::take_blocking(&mut rx) {
            tally.add(n);
        }
        tally
    });
    R::run(async move {
        while let Some(n) = C::take(&mut from).await {
            C::put(&mut to, n).await;
        }
    });
    putter.join().expect("it does not panic");
    taker.join().expect("it does not panic")
}
