//! The semaphore.

use std::{pin::pin, sync::Arc, task::Poll};

use csp::{Failure, Local, lock::Semaphore, prelude::*};

use crate::util::{on_small_stack, poll};

/// EV-113: n at once, one more waits until one goes; who has gone is skipped, and all permits are there again.
#[test]
fn ev_113_n_at_once_and_one_more_waits() {
    let semaphore = Semaphore::new(3);
    let mut permits: Vec<_> = (0..3).map(|_| semaphore.try_acquire().unwrap()).collect();
    assert!(semaphore.try_acquire().is_none());
    assert_eq!((semaphore.available(), semaphore.permits()), (0, 3));
    let mut first = Box::pin(semaphore.acquire());
    let mut second = pin!(semaphore.acquire());
    let mut third = pin!(semaphore.acquire());
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_pending());
    assert!(poll(third.as_mut()).is_pending());
    drop(first);
    permits.pop();
    assert!(poll(third.as_mut()).is_pending());
    let Poll::Ready(permit) = poll(second.as_mut()) else {
        panic!("the cancelled one got it")
    };
    drop(permit);
    assert!(poll(third.as_mut()).is_ready());
    drop(permits);
    assert_eq!(semaphore.available(), 3);
}

/// EV-113: never more than n inside, in whatever order they come and go.
#[test]
fn ev_113_never_more_than_n_inside() {
    let local = Local::virtual_time();
    let semaphore = Arc::new(Semaphore::new(4));
    let inside = Arc::new(csp::lock::Mutex::new((0, 0)));
    for n in 0..40 {
        let (semaphore, inside) = (Arc::clone(&semaphore), Arc::clone(&inside));
        local.go(async move {
            let _permit = semaphore.acquire().await;
            let now = {
                let mut inside = inside.lock().await;
                inside.0 += 1;
                inside.1 = inside.1.max(inside.0);
                inside.0
            };
            assert!(now <= 4);
            sleep(ms(1 + n % 7)).await;
            inside.lock().await.0 -= 1;
        });
    }
    local.advance(secs(1));
    assert_eq!(local.live(), 0);
    assert_eq!(*inside.try_lock().unwrap(), (0, 4));
    assert_eq!(semaphore.available(), 4);
}

/// EV-113: nobody would ever get one of none.
#[test]
#[should_panic(expected = "a semaphore of 0 permits lets nobody in")]
fn ev_113_no_permits_are_refused() {
    drop(Semaphore::new(0));
}

/// EV-115: a permit comes back however its scope is left; `run` too.
#[test]
fn ev_115_a_panic_restores_the_permit() {
    let semaphore = Arc::new(Semaphore::new(1));
    for run in [false, true] {
        let there = Arc::clone(&semaphore);
        let panics = go!({
            if run {
                there.run(async || panic!("no")).await;
            } else {
                let _permit = there.acquire().await;
                panic!("no");
            }
        });
        assert!(matches!(panics.wait(), Err::<(), _>(Failure::Panicked(_))));
        assert_eq!(semaphore.acquire_blocking().count(), 1);
    }
    assert_eq!(csp::block_on(semaphore.run(async || 5)), 5);
    assert_eq!(semaphore.available(), 1);
}

/// Several at once: two that want more than half each do not wait for each other's half.
#[test]
fn many_permits_come_as_one() {
    let local = Local::new();
    let semaphore = Arc::new(Semaphore::new(4));
    let held = semaphore.try_acquire().unwrap();
    let order = Arc::new(csp::lock::Mutex::new(Vec::new()));
    for count in [3, 4, 1, 3] {
        let (semaphore, order) = (Arc::clone(&semaphore), Arc::clone(&order));
        local.go(async move {
            let permit = semaphore.acquire_many(count).await;
            assert_eq!(permit.count(), count);
            yield_now().await;
            order.lock().await.push(count);
        });
    }
    local.run_until_idle();
    drop(held);
    local.run_until_idle();
    assert_eq!(local.live(), 0);
    assert_eq!(*order.try_lock().unwrap(), [3, 4, 1, 3]);
    assert_eq!(semaphore.available(), 4);
}

/// Given up half way, it gives back what it has.
#[test]
fn many_permits_given_up_go_back() {
    let semaphore = Semaphore::new(3);
    let held = semaphore.try_acquire().unwrap();
    let mut waits = Box::pin(semaphore.acquire_many(3));
    assert!(poll(waits.as_mut()).is_pending());
    assert_eq!(semaphore.available(), 0);
    let mut single = pin!(semaphore.acquire());
    assert!(poll(single.as_mut()).is_pending());
    drop(waits);
    assert!(poll(single.as_mut()).is_ready());
    drop(held);
    assert_eq!(semaphore.available(), 3);
    drop(csp::block_on(semaphore.acquire_many(3)));
    assert_eq!(semaphore.available(), 3);
}

#[test]
#[should_panic(expected = "4 permits of a semaphore that has 3 can never be had")]
fn more_than_there_are_is_refused() {
    drop(Semaphore::new(3).acquire_many(4));
}

/// A permit that outlives its semaphore harms nobody.
#[test]
fn a_permit_outlives_its_semaphore() {
    let permit = Semaphore::new(1).try_acquire().unwrap();
    assert_eq!(permit.count(), 1);
}

/// EV-212: a million waiters, three at a time.
#[test]
fn ev_212_a_million_waiters_for_a_semaphore() {
    const MANY: u32 = 1_000_000;
    on_small_stack(|| {
        let local = Local::new();
        let semaphore = Arc::new(Semaphore::new(3));
        let held = csp::block_on(semaphore.acquire_many(3));
        for _ in 0..MANY {
            let semaphore = Arc::clone(&semaphore);
            local.go(async move { drop(semaphore.acquire().await) });
        }
        local.run_until_idle();
        assert_eq!(local.live(), MANY as usize);
        drop(held);
        local.run_until_idle();
        assert_eq!((local.live(), semaphore.available()), (0, 3));
    });
}
