//! Blocks with work to do, of which one in a hundred has a hundred times as much.

use std::hint::black_box;

use csp::{Go, go};

use crate::{
    measure::{Outcome, Tally},
    menu::{Menu, runtimes},
    rt::Runtime,
};

const WAVE: usize = 10_000;
/// Steps of work, about 1.3 ns each.
const STEPS: u64 = 300;

pub(super) fn add(menu: &mut Menu) {
    let n = menu.workload("uneven", 1_000_000);
    menu.csp(move || Outcome::counted(n, csp(n)));
    runtimes!(menu, |R| move || Outcome::counted(n, on::<R>(n)));
}

/// Each step needs the result of the one before.
fn work(n: u64) -> u64 {
    let times = if n.is_multiple_of(100) { 100 } else { 1 };
    let mut x = n;
    for _ in 0..times * STEPS {
        x = black_box(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    }
    black_box(x);
    n
}

fn csp(n: u64) -> Tally {
    let all = go!({
        let mut tally = Tally::default();
        let mut handles: Vec<Go<u64>> = Vec::with_capacity(WAVE);
        let mut numbers = 0..n;
        while !numbers.is_empty() {
            for n in numbers.by_ref().take(WAVE) {
                handles.push(go!({ work(n) }));
            }
            for handle in handles.drain(..) {
                tally.add(handle.await.expect("no block panics"));
            }
        }
        tally
    });
    all.wait().expect("no block panics")
}

fn on<R: Runtime>(n: u64) -> Tally {
    R::run(async move {
        let mut tally = Tally::default();
        let mut handles = Vec::with_capacity(WAVE);
        let mut numbers = 0..n;
        while !numbers.is_empty() {
            for n in numbers.by_ref().take(WAVE) {
                handles.push(R::spawn(async move { work(n) }));
            }
            for handle in handles.drain(..) {
                tally.add(handle.await);
            }
        }
        tally
    })
}
