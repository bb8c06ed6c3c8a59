//! Putters and takers of one channel: spsc, mpsc, mpmc.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use crate::{
    chan::{Channel, chan},
    measure::{Outcome, Tally, share},
    menu::{Menu, pairs, stackful},
    ours,
    rt::Runtime,
    stackful::Stackful,
};

pub(super) fn add(menu: &mut Menu) {
    spsc(menu, "spsc_1024", 1024, 5_000_000);
    spsc(menu, "spsc_1", 1, 1_000_000);
    spsc(menu, "spsc_0", 0, 1_000_000);
    mpsc(menu);
    mpmc(menu, "mpmc_1024", 1024, 4_000_000);
    mpmc(menu, "mpmc_0", 0, 1_000_000);
}

fn csp(menu: &mut Menu, putters: u64, takers: u64, capacity: usize, n: u64) {
    menu.csp(move || {
        ours::channels::stream(putters, takers, capacity, n);
        Outcome::of(n)
    });
}

fn spsc(menu: &mut Menu, name: &'static str, capacity: usize, n: u64) {
    let n = menu.workload(name, n);
    csp(menu, 1, 1, capacity, n);
    pairs!(menu, capacity, "",
        Tokio: [TokioMpsc, Kanal, Flume, AsyncChannel, Tachyonix],
        Smol: [Kanal, Flume, AsyncChannel];
        |R, C| move || one_to_one::<R, C>(capacity, n)
    );
    stackful!(menu, |S| move || by_stacks::<S>(1, 1, capacity, n));
    if capacity > 1 {
        // With room for one, its spinning makes it the slowest by far.
        pairs!(menu, capacity, "",
            Tokio: [CrossfireSpsc], Smol: [CrossfireSpsc];
            |R, C| move || one_to_one::<R, C>(capacity, n)
        );
    }
}

fn mpsc(menu: &mut Menu) {
    let (capacity, n) = (1024, menu.workload("mpsc_1024", 4_000_000));
    csp(menu, 8, 1, capacity, n);
    pairs!(menu, capacity, "",
        Tokio: [TokioMpsc, Kanal, Flume, AsyncChannel, Tachyonix, CrossfireMpsc],
        Smol: [Kanal, Flume, AsyncChannel, CrossfireMpsc];
        |R, C| move || many_to_one::<R, C>(capacity, n)
    );
    stackful!(menu, |S| move || by_stacks::<S>(8, 1, capacity, n));
}

fn mpmc(menu: &mut Menu, name: &'static str, capacity: usize, n: u64) {
    let n = menu.workload(name, n);
    csp(menu, 8, 8, capacity, n);
    pairs!(menu, capacity, "",
        Tokio: [Kanal, Flume, AsyncChannel], Smol: [Kanal, Flume, AsyncChannel];
        |R, C| move || many_to_many::<R, C>(capacity, n)
    );
    stackful!(menu, |S| move || by_stacks::<S>(8, 8, capacity, n));
    if capacity > 0 {
        pairs!(menu, capacity, "",
            Tokio: [CrossfireMpmc], Smol: [CrossfireMpmc];
            |R, C| move || many_to_many::<R, C>(capacity, n)
        );
    }
}

async fn put_all<C: Channel>(mut tx: C::Tx, numbers: std::ops::Range<u64>) {
    for n in numbers {
        C::put(&mut tx, n).await;
    }
}

async fn take_all<C: Channel>(mut rx: C::Rx) -> Tally {
    let mut tally = Tally::default();
    while let Some(n) = C::take(&mut rx).await {
        tally.add(n);
    }
    tally
}

fn one_to_one<R: Runtime, C: Channel>(capacity: usize, n: u64) -> Outcome {
    let tally = R::run(async move {
        let (tx, rx) = chan::<C>(capacity);
        let taker = R::spawn(take_all::<C>(rx));
        R::go(put_all::<C>(tx, 0..n));
        taker.await
    });
    Outcome::counted(n, tally)
}

fn many_to_one<R: Runtime, C: Channel>(capacity: usize, n: u64) -> Outcome
where
    C::Tx: Clone,
{
    let tally = R::run(async move {
        let (tx, rx) = chan::<C>(capacity);
        let taker = R::spawn(take_all::<C>(rx));
        for at in 0..8 {
            R::go(put_all::<C>(tx.clone(), share(n, 8, at)));
        }
        drop(tx);
        taker.await
    });
    Outcome::counted(n, tally)
}

fn many_to_many<R: Runtime, C: Channel>(capacity: usize, n: u64) -> Outcome
where
    C::Tx: Clone,
    C::Rx: Clone,
{
    let tally = R::run(async move {
        let (tx, rx) = chan::<C>(capacity);
        let takers: Vec<_> = (0..8)
            .map(|_| R::spawn(take_all::<C>(rx.clone())))
            .collect();
        drop(rx);
        for at in 0..8 {
            R::go(put_all::<C>(tx.clone(), share(n, 8, at)));
        }
        drop(tx);
        let mut tally = Tally::default();
        for taker in takers {
            tally = tally.plus(taker.await);
        }
        tally
    });
    Outcome::counted(n, tally)
}

fn by_stacks<S: Stackful>(putters: u64, takers: u64, capacity: usize, n: u64) -> Outcome {
    let tally = S::run(move || {
        let (tx, rx) = S::bounded(capacity);
        // Not all of them have blocks with a value.
        let results = Arc::new(Mutex::new(Tally::default()));
        let (done_tx, done) = S::bounded(16);
        for _ in 0..takers {
            let (rx, results, done) = (rx.clone(), Arc::clone(&results), done_tx.clone());
            S::go(move || {
                let mut tally = Tally::default();
                while let Some(n) = S::take(&rx) {
                    tally.add(n);
                }
                let mut results = results.lock().expect("no block panics");
                *results = results.plus(tally);
                drop(results);
                S::put(&done, 0);
            });
        }
        drop(rx);
        let left = Arc::new(AtomicU64::new(putters));
        for at in 0..putters {
            let (tx, left) = (tx.clone(), Arc::clone(&left));
            S::go(move || {
                for n in share(n, putters, at) {
                    S::put(&tx, n);
                }
                if left.fetch_sub(1, Ordering::AcqRel) == 1 {
                    S::close(&tx);
                }
            });
        }
        drop(tx);
        for _ in 0..takers {
            S::take(&done);
        }
        *results.lock().expect("no block panics")
    });
    Outcome::counted(n, tally)
}
