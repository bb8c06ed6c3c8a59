//! What the loom models share: an executor of loom's primitives for real go blocks, and payloads that
//! tell when they are lost.
//!
//! Run them with
//! `RUSTFLAGS="--cfg csp_loom -C debug_assertions" cargo nextest run --release -p csp-core --lib`.
//! Each explores all interleavings with at most two preemptions (`LOOM_MAX_PREEMPTIONS` says
//! otherwise). A lost wake-up shows as loom's "deadlock", a lost or doubled payload as a leaked or
//! freed [`Arc`] (each task has one), an unordered access as a causality violation of loom's `UnsafeCell`.

use std::{
    cell::RefCell,
    collections::VecDeque,
    future::{Future, poll_fn},
    pin::Pin,
    ptr::NonNull,
    sync::Once,
    task::{Context, Poll, Waker},
};

use crate::{
    BlockSite, Executor, Go, Home, Op, ParkSite, Receiver, Sender, Task, set_panic_hook,
    site::Origin,
    sync::{Arc, Condvar, Mutex, explore, plain},
};

pub(crate) use loom::thread::spawn;

/// The place of every alts of the models.
pub(crate) static SITE: ParkSite = ParkSite::free(Op::Alt, "model", file!(), 1, 1);

std::thread_local! {
    // All threads of a model are coroutines on one OS thread.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Explores `scenario`. Panics in blocks and callbacks, which the runtime catches, fail it too.
pub(crate) fn model(scenario: impl Fn() + Sync + Send + 'static) {
    bounded(2, scenario);
}

/// As [`model`], with more preemptions than two unless the environment says so.
pub(crate) fn bounded(preemptions: usize, scenario: impl Fn() + Sync + Send + 'static) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        set_panic_hook(|panic| {
            let message = panic.message().to_owned();
            PANIC.with(|cell| cell.borrow_mut().get_or_insert(message).len());
        });
    });
    explore(env!("CARGO_PKG_NAME"), preemptions, move || {
        scenario();
        if let Some(message) = PANIC.with(RefCell::take) {
            panic!("a panic was caught on the way: {message}");
        }
    });
}

/// The executor of a model: a queue, worked off by whichever threads call [`World::run_all`].
struct Queue {
    due: Mutex<VecDeque<Task>>,
    changed: Condvar,
}

impl Executor for Queue {
    fn post(&self, task: Task) {
        self.due.lock().push_back(task);
        self.changed.notify_one();
    }
}

/// Executor and home of a model's go blocks.
#[derive(Clone)]
pub(crate) struct World(plain::Arc<Inner>);

struct Inner {
    home: Home,
    queue: Box<Queue>,
}

impl World {
    pub(crate) fn new() -> Self {
        let queue = Box::new(Queue {
            due: Mutex::new(VecDeque::new()),
            changed: Condvar::new(),
        });
        // SAFETY: every model runs its blocks to their end before the world goes.
        let home = unsafe { Home::new(NonNull::<Queue>::from(&*queue)) };
        Self(plain::Arc::new(Inner { home, queue }))
    }

    pub(crate) fn home(&self) -> &Home {
        &self.0.home
    }

    /// Starts a block.
    pub(crate) fn go<F>(&self, future: F) -> Go<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (task, go) = self.0.home.spawn(Here, future);
        if let Some(task) = task {
            task.post();
        }
        go
    }

    /// Runs turns until no block is alive.
    pub(crate) fn run_all(&self) {
        while let Some(task) = self.next() {
            task.run();
            if self.0.home.is_empty() {
                let _due = self.0.queue.due.lock();
                self.0.queue.changed.notify_one();
            }
        }
        // For the other worker, if there is one.
        self.0.queue.changed.notify_one();
    }

    /// Runs what is due now, and waits for nothing.
    pub(crate) fn run_due(&self) {
        loop {
            let due = self.0.queue.due.lock().pop_front();
            let Some(task) = due else { return };
            task.run();
        }
    }

    fn next(&self) -> Option<Task> {
        let mut due = self.0.queue.due.lock();
        loop {
            if let Some(task) = due.pop_front() {
                return Some(task);
            }
            if self.0.home.is_empty() {
                return None;
            }
            due = self.0.queue.changed.wait(due);
        }
    }
}

/// Where the blocks of the models stand.
struct Here;

impl Origin for Here {
    fn site(&self) -> BlockSite {
        BlockSite::new(file!(), 1, 1, "", &[])
    }
}

/// A payload: loom reports it if it is leaked, and [`Payload::alone`] if it is not where it should be.
#[derive(Clone)]
pub(crate) struct Payload(Arc<u32>);

impl Payload {
    pub(crate) fn new(n: u32) -> Self {
        Self(Arc::new(n))
    }

    pub(crate) fn n(&self) -> u32 {
        *self.0
    }

    /// Every copy but this one has been dropped.
    pub(crate) fn assert_alone(&self) {
        assert_eq!(Arc::strong_count(&self.0), 1, "a value was lost");
    }
}

impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Payload({})", self.n())
    }
}

/// Dropped when the channel is freed: tells that it was.
pub(crate) struct Freed(std::sync::Weak<str>);

impl Freed {
    pub(crate) fn watch<T>(tx: Sender<T>) -> (Sender<T>, Self) {
        let name: plain::Arc<str> = "watched".into();
        let weak = plain::Arc::downgrade(&name);
        (tx.named(name), Self(weak))
    }

    pub(crate) fn assert(&self) {
        assert!(self.0.upgrade().is_none(), "the channel was leaked");
    }
}

/// Polls once with a waker that wakes nobody.
pub(crate) fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Takes whatever is left in a channel.
pub(crate) fn drain<T>(rx: &Receiver<T>) -> Vec<T> {
    std::iter::from_fn(|| rx.try_take().ok()).collect()
}

/// A flag that a future waits for, with the waker of whoever waits.
#[derive(Clone)]
pub(crate) struct Flag(Arc<Mutex<(bool, Option<Waker>)>>);

impl Flag {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new((false, None))))
    }

    pub(crate) fn set(&self) {
        let waker = {
            let mut state = self.0.lock();
            state.0 = true;
            state.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Notes the waker; true once the flag is set.
    pub(crate) fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        let new = cx.waker().clone();
        let mut state = self.0.lock();
        if state.0 {
            return Poll::Ready(());
        }
        let old = state.1.replace(new);
        drop(state);
        drop(old);
        Poll::Pending
    }

    /// The waker that was noted last.
    pub(crate) fn waker(&self) -> Option<Waker> {
        self.0.lock().1.clone()
    }

    pub(crate) async fn wait(self) {
        poll_fn(|cx| self.poll(cx)).await;
    }
}
