//! Pauses of the processor that are about as long on every machine.
//!
//! The instruction takes 10 ns on some processors and 40 on others, and how long one should wait before one looks again
//! depends on how long the others take, not on that. So it is measured, once. (Where it takes 10, four threads that put and
//! four that take cost 74 ns a message with as many pauses as were right for 40, and 60 with four times as many.)

use std::{hint::spin_loop, time::Instant};

use super::plain::atomic::{AtomicU32, Ordering};

/// A pause is to take so many nanoseconds.
const LENGTH: u32 = 40;
/// How often the instruction is run to be measured, and how often that is done: the least is what it takes if nothing
/// comes between.
const RUN: u32 = 64;
const RUNS: u32 = 4;
/// A pause is as many instructions at most, whatever was measured.
const MOST: u32 = 64;

/// How many instructions a pause takes. 0: it has not been measured.
static INSTRUCTIONS: AtomicU32 = AtomicU32::new(0);

/// Waits for so many pauses.
pub(crate) fn pause(times: u32) {
    // Ordering: a number by itself.
    let mut instructions = INSTRUCTIONS.load(Ordering::Relaxed);
    if instructions == 0 {
        instructions = measured();
        // Ordering: as above. Whoever measures at the same time is as right.
        INSTRUCTIONS.store(instructions, Ordering::Relaxed);
    }
    for _ in 0..times * instructions {
        spin_loop();
    }
}

#[cold]
fn measured() -> u32 {
    let run = || {
        let start = Instant::now();
        for _ in 0..RUN {
            spin_loop();
        }
        start.elapsed().as_nanos()
    };
    let least = (0..RUNS).map(|_| run()).min().unwrap_or(0);
    in_a_pause(u32::try_from(least).unwrap_or(u32::MAX))
}

/// `run`: how many nanoseconds a run took.
fn in_a_pause(run: u32) -> u32 {
    (LENGTH * RUN / run.max(1)).clamp(1, MOST)
}

#[cfg(all(test, not(any(csp_loom, csp_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_about_as_long_everywhere() {
        let takes = |nanos: u32| nanos * RUN;
        assert_eq!(in_a_pause(takes(10)), 4);
        assert_eq!(in_a_pause(takes(40)), 1);
        assert_eq!(in_a_pause(takes(140)), 1, "at least one");
        assert_eq!(in_a_pause(0), MOST, "a clock that stands");
        assert!((1..=MOST).contains(&measured()));
        pause(1);
        // Ordering: this thread's own.
        assert_ne!(INSTRUCTIONS.load(Ordering::Relaxed), 0);
    }
}
