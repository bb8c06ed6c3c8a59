//! Rust's own language around park points: what core.async's macro had to rebuild, and rustc does here.
//!
//! `pause(v)` is a park point that is woken at once: core.async's own tests use the same trick.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use csp::{Runtime, prelude::*};

use crate::util::{Census, failure_of, on_one_worker, outcome, run_idle, value};

/// Parks, is resumed at once, and gives `value`.
async fn pause<T>(value: T) -> T {
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

#[test]
fn labels_reach_over_park_points() {
    let block = go!({
        let mut seen = Vec::new();
        'outer: for a in 0..5 {
            for b in 0..5 {
                pause(()).await;
                if b > a {
                    continue 'outer;
                }
                if a == 3 {
                    break 'outer;
                }
                seen.push((a, b));
            }
        }
        let value = 'block: {
            if pause(true).await {
                break 'block 1;
            }
            2
        };
        (seen.len(), value)
    });
    assert_eq!(value(block), (6, 1));
}

#[test]
fn while_let_and_let_else() {
    let (tx, rx) = chan(0);
    go!({
        for n in [Some(1), Some(2), None, Some(9)] {
            put!(tx, n).ok();
        }
    });
    let block = go!({
        let mut sum = 0;
        while let Some(Some(n)) = take!(rx) {
            sum += n;
        }
        let Some(Some(nine)) = take!(rx) else {
            return Err("no nine");
        };
        let Some(_) = take!(rx) else {
            return Ok(sum + nine);
        };
        Err("more than nine")
    });
    assert_eq!(value(block), Ok(12));
}

#[test]
fn let_chains_with_parks() {
    let (tx, rx) = chan(2);
    tx.try_put(1).unwrap();
    tx.try_put(2).unwrap();
    let block = go!({
        if let Some(a) = take!(rx)
            && a == 1
            && let Some(b) = take!(rx)
        {
            a + b
        } else {
            0
        }
    });
    assert_eq!(value(block), 3);
}

#[test]
fn question_mark_ends_the_block_with_its_result() {
    let (tx, rx) = chan::<&str>(0);
    let feeder = go!({
        put!(tx, "1").ok();
        put!(tx, "x").ok();
        put!(tx, "3").is_err()
    });
    let block = go!({
        let mut sum = 0;
        while let Some(text) = take!(rx) {
            sum += text.parse::<i32>()?;
        }
        Ok::<_, std::num::ParseIntError>(sum)
    });
    assert!(value(block).is_err());
    assert!(
        value(feeder),
        "the receiver went with the block that gave up"
    );
}

#[test]
fn question_mark_on_closed_puts() {
    let (tx, rx) = chan(0);
    let block = go!({
        for n in 0.. {
            put!(tx, n)?;
        }
        Ok::<(), Closed<i32>>(())
    });
    assert_eq!(rx.take_blocking(), Some(0));
    drop(rx);
    assert_eq!(value(block), Err(Closed(1)));
}

#[test]
fn borrows_hold_across_park_points() {
    let (tx, rx) = chan(0);
    let block = go!({
        let mut numbers = vec![1, 2, 3];
        let text = String::from("sum");
        {
            let first = &mut numbers[0];
            *first += take!(rx).unwrap();
            let view = text.as_str();
            *first += take!(rx).unwrap();
            assert_eq!(view, "sum");
        }
        for n in &mut numbers {
            *n *= pause(2).await;
        }
        let slice = &numbers[1..];
        pause(()).await;
        format!("{text} {}", slice.iter().sum::<i32>() + numbers[0])
    });
    tx.put_blocking(10).unwrap();
    tx.put_blocking(20).unwrap();
    assert_eq!(value(block), "sum 72");
}

#[test]
#[expect(
    clippy::await_holding_refcell_ref,
    reason = "what is tested: nobody else borrows it"
)]
fn guards_of_cells_are_dropped_where_rust_drops_them() {
    // A block on a Local executor need not be Send: a RefCell's borrow may be held across a park.
    let total = run_idle(async {
        let cell = RefCell::new(0);
        let seen = Cell::new(0);
        {
            let mut guard = cell.borrow_mut();
            yield_now().await;
            *guard += 1;
        }
        seen.set(*cell.borrow());
        yield_now().await;
        *cell.borrow_mut() += 1;
        seen.get() + cell.into_inner()
    });
    assert_eq!(total, Some(3));
}

#[test]
fn park_points_in_other_macros_arguments() {
    let (tx, rx) = chan(16);
    for n in 1..=9 {
        tx.try_put(n).unwrap();
    }
    let block = go!({
        let text = format!("{}-{:?}", take!(rx).unwrap(), take!(rx));
        let list = vec![take!(rx).unwrap(), take!(rx).unwrap()];
        assert_eq!(take!(rx), Some(5), "and {:?}", take!(rx));
        assert!(matches!(take!(rx), Some(6)));
        let sum = [take!(rx), take!(rx)].into_iter().flatten().sum::<i32>();
        (text, list, sum)
    });
    assert_eq!(value(block), ("1-Some(2)".to_owned(), vec![3, 4], 15));
}

#[test]
fn puts_of_takes_and_takes_from_computed_channels() {
    let (tx, rx) = chan(2);
    tx.try_put(20).unwrap();
    let block = go!({
        struct Ends {
            tx: Sender<i32>,
            rx: Receiver<i32>,
        }
        let (a, b) = chan(1);
        let ends = [Ends { tx: a, rx: b }];
        put!(ends[pause(0).await].tx, take!(rx).unwrap() + 1).unwrap();
        take!(&ends[0].rx)
    });
    assert_eq!(value(block), Some(21));
}

/// core.async's best-known limit is gone: a helper that parks is an async function.
#[test]
fn helpers_that_park() {
    async fn take_two(rx: &Receiver<i32>) -> Option<(i32, i32)> {
        Some((take!(rx)?, take!(rx)?))
    }
    async fn put_all<I: IntoIterator<Item = i32>>(
        tx: Sender<i32>,
        all: I,
    ) -> Result<(), Closed<i32>> {
        for value in all {
            put!(tx, value)?;
        }
        Ok(())
    }
    let (tx, rx) = chan(0);
    let feeder = go!({ put_all(tx, 1..=3).await });
    let pairs = go!({ (take_two(&rx).await, take_two(&rx).await) });
    assert_eq!(value(pairs), (Some((1, 2)), None));
    assert_eq!(value(feeder), Ok(()));
}

#[test]
fn helpers_as_methods_and_traits_and_async_closures() {
    struct Worker {
        rx: Receiver<i32>,
        sum: i32,
    }
    impl Worker {
        async fn step(&mut self) -> bool {
            let value = take!(self.rx);
            self.sum += value.unwrap_or(0);
            value.is_some()
        }
    }
    trait Source {
        fn next(&self) -> impl Future<Output = Option<i32>> + Send;
    }
    impl Source for Receiver<i32> {
        async fn next(&self) -> Option<i32> {
            take!(self)
        }
    }
    async fn first(source: impl Source) -> Option<i32> {
        source.next().await
    }
    let (tx, rx) = chan(8);
    for n in 0..5 {
        tx.try_put(n).unwrap();
    }
    drop(tx);
    let block = go!({
        let zero = first(rx.clone()).await;
        let mut worker = Worker { rx, sum: 0 };
        let twice = async |worker: &mut Worker| worker.step().await && worker.step().await;
        assert!(twice(&mut worker).await);
        while worker.step().await {}
        (zero, worker.sum)
    });
    assert_eq!(value(block), (Some(0), 10));
}

#[test]
fn recursive_helpers_are_boxed() {
    fn count(rx: Receiver<u32>, depth: u32) -> std::pin::Pin<Box<dyn Future<Output = u32> + Send>> {
        Box::pin(async move {
            match take!(rx) {
                Some(n) => n + count(rx, depth + 1).await,
                None => depth,
            }
        })
    }
    let (tx, rx) = chan(0);
    let block = go!({ count(rx, 0).await });
    for _ in 0..100 {
        tx.put_blocking(1).unwrap();
    }
    drop(tx);
    assert_eq!(value(block), 200);
}

#[test]
fn blocks_capture_by_move_and_only_what_they_name() {
    let (kept, moved) = (String::from("kept"), String::from("moved"));
    let block = go!({ moved.len() });
    assert_eq!(value(block), 5);
    assert_eq!(kept, "kept");
}

#[test]
fn values_drop_in_reverse_order_across_parks() {
    struct Note(u32, Arc<Mutex<Vec<u32>>>);
    impl Drop for Note {
        fn drop(&mut self) {
            self.1.lock().unwrap().push(self.0);
        }
    }
    let log = Arc::new(Mutex::new(Vec::new()));
    let there = Arc::clone(&log);
    value(go!({
        let _one = Note(1, Arc::clone(&there));
        pause(()).await;
        let _two = Note(2, Arc::clone(&there));
        {
            let _three = Note(3, Arc::clone(&there));
            pause(()).await;
        }
        #[expect(let_underscore_drop, reason = "what is tested: it is dropped at once")]
        let _ = Note(4, Arc::clone(&there));
        let five = Note(5, there);
        pause(()).await;
        drop(five);
    }));
    assert_eq!(*log.lock().unwrap(), [3, 4, 5, 2, 1]);
}

/// Values in a frame that is cancelled in the middle drop in the same order.
#[test]
fn values_drop_in_reverse_order_when_cancelled() {
    struct Note(u32, Arc<Mutex<Vec<u32>>>);
    impl Drop for Note {
        fn drop(&mut self) {
            self.1.lock().unwrap().push(self.0);
        }
    }
    let log = Arc::new(Mutex::new(Vec::new()));
    let there = Arc::clone(&log);
    on_one_worker(async move {
        let (_tx, rx) = chan::<()>(0);
        let block = go!({
            let _one = Note(1, Arc::clone(&there));
            let _two = Note(2, there);
            take!(rx);
        });
        crate::util::parked(&block).await;
        assert!(block.cancel());
        assert_eq!(block.await, Err(Failure::Cancelled));
    });
    assert_eq!(*log.lock().unwrap(), [2, 1]);
}

#[test]
fn statics_consts_items_and_unsafe_inside_a_block() {
    let block = go!({
        const STEP: u32 = 2;
        static COUNT: AtomicU32 = AtomicU32::new(40);
        fn plain(n: u32) -> u32 {
            n + u32::from(n == 0)
        }
        mod inner {
            pub(super) fn one() -> u32 {
                1
            }
        }
        use inner::one;
        pause(()).await;
        plain(COUNT.fetch_add(STEP, Ordering::SeqCst)) + one() - 1 + STEP
    });
    assert_eq!(value(block), 42);
}

#[test]
fn generic_function_that_starts_a_block() {
    fn double<T>(rx: Receiver<T>) -> Go<Vec<(T, T)>>
    where
        T: Clone + Send + 'static,
    {
        go!({
            let mut all = Vec::new();
            while let Some(value) = take!(rx) {
                all.push((value.clone(), value));
            }
            all
        })
    }
    let (tx, rx) = chan(2);
    tx.try_put("a".to_owned()).unwrap();
    drop(tx);
    assert_eq!(value(double(rx)), [("a".to_owned(), "a".to_owned())]);
}

/// A very large block: core.async's "method code too large".
#[test]
fn block_with_a_thousand_park_points() {
    macro_rules! ten {
        ($($op:tt)*) => { $($op)* $($op)* $($op)* $($op)* $($op)* $($op)* $($op)* $($op)* $($op)* $($op)* };
    }
    let (tx, rx) = chan(0);
    let block = go!({
        let mut sum = 0_u64;
        ten! { ten! { ten! { sum += take!(rx).unwrap(); } } }
        sum
    });
    for n in 0..1_000 {
        tx.put_blocking(n).unwrap();
    }
    assert_eq!(value(block), 499_500);
}

/// The current runtime and thread-locals aside, a block may go on on any thread after a park point.
#[test]
fn stress_block_moves_between_workers_with_its_borrows() {
    let rt = Runtime::builder().workers(4).build();
    let blocks: Vec<_> = (0..50_u64)
        .map(|n| {
            rt.go(async move {
                let text = n.to_string();
                let view = text.as_str();
                for _ in 0..200 {
                    yield_now().await;
                    assert_eq!(view.parse(), Ok(n));
                }
                view.len()
            })
        })
        .collect();
    assert_eq!(blocks.into_iter().map(value).sum::<usize>(), 90);
}
