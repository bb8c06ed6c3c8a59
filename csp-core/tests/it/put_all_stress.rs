//! Puts into several channels at one instant, with threads: order, atomicity, and an end.

use std::{
    pin::pin,
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use csp_core::{Buffer, BufferPolicy, Receiver, Sender, block_on, chan, put_all_or_none, take_any};

use crate::util::poll;

const CHANS: usize = 3;
const EACH: usize = 4_000;

/// What `seed` makes of itself.
fn next(seed: &mut u64) -> usize {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    usize::try_from(*seed >> 33).unwrap()
}

fn collect(rx: &Receiver<usize>) -> Vec<usize> {
    std::iter::from_fn(|| rx.take_blocking()).collect()
}

/// Many threads put the same number into some of the channels, named in any order, in all forms; some give up.
/// Any two channels have the numbers that went to both in the same order.
fn same_order(capacities: [usize; CHANS]) {
    let (txs, rxs): (Vec<_>, Vec<_>) = capacities.map(chan::<usize>).into_iter().unzip();
    let start = Arc::new(Barrier::new(4));
    let putters: Vec<_> = (0..4_usize)
        .map(|thread| {
            let (txs, start) = (txs.clone(), Arc::clone(&start));
            thread::spawn(move || {
                let mut seed = 0x9E37_79B9 + thread as u64;
                let mut put = Vec::new();
                start.wait();
                for n in 0..EACH {
                    let id = n * 8 + thread * 2;
                    let first = next(&mut seed) % CHANS;
                    let second = (first + 1 + next(&mut seed) % (CHANS - 1)) % CHANS;
                    let mut on = vec![first, second];
                    if next(&mut seed).is_multiple_of(3) {
                        on.push(CHANS - first - second);
                    }
                    let all =
                        put_all_or_none(on.iter().map(|&on| txs[on].put(id)).collect::<Vec<_>>());
                    let done = match next(&mut seed) % 8 {
                        0 => all.now().is_ok(),
                        1 => {
                            let mut all = pin!(all);
                            poll(all.as_mut()).is_ready() || all.withdraw().is_none()
                        }
                        2 => {
                            txs[first].put_blocking(id + 1).unwrap();
                            drop(all);
                            false
                        }
                        _ => all.blocking().is_ok(),
                    };
                    if done {
                        put.push((id, on));
                    }
                }
                put
            })
        })
        .collect();
    let takers: Vec<_> = (rxs.into_iter())
        .map(|rx| thread::spawn(move || collect(&rx)))
        .collect();
    drop(txs);
    let put: Vec<_> = putters
        .into_iter()
        .flat_map(|t| t.join().unwrap())
        .collect();
    let took: Vec<_> = takers.into_iter().map(|t| t.join().unwrap()).collect();
    // Each that was put is in all its channels, once, and nothing else is.
    let mut expected = vec![Vec::new(); CHANS];
    for (id, on) in &put {
        on.iter().for_each(|&on| expected[on].push(*id));
    }
    for (took, expected) in took.iter().zip(&mut expected) {
        let mut all: Vec<_> = took.iter().copied().filter(|id| id % 2 == 0).collect();
        all.sort_unstable();
        expected.sort_unstable();
        assert_eq!(all, *expected);
    }
    for (a, b) in [(0, 1), (1, 2), (0, 2)] {
        let both = |x: usize, y: usize| {
            let other: std::collections::HashSet<_> = took[y].iter().collect();
            let both: Vec<_> = took[x]
                .iter()
                .copied()
                .filter(|id| other.contains(id))
                .collect();
            both
        };
        assert_eq!(both(a, b), both(b, a));
    }
}

#[test]
fn stress_put_all_into_buffers() {
    same_order([1, 2, 3]);
}

#[test]
fn stress_put_all_into_rendezvous() {
    same_order([0, 0, 1]);
}

/// The takers are alts on all of the channels: none is served twice, and all values come.
#[test]
fn stress_put_all_into_alts() {
    const TAKERS: usize = 4;
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..CHANS).map(|_| chan::<usize>(0)).unzip();
    let takers: Vec<_> = (0..TAKERS)
        .map(|_| {
            let rxs = rxs.clone();
            thread::spawn(move || {
                let mut took = vec![0_usize; CHANS];
                block_on(async {
                    while let (on, Some(_)) = take_any(&rxs).await {
                        took[on] += 1;
                    }
                });
                took
            })
        })
        .collect();
    drop(rxs);
    let putters: Vec<_> = (0..2)
        .map(|thread| {
            let txs = txs.clone();
            thread::spawn(move || {
                for n in 0..EACH {
                    let (a, b) = ((n + thread) % CHANS, (n + thread + 1) % CHANS);
                    put_all_or_none([txs[a].put(n), txs[b].put(n)])
                        .blocking()
                        .unwrap();
                }
            })
        })
        .collect();
    putters.into_iter().for_each(|t| t.join().unwrap());
    drop(txs);
    let took: usize = takers.into_iter().flat_map(|t| t.join().unwrap()).sum();
    // One that meets a closed channel ends: nothing is lost, since nothing is put then.
    assert_eq!(took, 2 * 2 * EACH);
}

/// Puts a copy into another channel, under its own channel's lock.
struct Copies {
    kept: usize,
    to: Sender<usize>,
}

impl BufferPolicy<usize> for Copies {
    fn len(&self) -> usize {
        self.kept
    }
    fn is_full(&self) -> bool {
        false
    }
    fn add(&mut self, value: usize) -> Option<usize> {
        if value > 0 {
            self.to.try_put(value).unwrap();
        }
        self.kept += 1;
        None
    }
    fn remove(&mut self) -> Option<usize> {
        self.kept = self.kept.checked_sub(1)?;
        Some(0)
    }
}

/// Policies that use the one channel under the other's lock, in both directions of age, while transactions hold
/// both: whoever has a lock does not sleep for another, so there is no circle.
#[test]
fn stress_put_all_against_policies_that_put() {
    let (old_tx, old) = chan(csp_core::sliding(4));
    let (new_tx, new) = chan(Buffer::custom(Copies {
        kept: 0,
        to: old_tx.clone(),
    }));
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let plain = scope.spawn(|| (1..=EACH * 4).for_each(|n| new_tx.try_put(n).unwrap()));
        let all: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..EACH {
                        put_all_or_none((old_tx.put(0), new_tx.put(0)))
                            .now()
                            .unwrap();
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let _taken = (old.try_take(), new.try_take());
            }
        });
        plain.join().unwrap();
        all.into_iter().for_each(|t| t.join().unwrap());
        stop.store(true, Ordering::Relaxed);
    });
}

/// A transaction is given up again and again while room comes: whoever waits behind is told.
#[test]
fn stress_put_all_given_up() {
    let (tx, rx) = chan::<usize>(1);
    let (other_tx, _other) = chan::<usize>(0);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let all = put_all_or_none((tx.put(0), other_tx.put(0)));
                block_on(async {
                    let mut all = pin!(all);
                    let mut turns = 3;
                    std::future::poll_fn(|cx| {
                        turns -= 1;
                        cx.waker().wake_by_ref();
                        let done = all.as_mut().poll(cx).is_ready();
                        assert!(!done);
                        if turns == 0 {
                            std::task::Poll::Ready(())
                        } else {
                            std::task::Poll::Pending
                        }
                    })
                    .await;
                });
            }
        });
        let putter = scope.spawn(|| {
            for n in 0..EACH {
                put_all_or_none([tx.put(n)]).blocking().unwrap();
            }
        });
        for n in 0..EACH {
            assert_eq!(rx.take_blocking(), Some(n));
        }
        putter.join().unwrap();
        stop.store(true, Ordering::Relaxed);
    });
}
