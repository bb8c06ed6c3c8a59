//! Blocks that only give a number, waited for in waves.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{
    measure::{Outcome, Tally},
    menu::{Kind, Menu, runtimes},
    ours,
    rt::Runtime,
    stackful::{GoLib, May, Stackful},
};

const WAVE: usize = 10_000;

pub(super) fn add(menu: &mut Menu) {
    let n = menu.workload("spawn_join", 1_000_000);
    menu.csp(move || {
        ours::blocks::spawn_join(n, WAVE);
        Outcome::of(n)
    });
    runtimes!(menu, |R| move || Outcome::counted(n, spawn_join::<R>(n)));
    menu.with::<May>("may", Kind::Peer, move || Outcome::counted(n, on_may(n)));
    menu.with::<GoLib>("go-lib", Kind::Peer, move || {
        Outcome::counted(n, on_go_lib(n))
    });
}

fn on_may(n: u64) -> Tally {
    May::run(move || {
        let mut tally = Tally::default();
        let mut handles = Vec::with_capacity(WAVE);
        let mut numbers = 0..n;
        while !numbers.is_empty() {
            for n in numbers.by_ref().take(WAVE) {
                handles.push(may::go!(move || n));
            }
            for handle in handles.drain(..) {
                tally.add(handle.join().expect("no block panics"));
            }
        }
        tally
    })
}

fn on_go_lib(n: u64) -> Tally {
    GoLib::run(move || {
        let sum = AtomicU64::new(0);
        let count = AtomicU64::new(0);
        let mut numbers = 0..n;
        while !numbers.is_empty() {
            // Waits for all that it has started.
            go_lib::scope(|s| {
                for n in numbers.by_ref().take(WAVE) {
                    let (sum, count) = (&sum, &count);
                    drop(s.go(move || {
                        sum.fetch_add(n, Ordering::Relaxed);
                        count.fetch_add(1, Ordering::Relaxed);
                    }));
                }
            });
        }
        Tally {
            count: count.into_inner(),
            sum: sum.into_inner(),
        }
    })
}

fn spawn_join<R: Runtime>(n: u64) -> Tally {
    R::run(async move {
        let mut tally = Tally::default();
        let mut handles = Vec::with_capacity(WAVE);
        let mut numbers = 0..n;
        while !numbers.is_empty() {
            for n in numbers.by_ref().take(WAVE) {
                handles.push(R::spawn(async move { n }));
            }
            for handle in handles.drain(..) {
                tally.add(handle.await);
            }
        }
        tally
    })
}
