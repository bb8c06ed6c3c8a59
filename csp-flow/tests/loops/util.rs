//! What the tests share.

use std::{
    fmt::Debug,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use csp::{EventLoop, event_loop::LoopHandle};

/// Nothing lasts that long.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// What was done, in order.
#[derive(Debug, Clone)]
pub(crate) struct Log<T = &'static str>(Arc<Mutex<Vec<T>>>);

impl<T: Clone + Debug> Log<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    pub(crate) fn add(&self, entry: T) {
        self.0.lock().unwrap().push(entry);
    }

    pub(crate) fn take(&self) -> Vec<T> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// A function that adds the entry.
    pub(crate) fn adds(&self, entry: T) -> impl Fn() + Send + 'static
    where
        T: Send + 'static,
    {
        let log = self.clone();
        move || log.add(entry.clone())
    }
}

/// Seconds since a start, by the loop's clock.
#[derive(Clone)]
pub(crate) struct Watch {
    start: Instant,
    on: LoopHandle,
}

impl Watch {
    pub(crate) fn new(events: &EventLoop) -> Self {
        Self {
            start: events.now(),
            on: events.handle(),
        }
    }

    pub(crate) fn millis(&self) -> u64 {
        u64::try_from((self.on.now() - self.start).as_millis()).unwrap()
    }
}

/// Polls once, for nobody.
pub(crate) fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// What the notices of a loop say.
pub(crate) fn notices(events: &EventLoop) -> Log<String> {
    let log = Log::new();
    let told = log.clone();
    events.on_notice(move |notice| told.add(notice.to_string()));
    log
}

/// Panics, and has a value for those who need one.
pub(crate) fn panics(message: &str) {
    std::panic::panic_any(message.to_owned())
}

/// Runs a test on a thread with a small stack: what recursed would overflow it at once.
pub(crate) fn on_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(test)
        .expect("a thread starts");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
