//! Time lines: values put and taken at times, in milliseconds from the start.

use std::time::Instant;

use csp::{Local, Receiver, prelude::*};

/// Runs on virtual time.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    Local::virtual_time().run_until(future)
}

/// The start of a time line.
#[derive(Clone, Copy)]
pub(crate) struct Start(Instant);

impl Start {
    pub(crate) fn now() -> Self {
        Self(csp::now())
    }

    pub(crate) fn at(self, millis: u64) -> Instant {
        self.0 + ms(millis)
    }

    pub(crate) async fn until(self, millis: u64) {
        deadline(self.at(millis)).await;
    }

    /// What time it is. Whole milliseconds, since nothing here takes time but waiting.
    pub(crate) fn passed(self) -> u64 {
        let passed = csp::now() - self.0;
        assert_eq!(
            passed.subsec_nanos() % 1_000_000,
            0,
            "not exact: {passed:?}"
        );
        u64::try_from(passed.as_millis()).unwrap()
    }
}

/// A source without a buffer: puts each value at its time, or when the one before was taken, and closes at
/// `end`.
pub(crate) fn source<T: Send + 'static>(
    values: impl IntoIterator<Item = (u64, T), IntoIter: Send + 'static>,
    end: u64,
) -> Receiver<T> {
    let (tx, rx) = chan(0);
    let start = Start::now();
    let values = values.into_iter();
    go!({
        for (at, value) in values {
            start.until(at).await;
            if put!(tx, value).is_err() {
                return;
            }
        }
        start.until(end).await;
    });
    rx
}

/// What came of a channel, with the times, and when it ended.
pub(crate) async fn seen<T>(rx: &Receiver<T>) -> (Vec<(u64, T)>, u64) {
    seen_slowly(rx, 0).await
}

/// As [`seen`], by a taker that sleeps for so many milliseconds after each value.
pub(crate) async fn seen_slowly<T>(rx: &Receiver<T>, pause: u64) -> (Vec<(u64, T)>, u64) {
    let start = Start::now();
    let mut seen = vec![];
    while let Some(value) = take!(rx) {
        seen.push((start.passed(), value));
        sleep(ms(pause)).await;
    }
    (seen, start.passed())
}

/// The message of a failure.
pub(crate) fn failure<T>(rx: &Receiver<T>) -> Option<String> {
    rx.failure().map(|cause| cause.to_string())
}
