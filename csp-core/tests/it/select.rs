//! Go's select tests, with arms switched on and off, over every mix of company.

use std::{future::poll_fn, pin::pin, task::Poll};

use csp_core::{__private as private, Of3, Order, alt, chan, park, take};

use crate::util::{panic_of, parks, poll, ready};

const ORDERS: [Order; 2] = [Order::Random, Order::Priority];

/// GO-044, GO-048, GO-063: the one ready take is the one that is taken, whatever stands around it
#[test]
fn go_063_the_one_ready_take_is_chosen_in_any_company() {
    for place in 0..3 {
        for company in 0..16 {
            for order in ORDERS {
                for now in [false, true] {
                    let (tx, rx) = chan(1);
                    let (dummy_tx, dummy) = chan::<u32>(0);
                    tx.try_put(5).unwrap();
                    let (first_on, second_on) = (company & 1 == 1, company & 2 == 2);
                    let take = || private::when(rx.take(), true);
                    let other = || private::when(dummy.take(), first_on);
                    let put = || private::when(dummy_tx.put(company), second_on);
                    let off = || private::when(rx.take(), false);
                    let site = csp_core::__site!(Alt, x);
                    macro_rules! run {
                        ($($arm:expr),+) => {{
                            let alt = private::alt(($($arm,)+), order, site);
                            if now { alt.now().unwrap() } else { ready(pin!(alt)) }
                        }};
                    }
                    let taken = match place {
                        0 => match run!(take(), other(), put()) {
                            Of3::A(value) => value,
                            other => panic!("{other:?}"),
                        },
                        1 => match run!(put(), take(), off()) {
                            Of3::B(value) => value,
                            other => panic!("{other:?}"),
                        },
                        _ => match run!(off(), other(), take()) {
                            Of3::C(value) => value,
                            other => panic!("{other:?}"),
                        },
                    };
                    assert_eq!(taken, Some(5));
                    assert!(rx.try_take().is_err());
                }
            }
        }
    }
}

/// GO-064: the same for the one ready put
#[test]
fn go_064_the_one_ready_put_is_chosen_in_any_company() {
    for on in [false, true] {
        for order in ORDERS {
            for now in [false, true] {
                let (tx, rx) = chan(1);
                let (_dummy_tx, dummy) = chan::<u32>(0);
                let arms = (
                    private::when(dummy.take(), on),
                    tx.put(5),
                    private::when(tx.put(6), false),
                );
                let alt = private::alt(arms, order, csp_core::__site!(Alt, x));
                let out = if now {
                    alt.now().unwrap()
                } else {
                    ready(pin!(alt))
                };
                assert_eq!(out, Of3::B(Ok(())));
                assert_eq!(rx.try_take(), Ok(5));
            }
        }
    }
}

/// GO-044: an arm that is off is not chosen, however ready, and takes nothing
#[test]
fn go_044_an_arm_that_is_off_is_never_chosen() {
    let (tx, rx) = chan(1);
    let (other_tx, other) = chan(0);
    tx.try_put(1).unwrap();
    for order in ORDERS {
        let arms = (
            private::when(rx.take(), false),
            other.take(),
            private::when(tx.put(9), false),
        );
        let mut block = pin!(private::alt(arms, order, csp_core::__site!(Alt, x)));
        parks(block.as_mut());
        assert!(poll(block.as_mut()).is_pending());
        other_tx.try_put(2).unwrap();
        assert_eq!(ready(block), Of3::B(Some(2)));
        assert_eq!(rx.len(), 1);
    }
}

/// GO-066: with nothing ready, default is taken
#[test]
fn go_066_nothing_ready_takes_default() {
    let (tx, rx) = chan::<u32>(0);
    let (full, _kept) = chan(1);
    full.try_put(0).unwrap();
    for order in ORDERS {
        let arms = (rx.take(), tx.put(1), full.put(2));
        assert_eq!(
            private::alt(arms, order, csp_core::__site!(Alt, x)).now(),
            None
        );
    }
    assert!(format!("{rx:?}").contains("takers: 0, putters: 0"));
}

/// GO-013: two puts and two takes, each switched off once it fired: exactly the four events
#[test]
fn go_013_four_events_whatever_the_order() {
    use private::Of4;
    for _ in 0..50 {
        let (a_tx, a) = chan(1);
        let (b_tx, b) = chan(1);
        let (c_tx, c) = chan(1);
        let (d_tx, d) = chan(1);
        c_tx.try_put(3).unwrap();
        d_tx.try_put(4).unwrap();
        let mut on = [true; 4];
        let mut events = Vec::new();
        while on.contains(&true) {
            let arms = (
                private::when(a_tx.put(1), on[0]),
                private::when(b_tx.put(2), on[1]),
                private::when(c.take(), on[2]),
                private::when(d.take(), on[3]),
            );
            let alt = private::alt(arms, Order::Random, csp_core::__site!(Alt, x));
            let fired = match ready(pin!(alt)) {
                Of4::A(result) => result.map(|()| 0).unwrap(),
                Of4::B(result) => result.map(|()| 1).unwrap(),
                Of4::C(value) => value.map(|_| 2).unwrap(),
                Of4::D(value) => value.map(|_| 3).unwrap(),
            };
            on[fired] = false;
            events.push(fired);
        }
        events.sort_unstable();
        assert_eq!(events, [0, 1, 2, 3]);
        assert_eq!((a.try_take(), b.try_take()), (Ok(1), Ok(2)));
    }
}

/// GO-079 (its core): leaving from the middle of a long queue does not walk it
#[test]
fn go_079_losers_leave_the_middle_of_a_long_queue_in_constant_time() {
    // 20,000 alts in one queue, left in every order; a walk each would be 4 × 10^8 steps.
    const BLOCKS: usize = 20_000;
    let (_shared_tx, shared) = chan::<u32>(0);
    let own: Vec<_> = (0..BLOCKS).map(|_| chan::<u32>(0)).collect();
    for round in 0..3 {
        let mut blocks: Vec<_> = own
            .iter()
            .map(|(_, rx)| Box::pin(async { csp_core::alts!(shared.take(), rx.take()) }))
            .collect();
        blocks.iter_mut().for_each(|block| parks(block.as_mut()));
        let order: Box<dyn Iterator<Item = usize>> = match round {
            0 => Box::new(0..BLOCKS),
            1 => Box::new((0..BLOCKS).rev()),
            _ => Box::new((0..BLOCKS).map(|n| n * 7919 % BLOCKS)),
        };
        for n in order {
            own[n].0.try_put(1).unwrap();
            assert_eq!(ready(blocks[n].as_mut()), csp_core::Of2::B(Some(1)));
        }
        assert!(format!("{shared:?}").contains("takers: 0"));
    }
}

/// GO-053: no arm that is on, and no default, is refused rather than waited for
#[test]
fn go_053_054_nothing_to_wait_for_is_refused() {
    let (tx, rx) = chan::<u32>(0);
    let site = csp_core::__site!(Alt, x);
    let off = (
        private::when(rx.take(), false),
        private::when(tx.put(1), false),
    );
    let mut block = Box::pin(private::alt(off, Order::Random, site));
    let text = panic_of(|| poll(block.as_mut()).is_ready());
    assert!(text.contains("there is no arm to wait for"), "{text}");
    assert!(text.contains("select.rs:"), "{text}");
    // GO-048: with default it is taken.
    let off = (
        private::when(rx.take(), false),
        private::when(tx.put(1), false),
    );
    assert_eq!(private::alt(off, Order::Random, site).now(), None);
}

/// `default` is for when at one instant no arm was ready: here one always is, since a value comes to `here` before
/// another leaves `there`, in the middle of the look. And all arms count, not the first ones.
#[test]
fn default_does_not_win_when_a_value_moves_among_many_arms() {
    let (_a_tx, a) = chan::<u32>(1);
    let (_b_tx, b) = chan::<u32>(1);
    let (here_tx, here) = chan::<u32>(1);
    let (there_tx, there) = chan::<u32>(1);
    there_tx.try_put(1).unwrap();
    let from = there.clone();
    let moves = poll_fn(move |_| {
        here_tx.try_put(2).ok();
        from.try_take().ok();
        Poll::<u32>::Pending
    });
    let took = alt! { priority;
        v = take!(a) => v,
        v = take!(b) => v,
        v = take!(here) => v,
        v = park!(moves) => Some(v),
        v = take!(there) => v,
        default => None,
    };
    assert_eq!(took, Some(2));
}
