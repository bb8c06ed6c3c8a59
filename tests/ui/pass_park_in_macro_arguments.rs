//! Park operations in other macros' arguments.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    rust_2018_idioms,
    unused_qualifications
)]
use csp::prelude::*;

fn main() {
    let (tx, rx) = chan::<u64>(0);
    go!({
        for n in 1..=4 {
            put!(tx, n).ok();
        }
    });
    let all = go!({
        let text = format!("{:?} {}", take!(rx), take!(rx).unwrap_or(0));
        assert_eq!(take!(rx), Some(3));
        (text, vec![take!(rx), take!(rx)])
    });
    assert_eq!(
        all.wait().unwrap(),
        ("Some(1) 2".to_owned(), vec![Some(4), None])
    );
}
