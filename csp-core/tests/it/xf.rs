//! Each transducer against what an iterator does, or a few plain lines.

use std::{collections::HashMap, iter, rc::Rc};

use csp_core::xf::{self, Transducer};
use proptest::prelude::*;

use crate::util::{cases, panic_of};

/// What comes out.
fn out<X: Transducer>(xf: X, input: &[X::In]) -> Vec<X::Out>
where
    X::In: Clone,
{
    xf.iter(input.to_vec()).collect()
}

/// Few different values, so that neighbours are often equal.
fn values() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(0..5_u32, 0..24)
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn map_calls_f_on_each(input in values()) {
        let mapped: Vec<_> = input.iter().map(u32::to_string).collect();
        prop_assert_eq!(out(xf::map(|n: u32| n.to_string()), &input), mapped);
        let numbered: Vec<_> = input.iter().copied().enumerate().collect();
        prop_assert_eq!(out(xf::map_indexed(|i, n| (i, n)), &input), numbered);
    }

    #[test]
    fn filter_and_remove_part_the_values(input in values(), bound in 0..6_u32) {
        let (low, high): (Vec<_>, Vec<_>) = input.iter().partition(|n| **n < bound);
        prop_assert_eq!(out(xf::filter(|n| *n < bound), &input), low);
        prop_assert_eq!(out(xf::remove(|n| *n < bound), &input), high);
    }

    #[test]
    fn keep_is_filter_map(input in values()) {
        let halves: Vec<_> = input.iter().filter(|n| **n % 2 == 0).map(|n| n / 2).collect();
        prop_assert_eq!(out(xf::keep(|n: u32| n.is_multiple_of(2).then_some(n / 2)), &input), halves);
        let third: Vec<_> = input.iter().copied().skip(2).step_by(3).collect();
        prop_assert_eq!(out(xf::keep_indexed(|i, n| (i % 3 == 2).then_some(n)), &input), third);
    }

    #[test]
    fn cat_flattens(input in prop::collection::vec(values(), 0..6)) {
        prop_assert_eq!(out(xf::cat(), &input), input.concat());
        let twice: Vec<_> = input.iter().flat_map(|part| [part.len(), part.len()]).collect();
        prop_assert_eq!(out(xf::mapcat(|part: Vec<u32>| vec![part.len(); 2]), &input), twice);
    }

    #[test]
    fn take_and_skip_cut(input in values(), n in 0..30_usize) {
        let at = n.min(input.len());
        prop_assert_eq!(out(xf::take(n), &input), &input[..at]);
        prop_assert_eq!(out(xf::skip(n), &input), &input[at..]);
    }

    #[test]
    fn the_while_forms_cut_at_the_first_that_is_not(input in values(), end in 0..6_u32) {
        let at = input.iter().position(|n| *n == end).unwrap_or(input.len());
        prop_assert_eq!(out(xf::take_while(|n| *n != end), &input), &input[..at]);
        prop_assert_eq!(out(xf::skip_while(|n| *n != end), &input), &input[at..]);
    }

    #[test]
    fn take_nth_steps(input in values(), n in 1..8_usize) {
        let stepped: Vec<_> = input.iter().copied().step_by(n).collect();
        prop_assert_eq!(out(xf::take_nth(n), &input), stepped);
    }

    /// `partition` drops the tail, `partition_all` gives it.
    #[test]
    fn partitions_are_chunks(input in values(), n in 1..8_usize) {
        let all: Vec<_> = input.chunks(n).map(<[_]>::to_vec).collect();
        prop_assert_eq!(out(xf::partition_all(n), &input), all);
        let exact: Vec<_> = input.chunks_exact(n).map(<[_]>::to_vec).collect();
        prop_assert_eq!(out(xf::partition(n), &input), exact);
    }

    #[test]
    fn partition_by_gives_runs_with_the_last(input in values()) {
        let runs: Vec<_> = input.chunk_by(|a, b| a % 2 == b % 2).map(<[_]>::to_vec).collect();
        prop_assert_eq!(out(xf::partition_by(|n| n % 2), &input), runs);
    }

    #[test]
    fn window_slides(input in values(), n in 1..8_usize) {
        let windows: Vec<_> = input.windows(n).map(<[_]>::to_vec).collect();
        prop_assert_eq!(out(xf::window(n), &input), windows);
    }

    #[test]
    fn dedupe_looks_back_one_and_distinct_at_all(input in values()) {
        let mut deduped = input.clone();
        deduped.dedup();
        prop_assert_eq!(out(xf::dedupe(), &input), deduped);
        let mut distinct = Vec::new();
        for n in &input {
            if !distinct.contains(n) {
                distinct.push(*n);
            }
        }
        prop_assert_eq!(out(xf::distinct(), &input), distinct);
    }

    #[test]
    fn interpose_separates(input in values()) {
        let joined = input.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let ours = xf::of::<u32>().map(|n| n.to_string()).interpose(",".to_owned());
        prop_assert_eq!(out(ours, &input).concat(), joined);
    }

    #[test]
    fn scan_gives_each_result_but_the_first(input in values(), init in 0..9_u32) {
        let mut sum = init;
        let sums: Vec<_> = input.iter().map(|n| { sum += n; sum }).collect();
        prop_assert_eq!(out(xf::scan(init, |sum, n| sum + n), &input), sums);
    }

    #[test]
    fn what_changes_nothing(input in values()) {
        prop_assert_eq!(&out(xf::identity(), &input), &input);
        prop_assert_eq!(&out(xf::of::<u32>(), &input), &input);
        prop_assert_eq!(&out(xf::random_sample(1.0), &input), &input);
        prop_assert!(out(xf::random_sample(0.0), &input).is_empty());
        let mut seen = Vec::new();
        prop_assert_eq!(&out(xf::inspect(|n| seen.push(*n)), &input), &input);
        prop_assert_eq!(&seen, &input);
    }
}

/// The first numbers of `SplitMix64` from 1234567 are 0.350, 0.173, 0.532, 0.249 and 0.889 of its range.
#[test]
fn a_seeded_sample_is_that_of_split_mix_64() {
    let kept = |p| out(xf::random_sample_seeded(p, 1_234_567), &[0, 1, 2, 3, 4]);
    assert_eq!(kept(0.5), [0, 1, 3]);
    assert_eq!(kept(0.36), [0, 1, 3]);
    assert_eq!(kept(0.34), [1, 3]);
    assert_eq!(kept(0.18), [1]);
    assert_eq!(kept(0.54), [0, 1, 2, 3]);
    assert_eq!(kept(0.88), [0, 1, 2, 3]);
    assert_eq!(kept(0.89), [0, 1, 2, 3, 4]);
    let many = xf::random_sample_seeded(0.3, 7).iter(0..10_000).count();
    assert!((2_800..3_200).contains(&many), "{many} of 10000 at 0.3");
}

/// Without a seed each has its own, also a clone of one that was not used yet.
#[test]
fn samples_without_a_seed_differ() {
    let sample = xf::random_sample(0.5);
    let kept = |xf: xf::RandomSample<u32>| xf.iter(0..1_000).collect::<Vec<_>>();
    assert_ne!(kept(sample.clone()), kept(sample.clone()));

    let mut used = sample;
    let _ = used.step(0, &mut |_| xf::Flow::Continue(()));
    assert_eq!(kept(used.clone()), kept(used));
}

/// CA-064: `(transduce (map inc) conj (range 5))`.
#[test]
fn ca_064_transduce_map_inc() {
    let conj = |mut all: Vec<u32>, n| {
        all.push(n);
        all
    };
    let inc = xf::map(|n: u32| n + 1);
    assert_eq!(xf::transduce(inc, vec![], conj, 0..5), [1, 2, 3, 4, 5]);
}

/// CA-187, the part that is about transducers: the short last partition is flushed at the end.
#[test]
fn ca_187_map_filter_mapcat_and_the_last_partition() {
    assert!(xf::map(|n: u32| n + 1).iter(0..4).eq([1, 2, 3, 4]));
    assert!(xf::filter(|n| n % 2 == 0).iter(0..6).eq([0, 2, 4]));
    assert!(xf::mapcat(|n| vec![n; 2]).iter(0..3).eq([0, 0, 1, 1, 2, 2]));
    let fives = xf::partition_all(5).iter(0..13);
    assert!(fives.eq([vec![0, 1, 2, 3, 4], vec![5, 6, 7, 8, 9], vec![10, 11, 12]]));

    let chain = xf::map(|n: u32| n + 1)
        .filter(|n| n % 2 == 0)
        .mapcat(|n| [n; 3])
        .partition_all(5);
    assert!(chain.iter(0..4).eq([vec![2, 2, 2, 4, 4], vec![4]]));
}

/// Every method of the trait puts the transducer of its name behind.
#[test]
fn methods_are_the_functions() {
    fn same<X, Y>(chain: X, function: Y)
    where
        X: Transducer<In = u32>,
        Y: Transducer<In = u32, Out = X::Out>,
        X::Out: PartialEq + std::fmt::Debug,
    {
        let input = [3, 3, 0, 1, 1, 2, 4, 3, 0];
        assert_eq!(out(chain, &input), out(function, &input));
    }
    let of = xf::of::<u32>;
    same(of().map(|n| n + 1), xf::map(|n| n + 1));
    same(
        of().map_indexed(|i, n| (i, n)),
        xf::map_indexed(|i, n| (i, n)),
    );
    same(of().inspect(|_| ()), xf::inspect(|_| ()));
    same(of().filter(|n| n % 2 == 0), xf::filter(|n| n % 2 == 0));
    same(of().remove(|n| n % 2 == 0), xf::remove(|n| n % 2 == 0));
    same(
        of().keep(|n| n.checked_sub(2)),
        xf::keep(|n: u32| n.checked_sub(2)),
    );
    same(
        of().keep_indexed(|i, n| (i > 1).then_some(n)),
        xf::keep_indexed(|i, n| (i > 1).then_some(n)),
    );
    same(of().map(|n| vec![n; 2]).cat(), xf::mapcat(|n| [n; 2]));
    same(of().mapcat(|n| 0..n), xf::mapcat(|n| 0..n));
    same(of().take(2), xf::take(2));
    same(of().take_while(|n| *n > 0), xf::take_while(|n| *n > 0));
    same(of().take_nth(2), xf::take_nth(2));
    same(of().skip(2), xf::skip(2));
    same(of().skip_while(|n| *n > 0), xf::skip_while(|n| *n > 0));
    same(of().partition(2), xf::partition(2));
    same(of().partition_all(2), xf::partition_all(2));
    same(of().partition_by(|n| n % 2), xf::partition_by(|n| n % 2));
    same(of().window(2), xf::window(2));
    same(of().dedupe(), xf::dedupe());
    same(of().distinct(), xf::distinct());
    same(of().interpose(9), xf::interpose(9));
    same(
        of().scan(1, |sum, n| sum + n),
        xf::scan(1, |sum, n| sum + n),
    );
    same(of().random_sample(0.0), xf::random_sample(0.0));
    same(
        of().random_sample_seeded(0.5, 1),
        xf::random_sample_seeded(0.5, 1),
    );
}

/// What people write, without more types than the first closure's.
#[test]
fn types_are_inferred() {
    fn long(least: usize) -> impl Transducer<In = String, Out = usize> + Clone {
        xf::of::<String>()
            .map(|word| word.len())
            .filter(move |n| *n >= least)
    }
    fn spawned(xf: impl Transducer<In = u32, Out = String> + Send + 'static) -> Vec<String> {
        std::thread::spawn(move || xf.iter(0..3).collect())
            .join()
            .unwrap()
    }
    let chain = xf::map(|n: u32| n + 1)
        .filter(|n| n % 2 == 0)
        .mapcat(|n| vec![n; 2])
        .take(3);
    assert!(chain.clone().iter(0..).eq([2, 2, 4]));
    assert!(
        chain
            .then(xf::take(1))
            .then(xf::map(|n: u32| n))
            .iter(0..)
            .eq([2])
    );
    assert_eq!(spawned(xf::map(|n: u32| n.to_string())), ["0", "1", "2"]);
    assert!(long(3).iter(["go".to_owned(), "alt".to_owned()]).eq([3]));

    // Borrowed from the input, and from the surroundings.
    let text = String::from("take put\n\nalt");
    let names = HashMap::from([("take", 1), ("alt", 3)]);
    let words =
        xf::mapcat(|line: &str| line.split(' ')).keep(|word| Some((word, *names.get(word)?)));
    let found: Vec<(&str, u32)> = words.iter(text.lines()).collect();
    assert_eq!(found, [("take", 1), ("alt", 3)]);
    let trimmed: Vec<&str> = xf::map(str::trim).dedupe().iter([" a", "a "]).collect();
    assert_eq!(trimmed, ["a"]);
    let lens = xf::of::<&Vec<u32>>().remove(|v| v.is_empty()).map(Vec::len);
    assert!(lens.iter(&[vec![1], vec![]]).eq([1]));

    // Keys that borrow, `FnMut`, fields of the surroundings.
    let mut calls = 0;
    let runs = xf::partition_by(|word: &&str| word.chars().next()).inspect(|_| calls += 1);
    assert_eq!(runs.iter("a ab b".split(' ')).count(), 2);
    assert_eq!(calls, 2);
}

/// Nothing is asked of the values: not Clone, Debug or Send, where no value is held.
#[test]
fn clone_debug_and_send_depend_on_the_parts_alone() {
    struct Opaque(#[expect(dead_code, reason = "it makes it not Send")] Rc<()>);
    fn sends<T: Send + Sync + Clone + std::fmt::Debug>(_: &T) {}

    let chain = xf::of::<Opaque>()
        .map(|value| value)
        .map_indexed(|_, value| value)
        .inspect(|_| ())
        .filter(|_| true)
        .remove(|_| false)
        .keep(Some)
        .keep_indexed(|_, value| Some(value))
        .mapcat(iter::once)
        .map(iter::once)
        .cat()
        .take(3)
        .take_while(|_| true)
        .take_nth(1)
        .skip(0)
        .skip_while(|_| false)
        .random_sample(1.0)
        .scan(0, |n, _| n + 1);
    sends(&chain);
    let values = || iter::repeat_with(|| Opaque(Rc::new(())));
    assert!(chain.clone().iter(values()).eq([1, 2, 3]));
    assert!(chain.iter(values()).eq([1, 2, 3]));
    let held = (xf::partition::<Opaque>(3), xf::partition_all::<Opaque>(2));
    assert_eq!(
        format!("{held:?}"),
        "(Partition { groups: PartitionAll { n: 3, .. }, .. }, PartitionAll { n: 2, .. })"
    );
    let by = xf::partition_by(|_: &Opaque| 0);
    assert_eq!(format!("{by:?}"), "PartitionBy { .. }");
    let chain = xf::map(|n: u32| n).take(2);
    assert_eq!(
        format!("{chain:?}"),
        "Then { first: Map { .. }, next: Take { left: 2, .. } }"
    );
}

/// A clone made before the first use begins anew, with state of its own.
#[test]
fn clones_share_nothing() {
    let xf = xf::of::<u32>()
        .dedupe()
        .skip(1)
        .scan(0, |a, n| a + n)
        .partition_all(2)
        .take(2);
    let input = [1, 2, 2, 3, 4, 5, 6];
    let first = out(xf.clone(), &input);
    assert_eq!(first, [vec![2, 5], vec![9, 14]]);
    assert_eq!(out(xf, &input), first);
}

/// They name the function, and say what to write.
#[test]
fn bad_numbers_panic() {
    for (name, text) in [
        ("take_nth", panic_of(|| xf::take_nth::<u8>(0))),
        ("partition", panic_of(|| xf::partition::<u8>(0))),
        ("partition_all", panic_of(|| xf::partition_all::<u8>(0))),
        ("window", panic_of(|| xf::of::<u8>().window(0))),
    ] {
        assert!(text.starts_with(&format!("xf::{name}(0): ")), "{text}");
        assert!(text.contains(&format!("write {name}(1)")), "{text}");
    }
    for p in [-0.1, 1.1, f64::NAN] {
        let text = panic_of(|| xf::random_sample_seeded::<u8>(p, 1));
        assert!(
            text.starts_with(&format!("xf::random_sample({p}): write a ")),
            "{text}"
        );
    }
}

/// A group of a size that no memory holds is only made as big as it becomes.
#[test]
fn a_huge_group_is_not_made_in_advance() {
    assert!(xf::partition_all(usize::MAX).iter(0..3).eq([[0, 1, 2]]));
    assert_eq!(xf::window(usize::MAX).iter(0..3).count(), 0);
}
