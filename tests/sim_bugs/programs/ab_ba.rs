//! AB-BA: two transfers in opposite directions lock the same two accounts in opposite orders.
//!
//! Coffman, Elphick and Shoshani 1971; among Go's mutex bugs in the study. The fix is `lock_all`, which has
//! an order of its own.

use std::sync::Arc;

use csp::{
    lock::{Mutex, lock_all},
    prelude::*,
};

use super::join;

type Accounts = Arc<[Mutex<i64>; 2]>;

async fn one_after_the_other(accounts: Accounts, from: usize, to: usize) {
    let mut source = accounts[from].lock().await;
    let mut target = accounts[to].lock().await;
    *source -= 1;
    *target += 1;
}

async fn all_at_once(accounts: Accounts, from: usize, to: usize) {
    let mut both = lock_all(&[&accounts[from], &accounts[to]]).await;
    *both[0] -= 1;
    *both[1] += 1;
}

fn run<F>(transfer: fn(Accounts, usize, usize) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let accounts: Accounts = Arc::default();
    let there = go(transfer(Arc::clone(&accounts), 0, 1));
    let back = go(transfer(Arc::clone(&accounts), 1, 0));
    join([there, back]);
    assert_eq!(*accounts[0].lock_blocking(), 0);
}

pub(crate) fn buggy() {
    run(one_after_the_other);
}

pub(crate) fn fixed() {
    run(all_at_once);
}
