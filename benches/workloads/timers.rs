//! Many blocks that sleep.

use std::time::{Duration, Instant};

use csp::{Go, prelude::*};

/// When the sleepers get their deadlines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begin {
    /// Each when its block first runs: the first end while others are still being started.
    AtOnce,
    /// All after the last block has been started.
    Together,
}

/// Lets `sleepers` blocks sleep for random times of 1 ms to `longest`, all at once. Gives how late each
/// woke, in order.
pub(crate) fn timers(sleepers: u32, longest: Duration, begin: Begin) -> Vec<Duration> {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut nap = move || ms(1 + random.below(longest.as_millis()));
    let late: Go<Vec<_>> = match begin {
        Begin::AtOnce => go!({
            let sleepers: Vec<_> = (0..sleepers)
                .map(|_| {
                    let nap = nap();
                    go!({
                        let due = Instant::now() + nap;
                        sleep(nap).await;
                        late(due)
                    })
                })
                .collect();
            all(sleepers).await
        }),
        Begin::Together => go!({
            let (ready, start) = chan(promise_buffer());
            let sleepers: Vec<_> = (0..sleepers)
                .map(|_| {
                    let (nap, start) = (nap(), start.clone());
                    go!({
                        let start: Instant = take!(start).expect("the start is given");
                        let due = start + nap;
                        take!(deadline(due));
                        late(due)
                    })
                })
                .collect();
            put!(ready, Instant::now()).expect("the sleepers wait");
            all(sleepers).await
        }),
    };
    let mut late = late.wait().expect("all sleepers wake");
    assert_eq!(u32::try_from(late.len()), Ok(sleepers));
    late.sort_unstable();
    late
}

/// Makes so many timeouts of a second, one after the other, and drops them.
pub(crate) fn made_and_dropped(timeouts: u64) {
    for _ in 0..timeouts {
        drop(std::hint::black_box(timeout(secs(1))));
    }
}

async fn all(sleepers: Vec<Go<Duration>>) -> Vec<Duration> {
    let mut late = Vec::with_capacity(sleepers.len());
    for sleeper in sleepers {
        late.push(sleeper.await.expect("a sleeper wakes"));
    }
    late
}

/// # Panics
/// If it is too early.
fn late(due: Instant) -> Duration {
    Instant::now()
        .checked_duration_since(due)
        .expect("a timeout never ends early")
}

/// xorshift64*
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u128) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let random = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D);
        u64::try_from((u128::from(random) * bound) >> 64).expect("it is below 2^64")
    }
}
