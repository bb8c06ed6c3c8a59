//! Transducers over iterators and before folds: who is asked when, and what becomes of the values.

use std::{
    cell::Cell,
    hash::{Hash, Hasher},
    iter,
    ops::ControlFlow::{self, Break, Continue},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use csp_core::xf::{self, Flow, Transducer};

use crate::util::{Ledger, Tracked};

/// It gives 0 to `n`, counts how often it is asked, and must not be asked once it is at its end.
fn source(n: u32, asked: &Cell<u32>) -> impl Iterator<Item = u32> {
    iter::from_fn(move || {
        let next = asked.get();
        assert!(next <= n, "asked after its end");
        asked.set(next + 1);
        (next < n).then_some(next)
    })
}

/// A value is pulled when it is needed, and not before what the last one gave is read.
#[test]
fn iter_is_lazy() {
    let asked = Cell::new(0);
    let mut twice = xf::filter(|n| n % 2 == 1)
        .mapcat(|n| [n; 2])
        .iter(source(4, &asked));
    assert_eq!((asked.get(), twice.size_hint()), (0, (0, None)));
    assert_eq!((twice.next(), asked.get()), (Some(1), 2));
    assert_eq!(twice.size_hint(), (1, None));
    assert_eq!(format!("{twice:?}"), "Iter { open: true, ready: 1, .. }");
    assert_eq!((twice.next(), asked.get()), (Some(1), 2));
    assert_eq!((twice.next(), asked.get()), (Some(3), 4));
    assert_eq!((twice.next(), asked.get()), (Some(3), 4));
    assert_eq!((twice.next(), asked.get()), (None, 5));
    assert_eq!((twice.next(), asked.get()), (None, 5));
    assert_eq!(twice.size_hint(), (0, Some(0)));
}

/// A clone goes on where the original stood, with what is ready and what is held back.
#[test]
fn iter_clones() {
    let mut iter = xf::of::<u32>().partition_all(3).cat().iter(0..5);
    assert_eq!(iter.next(), Some(0));
    let copy = iter.clone();
    assert!(iter.eq(1..5));
    assert!(copy.eq(1..5));
}

/// Once the chain wants no more, the source is not asked again: not for the end, not by a reader that goes
/// on asking.
#[test]
fn iter_stops_pulling_at_the_end() {
    let asked = Cell::new(0);
    let mut two = xf::take(2).iter(source(9, &asked));
    assert_eq!((two.next(), two.next(), asked.get()), (Some(0), Some(1), 2));
    assert_eq!((two.next(), two.next(), asked.get()), (None, None, 2));

    // The end is known with the last value, and what is held back comes then.
    let asked = Cell::new(0);
    let mut pairs = xf::take(3).partition_all(2).iter(source(9, &asked));
    assert_eq!(pairs.next(), Some(vec![0, 1]));
    assert_eq!((pairs.next(), asked.get()), (Some(vec![2]), 3));
    assert_eq!((pairs.next(), asked.get()), (None, 3));
}

/// What a panicking step gave is there; then the chain is at its end, and neither called nor completed.
#[test]
fn iter_ends_at_a_panic() {
    let asked = Cell::new(0);
    let xf = xf::of::<u32>().mapcat(|n| {
        (0..n).map(move |i| {
            assert!((n, i) != (3, 2), "user's panic");
            (n, i)
        })
    });
    let mut iter = xf.partition_all(2).cat().iter(source(9, &asked));
    let read = [iter.next(), iter.next()];
    assert_eq!(read, [Some((1, 0)), Some((2, 0))]);
    // (2, 1) is held back when 3 comes: its first is given with it, its second is held, its third panics.
    assert!(catch_unwind(AssertUnwindSafe(|| iter.next())).is_err());
    assert_eq!(iter.size_hint(), (2, Some(2)));
    assert_eq!((iter.next(), iter.next()), (Some((2, 1)), Some((3, 0))));
    assert_eq!((iter.next(), iter.next(), asked.get()), (None, None, 4));
}

/// A fold reads no more than is wanted, by the chain or by itself; what was held back is folded in.
#[test]
fn transduce_stops_pulling_at_the_end() {
    let asked = Cell::new(0);
    let sum = |sum, n: u32| sum + n;
    assert_eq!(xf::transduce(xf::take(3), 10, sum, source(9, &asked)), 13);
    assert_eq!(asked.get(), 3);

    let asked = Cell::new(0);
    let lens = xf::partition_all(4).map(|group: Vec<u32>| group.len());
    let seen = xf::transduce(
        lens,
        String::new(),
        |text, n| text + &n.to_string(),
        source(9, &asked),
    );
    assert_eq!((seen.as_str(), asked.get()), ("441", 10));
}

/// `Break` of the fold is the result; nothing more is folded, also not what the completion gives.
#[test]
fn try_transduce_ends_at_break() {
    let asked = Cell::new(0);
    let to_three = |groups: Vec<Vec<u32>>, group: Vec<u32>| {
        let groups = [groups, vec![group]].concat();
        if groups.len() < 3 {
            Continue(groups)
        } else {
            Break(groups.concat())
        }
    };
    // Wants 7 to know that the third run is over, and holds it then.
    let runs = || xf::partition_by(|n| n / 2);
    let end = xf::try_transduce(runs(), vec![], to_three, source(9, &asked));
    assert_eq!((end, asked.get()), (Break(vec![0, 1, 2, 3, 4, 5]), 7));

    let end = xf::try_transduce(runs(), vec![], to_three, 0..3);
    assert_eq!(end, Continue(vec![vec![0, 1], vec![2]]));
    // The last group comes with the completion, and it may end the fold as well.
    let end = xf::try_transduce(runs(), vec![], to_three, 0..5);
    assert_eq!(end, Break(vec![0, 1, 2, 3, 4]));
    let none: ControlFlow<(), u32> = xf::try_transduce(xf::take(0), 5, |_, ()| Break(()), [()]);
    assert_eq!(none, Continue(5));
}

/// Equal by its number.
#[derive(Clone)]
struct Counted(Tracked);

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for Counted {}

impl Hash for Counted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}

/// Feeds six pairs of equal values, stops after each possible number of results, and counts the values
/// that live: those in the results, and as many as the ended transducer is said to hold.
#[track_caller]
fn accounts<X, Out>(
    make: impl Fn(&Arc<Ledger>) -> X,
    ids: impl Fn(&Out) -> Vec<u32>,
    expected: &[&[u32]],
    holds: impl Fn(usize) -> usize,
) where
    X: Transducer<In = Counted, Out = Out>,
{
    for stop in 1..=expected.len() + 1 {
        let ledger = Ledger::new();
        let mut xf = make(&ledger);
        let mut out = Vec::new();
        let mut emit = |value| {
            out.push(value);
            if out.len() == stop {
                Flow::Break(())
            } else {
                Flow::Continue(())
            }
        };
        for n in 0..12 {
            if xf.step(Counted(ledger.value(n / 2)), &mut emit).is_break() {
                break;
            }
        }
        let _ = xf.complete(&mut emit);
        let found: Vec<_> = out.iter().map(&ids).collect();
        let wanted = &expected[..stop.min(expected.len())];
        assert_eq!(found, wanted, "stopped at {stop}");
        let given: usize = found.iter().map(Vec::len).sum();
        assert_eq!(ledger.live(), given + holds(stop), "stopped at {stop}");
        drop(out);
        assert_eq!(ledger.live(), holds(stop), "stopped at {stop}");
        drop(xf);
        assert_eq!(ledger.live(), 0, "stopped at {stop}");
    }
}

fn one(value: &Counted) -> Vec<u32> {
    vec![value.0.id]
}

#[expect(clippy::ptr_arg, reason = "the transducers give it")]
fn group(values: &Vec<Counted>) -> Vec<u32> {
    values.iter().map(|value| value.0.id).collect()
}

/// No value is lost, given twice or kept: whoever holds values back holds none once it has ended, at
/// whatever point.
#[test]
fn values_are_accounted_for_by_those_that_hold_none_at_the_end() {
    let threes: [&[u32]; 4] = [&[0, 0, 1], &[1, 2, 2], &[3, 3, 4], &[4, 5, 5]];
    accounts(|_| xf::partition_all(3), group, &threes, |_| 0);
    accounts(|_| xf::partition(3), group, &threes, |_| 0);
    let fives: [&[u32]; 3] = [&[0, 0, 1, 1, 2], &[2, 3, 3, 4, 4], &[5, 5]];
    accounts(|_| xf::partition_all(5), group, &fives, |_| 0);
    accounts(|_| xf::partition(5), group, &fives[..2], |_| 0);
    let by: [&[u32]; 3] = [&[0, 0, 1, 1], &[2, 2, 3, 3], &[4, 4, 5, 5]];
    accounts(
        |_| xf::partition_by(|value: &Counted| value.0.id / 2),
        group,
        &by,
        |_| 0,
    );
    accounts(|_| xf::take(2), one, &[&[0], &[0]], |_| 0);
    accounts(|_| xf::skip(9), one, &[&[4], &[5], &[5]], |_| 0);
    accounts(|_| xf::take_nth(5), one, &[&[0], &[2], &[5]], |_| 0);
    let again: [&[u32]; 3] = [&[0, 0, 1, 1, 2], &[2, 3, 3, 4, 4], &[5, 5]];
    accounts(
        |_| xf::partition_all(7).cat().partition_all(5),
        group,
        &again,
        |_| 0,
    );
    accounts(
        |_| xf::partition_all(7).cat().take(2),
        one,
        &[&[0], &[0]],
        |_| 0,
    );
}

/// Those that clone hold what their documentation says.
#[test]
fn values_are_accounted_for_by_those_that_clone() {
    let once: [&[u32]; 6] = [&[0], &[1], &[2], &[3], &[4], &[5]];
    accounts(|_| xf::dedupe(), one, &once, |_| 1);
    accounts(|_| xf::distinct(), one, &once, |stop| stop.min(6));
    let windows: [&[u32]; 2] = [
        &[0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5],
        &[0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5],
    ];
    accounts(|_| xf::window(11), group, &windows, |_| 10);
    let between: [&[u32]; 5] = [&[0], &[9], &[0], &[9], &[1]];
    accounts(
        |ledger| xf::take(3).interpose(Counted(ledger.value(9))),
        one,
        &between,
        |_| 1,
    );
    accounts(
        |ledger| xf::take(3).scan(Counted(ledger.value(9)), |_, value| value),
        one,
        &[&[0], &[0], &[1]],
        |_| 1,
    );
}

/// The rest of what one value gives is dropped when no more is wanted, and not read.
#[test]
fn the_rest_of_an_inner_iterator_is_dropped() {
    let ledger = Ledger::new();
    let read = Cell::new(0);
    let inner = |_: u32| {
        let values: Vec<_> = (0..5).map(|n| ledger.value(n)).collect();
        values.into_iter().inspect(|_| read.set(read.get() + 1))
    };
    let two: Vec<_> = xf::mapcat(inner).take(2).iter([1, 2]).collect();
    assert_eq!((read.get(), ledger.live()), (2, 2));
    drop(two);
    let parts = [1, 2].map(|_| (0..5).map(|n| ledger.value(n)).collect::<Vec<_>>());
    let seven: Vec<_> = xf::cat().take(7).iter(parts).collect();
    assert_eq!((seven.len(), ledger.live()), (7, 7));
}
