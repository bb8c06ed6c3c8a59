//! What the tests share: polling by hand, wakers that count, values that are dropped once.

use std::{
    collections::HashSet,
    fmt::Debug,
    future::Future,
    ops::DerefMut,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use csp_core::{Alt, Arm, Order};
use proptest::test_runner::Config as ProptestConfig;

/// One poll with a waker that does nothing.
pub(crate) fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// One poll, which must find the future pending.
#[track_caller]
pub(crate) fn parks<F: Future + ?Sized>(future: Pin<&mut F>)
where
    F::Output: Debug,
{
    if let Poll::Ready(value) = poll(future) {
        panic!("ready with {value:?}, should be parked");
    }
}

/// One poll, which must find the future ready.
#[track_caller]
pub(crate) fn ready<P>(mut future: Pin<P>) -> <P::Target as Future>::Output
where
    P: DerefMut,
    P::Target: Future,
{
    match poll(future.as_mut()) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("pending, should be ready"),
    }
}

/// How many cases a property test runs: `PROPTEST_CASES` for more.
pub(crate) fn cases(usual: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok();
    ProptestConfig {
        cases: cases.and_then(|n| n.parse().ok()).unwrap_or(usual),
        // What it finds becomes a test with a name.
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    }
}

/// An alts of one arm.
pub(crate) fn one<A: Arm>(arm: A) -> Alt<(A,)> {
    csp_core::__private::alt((arm,), Order::Random, csp_core::__site!(Alt, arm))
}

struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A waker that counts how often it is woken.
pub(crate) struct Counter {
    count: Arc<Count>,
    waker: Waker,
}

impl Counter {
    pub(crate) fn new() -> Self {
        let count = Arc::new(Count(AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&count));
        Self { count, waker }
    }

    pub(crate) fn wakes(&self) -> usize {
        self.count.0.load(Ordering::SeqCst)
    }

    /// How many clones of the waker are held elsewhere.
    pub(crate) fn held(&self) -> usize {
        Arc::strong_count(&self.count) - 2
    }

    pub(crate) fn poll<F: Future + ?Sized>(&self, future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(&self.waker))
    }
}

/// Knows every [`Tracked`] value that lives.
#[derive(Default)]
pub(crate) struct Ledger {
    next: AtomicU64,
    live: Mutex<HashSet<u64>>,
}

impl Ledger {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn value(self: &Arc<Self>, id: u32) -> Tracked {
        let serial = self.next.fetch_add(1, Ordering::Relaxed);
        self.live.lock().unwrap().insert(serial);
        Tracked {
            id,
            serial,
            ledger: Arc::clone(self),
        }
    }

    pub(crate) fn live(&self) -> usize {
        self.live.lock().unwrap().len()
    }
}

/// A value that is dropped exactly once, or the test fails.
pub(crate) struct Tracked {
    pub(crate) id: u32,
    serial: u64,
    ledger: Arc<Ledger>,
}

impl Clone for Tracked {
    fn clone(&self) -> Self {
        self.ledger.value(self.id)
    }
}

impl PartialEq<u32> for Tracked {
    fn eq(&self, other: &u32) -> bool {
        self.id == *other
    }
}

impl Debug for Tracked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{}", self.id)
    }
}

impl Drop for Tracked {
    fn drop(&mut self) {
        let was_live = self.ledger.live.lock().unwrap().remove(&self.serial);
        assert!(
            was_live || std::thread::panicking(),
            "{self:?} was dropped twice"
        );
    }
}

/// The ids of what was taken.
pub(crate) fn id(value: Option<Tracked>) -> Option<u32> {
    value.map(|value| value.id)
}

/// Waits, without a clock, until the channel shows `part` in its debug text ("takers: 1").
pub(crate) fn until_shows(handle: &impl Debug, part: &str) {
    while !format!("{handle:?}").contains(part) {
        std::thread::yield_now();
    }
}

/// The message of what `f` panics with. Std's hook prints it as well.
#[track_caller]
pub(crate) fn panic_of<R>(f: impl FnOnce() -> R) -> String {
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));
    let Err(payload) = caught else {
        panic!("it should have panicked");
    };
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => (*payload.downcast::<&str>().expect("a text")).to_owned(),
    }
}
