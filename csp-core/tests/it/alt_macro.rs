//! `alt!` and `alts!` as written in source: evaluation, moves, guards, control flow.

use csp_core::{alt, alt_blocking, block_on, chan, park, put, take};

use crate::util::{Ledger, id};

/// GO-042, GO-062, GO-065: channels and values are evaluated once, in source order
#[test]
fn go_042_operands_are_evaluated_once_in_order() {
    let (a_tx, a_rx) = chan::<u32>(1);
    let (b_tx, b_rx) = chan::<u32>(1);
    let log = std::cell::RefCell::new(Vec::new());
    fn note<T>(log: &std::cell::RefCell<Vec<u32>>, n: u32, value: T) -> T {
        log.borrow_mut().push(n);
        value
    }
    for default in [false, true] {
        log.borrow_mut().clear();
        if default {
            a_tx.try_put(0).unwrap();
            b_tx.try_put(0).unwrap();
            alt_blocking! {
                _ = put!(note(&log, 1, &a_tx), note(&log, 2, 10)) => panic!("it is full"),
                _ = put!(note(&log, 3, &b_tx), note(&log, 4, 10)) => panic!("it is full"),
                default => {},
            }
        } else {
            alt_blocking! {
                _ = put!(note(&log, 1, &a_tx), note(&log, 2, 10)) => {},
                _ = take!(note(&log, 3, &b_rx)) => panic!("it is empty"),
                _ = put!(note(&log, 4, &a_tx), note(&log, 5, 10)) => {},
            }
            assert_eq!(a_rx.try_take(), Ok(10));
        }
        assert!(
            log.borrow()
                .iter()
                .copied()
                .eq(1..=if default { 4 } else { 5 })
        );
    }
}

/// A put's value that is a plain variable is there again when its arm loses.
#[test]
fn a_losing_put_gives_its_variable_back() {
    let ledger = Ledger::new();
    let (tx, _rx) = chan(0);
    let (other_tx, other) = chan(1);
    let value = ledger.value(7);
    other_tx.try_put(1).unwrap();
    let back = alt_blocking! {
        _ = put!(tx, value) => None,
        n = take!(other) => n.map(|n: u32| (n, value)),
    };
    assert_eq!(back.map(|(n, value)| (n, value.id)), Some((1, 7)));
    // For the next round of a loop: `mut v`.
    let mut value = ledger.value(8);
    for n in 0..3 {
        other_tx.try_put(n).unwrap();
        alt_blocking! {
            _ = put!(tx, mut value) => panic!("nobody takes"),
            _ = take!(other) => {},
        }
    }
    assert_eq!(value, 8);
    // With default, parked and not.
    let value = alt_blocking! {
        _ = put!(tx, value) => None,
        default => Some(value),
    };
    assert_eq!(id(value), Some(8));
    // Another expression's value is dropped.
    alt_blocking! {
        _ = put!(tx, ledger.value(9)) => panic!("nobody takes"),
        default => {},
    }
    assert_eq!(ledger.live(), 0);
}

/// ... also when it was parked, and when a put is refused by close its value is in the error.
#[test]
fn a_parked_losing_put_gives_its_variable_back() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(0);
    let (other_tx, other) = chan::<u32>(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            crate::util::until_shows(&rx, "putters: 1");
            other_tx.put_blocking(1).unwrap();
        });
        let value = ledger.value(7);
        let back = alt_blocking! {
            _ = put!(tx, value) => None,
            _ = take!(other) => Some(value),
        };
        assert_eq!(id(back), Some(7));
    });
    rx.close();
    let value = ledger.value(8);
    let back = alt_blocking! {
        Err(csp_core::Closed(v)) = put!(tx, value) => v,
        _ = take!(other) => value,
        else _ok => unreachable!("closed"),
    };
    assert_eq!(back, 8);
}

/// GO-044: guards, evaluated once, before the values move
#[test]
fn guards_switch_arms_off() {
    let (tx, rx) = chan(1);
    tx.try_put(1).unwrap();
    for open in [true, false] {
        let out = alt_blocking! {
            v = take!(rx), if open => v,
            default => None,
        };
        assert_eq!(out, open.then_some(1));
    }
    let text = "moves".to_owned();
    let (texts, _rx) = chan(1);
    alt_blocking! {
        done = put!(texts, text), if !text.is_empty() => done.unwrap(),
    }
}

/// A refutable pattern hands what did not match to `else`.
#[test]
fn what_does_not_match_goes_to_else() {
    let (tx, rx) = chan(2);
    let ask = |rx: &csp_core::Receiver<u32>| {
        alt_blocking! {
            Some(n @ 0..10) = take!(rx) => format!("small {n}"),
            else other => format!("{other:?}"),
        }
    };
    tx.try_put(3).unwrap();
    tx.try_put(30).unwrap();
    tx.close();
    assert_eq!(
        [ask(&rx), ask(&rx), ask(&rx)],
        ["small 3", "Some(30)", "None"]
    );
}

/// GO-069: `break`, `continue`, `return` and `?` in arms behave as in a `match`
#[test]
fn go_069_control_flow_in_arms() {
    async fn run(rx: &csp_core::Receiver<u32>, end: &csp_core::Receiver<u32>) -> Result<u32, u32> {
        let mut sum = 0;
        'outer: loop {
            for _ in 0..2 {
                alt! {
                    priority;
                    v = take!(rx) => match v {
                        Some(0) => continue 'outer,
                        Some(100) => break,
                        Some(200) => break 'outer,
                        Some(300) => return Ok(sum + 1000),
                        Some(n) => sum += n,
                        None => Err(sum)?,
                    },
                    _ = take!(end) => return Err(0),
                }
            }
        }
        Ok(sum)
    }
    for (values, expected) in [
        (vec![1, 0, 2, 100, 3, 4, 200], Ok(10)),
        (vec![5, 300], Ok(1005)),
        (vec![5, 6, 7], Err(18)),
    ] {
        let (tx, rx) = chan(16);
        let (_end_tx, end) = chan(0);
        for v in values {
            tx.try_put(v).unwrap();
        }
        drop(tx);
        assert_eq!(block_on(run(&rx, &end)), expected);
    }
}

/// CA-153, CA-154, CA-155, and arms that park on futures.
#[test]
fn ca_153_arms_bind_patterns_and_futures() {
    let (tx, rx) = chan(1);
    tx.try_put((1, "one")).unwrap();
    let out = block_on(async {
        alt! {
            Some((n, text)) = take!(rx) => format!("{n} {text}"),
            else _closed => String::new(),
        }
    });
    assert_eq!(out, "1 one");
    let out = block_on(async {
        alt! {
            _ = take!(rx) => 0,
            n = park!(async { 42 }) => n,
        }
    });
    assert_eq!(out, 42);
    let out = alt_blocking! {
        _ = take!(rx) => 1,
        default => 42,
    };
    assert_eq!(out, 42);
}

/// Arm bodies may park themselves.
#[test]
fn bodies_may_park() {
    let (tx, rx) = chan(2);
    let (out, got) = chan(2);
    tx.try_put(1).unwrap();
    block_on(async {
        alt! {
            Some(n) = take!(rx) => {
                put!(out, n + 1).unwrap();
                alt! {
                    _ = put!(out, n + 2) => {},
                    default => panic!("there is room"),
                }
            }
            else _closed => {},
        }
    });
    assert_eq!((got.try_take(), got.try_take()), (Ok(2), Ok(3)));
    assert_eq!(
        block_on(async { park!(async { take!(got.clone()) },) }.or_closed(tx)),
        None
    );
}

/// Closes a channel while a future waits.
trait OrClosed: Future + Sized {
    async fn or_closed<T>(self, tx: csp_core::Sender<T>) -> Option<u32>
    where
        Self: Future<Output = Option<u32>>,
    {
        drop(tx);
        let mut this = std::pin::pin!(self);
        crate::util::parks(this.as_mut());
        None
    }
}

impl<F: Future> OrClosed for F {}
