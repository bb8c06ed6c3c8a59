//! One taker that selects over eight channels.

use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::{
    chan::{Channel, chan},
    measure::{Outcome, Tally, share},
    menu::{Menu, pairs},
    ours,
    rt::Runtime,
};

pub(super) fn add(menu: &mut Menu) {
    sized(menu, "select_8", 0);
    sized(menu, "select_8_buf", 128);
}

fn sized(menu: &mut Menu, name: &'static str, capacity: usize) {
    let n = menu.workload(name, 1_000_000);
    menu.csp(move || {
        ours::alts::alt_of_eight(capacity, n);
        Outcome::of(n)
    });
    menu.csp_variant("AltSet", move || {
        ours::alts::set_of_eight(capacity, n);
        Outcome::of(n)
    });
    pairs!(menu, capacity, "/select!",
        Tokio: [TokioMpsc, Kanal, Flume, AsyncChannel, Tachyonix],
        Smol: [Kanal, Flume, AsyncChannel];
        |R, C| move || by_macro::<R, C>(capacity, n)
    );
    // The futures stay until they are done, so that kanal has nothing to lose.
    pairs!(menu, capacity, "/FuturesUnordered",
        Tokio: [TokioMpsc, Kanal, Flume, Tachyonix],
        Smol: [Kanal, Flume];
        |R, C| move || by_set::<R, C>(capacity, n)
    );
    if capacity > 0 {
        pairs!(menu, capacity, "/select!",
            Tokio: [CrossfireSpsc], Smol: [CrossfireSpsc];
            |R, C| move || by_macro::<R, C>(capacity, n)
        );
    }
}

fn putters<R: Runtime, C: Channel>(capacity: usize, n: u64) -> [C::Rx; 8] {
    std::array::from_fn(|at| {
        let (mut tx, rx) = chan::<C>(capacity);
        R::go(async move {
            for n in share(n, 8, at as u64) {
                C::put(&mut tx, n).await;
            }
        });
        rx
    })
}

fn by_macro<R: Runtime, C: Channel>(capacity: usize, n: u64) -> Outcome {
    let tally = R::run(async move {
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = putters::<R, C>(capacity, n);
        let mut tally = Tally::default();
        let mut open = [true; 8];
        while open.contains(&true) {
            let (from, value) = tokio::select! {
                v = C::take(&mut a), if open[0] => (0, v),
                v = C::take(&mut b), if open[1] => (1, v),
                v = C::take(&mut c), if open[2] => (2, v),
                v = C::take(&mut d), if open[3] => (3, v),
                v = C::take(&mut e), if open[4] => (4, v),
                v = C::take(&mut f), if open[5] => (5, v),
                v = C::take(&mut g), if open[6] => (6, v),
                v = C::take(&mut h), if open[7] => (7, v),
            };
            match value {
                Some(n) => tally.add(n),
                None => open[from] = false,
            }
        }
        tally
    });
    Outcome::counted(n, tally)
}

fn by_set<R: Runtime, C: Channel>(capacity: usize, n: u64) -> Outcome {
    let tally = R::run(async move {
        let mut takes: FuturesUnordered<_> = putters::<R, C>(capacity, n)
            .into_iter()
            .map(next::<C>)
            .collect();
        let mut tally = Tally::default();
        while let Some((rx, value)) = takes.next().await {
            if let Some(n) = value {
                tally.add(n);
                takes.push(next::<C>(rx));
            }
        }
        tally
    });
    Outcome::counted(n, tally)
}

/// A take that keeps its receiver.
pub(super) async fn next<C: Channel>(mut rx: C::Rx) -> (C::Rx, Option<u64>) {
    let value = C::take(&mut rx).await;
    (rx, value)
}
