//! One taker that selects over a thousand channels.

use csp::{AltSet, alts, go, put};
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::select::next;
use crate::{
    chan::{Channel, chan},
    measure::{Outcome, Tally, share},
    menu::{Menu, pairs},
    rt::Runtime,
};

const PORTS: u64 = 1_000;

pub(super) fn add(menu: &mut Menu) {
    let n = menu.workload("select_1000", 200_000);
    menu.csp(move || Outcome::counted(n, csp(n)));
    pairs!(menu, 0, "/FuturesUnordered",
        Tokio: [TokioMpsc, Kanal, Flume, AsyncChannel, Tachyonix],
        Smol: [Kanal, Flume, AsyncChannel];
        |R, C| move || Outcome::counted(n, on::<R, C>(n))
    );
}

fn csp(n: u64) -> Tally {
    let taker = go!({
        let mut set = AltSet::new();
        for at in 0..PORTS {
            let (tx, rx) = csp::chan(0);
            go!({
                for n in share(n, PORTS, at) {
                    put!(tx, n).expect("they are taken to the end");
                }
            });
            set.take(&rx);
        }
        let mut tally = Tally::default();
        let mut open = set.len();
        while open > 0 {
            let (from, event) = alts!(&mut set);
            if let Some(n) = event.took() {
                tally.add(n);
            } else {
                set.disable(from);
                open -= 1;
            }
        }
        tally
    });
    taker.wait().expect("it takes to the end")
}

fn on<R: Runtime, C: Channel>(n: u64) -> Tally {
    R::run(async move {
        let mut takes = FuturesUnordered::new();
        for at in 0..PORTS {
            let (mut tx, rx) = chan::<C>(0);
            R::go(async move {
                for n in share(n, PORTS, at) {
                    C::put(&mut tx, n).await;
                }
            });
            takes.push(next::<C>(rx));
        }
        let mut tally = Tally::default();
        while let Some((rx, value)) = takes.next().await {
            if let Some(n) = value {
                tally.add(n);
                takes.push(next::<C>(rx));
            }
        }
        tally
    })
}
