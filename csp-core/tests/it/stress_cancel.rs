//! Operations given up by many threads at once: counts are exact, nothing is lost.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

use csp_core::{AltSet, Of2, Order, alts_blocking, chan};

use crate::util::{Ledger, Tracked};

/// Takes that are given up at any time, by a limit or by a lost alts, lose nothing.
#[test]
fn stress_takes_given_up_at_any_time_lose_nothing() {
    const VALUES: u32 = 20_000;
    for capacity in [0, 1, 4] {
        let ledger = Ledger::new();
        let (tx, rx) = chan::<Tracked>(capacity);
        let (_quiet_tx, quiet) = chan::<Tracked>(0);
        let taken = AtomicU32::new(0);
        thread::scope(|scope| {
            for worker in 0..3_u64 {
                let (rx, quiet, taken) = (rx.clone(), quiet.clone(), &taken);
                scope.spawn(move || {
                    for round in 0_u64.. {
                        let limit = Duration::from_nanos((round * 7919 + worker * 131) % 20_000);
                        let value = match (round + worker) % 3 {
                            0 => rx.take_blocking_for(limit),
                            1 => match alts_blocking!(rx.take(), quiet.take(), default) {
                                Some(Of2::A(value)) => Ok(value),
                                _ => continue,
                            },
                            _ => {
                                let mut set = AltSet::new();
                                set.take(&quiet);
                                set.take(&rx);
                                // Polled once, perhaps committed at once, and given up.
                                let mut round = std::pin::pin!(set.choose(Order::Random));
                                match crate::util::poll(round.as_mut()) {
                                    std::task::Poll::Ready((_, event)) => Ok(event.took()),
                                    std::task::Poll::Pending => continue,
                                }
                            }
                        };
                        match value {
                            Ok(Some(_)) => {
                                taken.fetch_add(1, Ordering::Relaxed);
                            }
                            Ok(None) => return,
                            Err(_) => {}
                        }
                    }
                });
            }
            drop(rx);
            for n in 0..VALUES {
                tx.put_blocking(ledger.value(n)).unwrap();
            }
            drop(tx);
        });
        // A value given back after another taker had seen the end may be left, never lost: with the
        // last receiver gone it was dropped.
        let taken = taken.into_inner();
        assert!(taken <= VALUES && taken + 3 >= VALUES, "{taken}");
        assert_eq!(ledger.live(), 0);
    }
}

/// Puts that are given up at any time, under close from the other side.
#[test]
fn stress_puts_given_up_at_any_time_are_dropped_once() {
    for round in 0..300_u64 {
        let ledger = Ledger::new();
        let (tx, rx) = chan::<Tracked>(usize::from(round % 2 == 0));
        thread::scope(|scope| {
            for worker in 0..3_u64 {
                let (tx, ledger) = (tx.clone(), &ledger);
                scope.spawn(move || {
                    for n in 0_u64.. {
                        let limit = Duration::from_nanos((n * 7919 + worker * 131) % 9_000);
                        match tx.put_blocking_for(ledger.value(0), limit) {
                            Err(error) if error.is_closed() => return,
                            _ => {}
                        }
                    }
                });
            }
            drop(tx);
            for _ in 0..20 {
                drop(rx.take_blocking());
            }
            if round % 3 == 0 {
                rx.close();
                rx.iter_blocking().for_each(drop);
            }
            drop(rx);
        });
        assert_eq!(ledger.live(), 0);
    }
}
