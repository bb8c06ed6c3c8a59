//! Futures that are leaked (`mem::forget`): memory is lost, and what the docs say, and nothing else breaks.

use csp::{Local, chan, go, lock::Semaphore};

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// A take that is leaked while it waits still waits: the next value is its own, the one after it is not.
#[test]
#[expect(clippy::mem_forget, reason = "it is what is tested")]
fn a_leaked_take_has_one_value_and_is_in_nobodys_way() {
    let (tx, rx) = chan(0);
    let leaked = rx.clone();
    let mut take = Box::pin(async move { leaked.take().await });
    assert!(poll(take.as_mut()).is_pending());
    std::mem::forget(take);
    assert!(tx.try_put(1).is_ok());
    assert!(tx.try_put(2).is_err(), "nobody else waits");
    let local = Local::new();
    let value = local.go(async move { rx.take().await });
    local.run_until_idle();
    assert!(tx.try_put(3).is_ok());
    assert_eq!(local.run_until(value), Ok(Some(3)));
}

/// A put that is leaked while it waits is still served, in its turn.
#[test]
#[expect(clippy::mem_forget, reason = "it is what is tested")]
fn a_leaked_put_is_taken() {
    let (tx, rx) = chan(0);
    let leaked = tx.clone();
    let mut put = Box::pin(async move { leaked.put(1).await });
    assert!(poll(put.as_mut()).is_pending());
    std::mem::forget(put);
    assert_eq!(rx.try_take(), Ok(1));
    assert!(rx.try_take().is_err());
    drop(tx);
    // (The leaked block holds a sender, so the channel is open.)
    assert!(!rx.is_closed());
}

/// A leaked permit is gone, as the docs say; a leaked wait for one takes the next.
#[test]
#[expect(clippy::mem_forget, reason = "it is what is tested")]
fn a_leaked_permit_is_gone() {
    let permits = Arc::new(Semaphore::new(2));
    std::mem::forget(permits.try_acquire());
    assert_eq!(permits.available(), 1);
    let local = Local::new();
    let other = Arc::clone(&permits);
    let block = local.go(async move {
        drop(other.acquire().await);
        go!({ 1 }).await
    });
    assert_eq!(local.run_until(block), Ok(Ok(1)));
    assert_eq!(permits.available(), 1);
}
