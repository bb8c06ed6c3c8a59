//! A million blocks that sleep.

use std::time::{Duration, Instant};

use csp::secs;
use tokio::sync::watch;

use crate::{
    measure::Outcome,
    menu::{Menu, runtimes},
    ours::timers::{self, Begin},
    rt::{Runtime, SmolIo},
};

pub(super) fn add(menu: &mut Menu) {
    for (name, begin) in [
        ("timers_1m", Begin::AtOnce),
        ("timers_1m_together", Begin::Together),
    ] {
        let n = menu.workload(name, 1_000_000);
        menu.csp(move || {
            let n = u32::try_from(n).expect("a million");
            outcome(timers::timers(n, secs(1), begin))
        });
        runtimes!(menu, |R| move || outcome(on::<R>(n, begin)));
        menu.on::<SmolIo>(move || outcome(on::<SmolIo>(n, begin)));
    }
}

/// How late they were, in order; all of them are on time or later, or this has ended with a panic.
fn outcome(mut late: Vec<Duration>) -> Outcome {
    late.sort_unstable();
    let at = |permille: usize| late[(late.len() - 1) * permille / 1000].as_secs_f64() * 1e3;
    Outcome::of(late.len() as u64).and([("late_p50_ms", at(500)), ("late_p99_ms", at(990))])
}

fn late(due: Instant) -> Duration {
    Instant::now()
        .checked_duration_since(due)
        .expect("a sleep never ends early")
}

fn on<R: Runtime>(n: u64, begin: Begin) -> Vec<Duration> {
    R::run(async move {
        let mut random = 0x9E37_79B9_7F4A_7C15_u64;
        let (start_tx, start) = watch::channel(None);
        let sleepers: Vec<_> = (0..n)
            .map(|_| {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                let nap = Duration::from_millis(1 + random % 1000);
                match begin {
                    Begin::AtOnce => R::spawn(async move {
                        let due = Instant::now() + nap;
                        R::sleep(nap).await;
                        late(due)
                    }),
                    Begin::Together => {
                        let mut start = start.clone();
                        R::spawn(async move {
                            let start = start.wait_for(Option::is_some).await;
                            let due = start.map(|at| at.unwrap_or_else(Instant::now));
                            let due = due.expect("the start is given") + nap;
                            R::sleep_until(due).await;
                            late(due)
                        })
                    }
                }
            })
            .collect();
        start_tx.send(Some(Instant::now())).ok();
        let mut late = Vec::with_capacity(sleepers.len());
        for sleeper in sleepers {
            late.push(sleeper.await);
        }
        late
    })
}
