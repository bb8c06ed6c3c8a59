//! Timeouts that are made, waited for and dropped before they are over, beside messages; both at a fixed pace.

use std::time::{Duration, Instant};

use csp::{alt, deadline, go, put, secs, take, timeout};
use futures_lite::future::poll_once;

use crate::{
    chan::Channel,
    measure::{Outcome, Tally},
    menu::{Menu, pairs},
    rt::Runtime,
};

const BEAT: Duration = Duration::from_millis(10);
/// So many timeouts in each beat: 100,000 a second.
const TIMEOUTS: u64 = 1_000;
/// So many messages in each beat.
const MESSAGES: u64 = 20_000;
const ROOM: usize = 1024;

pub(super) fn add(menu: &mut Menu) {
    // Two seconds of them.
    let beats = menu
        .workload("timeouts_churn", 4_000_000)
        .div_ceil(MESSAGES);
    menu.csp(move || outcome(beats, csp(beats)));
    pairs!(menu, ROOM, "",
        Tokio: [TokioMpsc, Kanal, Flume], Smol: [Kanal, Flume], SmolIo: [Kanal, Flume];
        |R, C| move || outcome(beats, on::<R, C>(beats))
    );
}

fn outcome(beats: u64, tally: Tally) -> Outcome {
    Outcome::counted(beats * MESSAGES, tally)
}

/// When a beat begins.
fn at(start: Instant, beat: u64) -> Instant {
    start + BEAT * u32::try_from(beat).expect("a few hundred")
}

fn csp(beats: u64) -> Tally {
    let start = Instant::now();
    let (tx, rx) = csp::chan(ROOM);
    go!({
        for beat in 0..beats {
            for n in beat * MESSAGES..(beat + 1) * MESSAGES {
                put!(tx, n).expect("they are taken to the end");
            }
            take!(deadline(at(start, beat + 1)));
        }
    });
    go!({
        for beat in 0..beats {
            for _ in 0..TIMEOUTS {
                let timeout = timeout(secs(1));
                alt! {
                    _ = take!(timeout) => unreachable!("a second has not passed"),
                    default => {}
                }
            }
            take!(deadline(at(start, beat + 1)));
        }
    });
    let taker = go!({
        let mut tally = Tally::default();
        while let Some(n) = take!(rx) {
            tally.add(n);
        }
        tally
    });
    taker.wait().expect("it takes to the end")
}

fn on<R: Runtime, C: Channel>(beats: u64) -> Tally {
    R::run(async move {
        let start = Instant::now();
        let (mut tx, mut rx) = C::bounded(ROOM);
        R::go(async move {
            for beat in 0..beats {
                for n in beat * MESSAGES..(beat + 1) * MESSAGES {
                    C::put(&mut tx, n).await;
                }
                R::sleep_until(at(start, beat + 1)).await;
            }
        });
        R::go(async move {
            for beat in 0..beats {
                for _ in 0..TIMEOUTS {
                    poll_once(R::sleep(Duration::from_secs(1))).await;
                }
                R::sleep_until(at(start, beat + 1)).await;
            }
        });
        let mut tally = Tally::default();
        while let Some(n) = C::take(&mut rx).await {
            tally.add(n);
        }
        tally
    })
}
