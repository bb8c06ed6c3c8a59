//! The zero timer: no limit was asked for, so the timer is made with zero, which is over at once.
//!
//! In the Go study: `time.NewTimer(0)` as a placeholder. Right only if the answer is there before the
//! question is asked, and the choice falls on it. The fix switches the arm off.

use std::time::Duration;

use csp::prelude::*;

use super::join;

async fn zero_for_none(answer: Receiver<u32>, limit: Option<Duration>) -> Option<u32> {
    let timer = timeout(limit.unwrap_or_default());
    alt! {
        answer = take!(answer) => answer,
        _ = take!(timer) => None,
    }
}

async fn no_arm_for_none(answer: Receiver<u32>, limit: Option<Duration>) -> Option<u32> {
    let timer = timeout(limit.unwrap_or_default());
    alt! {
        answer = take!(answer) => answer,
        _ = take!(timer), if limit.is_some() => None,
    }
}

fn run<F>(wait: fn(Receiver<u32>, Option<Duration>) -> F)
where
    F: Future<Output = Option<u32>> + Send + 'static,
{
    let (reply, answer) = chan(1);
    let server = go!({
        put!(reply, 42).ok();
    });
    let client = go(wait(answer, None));
    join([server]);
    assert_eq!(join([client]), [Some(42)], "the time was over, of no limit");
}

pub(crate) fn buggy() {
    run(zero_for_none);
}

pub(crate) fn fixed() {
    run(no_arm_for_none);
}
