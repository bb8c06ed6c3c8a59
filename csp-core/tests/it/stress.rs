//! Many threads at once: counts are exact, nothing hangs.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
    thread,
};

use csp_core::{
    AltSet, Buffer, BufferPolicy, Event, Of2, Of4, Receiver, Sender, TryTakeError, alts_blocking,
    chan, sliding,
};

use crate::util::one;

/// GO-024
#[test]
fn go_024_stress_four_putters_and_four_takers() {
    for capacity in [0, 1, 10, 100] {
        let (tx, rx) = chan(capacity);
        let mut seen: HashMap<u32, u32> = HashMap::new();
        thread::scope(|scope| {
            for _ in 0..4 {
                let tx = tx.clone();
                scope.spawn(move || (0..1000).for_each(|n| tx.put_blocking(n).unwrap()));
            }
            drop(tx);
            let takers: Vec<_> = (0..4)
                .map(|_| {
                    let rx = rx.clone();
                    scope.spawn(move || rx.into_iter().collect::<Vec<u32>>())
                })
                .collect();
            for taker in takers {
                for n in taker.join().unwrap() {
                    *seen.entry(n).or_default() += 1;
                }
            }
        });
        assert!(seen.len() == 1000 && seen.values().all(|count| *count == 4));
    }
}

/// GO-027
#[test]
fn go_027_stress_23_workers_between_two_channels() {
    const VALUES: u64 = 271_828;
    const PRIMES: [u64; 7] = [2, 3, 5, 7, 11, 13, 17];
    let (q_tx, q) = chan(69);
    let (r_tx, r) = chan(69);
    thread::scope(|scope| {
        for worker in 0..23 {
            let (q, r_tx) = (q.clone(), r_tx.clone());
            scope.spawn(move || {
                for n in q {
                    // Now and then out of step.
                    if n % PRIMES[worker % PRIMES.len()] == 0 {
                        thread::yield_now();
                    }
                    r_tx.put_blocking(n).unwrap();
                }
            });
        }
        drop((q, r_tx));
        scope.spawn(move || (0..VALUES).for_each(|n| q_tx.put_blocking(n).unwrap()));
        let (count, sum) = r
            .into_iter()
            .fold((0, 0), |(count, sum), n| (count + 1, sum + n));
        assert_eq!((count, sum), (VALUES, VALUES * (VALUES - 1) / 2));
    });
}

/// GO-028
#[test]
fn go_028_stress_each_message_is_seen_once_and_after_it_was_marked() {
    const MESSAGES: usize = 1000;
    let marks: Vec<AtomicU32> = (0..MESSAGES).map(|_| AtomicU32::new(0)).collect();
    let (tx, rx) = chan(2);
    thread::scope(|scope| {
        for _ in 0..10 {
            let (rx, marks) = (rx.clone(), &marks);
            scope.spawn(move || {
                while let csp_core::Of1::A(Some(n)) = csp_core::block_on(one(rx.take())) {
                    let mark: &AtomicU32 = &marks[n];
                    // Relaxed: the hand-over itself must order the two.
                    assert_eq!(mark.load(Ordering::Relaxed), 1);
                    mark.store(2, Ordering::Relaxed);
                }
            });
        }
        for (n, mark) in marks.iter().enumerate() {
            mark.store(1, Ordering::Relaxed);
            tx.put_blocking(n).unwrap();
        }
        drop(tx);
    });
    assert!(marks.iter().all(|mark| mark.load(Ordering::Relaxed) == 2));
}

/// GO-029
#[test]
fn go_029_stress_plain_and_alts_on_either_side() {
    const COUNTS: [usize; 4] = [100, 40, 200, 30];
    let jitter = |n: usize| {
        if n.is_multiple_of(3) {
            thread::yield_now();
        }
    };
    for capacity in [0, 1, 10, 100] {
        // Direct puts on four channels; direct takes, or one alts over all.
        for with_alts in [false, true] {
            let (txs, rxs): (Vec<_>, Vec<_>) = (0..4).map(|_| chan::<usize>(capacity)).unzip();
            let total = thread::scope(|scope| {
                for (count, tx) in COUNTS.iter().zip(txs) {
                    scope.spawn(move || {
                        for n in 0..*count {
                            jitter(n);
                            tx.put_blocking(n).unwrap();
                        }
                    });
                }
                if with_alts {
                    return take_all(&rxs);
                }
                let takers: Vec<_> = rxs
                    .into_iter()
                    .map(|rx| {
                        scope.spawn(move || {
                            rx.into_iter()
                                .enumerate()
                                .inspect(|(n, value)| assert_eq!(n, value))
                                .count()
                        })
                    })
                    .collect();
                takers.into_iter().map(|taker| taker.join().unwrap()).sum()
            });
            assert_eq!(total, COUNTS.iter().sum());
        }
        // One alts puts to four channels, direct takes.
        let (txs, rxs): (Vec<_>, Vec<_>) = (0..4).map(|_| chan::<usize>(capacity)).unzip();
        let total: usize = thread::scope(|scope| {
            let takers: Vec<_> = rxs
                .into_iter()
                .map(|rx| scope.spawn(move || rx.into_iter().inspect(|n| jitter(*n)).count()))
                .collect();
            put_all(txs, COUNTS);
            takers.into_iter().map(|taker| taker.join().unwrap()).sum()
        });
        assert_eq!(total, COUNTS.iter().sum());
    }
}

fn take_all(rxs: &[Receiver<usize>]) -> usize {
    let mut set = AltSet::new();
    for rx in rxs {
        set.take(rx);
    }
    let (mut next, mut open) = (vec![0; rxs.len()], rxs.len());
    while open > 0 {
        match alts_blocking!(&mut set) {
            (index, Event::Took(Some(n))) => {
                assert_eq!(n, next[index]);
                next[index] += 1;
            }
            (index, _) => {
                set.disable(index);
                open -= 1;
            }
        }
    }
    next.into_iter().sum()
}

fn put_all(txs: Vec<Sender<usize>>, mut left: [usize; 4]) {
    let mut set = AltSet::new();
    for (tx, left) in txs.iter().zip(left) {
        set.put(tx, left);
    }
    while left != [0; 4] {
        let (index, event) = alts_blocking!(&mut set);
        assert_eq!(event, Event::Put(Ok(())));
        left[index] -= 1;
        if left[index] > 0 {
            set.put_again(index, left[index]);
        }
    }
}

/// GO-041
#[test]
fn go_041_stress_a_try_on_a_channel_that_is_closed_and_drained_is_always_ready() {
    const ROUNDS: usize = 20_000;
    let line = StartLine(AtomicUsize::new(0));
    let (hand_tx, hand) = chan::<Receiver<u32>>(1);
    thread::scope(|scope| {
        scope.spawn(|| {
            for rx in &hand {
                line.wait();
                assert!(matches!(rx.try_take(), Ok(1) | Err(TryTakeError::Closed)));
            }
        });
        for _ in 0..ROUNDS {
            let (tx, rx) = chan(1);
            tx.try_put(1).unwrap();
            hand_tx.put_blocking(rx.clone()).unwrap();
            line.wait();
            tx.close();
            let _seen = rx.try_take();
        }
        hand_tx.close();
    });
}

/// GO-070
#[test]
fn go_070_stress_an_alts_never_commits_two_puts() {
    const ROUNDS: u32 = 20_000;
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..4).map(|_| chan::<u32>(0)).unzip();
    let (out, merged) = chan(0);
    thread::scope(|scope| {
        let txs = &txs;
        scope.spawn(move || {
            for n in 0..ROUNDS {
                match alts_blocking!(txs[0].put(n), txs[1].put(n), txs[2].put(n), txs[3].put(n)) {
                    Of4::A(result) | Of4::B(result) | Of4::C(result) | Of4::D(result) => {
                        result.unwrap();
                    }
                }
            }
            txs.iter().for_each(|tx| assert!(tx.close()));
        });
        for rx in rxs {
            let out = out.clone();
            scope.spawn(move || rx.into_iter().for_each(|n| out.put_blocking(n).unwrap()));
        }
        drop(out);
        let mut seen = vec![false; ROUNDS as usize];
        for n in merged {
            assert!(
                !std::mem::replace(&mut seen[n as usize], true),
                "{n} came twice"
            );
        }
        assert!(seen.into_iter().all(|seen| seen));
    });
}

/// A buffer of one value that takes leave in it: `true` switches it on, `false` off.
struct Switch(bool);

impl BufferPolicy<bool> for Switch {
    fn len(&self) -> usize {
        usize::from(self.0)
    }

    fn is_full(&self) -> bool {
        false
    }

    fn add(&mut self, on: bool) -> Option<bool> {
        self.0 = on;
        None
    }

    fn remove(&mut self) -> Option<bool> {
        self.0.then_some(true)
    }
}

/// GO-071: one of two channels is always ready, while they take turns. A choice with default that is
/// smeared over time would sometimes find none.
#[test]
fn go_071_stress_a_choice_with_default_sees_one_instant() {
    let (a_tx, a) = chan(Buffer::custom(Switch(false)));
    let (b_tx, b) = chan(Buffer::custom(Switch(false)));
    a_tx.try_put(true).unwrap();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let out = alts_blocking!(a.take(), b.take(), default);
                    assert!(out.is_some(), "default, though one is ready at any time");
                }
            });
        }
        for round in 0..200_000 {
            b_tx.try_put(true).unwrap();
            a_tx.try_put(false).unwrap();
            a_tx.try_put(true).unwrap();
            b_tx.try_put(false).unwrap();
            if round % 1000 == 0 {
                thread::yield_now();
            }
        }
        done.store(true, Ordering::Relaxed);
    });
}

/// Both threads leave at nearly the same time, which they would not if they had to be woken.
struct StartLine(AtomicUsize);

impl StartLine {
    fn wait(&self) {
        let me = self.0.fetch_add(1, Ordering::SeqCst);
        let mut spins = 0_u32;
        while self.0.load(Ordering::SeqCst) < me / 2 * 2 + 2 {
            spins += 1;
            if spins.is_multiple_of(1000) {
                thread::yield_now();
            }
            std::hint::spin_loop();
        }
    }
}

/// One channel is made ready, by a value or by close, then the other is emptied: as Go's tests have it.
fn one_is_always_ready(by_close: bool) {
    const ROUNDS: usize = 50_000;
    let misses = AtomicUsize::new(0);
    let line = StartLine(AtomicUsize::new(0));
    let (hand_tx, hand) = chan::<(Receiver<u32>, Receiver<u32>)>(1);
    thread::scope(|scope| {
        scope.spawn(|| {
            for (a, b) in &hand {
                line.wait();
                let out = alts_blocking!(a.take(), b.take(), default);
                misses.fetch_add(usize::from(out.is_none()), Ordering::Relaxed);
            }
        });
        for _ in 0..ROUNDS {
            let (a_tx, a) = chan(1);
            let (b_tx, b) = chan(1);
            a_tx.try_put(1).unwrap();
            hand_tx.put_blocking((a.clone(), b.clone())).unwrap();
            line.wait();
            if by_close {
                b_tx.close();
            } else {
                b_tx.try_put(1).unwrap();
            }
            let _seen = a.try_take();
        }
        hand_tx.close();
    });
    assert_eq!(
        misses.into_inner(),
        0,
        "default, though one is ready at any time"
    );
}

/// GO-071
#[test]
fn go_071_stress_one_is_filled_and_the_other_emptied() {
    one_is_always_ready(false);
}

/// GO-072
#[test]
fn go_072_stress_one_is_closed_and_the_other_emptied() {
    one_is_always_ready(true);
}

/// GO-073
#[test]
fn go_073_stress_two_threads_each_put_their_number_or_take() {
    for capacity in [0, 10] {
        let (tx, rx) = chan(capacity);
        let left = AtomicU32::new(2);
        thread::scope(|scope| {
            for me in 0..2_u32 {
                let (tx, rx, left) = (&tx, &rx, &left);
                scope.spawn(move || {
                    for round in 0..5000 {
                        let (taken, put) = if round % 2 == 0 {
                            match alts_blocking!(tx.put(me), rx.take()) {
                                Of2::A(put) => (None, Some(put)),
                                Of2::B(taken) => (taken, None),
                            }
                        } else {
                            match alts_blocking!(rx.take(), tx.put(me)) {
                                Of2::A(taken) => (taken, None),
                                Of2::B(put) => (None, Some(put)),
                            }
                        };
                        if capacity == 0 {
                            assert_ne!(taken, Some(me), "it met itself");
                        }
                        if taken.is_none() && put != Some(Ok(())) {
                            break; // the other has ended
                        }
                    }
                    if left.fetch_sub(1, Ordering::Relaxed) == 2 {
                        // Whoever is first to end ends the other's wait.
                        tx.close();
                    }
                });
            }
        });
    }
}

/// Alts that meet alts across a ring of channels, where each may be ended by two others at a time:
/// every value that was put is taken once, and everybody comes to the end.
#[test]
fn stress_alts_meet_alts_around_a_ring() {
    const ROUNDS: usize = 30_000;
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..4).map(|_| chan::<usize>(0)).unzip();
    let (put, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for n in 0..4 {
            let (tx, rx, tx2, rx2) = (&txs[n], &rxs[(n + 1) % 4], &txs[(n + 2) % 4], &rxs[n]);
            let (put, taken) = (&put, &taken);
            scope.spawn(move || {
                loop {
                    match alts_blocking!(rx.take(), tx.put(n), rx2.take(), tx2.put(n)) {
                        Of4::A(Some(_)) | Of4::C(Some(_)) => taken.fetch_add(1, Ordering::Relaxed),
                        Of4::B(Ok(())) | Of4::D(Ok(())) => put.fetch_add(1, Ordering::Relaxed),
                        _ => break,
                    };
                }
            });
        }
        while taken.load(Ordering::Relaxed) < ROUNDS {
            thread::yield_now();
        }
        rxs.iter().for_each(|rx| assert!(rx.close()));
    });
    assert_eq!(put.into_inner(), taken.into_inner());
}

/// GO-074
#[test]
fn go_074_stress_plain_and_alts_putters_and_takers_on_four_channels() {
    const EACH: usize = 5000;
    let (txs, rxs): (Vec<_>, Vec<_>) = [0, 0, 2, 3].map(chan::<usize>).into_iter().unzip();
    thread::scope(|scope| {
        for (tx, rx) in txs.iter().zip(&rxs) {
            scope.spawn(move || (0..EACH).for_each(|n| tx.put_blocking(n).unwrap()));
            scope.spawn(move || (0..EACH).for_each(|_| assert!(rx.take_blocking().is_some())));
        }
        // And over all four: as many from each.
        scope.spawn(|| put_all(txs.clone(), [EACH; 4]));
        scope.spawn(|| {
            let mut set = AltSet::new();
            for rx in &rxs {
                set.take(rx);
            }
            let mut left = [EACH; 4];
            while left != [0; 4] {
                let (index, event) = alts_blocking!(&mut set);
                assert!(event.took().is_some());
                left[index] -= 1;
                if left[index] == 0 {
                    set.disable(index);
                }
            }
        });
    });
    assert!(rxs.iter().all(Receiver::is_empty));
}

/// GO-002: a daisy chain lets ten threads go one after the other; each gets the very next value
#[test]
fn go_002_stress_ten_takers_released_one_by_one() {
    for _ in 0..200 {
        let (tx, rx) = chan(0);
        let (first, mut turn) = chan::<()>(0);
        thread::scope(|scope| {
            for n in 0..10 {
                let (next_tx, next) = chan(0);
                let (rx, mine) = (&rx, std::mem::replace(&mut turn, next));
                scope.spawn(move || {
                    mine.take_blocking().unwrap();
                    assert_eq!(rx.take_blocking(), Some(n));
                    // The last has nobody behind it.
                    let _nobody = next_tx.put_blocking(());
                });
            }
            drop(turn);
            first.put_blocking(()).unwrap();
            (0..10).for_each(|n| tx.put_blocking(n).unwrap());
        });
    }
}

/// A sliding buffer under fire: what comes out is in order, and the last value is never missed.
#[test]
fn stress_a_sliding_buffer_keeps_order_and_the_last() {
    let (tx, rx) = chan(sliding(3));
    thread::scope(|scope| {
        scope.spawn(move || (0..100_000).for_each(|n| tx.try_put(n).unwrap()));
        let seen: Vec<u32> = rx.into_iter().collect();
        assert!(seen.is_sorted() && seen.last() == Some(&99_999));
    });
}
