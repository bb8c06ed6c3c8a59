//! A choice as a value.
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
    let (_quiet_tx, quiet) = chan::<u64>(0);
    let block = go!({
        let nothing = alts!(rx.take(), quiet.take(), default).is_none();
        put!(tx, 1).ok();
        let something = alts!(rx.take(), quiet.take(), priority, default).is_some();
        let _choice = alts!(quiet.take(), tx.put(2));
        nothing && something
    });
    assert_eq!(block.wait(), Ok(true));
}
