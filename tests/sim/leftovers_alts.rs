//! An `alt!` with a `default` whose arm is a future.

use csp::{
    prelude::*,
    sim::{FailureKind, Report, Sim},
};

fn plans() -> [Sim; 4] {
    let random = || Sim::random(1).progress(false);
    [
        random().schedules(300),
        random().pct(3).schedules(300),
        random().exhaustive(),
        random().unreduced().schedules(5000),
    ]
}

/// Another block goes on at every operation, and yet the value is there all the time.
fn ready_future_or_default() {
    let (tx, rx) = chan(1);
    let (busy_tx, busy_rx) = chan::<u32>(1);
    let other = go!({
        put!(busy_tx, 1).unwrap();
        take!(busy_rx)
    });
    let chooses = go!({
        tx.try_put(7).unwrap();
        alt! {
            v = park!(rx.take()) => v,
            default => None,
        }
    });
    assert_eq!(chooses.wait().unwrap(), Some(7));
    other.wait().unwrap();
}

#[test]
fn default_does_not_win_against_a_future_that_is_ready() {
    for sim in plans() {
        let report = sim.clone().run(ready_future_or_default);
        assert!(report.failure.is_none(), "{sim:?}: {report}");
    }
}

/// A future of several operations: others go on before each of them.
#[test]
fn others_go_on_within_a_future_of_an_alt_with_default() {
    fn found(first: Sim) -> Report {
        first.run(|| {
            let (tx, rx) = chan::<u32>(1);
            let (log_tx, log) = chan::<u32>(8);
            let logs = log_tx.clone();
            let other = go!({ put!(tx, 1).unwrap() });
            let chooses = go!({
                alt! {
                    v = park!(async {
                        put!(logs, 1).unwrap();
                        take!(rx)
                    }) => v,
                    default => None,
                }
            });
            let got = chooses.wait().unwrap();
            other.wait().unwrap();
            let logged = log.try_take();
            // Both come up: the value was there in time, or it was not.
            assert!(got.is_none() || logged != Ok(1), "the value came in time");
        })
    }
    for sim in plans() {
        let failure = found(sim.clone()).failure;
        let failure = failure.unwrap_or_else(|| panic!("{sim:?} misses it"));
        assert_eq!(failure.kind(), FailureKind::Panic);
    }
}
