//! Blocking is fine on threads, and where the user says so.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    rust_2018_idioms,
    unused_qualifications
)]
use csp::prelude::*;

fn main() {
    let (tx, rx) = chan::<u64>(1);
    let (quiet_tx, quiet) = chan::<u64>(1);
    let block = go!({
        let sum = thread(move || rx.iter_blocking().sum::<u64>());
        allow_blocking!(std::thread::sleep(ms(1)));
        put!(tx, 1).ok();
        drop(tx);
        sum.await
    });
    assert!(block.wait().is_ok());
    quiet_tx.put_blocking(1).ok();
    let got = alt_blocking! {
        v = take!(quiet) => v,
        _ = take!(timeout(ms(10_000))) => None,
    };
    assert_eq!(got, Some(1));
    assert!(alts_blocking!(quiet.take(), quiet.take(), default).is_none());
}
