//! `apply`, `apply_into` and what is made of them: transducers between channels.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use csp::{
    Closed, Receiver, Sender, chan, ops,
    xf::{self, Flow, Transducer},
};

use crate::util::blocks::{Census, Stage, all, cause, drain, failing, ready};

/// What comes out of `apply_into` when these go in.
fn through<X>(xf: X, values: impl IntoIterator<Item = X::In>) -> Vec<X::Out>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    let (to, out) = chan(1000);
    let tx = ops::apply_into(to, xf, 0);
    for value in values {
        assert!(tx.put_blocking(value).is_ok());
    }
    drop(tx);
    all(&out)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "this is how a transducer calls it"
)]
fn even(n: &u32) -> bool {
    n.is_multiple_of(2)
}

#[test]
fn ca_031_map_on_the_reading_side() {
    assert_eq!(
        all(&ops::apply(ready(1..=4), xf::map(|n| n + 1), 0)),
        [2, 3, 4, 5]
    );
}

#[test]
fn ca_032_map_on_the_writing_side() {
    assert_eq!(through(xf::map(|n| n + 1), 1..=4), [2, 3, 4, 5]);
}

#[test]
fn ca_033_filter_on_the_reading_side() {
    assert_eq!(
        all(&ops::apply(ready(1..=6), xf::filter(even), 0)),
        [2, 4, 6]
    );
}

#[test]
fn ca_034_remove_on_the_reading_side() {
    assert_eq!(
        all(&ops::apply(ready(1..=6), xf::remove(even), 0)),
        [1, 3, 5]
    );
}

#[test]
fn ca_041_filter_on_the_writing_side() {
    assert_eq!(through(xf::filter(even), 1..=6), [2, 4, 6]);
}

#[test]
fn ca_042_remove_on_the_writing_side() {
    assert_eq!(through(xf::remove(even), 1..=6), [1, 3, 5]);
}

#[test]
fn ca_043_mapcat_on_the_reading_side() {
    for buffer in [0, 1, 2, 10] {
        let out = ops::apply(ready([1, 2, 3]), xf::mapcat(|n| 0..n), buffer);
        assert_eq!(all(&out), [0, 0, 1, 0, 1, 2]);
    }
}

#[test]
fn ca_044_mapcat_on_the_writing_side() {
    assert_eq!(through(xf::mapcat(|n| 0..n), [1, 2, 3]), [0, 0, 1, 0, 1, 2]);
}

#[test]
fn ca_055_unique_drops_what_equals_the_one_before() {
    assert_eq!(
        all(&ops::unique(ready([1, 1, 2, 2, 3, 3, 3, 4, 1]), 0)),
        [1, 2, 3, 4, 1]
    );
}

#[test]
fn ca_056_partition_groups_and_gives_the_tail() {
    let out = ops::partition(ready([1, 2, 2, 3]), 2, 0);
    assert_eq!(all(&out), [[1, 2], [2, 3]]);
    assert_eq!(
        all(&ops::partition(ready(0..5), 3, 0)),
        [vec![0, 1, 2], vec![3, 4]]
    );
}

#[test]
fn ca_057_partition_by_gives_runs_and_the_tail() {
    let out = ops::partition_by(
        ready(["a", "b", "1", "2", "c"]),
        |s| s.parse::<u32>().is_ok(),
        0,
    );
    assert_eq!(all(&out), [vec!["a", "b"], vec!["1", "2"], vec!["c"]]);
}

#[test]
#[should_panic(expected = "write 1 or more")]
fn partition_in_groups_of_none_says_so() {
    drop(ops::partition(ready([1]), 0, 0));
}

#[test]
fn apply_takes_no_more_than_the_transducer_wants() {
    let from = ready(0..10);
    let out = ops::apply(from.clone(), xf::take(3), 0);
    assert_eq!(all(&out), [0, 1, 2]);
    assert_eq!(drain(&from), (3..10).collect::<Vec<_>>());
}

/// What it did not come to is nothing to it.
#[test]
fn apply_that_ends_early_does_not_fail_with_its_source() {
    let out = ops::apply(failing(0..10, "no disk"), xf::take(3), 0);
    assert_eq!(all(&out), [0, 1, 2]);
    assert!(out.failure().is_none());
}

#[test]
fn apply_takes_the_next_value_when_all_of_the_last_was_accepted() {
    let stage = Stage::new();
    let from = ready([3, 2, 1]);
    let out = stage.with(|| ops::apply(from.clone(), xf::mapcat(|n| 0..n), 0));
    for (left, want) in [(2, 0), (2, 1), (2, 2), (1, 0), (1, 1), (0, 0)] {
        assert_eq!((from.len(), out.try_take()), (left, Ok(want)));
        stage.idle();
    }
    assert!(out.is_closed());
}

/// The target changes while a step is under way: room where there was none.
#[test]
fn apply_keeps_the_order_within_a_step() {
    let stage = Stage::new();
    let (to, out) = chan(1);
    let taker = out.clone();
    let xf = xf::mapcat(move |n| {
        let taker = taker.clone();
        // 0 is in the buffer, 1 waits.
        (0..n).inspect(move |&k| assert!(k != 2 || taker.try_take() == Ok(0)))
    });
    let tx = stage.with(|| ops::apply_into(to, xf, 0));
    tx.try_put(4).unwrap();
    stage.idle();
    for want in 1..4 {
        assert_eq!(out.try_take(), Ok(want));
        stage.idle();
    }
}

/// The target closes while a step is under way.
#[test]
fn apply_ends_a_step_that_nobody_wants_any_more() {
    let stage = Stage::new();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let (to, out) = chan(csp::sliding(1));
    let xf = xf::mapcat(move |()| {
        let (out, count) = (out.clone(), Arc::clone(&count));
        (0..100).inspect(move |&k| {
            count.fetch_add(1, Ordering::SeqCst);
            if k == 5 {
                out.close();
            }
        })
    });
    let tx = stage.with(|| ops::apply_into(to, xf, 1));
    tx.try_put(()).unwrap();
    stage.idle();
    assert!(tx.is_closed());
    assert_eq!(asked.load(Ordering::SeqCst), 6);
}

#[test]
fn apply_completes_and_then_tells_of_the_failure() {
    let out = ops::partition(failing(0..3, "no disk"), 2, 0);
    assert_eq!(all(&out), [vec![0, 1], vec![2]]);
    assert_eq!(cause(&out), "no disk");
}

#[test]
fn a_step_that_panics_fails_the_target_after_what_it_gave() {
    for buffer in [0, 5] {
        let xf = xf::mapcat(|n: u32| (0..n).inspect(|&k| assert!(k < 2, "no {k}")));
        let out = ops::apply(ready([1, 3, 1]), xf, buffer);
        assert_eq!(all(&out), [0, 0, 1]);
        assert_eq!(cause(&out), "the transducer of `ops::apply` panicked: no 2");
    }
}

/// Counts how often it was completed.
struct Counted<T> {
    completions: Arc<AtomicUsize>,
    held: Option<T>,
}

impl<T> Transducer for Counted<T> {
    type In = T;
    type Out = T;

    fn step(&mut self, value: T, emit: &mut impl FnMut(T) -> Flow) -> Flow {
        match self.held.replace(value) {
            Some(before) => emit(before),
            None => Flow::Continue(()),
        }
    }

    fn complete(&mut self, emit: &mut impl FnMut(T) -> Flow) -> Flow {
        self.completions.fetch_add(1, Ordering::SeqCst);
        match self.held.take() {
            Some(last) => emit(last),
            None => Flow::Continue(()),
        }
    }
}

fn counted<T>() -> (Counted<T>, impl Fn() -> usize) {
    let completions = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&completions);
    let xf = Counted {
        completions,
        held: None,
    };
    (xf, move || count.load(Ordering::SeqCst))
}

/// CA-194, for `apply`.
#[test]
fn apply_completes_exactly_once() {
    let stage = Stage::new();
    let (xf, completions) = counted();
    let out = stage.with(|| ops::apply(ready([1, 2]), xf, 5));
    assert_eq!((drain(&out), completions()), (vec![1, 2], 1));

    // Ended by what comes after it.
    let (xf, completions) = counted();
    let out = stage.with(|| ops::apply(ready([1, 2, 3]), xf.then(xf::take(1)), 5));
    assert_eq!((drain(&out), completions()), (vec![1], 1));

    // Ended by its target.
    let (xf, completions) = counted();
    let (tx, from) = chan::<u32>(0);
    let out = stage.with(|| ops::apply(from, xf, 5));
    drop(out);
    stage.idle();
    assert_eq!((tx.is_closed(), completions()), (true, 1));
}

#[test]
fn apply_drops_what_came_of_the_last_value_when_nobody_wants_it() {
    let stage = Stage::new();
    let census = Census::default();
    let made = census.clone();
    let from = ready([3, 3]);
    let xf = xf::mapcat(move |n| {
        let made = made.clone();
        (0..n).map(move |k| made.of(k))
    });
    let out = stage.with(|| ops::apply(from.clone(), xf, 1));
    assert_eq!(census.living(), 3);
    drop(out);
    stage.idle();
    assert_eq!((census.living(), from.len()), (0, 1));
}

#[test]
fn apply_into_closes_its_target_and_fails_it() {
    let (to, out) = chan::<u32>(5);
    let other = to.clone();
    let tx: Sender<u32> = ops::apply_into(to, xf::map(|n| n), 2);
    assert_eq!(tx.capacity(), 2);
    drop(tx);
    assert_eq!(all(&out), []);
    assert!(other.is_closed());

    let (to, out) = chan::<u32>(5);
    let tx = ops::apply_into(to, xf::partition_all(2).then(xf::cat()), 2);
    tx.put_blocking(1).unwrap();
    tx.fail("no disk");
    assert_eq!((all(&out), cause(&out).as_str()), (vec![1], "no disk"));
}

#[test]
fn apply_into_closes_its_channel_when_its_target_closes() {
    let stage = Stage::new();
    let (to, out): (_, Receiver<u32>) = chan(5);
    let tx = stage.with(|| ops::apply_into(to, xf::map(|n| n), 2));
    drop(out);
    stage.idle();
    assert_eq!(tx.put_blocking(1), Err(Closed(1)));
}

#[test]
fn apply_into_closes_its_channel_when_the_transducer_wants_no_more() {
    let stage = Stage::new();
    let (to, out) = chan(5);
    let tx = stage.with(|| ops::apply_into(to, xf::take(1), 0));
    assert_eq!(tx.try_put(1), Ok(()));
    stage.idle();
    assert_eq!(tx.put_blocking(2), Err(Closed(2)));
    assert_eq!(all(&out), [1]);
}
