//! Outside of go blocks an alts keeps to an arm for some rounds, and no more than that changes.

use csp::prelude::*;

use crate::alts::run;

/// So many rounds in a row at most.
const STREAK: usize = 16;

fn closed() -> Receiver<()> {
    chan(0).1
}

/// The arms that a thread chose in `rounds` rounds, by `alt_blocking!` and by a set.
fn chosen(rounds: usize, rx: &[Receiver<usize>; 4]) -> [Vec<usize>; 2] {
    let mut set = AltSet::new();
    for rx in rx {
        set.take(rx);
    }
    let by_alt = (0..rounds).map(|_| {
        alt_blocking! {
            _ = take!(rx[0]) => 0,
            _ = take!(rx[1]) => 1,
            _ = take!(rx[2]) => 2,
            _ = take!(rx[3]) => 3,
        }
    });
    let by_alt = by_alt.collect();
    let by_set = (0..rounds).map(|_| alts_blocking!(&mut set).0);
    [by_alt, by_set.collect()]
}

/// As long as the arm is ready, so many rounds; then there is another throw.
#[test]
fn a_thread_keeps_to_an_arm_for_some_rounds() {
    const THROWS: usize = 4_000;
    let closed = std::array::from_fn(|_| chan::<usize>(0).1);
    for chosen in chosen(STREAK * THROWS, &closed) {
        let mut counts = [0_usize; 4];
        for streak in chosen.chunks(STREAK) {
            assert!(streak.iter().all(|arm| *arm == streak[0]), "{streak:?}");
            counts[streak[0]] += 1;
        }
        // In the long run they have equal shares: sigma is 27.
        assert!(
            counts.iter().all(|count| count.abs_diff(THROWS / 4) < 270),
            "{counts:?}"
        );
    }
}

/// An arm that is not ready any more is left at once, and no value is left behind.
#[test]
fn a_streak_ends_with_what_there_is() {
    for each in [1, 3, STREAK + 1] {
        let ends: [_; 4] = std::array::from_fn(|_| chan::<usize>(2 * each));
        for (tx, _) in &ends {
            (0..2 * each).for_each(|n| tx.try_put(n).unwrap());
        }
        let rx = ends.each_ref().map(|(_, rx)| rx.clone());
        for chosen in chosen(4 * each, &rx) {
            assert_eq!(chosen.len(), 4 * each);
        }
        // They are all open, and empty.
        for rx in &rx {
            assert!(rx.try_take().is_err_and(|error| !error.is_closed()));
        }
    }
}

/// What becomes ready during a streak is not kept waiting for ever.
#[test]
fn a_streak_leaves_room_for_others() {
    let (tx, late) = chan(1);
    let closed = closed();
    for _ in 0..100 {
        let mut rounds = 0;
        let got = loop {
            rounds += 1;
            assert!(rounds < 100 * STREAK, "it was never chosen");
            if rounds == 2 {
                tx.try_put(7).unwrap();
            }
            let got = alt_blocking! {
                _ = take!(closed) => None,
                _ = take!(closed) => None,
                _ = take!(closed) => None,
                v = take!(late) => v,
            };
            if got.is_some() {
                break got;
            }
        };
        assert_eq!(got, Some(7));
    }
}

/// Who always has a value, but one at a time, gets no more than others.
#[test]
fn a_streak_ends_where_there_is_no_more() {
    const ROUNDS: usize = 8_000;
    let (txs, rx): (Vec<_>, Vec<_>) = (0..4).map(|_| chan(1)).unzip();
    let mut counts = [0_usize; 4];
    for round in 0..ROUNDS {
        txs[0].try_put(()).ok();
        txs[1 + round % 3].try_put(()).ok();
        let chosen = alt_blocking! {
            _ = take!(rx[0]) => 0, _ = take!(rx[1]) => 1, _ = take!(rx[2]) => 2, _ = take!(rx[3]) => 3,
        };
        counts[chosen] += 1;
    }
    assert!(counts.iter().all(|count| *count > ROUNDS / 6), "{counts:?}");
}

/// Another alts of the same thread has nothing to do with it.
#[test]
fn each_alts_has_its_own() {
    const ROUNDS: usize = 10_000;
    let rx = closed();
    let mut same = 0;
    for _ in 0..ROUNDS {
        let both: [usize; 2] = [
            alt_blocking! {
                _ = take!(rx) => 0, _ = take!(rx) => 1, _ = take!(rx) => 2, _ = take!(rx) => 3,
            },
            alt_blocking! {
                _ = take!(rx) => 0, _ = take!(rx) => 1, _ = take!(rx) => 2, _ = take!(rx) => 3,
            },
        ];
        same += usize::from(both[0] == both[1]);
    }
    // Sigma is 43.
    assert!(same.abs_diff(ROUNDS / 4) < 430, "{same}");
}

/// Nor has what the same code chooses among other channels: what alone is ready there is not preferred here.
#[test]
fn the_same_code_has_one_for_each_choice_of_channels() {
    const ROUNDS: usize = 10_000;
    fn choose(rx: &[&Receiver<()>; 4]) -> usize {
        alt_blocking! {
            _ = take!(rx[0]) => 0, _ = take!(rx[1]) => 1, _ = take!(rx[2]) => 2, _ = take!(rx[3]) => 3,
        }
    }
    let (_open, quiet) = chan(0);
    let (a, b, c, both) = (closed(), closed(), closed(), closed());
    let mut counts = [0_usize; 4];
    for _ in 0..ROUNDS {
        assert_eq!(choose(&[&quiet, &quiet, &quiet, &both]), 3);
        counts[choose(&[&a, &b, &c, &both])] += 1;
    }
    assert!(
        counts.iter().all(|count| count.abs_diff(ROUNDS / 4) < 430),
        "{counts:?}"
    );
}

/// A block throws for each round.
#[test]
fn a_block_has_no_streaks() {
    run(async {
        const ROUNDS: usize = 10_000;
        let rx = closed();
        let mut set = AltSet::new();
        for _ in 0..4 {
            set.take(&rx);
        }
        let mut last = [0; 2];
        let mut same = [0_usize; 2];
        for _ in 0..ROUNDS {
            let now = [
                alt! {
                    _ = take!(rx) => 0, _ = take!(rx) => 1, _ = take!(rx) => 2, _ = take!(rx) => 3,
                },
                alts!(&mut set).0,
            ];
            for (same, (now, last)) in same.iter_mut().zip(now.into_iter().zip(last)) {
                *same += usize::from(now == last);
            }
            last = now;
        }
        assert!(
            same.iter().all(|same| same.abs_diff(ROUNDS / 4) < 430),
            "{same:?}"
        );
    });
}
