//! Early return: two parts of a job are done at the same time; if one says that it failed, the other's
//! result is of no interest, and nobody takes it any more.
//!
//! "Missing receive" among the blocking bugs of the Go study. In csp the receiver drops with whoever
//! returns, and the other's put fails; here the parts were given both ends of the channel, and keep each
//! other alive. The fix gives them the sender.

use csp::prelude::*;

use super::{Chan, join};

type Part = Result<u32, &'static str>;

/// The end of a channel that a part is given, with or without the other.
trait Results: Send + Sync + 'static {
    fn sender(&self) -> &Sender<Part>;
}

impl Results for Sender<Part> {
    fn sender(&self) -> &Sender<Part> {
        self
    }
}

impl Results for Chan<Part> {
    fn sender(&self) -> &Sender<Part> {
        &self.tx
    }
}

async fn part(results: impl Results, part: Part) {
    put!(results.sender(), part).ok();
}

async fn both(results: Receiver<Part>) -> Part {
    let mut sum = 0;
    for _ in 0..2 {
        sum += take!(results).expect("both parts say how it went")?;
    }
    Ok(sum)
}

fn run<R: Results + Clone>(results: R, take: Receiver<Part>) {
    let parts = [Ok(1), Err("no such file")];
    for outcome in parts {
        drop(go(part(results.clone(), outcome)));
    }
    drop(results);
    assert_eq!(join([go(both(take))]), [Err("no such file")]);
}

pub(crate) fn buggy() {
    let results = Chan::new(0);
    let take = results.rx.clone();
    run(results, take);
}

pub(crate) fn fixed() {
    let (results, take) = chan(0);
    run(results, take);
}
