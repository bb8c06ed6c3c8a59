//! Control flow, borrows and drops around park points: as in plain Rust.

use std::{
    cell::{Cell, RefCell},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use csp::{Runtime, prelude::*};

use crate::go_language::pause;
use crate::util::{on_one_worker, run_idle, value};

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
