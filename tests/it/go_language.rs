//! Rust's own language around park points: what core.async's macro had to rebuild, and rustc does here.
//!
//! `pause(v)` is a park point that is woken at once: core.async's own tests use the same trick.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use csp::prelude::*;

use crate::util::{Census, failure_of, outcome, run_idle, value};

/// Parks, is resumed at once, and gives `value`.
pub(crate) async fn pause<T>(value: T) -> T {
    yield_now().await;
    value
}

/// Takes part in `?`: an error of a kind.
#[derive(Debug, PartialEq)]
enum Trouble {
    Runtime,
    Other,
}

async fn fail(trouble: Trouble) -> Result<u32, Trouble> {
    Err(pause(trouble).await)
}

/// CA-098, CA-099: an error that a loop's handler does not match leaves the loop, rather than go round.
#[test]
fn error_that_no_arm_matches_leaves_the_loop() {
    let block = go!({
        let mut rounds = 0;
        loop {
            rounds += 1;
            match fail(Trouble::Other).await {
                Err(Trouble::Runtime) => {}
                other => break (rounds, other),
            }
        }
    });
    assert_eq!(value(block), (1, Err(Trouble::Other)));
}

/// CA-100, CA-103, CA-104: arms are tried in order, and the one that matches may park.
#[test]
fn error_arms_are_tried_in_order() {
    async fn tried(trouble: Trouble) -> &'static str {
        match fail(trouble).await {
            Ok(_) => "fine",
            Err(Trouble::Runtime) => pause("runtime").await,
            Err(_) => pause("any").await,
        }
    }
    let block = go!({ (tried(Trouble::Runtime).await, tried(Trouble::Other).await) });
    assert_eq!(value(block), ("runtime", "any"));
}

/// CA-101, CA-133, CA-135: what runs at the end of a scope does not change its value.
#[test]
fn end_of_a_scope_does_not_change_its_value() {
    let census = Census::default();
    let items = census.clone();
    let block = go!({
        let value = {
            let _item = items.item();
            pause(5).await
        };
        (value, items.living())
    });
    assert_eq!(value(block), (5, 0));
}

/// CA-102: nested handlers that rethrow run inside out.
#[test]
fn question_marks_run_inside_out() {
    let log = Arc::new(Mutex::new(String::new()));
    let there = Arc::clone(&log);
    let block = go!({
        async fn level(n: u32, log: &Mutex<String>) -> Result<u32, Trouble> {
            let result = if n == 0 {
                fail(Trouble::Other).await
            } else {
                Box::pin(level(n - 1, log)).await
            };
            pause(()).await;
            log.lock().unwrap().push(char::from_digit(n, 10).unwrap());
            Ok(result? + 1)
        }
        level(3, &there).await
    });
    assert_eq!(value(block), Err(Trouble::Other));
    assert_eq!(*log.lock().unwrap(), "0123");
}

/// CA-105: a handler that is not needed may hold a park point.
#[test]
fn handler_that_is_not_needed_may_park() {
    let block = go!({
        let result: Result<u32, Trouble> = Ok(pause(42).await);
        match result {
            Ok(value) => value,
            Err(_) => pause(0).await,
        }
    });
    assert_eq!(value(block), 42);
}

/// CA-107, CA-126: a closure made after a park point captures what was bound before, and is called.
#[test]
fn closures_capture_across_park_points() {
    let block = go!({
        let x = 42;
        pause(()).await;
        let add = |y: i32| x + y;
        pause(()).await;
        add(pause(1).await)
    });
    assert_eq!(value(block), 43);
}

/// CA-108: the last value of a sequence.
#[test]
fn sequence_of_pauses_gives_the_last_value() {
    assert_eq!(run_pausing(async { pause(42).await }), 42);
    assert_eq!(
        run_pausing(async {
            pause(42).await;
            pause(44).await
        }),
        44
    );
}

/// Runs a block to its end on a local executor.
fn run_pausing<T: Send + 'static>(block: impl Future<Output = T> + 'static) -> T {
    run_idle(block).expect("pauses are woken at once")
}

/// CA-109, CA-110: conditions and branches that park.
#[test]
fn if_with_a_parked_test_takes_the_right_branch() {
    let block = go!({
        let yes = if pause(true).await {
            pause(42).await
        } else {
            pause(43).await
        };
        let no = if pause(false).await {
            24
        } else {
            pause(25).await
        };
        let mut ran = false;
        if pause(false).await {
            ran = true;
        }
        let chain = if pause(false).await {
            1
        } else if pause(true).await && !pause(false).await || pause(false).await {
            2
        } else {
            3
        };
        (yes, no, ran, chain)
    });
    assert_eq!(value(block), (42, 25, false, 2));
}

/// CA-113, CA-114, CA-116, CA-146: loops with park points in every place.
#[test]
fn loops_park_at_start_in_the_middle_and_at_the_exit() {
    let block = go!({
        let (tx, rx) = chan(1);
        tx.try_put(0).unwrap();
        let mut x = take!(rx).unwrap();
        let limit = x + 100;
        loop {
            if x < limit {
                x = pause(x + 1).await;
            } else {
                break pause(x).await;
            }
        }
    });
    assert_eq!(value(block), 100);
}

/// CA-115: assignment in parallel.
#[test]
fn parallel_assignment_across_a_park() {
    let block = go!({
        let (mut a, mut b) = (0, 1);
        for _ in 0..3 {
            (a, b) = (b, pause(a).await);
        }
        (a, b)
    });
    assert_eq!(value(block), (1, 0));
}

/// CA-117, CA-118, CA-119: destructuring, with a park point between binding and use.
#[test]
fn destructuring_around_a_park() {
    struct Point {
        x: i32,
        y: i32,
    }
    let block = go!({
        let [a, .., c] = pause([1, 2, 3, 4]).await;
        let Point { x, y } = pause(Point { x: 10, y: 20 }).await;
        pause(()).await;
        let (p, (q, r)) = (pause(100).await, pause((200, 300)).await);
        a + c + x + y + p + q + r
    });
    assert_eq!(value(block), 635);
}

/// CA-120, CA-121, CA-122: literals of parked values, made left to right.
#[test]
fn literals_of_parked_values() {
    let order = Arc::new(Mutex::new(Vec::new()));
    let there = Arc::clone(&order);
    let block = go!({
        let note = async |n: i32| {
            there.lock().unwrap().push(n);
            pause(n).await
        };
        let list = vec![note(1).await, note(2).await, note(3).await];
        let array = [note(4).await, note(5).await];
        let map = BTreeMap::from([("a", note(6).await), ("b", note(7).await)]);
        let set = BTreeSet::from([note(8).await, note(8).await]);
        let text = format!("{} {}", note(9).await, note(10).await);
        (list, array, map["b"], set.len(), text)
    });
    assert_eq!(
        value(block),
        (vec![1, 2, 3], [4, 5], 7, 1, "9 10".to_owned())
    );
    assert_eq!(*order.lock().unwrap(), [1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 10]);
}

/// CA-125.
#[test]
fn counted_loop_with_a_pause() {
    let block = go!({
        let mut count = 0;
        for n in 0..10 {
            pause(n).await;
            count += 1;
        }
        pause(count).await
    });
    assert_eq!(value(block), 10);
}

/// CA-127: an iterator chain that does not park, inside a loop that does.
#[test]
fn iterator_chain_inside_a_parking_loop() {
    let block = go!({
        let mut all = Vec::new();
        for n in 0..3 {
            pause(()).await;
            all.extend((0..n).map(|i| i * n).filter(|i| i % 2 == 0));
        }
        all
    });
    assert_eq!(value(block), [0, 0, 2]);
}

/// CA-129, CA-130, CA-131, CA-132, CA-144: match with park points in scrutinee, guard and arms; `continue` out of
/// an arm.
#[test]
fn match_around_park_points() {
    let block = go!({
        let mut seen = Vec::new();
        let mut n = 0;
        loop {
            n += 1;
            let word = match pause(n).await {
                1 => pause("one").await,
                2 => continue,
                n if n == 3 && take_one().await == 1 => "three",
                4 => break,
                _ => unreachable!("3 is matched, and 4 ends it"),
            };
            seen.push(word);
        }
        let nothing: Option<()> = match pause(9).await {
            1 => Some(()),
            _ => None,
        };
        (seen, nothing)
    });
    assert_eq!(value(block), (vec!["one", "three"], None));
}

async fn take_one() -> i32 {
    let (tx, rx) = chan(1);
    put!(tx, 1).unwrap();
    take!(rx).unwrap()
}

/// CA-136 to CA-141: what is to run at the end runs once, on every way out, in order, after park points.
#[test]
fn drops_run_once_on_every_way_out() {
    struct Note(&'static str, Arc<Mutex<Vec<&'static str>>>);
    impl Drop for Note {
        fn drop(&mut self) {
            self.1.lock().unwrap().push(self.0);
        }
    }
    async fn run(exit: u32, log: Arc<Mutex<Vec<&'static str>>>) -> Result<u32, Trouble> {
        let _outer = Note("outer", Arc::clone(&log));
        pause(()).await;
        for n in 0.. {
            let _inner = Note("inner", Arc::clone(&log));
            match exit {
                0 => {
                    fail(Trouble::Runtime).await?;
                }
                1 => return Ok(pause(1).await),
                2 if n == 1 => break,
                2 => {
                    pause(()).await;
                    continue;
                }
                _ => panic!("{}", pause("on purpose").await),
            }
        }
        Ok(2)
    }
    let expected: [(Option<Result<u32, Trouble>>, &[&str]); 4] = [
        (Some(Err(Trouble::Runtime)), &["inner", "outer"]),
        (Some(Ok(1)), &["inner", "outer"]),
        (Some(Ok(2)), &["inner", "inner", "outer"]),
        (None, &["inner", "outer"]),
    ];
    for (exit, (result, drops)) in (0..).zip(expected) {
        let log = Arc::default();
        let block = go(run(exit, Arc::clone(&log)));
        assert_eq!(outcome(block).ok(), result);
        assert_eq!(*log.lock().unwrap(), drops, "exit {exit}");
    }
}

/// CA-134, CA-159: a failed assertion ends the block.
#[test]
fn failed_assertion_is_told() {
    let block = go!({ assert_eq!(pause(1).await, 2, "on purpose") });
    assert!(failure_of(block).contains("on purpose"));
}

/// CA-147: a take in the handler of an error.
#[test]
fn take_inside_a_handler() {
    let (tx, rx) = chan(1);
    tx.try_put(7).unwrap();
    let block = go!({
        match fail(Trouble::Other).await {
            Ok(value) => Some(value),
            Err(_) => take!(rx),
        }
    });
    assert_eq!(value(block), Some(7));
}

/// CA-169: an error that is handled inside, then another: the outer handler sees the other one.
#[test]
fn second_error_replaces_the_first() {
    let block = go!({
        let inner = fail(Trouble::Runtime).await;
        let result = match inner {
            Err(Trouble::Runtime) => fail(Trouble::Other).await,
            other => other,
        };
        result.unwrap_err()
    });
    assert_eq!(value(block), Trouble::Other);
}

/// CA-170: a binding that holds nothing, then a park point that may not be reached.
#[test]
fn conditional_park_after_an_empty_binding() {
    for park in [false, true] {
        let block = go!({
            let nothing: Option<u32> = None;
            if park {
                pause(()).await;
            }
            nothing
        });
        assert_eq!(value(block), None);
    }
}
