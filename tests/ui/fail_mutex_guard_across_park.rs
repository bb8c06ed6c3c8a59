//! A lock held across a park point.
use csp::prelude::*;
use std::sync::Mutex;

fn main() {
    let (tx, _rx) = chan::<u64>(0);
    let m = Mutex::new(1u64);
    go!({
        let guard = m.lock().unwrap();
        put!(tx, *guard).ok();
    });
}
