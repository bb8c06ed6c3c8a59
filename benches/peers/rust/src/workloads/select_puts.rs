//! One block that selects over four takes and four puts: what it has taken waits in a queue of its own until
//! one of four takers is there.

use std::collections::VecDeque;

use csp::{alt, go, put, take};

use crate::{
    chan::{Channel, TokioMpsc, chan},
    measure::{Outcome, Tally, share},
    menu::{Menu, pairs},
    rt::{Runtime, Tokio},
};

/// What the block may have in hand.
const MOST: usize = 16;

pub(super) fn add(menu: &mut Menu) {
    let n = menu.workload("select_puts", 1_000_000);
    menu.csp(move || Outcome::counted(n, csp(n)));
    menu.pair::<Tokio, TokioMpsc>(0, "/reserve", move || Outcome::counted(n, reserving(n)));
    // A put that loses is dropped, and made anew from the number, which is still there. A channel that
    // has its taker before the put is told of it makes two of one number here.
    pairs!(menu, 0, "/select!",
        Tokio: [Kanal, Flume, AsyncChannel, Tachyonix],
        Smol: [Kanal, Flume, AsyncChannel];
        |R, C| move || Outcome::counted(n, on::<R, C>(n))
    );
}

fn csp(n: u64) -> Tally {
    let sources: [csp::Receiver<u64>; 4] = std::array::from_fn(|at| {
        let (tx, rx) = csp::chan(0);
        go!({
            for n in share(n, 4, at as u64) {
                put!(tx, n).expect("they are taken to the end");
            }
        });
        rx
    });
    let mut takers = Vec::new();
    let sinks: [csp::Sender<u64>; 4] = std::array::from_fn(|_| {
        let (tx, rx) = csp::chan(0);
        takers.push(go!({
            let mut tally = Tally::default();
            while let Some(n) = take!(rx) {
                tally.add(n);
            }
            tally
        }));
        tx
    });
    go!({
        let mut queue = VecDeque::with_capacity(MOST);
        let mut open = [true; 4];
        while open.contains(&true) || !queue.is_empty() {
            let room = queue.len() < MOST;
            let some = !queue.is_empty();
            let n = queue.front().copied().unwrap_or(0);
            let taken = alt! {
                v = take!(sources[0]), if room && open[0] => Some((0, v)),
                v = take!(sources[1]), if room && open[1] => Some((1, v)),
                v = take!(sources[2]), if room && open[2] => Some((2, v)),
                v = take!(sources[3]), if room && open[3] => Some((3, v)),
                _ = put!(sinks[0], n), if some => None,
                _ = put!(sinks[1], n), if some => None,
                _ = put!(sinks[2], n), if some => None,
                _ = put!(sinks[3], n), if some => None,
            };
            step(taken, &mut queue, &mut open);
        }
    });
    let tallies = takers
        .into_iter()
        .map(|t| t.wait().expect("it takes to the end"));
    tallies.fold(Tally::default(), Tally::plus)
}

/// What follows from a choice: something was taken, or a channel has closed, or the first of the queue was put.
fn step(taken: Option<(usize, Option<u64>)>, queue: &mut VecDeque<u64>, open: &mut [bool; 4]) {
    match taken {
        Some((_, Some(n))) => queue.push_back(n),
        Some((from, None)) => open[from] = false,
        None => drop(queue.pop_front()),
    }
}

/// The putters and the takers beside the block.
type Ends<R, C> = (
    [<C as Channel>::Rx; 4],
    [<C as Channel>::Tx; 4],
    Vec<<R as Runtime>::Handle<Tally>>,
);

fn ends<R: Runtime, C: Channel>(n: u64) -> Ends<R, C> {
    let sources = std::array::from_fn(|at| {
        let (mut tx, rx) = chan::<C>(0);
        R::go(async move {
            for n in share(n, 4, at as u64) {
                C::put(&mut tx, n).await;
            }
        });
        rx
    });
    let mut takers = Vec::new();
    let sinks = std::array::from_fn(|_| {
        let (tx, mut rx) = chan::<C>(0);
        takers.push(R::spawn(async move {
            let mut tally = Tally::default();
            while let Some(n) = C::take(&mut rx).await {
                tally.add(n);
            }
            tally
        }));
        tx
    });
    (sources, sinks, takers)
}

async fn total<R: Runtime>(takers: Vec<R::Handle<Tally>>) -> Tally {
    let mut tally = Tally::default();
    for taker in takers {
        tally = tally.plus(taker.await);
    }
    tally
}

fn on<R: Runtime, C: Channel>(n: u64) -> Tally {
    R::run(async move {
        let ([mut a, mut b, mut c, mut d], [mut e, mut f, mut g, mut h], takers) = ends::<R, C>(n);
        let mut queue = VecDeque::with_capacity(MOST);
        let mut open = [true; 4];
        while open.contains(&true) || !queue.is_empty() {
            let room = queue.len() < MOST;
            let some = !queue.is_empty();
            let n = queue.front().copied().unwrap_or(0);
            let taken = tokio::select! {
                v = C::take(&mut a), if room && open[0] => Some((0, v)),
                v = C::take(&mut b), if room && open[1] => Some((1, v)),
                v = C::take(&mut c), if room && open[2] => Some((2, v)),
                v = C::take(&mut d), if room && open[3] => Some((3, v)),
                _ = C::put(&mut e, n), if some => None,
                _ = C::put(&mut f, n), if some => None,
                _ = C::put(&mut g, n), if some => None,
                _ = C::put(&mut h, n), if some => None,
            };
            step(taken, &mut queue, &mut open);
        }
        drop((e, f, g, h));
        total::<R>(takers).await
    })
}

/// tokio's own way: what is waited for is the right to put.
fn reserving(n: u64) -> Tally {
    Tokio::run(async move {
        let ([mut a, mut b, mut c, mut d], [e, f, g, h], takers) = ends::<Tokio, TokioMpsc>(n);
        let mut queue = VecDeque::with_capacity(MOST);
        let mut open = [true; 4];
        while open.contains(&true) || !queue.is_empty() {
            let room = queue.len() < MOST;
            let some = !queue.is_empty();
            let (taken, permit) = tokio::select! {
                v = a.recv(), if room && open[0] => (Some((0, v)), None),
                v = b.recv(), if room && open[1] => (Some((1, v)), None),
                v = c.recv(), if room && open[2] => (Some((2, v)), None),
                v = d.recv(), if room && open[3] => (Some((3, v)), None),
                permit = e.reserve(), if some => (None, permit.ok()),
                permit = f.reserve(), if some => (None, permit.ok()),
                permit = g.reserve(), if some => (None, permit.ok()),
                permit = h.reserve(), if some => (None, permit.ok()),
            };
            if let (Some(permit), Some(&n)) = (permit, queue.front()) {
                permit.send(n);
            }
            step(taken, &mut queue, &mut open);
        }
        drop((e, f, g, h));
        total::<Tokio>(takers).await
    })
}
