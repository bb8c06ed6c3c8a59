//! Laws of composition, on chains made at random.

use csp_core::xf::{self, Flow, Transducer};
use proptest::prelude::*;

use crate::util::cases;

type Call<Out> = fn(i64) -> Out;
type Test = fn(&i64) -> bool;
type Groups<X> = xf::Then<X, xf::Cat<Vec<i64>>>;

/// One of several transducers, chosen at run time.
macro_rules! stages {
    ($($name:ident($xf:ty)),+ $(,)?) => {
        #[derive(Debug, Clone)]
        enum Stage { $($name($xf)),+ }

        impl Transducer for Stage {
            type In = i64;
            type Out = i64;

            fn step(&mut self, value: i64, emit: &mut impl FnMut(i64) -> Flow) -> Flow {
                match self { $(Self::$name(xf) => xf.step(value, emit)),+ }
            }

            fn complete(&mut self, emit: &mut impl FnMut(i64) -> Flow) -> Flow {
                match self { $(Self::$name(xf) => xf.complete(emit)),+ }
            }
        }
    };
}

stages! {
    Map(xf::Map<i64, Call<i64>>),
    Filter(xf::Filter<i64, Test>),
    Keep(xf::Keep<i64, Call<Option<i64>>>),
    Mapcat(xf::Mapcat<i64, Call<std::ops::Range<i64>>>),
    Take(xf::Take<i64>),
    TakeWhile(xf::TakeWhile<i64, Test>),
    TakeNth(xf::TakeNth<i64>),
    Skip(xf::Skip<i64>),
    SkipWhile(xf::SkipWhile<i64, Test>),
    Partition(Groups<xf::Partition<i64>>),
    PartitionAll(Groups<xf::PartitionAll<i64>>),
    PartitionBy(Groups<xf::PartitionBy<i64, bool, Test>>),
    Window(Groups<xf::Window<i64>>),
    Dedupe(xf::Dedupe<i64>),
    Distinct(xf::Distinct<i64>),
    Interpose(xf::Interpose<i64>),
    Scan(xf::Scan<i64, i64, fn(&i64, i64) -> i64>),
}

const EVEN: Test = |n| n % 2 == 0;

fn stage() -> impl Strategy<Value = Stage> {
    let (any, some) = (0..6_usize, 1..5_usize);
    prop_oneof![
        Just(Stage::Map(xf::map(|n| n + 1))),
        Just(Stage::Filter(xf::filter(EVEN))),
        Just(Stage::Keep(xf::keep(|n| (n > 1).then_some(n / 2)))),
        Just(Stage::Mapcat(xf::mapcat(|n| 0..n.min(3)))),
        any.clone().prop_map(|n| Stage::Take(xf::take(n))),
        Just(Stage::TakeWhile(xf::take_while(|n| *n < 3))),
        some.clone().prop_map(|n| Stage::TakeNth(xf::take_nth(n))),
        any.prop_map(|n| Stage::Skip(xf::skip(n))),
        Just(Stage::SkipWhile(xf::skip_while(EVEN))),
        some.clone()
            .prop_map(|n| Stage::Partition(xf::partition(n).cat())),
        some.clone()
            .prop_map(|n| Stage::PartitionAll(xf::partition_all(n).cat())),
        Just(Stage::PartitionBy(xf::partition_by(EVEN).cat())),
        some.prop_map(|n| Stage::Window(xf::window(n).cat())),
        Just(Stage::Dedupe(xf::dedupe())),
        Just(Stage::Distinct(xf::distinct())),
        Just(Stage::Interpose(xf::interpose(7))),
        Just(Stage::Scan(xf::scan(0, |sum: &i64, n| (sum + n) % 5))),
    ]
}

fn values() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(0..5_i64, 0..20)
}

fn out(xf: impl Transducer<In = i64, Out = i64>, input: &[i64]) -> Vec<i64> {
    xf.iter(input.iter().copied()).collect()
}

/// What comes out, and how many values went in, when no more than `most` are wanted.
fn fed<X>(xf: X, input: &[i64], most: usize) -> (Vec<i64>, usize)
where
    X: Transducer<In = i64, Out = i64>,
{
    let mut pulled = 0;
    let counted = input.iter().copied().inspect(|_| pulled += 1);
    let end = xf::try_transduce(
        xf,
        Vec::new(),
        |mut all, n| {
            all.push(n);
            if all.len() < most {
                std::ops::ControlFlow::Continue(all)
            } else {
                std::ops::ControlFlow::Break(all)
            }
        },
        counted,
    );
    let (std::ops::ControlFlow::Continue(all) | std::ops::ControlFlow::Break(all)) = end;
    (all, pulled)
}

proptest! {
    #![proptest_config(cases(500))]

    /// `a.then(b)` does on all values what `a` and then `b` do one after the other.
    #[test]
    fn then_is_one_after_the_other(a in stage(), b in stage(), input in values()) {
        let both = out(a.clone().then(b.clone()), &input);
        prop_assert_eq!(both, out(b, &out(a, &input)));
    }

    /// It makes no difference how a chain of three is put together, wherever it is stopped: neither to
    /// what comes out nor to how many values are asked for.
    #[test]
    fn then_is_associative(
        (a, b, c) in (stage(), stage(), stage()),
        input in values(),
        most in 1..30_usize,
    ) {
        let left = a.clone().then(b.clone()).then(c.clone());
        let right = a.then(b.then(c));
        prop_assert_eq!(fed(left, &input, most), fed(right, &input, most));
    }

    /// The identity on either side changes nothing.
    #[test]
    fn identity_is_neutral(xf in stage(), input in values(), most in 1..30_usize) {
        let alone = fed(xf.clone(), &input, most);
        prop_assert_eq!(&fed(xf::identity().then(xf.clone()), &input, most), &alone);
        prop_assert_eq!(&fed(xf.then(xf::identity()), &input, most), &alone);
    }

    /// Map fusion: two maps are one.
    #[test]
    fn maps_fuse(input in values(), k in -9..9_i64) {
        let two = xf::map(|n: i64| n + k).map(|n| n * 3);
        prop_assert_eq!(out(two, &input), out(xf::map(|n: i64| (n + k) * 3), &input));
    }

    /// The lazy use gives what the eager one does, and asks for no more values to give as many.
    #[test]
    fn iter_is_transduce(
        chain in (stage(), stage(), stage()),
        input in values(),
        most in 1..30_usize,
    ) {
        let (a, b, c) = chain;
        let xf = a.then(b).then(c);
        let (eager, needed) = fed(xf.clone(), &input, most);
        let mut pulled = 0;
        let counted = input.iter().copied().inspect(|_| pulled += 1);
        let lazy: Vec<i64> = xf.iter(counted).take(most).collect();
        prop_assert_eq!(lazy, eager);
        prop_assert_eq!(pulled, needed);
    }
}
