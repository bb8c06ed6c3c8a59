//! What once went wrong.

use csp::{Runtime, prelude::*};

use crate::util::blocks::{LIMIT, value};

/// Receivers that have ended, without end, leave room for other blocks, and for a shutdown.
#[test]
fn concat_of_empty_channels_without_end_starves_nobody() {
    let rt = Runtime::builder().workers(1).build();
    let empties = || std::iter::repeat_with(|| stream::empty::<u32>().receiver());
    let out = rt.go(async move { stream::concat(empties()).chan(0) });
    let out = value(out);
    value(rt.go(async { yield_now().await }));
    drop(out);
    rt.shutdown(LIMIT).unwrap();
}

/// The errors of promises fail a stream as any others do, with what is inside.
#[test]
fn try_map_takes_the_errors_of_promises() {
    let try_map = |n| match n {
        2 => Err(csp::Error::from(csp::Elapsed)),
        n => Ok(n),
    };
    let out = stream(to_chan(1..4)).try_map(try_map).chan(0);
    assert_eq!((out.take_blocking(), out.take_blocking()), (Some(1), None));
    assert!(out.failure().unwrap().is::<csp::Elapsed>());
}
