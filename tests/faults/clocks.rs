//! Clocks that jump, far and near.

use std::{cell::Cell, rc::Rc, time::Duration};

use csp::{Local, prelude::*};

use crate::{cases, dice::Dice};

/// More than any of the sleepers sleeps.
const YEARS: Duration = Duration::from_hours(2 * 366 * 24);

/// However the clock jumps, no timeout ends early, and none is left out.
#[test]
fn never_early_whatever_the_clock_does() {
    const SLEEPERS: u64 = 50;
    let mut timeouts = 0;
    for seed in 0..200 {
        let mut dice = Dice::new(seed);
        let local = Local::virtual_time();
        let ended = Rc::new(Cell::new(0));
        for _ in 0..SLEEPERS {
            // Some are due at the same time, some in a year.
            let scale = dice.below(52);
            let nanos = dice.below(10) << scale;
            let rest = Duration::from_nanos(nanos);
            let ended = Rc::clone(&ended);
            drop(local.go(async move {
                let due = csp::now() + rest;
                if nanos.is_multiple_of(2) {
                    sleep(rest).await;
                } else {
                    take!(timeout(rest));
                }
                assert_eq!(csp::now(), due, "virtual time stops at each deadline");
                ended.set(ended.get() + 1);
            }));
        }
        let mut passed = Duration::ZERO;
        while passed < YEARS {
            let far = 1 << (1 + dice.below(55));
            let jump = Duration::from_nanos(dice.below(far));
            local.advance(jump);
            passed += jump.max(Duration::from_hours(1));
        }
        local.advance(YEARS);
        assert_eq!(ended.get(), SLEEPERS, "seed {seed}");
        timeouts += SLEEPERS;
    }
    cases::held("never early", "virtual clocks that jump", timeouts);
}

/// Real time: whatever is due, it is not before its time, also on a machine that is busy.
#[test]
fn never_early_by_the_real_clock() {
    const SLEEPERS: u64 = 300;
    let rt = csp::Runtime::builder().workers(2).build();
    let sleepers: Vec<_> = (0..SLEEPERS)
        .map(|n| {
            let rest = Duration::from_micros(137 * n);
            rt.go(async move {
                let before = std::time::Instant::now();
                take!(timeout(rest));
                (before.elapsed(), rest)
            })
        })
        .collect();
    for sleeper in sleepers {
        let (took, rest) = crate::outcome(sleeper).expect("it wakes");
        assert!(took >= rest, "{took:?} is less than {rest:?}");
    }
    cases::held("never early", "real timeouts of 0 to 41 ms", SLEEPERS);
}
