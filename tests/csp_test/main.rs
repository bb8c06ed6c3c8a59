//! `#[csp::test]`: what passes, and what fails and how.

mod gives;

use std::time::Duration;

use csp::{Elapsed, prelude::*};

#[csp::test]
async fn an_hour_takes_no_time() {
    let before = csp::now();
    sleep(Duration::from_hours(1)).await;
    assert_eq!(csp::now() - before, Duration::from_hours(1));
}

/// A plain function may block.
#[csp::test]
fn a_function_may_block() {
    let (tx, rx) = chan(0);
    let put = thread(move || tx.put_blocking(1));
    assert_eq!(rx.take_blocking(), Some(1));
    assert_eq!(put.wait(), Ok(Ok(())));
}

/// An error is a failure, and `?` works.
#[csp::test]
async fn a_result_may_be_given() -> Result<(), Elapsed> {
    within(secs(1), async { yield_now().await }).await
}

#[csp::test]
#[should_panic(expected = "the test gave an error: Elapsed")]
async fn an_error_fails_the_test() -> Result<(), Elapsed> {
    within(secs(1), sleep(secs(2))).await
}

#[csp::test]
#[should_panic(expected = "deadlock")]
async fn a_deadlock_fails_the_test() {
    let (_tx, rx) = chan::<u32>(0);
    take!(rx);
}

/// Two blocks that wait for each other, while the test does not wait for them.
#[csp::test]
#[should_panic(expected = "leak: parked for ever")]
async fn a_leak_fails_the_test() {
    let (to_b, from_a) = chan::<u32>(0);
    let (to_a, from_b) = chan::<u32>(0);
    go!({
        if let Some(n) = take!(from_b) {
            put!(to_b, n).ok();
        }
    });
    go!({
        if let Some(n) = take!(from_a) {
            put!(to_a, n).ok();
        }
    });
}

#[csp::test(allow_leaks)]
async fn a_leak_may_be_allowed() {
    let (tx, rx) = chan::<u32>(0);
    go!({
        let _tx = tx;
        take!(rx);
    });
}

#[csp::test]
#[should_panic(expected = "nobody looked")]
async fn a_failure_that_nobody_looked_at_fails_the_test() {
    drop(Promise::<u32>::from(go!({ 1 })).and_then(|_| Err::<u32, _>("nobody looked".into())));
}

#[csp::test]
#[should_panic(expected = "odd")]
async fn a_block_that_panics_fails_the_test() {
    drop(go!({ panic!("odd") }));
    yield_now().await;
}

#[csp::test(allow_panics, schedules = 10)]
async fn a_panic_may_be_allowed() {
    assert!(go!({ panic!("odd") }).await.is_err());
}

/// The lost update is in few of the schedules; the test finds it.
#[csp::test(exhaustive, preemptions = 2)]
#[should_panic(expected = "left: Ok(1)")]
fn finds_a_lost_update() {
    let (tx, rx) = chan(1);
    tx.try_put(0).unwrap();
    let adders: Vec<_> = (0..2)
        .map(|_| {
            let (tx, rx) = (tx.clone(), rx.clone());
            go!({
                let n: u32 = rx.try_take().unwrap_or(0);
                tx.try_put(n + 1).ok();
            })
        })
        .collect();
    for adder in adders {
        adder.wait().unwrap();
    }
    assert_eq!(rx.try_take(), Ok(2));
}

/// Whoever says that another timeout comes first is told.
#[csp::test(racing_time, schedules = 200)]
#[should_panic(expected = "slow")]
async fn racing_time_lets_a_timeout_come_first() {
    let (tx, rx) = chan(1);
    go!({
        put!(tx, 1).ok();
    });
    alt! {
        v = take!(rx) => assert_eq!(v, Some(1)),
        _ = take!(timeout(secs(1))) => panic!("slow"),
    }
}

#[csp::test(pct = 3, seed = 7, steps = 10_000, seconds = 1, schedules = 50)]
async fn options_go_together() {
    let (tx, rx) = chan(0);
    go!({
        put!(tx, 1).ok();
    });
    assert_eq!(take!(rx), Some(1));
}

#[csp::test(workers = 2)]
async fn a_runtime_with_threads() {
    let (tx, rx) = chan(0);
    let put = thread(move || tx.put_blocking(1));
    assert_eq!(take!(rx), Some(1));
    assert_eq!(put.await, Ok(Ok(())));
}

#[csp::test(workers = 2)]
#[should_panic(expected = "nothing on its runtime can run")]
fn a_deadlock_on_threads() {
    let (_tx, rx) = chan::<u32>(0);
    rx.take_blocking();
}

#[csp::test(workers = 1)]
#[should_panic(expected = "has not ended after it")]
fn a_leak_on_threads() {
    let (tx, rx) = chan::<u32>(0);
    go!({
        let _tx = tx;
        take!(rx);
    });
}

#[csp::test(workers = 1, allow_leaks)]
fn a_leak_on_threads_may_be_allowed() {
    let (tx, rx) = chan::<u32>(0);
    go!({
        let _tx = tx;
        take!(rx);
    });
}

#[csp::test(workers = 1)]
#[should_panic(expected = "nobody looked")]
fn a_failure_on_threads() {
    drop(Promise::<u32>::from(go!({ 1 })).and_then(|_| Err::<u32, _>("nobody looked".into())));
}

#[csp::test(workers = 1)]
#[should_panic(expected = "odd")]
fn a_panic_on_threads() {
    panic!("odd");
}

/// The examples of the documentation, which are no tests there.
mod documented {
    use super::*;

    #[csp::test]
    async fn the_slow_one_is_not_waited_for() {
        let (tx, rx) = chan(0);
        let slow = go!({
            sleep(secs(3600)).await;
            put!(tx, 1).is_ok()
        });
        assert_eq!(within(secs(1), rx.take()).await, Err(Elapsed));
        drop(rx);
        assert_eq!(slow.await, Ok(false));
    }

    #[csp::test(exhaustive)]
    async fn the_reader_gives_up_after_a_second() {
        let (tx, rx) = chan(0);
        let slow = go!({
            sleep(secs(3600)).await;
            put!(tx, 1).is_ok()
        });
        assert!(within(secs(1), rx.take()).await.is_err());
        drop(rx);
        assert_eq!(slow.await, Ok(false));
    }

    #[csp::test(exhaustive, preemptions = 2)]
    fn all_orders_are_right() {
        let (tx, rx) = chan(2);
        for n in [1, 2] {
            let tx = tx.clone();
            go!({
                put!(tx, n).ok();
            });
        }
        drop(tx);
        assert_eq!(rx.into_iter().sum::<u32>(), 3);
    }
}

mod renamed {
    pub(crate) use csp as channels;

    #[csp::test(crate = crate::renamed::channels)]
    async fn the_library_may_have_another_name() {
        channels::yield_now().await;
    }
}
