//! The list of an executor's live tasks, and the way a woken task finds its executor.

mod look;

use std::{future::Future, ops::Range, ptr::NonNull};

pub(crate) use look::Seen;

use super::{Go, NewTask, Task, TaskLook, header::Header};
use crate::{
    dynamic,
    inspect::{self, LiveBlock, Stamp, evidence},
    site::Origin,
    sync::{
        Mutex,
        plain::atomic::{AtomicU64, Ordering},
    },
};

/// What csp-core asks of an executor: a place for a woken task.
pub trait Executor: Send + Sync {
    /// Takes a task that is due. Called from any thread, also inside a turn of another task.
    fn post(&self, task: Task);

    /// Takes a task that was woken during its own turn, to yield for example: others go first.
    fn post_again(&self, task: Task) {
        self.post(task);
    }

    /// The time by this executor's clock, for [inspection](crate::inspect).
    #[doc(hidden)]
    fn stamp(&self) -> Stamp {
        inspect::stamp()
    }
}

struct Live {
    head: Option<NonNull<Header>>,
    len: usize,
    /// No task is taken in any more.
    shut: bool,
    /// The numbers that are left of those that this home has taken.
    ids: Range<u64>,
}

// SAFETY: the pointers lead to headers, which are made of atomics and of fields that only the lock
// around this list gives access to.
unsafe impl Send for Live {}

/// The live tasks of an executor (or of one of its workers: a list each keeps the lock quiet).
pub struct Home {
    executor: NonNull<dyn Executor>,
    live: Mutex<Live>,
}

// SAFETY: the executor is Sync (its trait says so), the rest is a mutex and an atomic.
unsafe impl Send for Home {}
// SAFETY: as above.
unsafe impl Sync for Home {}

/// Where the next numbers for blocks begin: a home takes some at a time. So the numbers of a home's blocks grow.
static NEXT_IDS: AtomicU64 = AtomicU64::new(1);
const IDS_AT_A_TIME: u64 = 64;

impl Home {
    /// A home without tasks.
    ///
    /// # Safety
    /// `executor` and the home itself must stay where they are until every task spawned here has
    /// completed: [`is_empty`](Self::is_empty) after [`shut`](Self::shut).
    pub unsafe fn new(executor: NonNull<dyn Executor>) -> Self {
        Self {
            executor,
            live: Mutex::new(Live {
                head: None,
                len: 0,
                shut: false,
                ids: 0..0,
            }),
        }
    }

    /// Takes a new task in. It is yet to be posted: that is the caller's business.
    ///
    /// The block gets the dynamic bindings that hold here. On a home that was shut it is dropped unrun,
    /// and its `Go` says `Cancelled`.
    pub fn adopt(&self, new: NewTask) -> Option<Task> {
        evidence::hands_code_over();
        let header = new.into_header();
        // SAFETY: a new task has a reference and its run token.
        let task = unsafe { header.as_ref() };
        // SAFETY: the token is ours, and the task has no home.
        unsafe { task.settle_in(NonNull::from(self), dynamic::capture()) };
        // SAFETY: a new task comes with its run token.
        let token = unsafe { Task::from_token(header) };
        if !self.link(header) {
            token.cancel_unlinked();
            return None;
        }
        if inspect::is_enabled() {
            inspect::blocks::started(task, self.executor().stamp());
        }
        Some(token)
    }

    /// Makes a task and takes it in: see [`adopt`](Self::adopt).
    pub fn spawn<F, O>(&self, origin: O, future: F) -> (Option<Task>, Go<F::Output>)
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
        O: Origin + 'static,
    {
        let (task, go) = NewTask::new(origin, future);
        (self.adopt(task), go)
    }

    /// Takes no more tasks in.
    pub fn shut(&self) {
        self.live.lock().shut = true;
    }

    /// True if no task is alive.
    pub fn is_empty(&self) -> bool {
        self.live.lock().len == 0
    }

    /// How many tasks are alive.
    pub fn len(&self) -> usize {
        self.live.lock().len
    }

    /// What each live block is about: a snapshot, newest block first.
    pub fn blocks(&self) -> Vec<LiveBlock> {
        self.looks().into_iter().map(|look| look.state).collect()
    }

    /// What the search for who is stuck wants to know of each live block.
    pub(crate) fn looks(&self) -> Vec<TaskLook> {
        // (With room for some that are started meanwhile: seldom anything is allocated under the lock.)
        let mut looks = Vec::with_capacity(self.len() + self.len() / 8 + 64);
        // SAFETY: what `each` shows is live meanwhile.
        self.each(|header| looks.push(unsafe { super::look_at(header) }));
        looks
    }

    /// Asks every live task to end: each is woken, finds that it is cancelled and drops its frame.
    pub fn cancel_all(&self) {
        self.cancel_those(|_| true);
    }

    /// As [`cancel_all`](Self::cancel_all), for the blocks with these numbers. `chosen` runs under our lock.
    pub fn cancel_those(&self, chosen: impl Fn(u64) -> bool) {
        let mut due = Vec::new();
        self.each(|header| {
            // SAFETY: what `each` shows is live meanwhile.
            let task = unsafe { header.as_ref() };
            if !chosen(task.id()) {
                return;
            }
            task.state.cancel();
            if task.state.notify() {
                // SAFETY: `notify` gave us the token.
                due.push(unsafe { Task::from_token(header) });
            }
        });
        due.into_iter().for_each(Task::post);
    }

    /// Shows every live task, under the lock.
    fn each(&self, mut f: impl FnMut(NonNull<Header>)) {
        let live = self.live.lock();
        let mut at = live.head;
        while let Some(header) = at {
            f(header);
            // SAFETY: what is in the list is live: tasks leave it, under this lock, before their reference
            // goes.
            let task = unsafe { header.as_ref() };
            // SAFETY: links are read and written under the lock of the home, which we hold.
            at = task.links.with(|links| unsafe { (*links).next });
        }
    }

    pub(super) fn executor(&self) -> &dyn Executor {
        // SAFETY: promised to `new`.
        unsafe { self.executor.as_ref() }
    }

    fn link(&self, header: NonNull<Header>) -> bool {
        let mut live = self.live.lock();
        if live.shut {
            return false;
        }
        let id = live.next_id();
        let old = live.head.replace(header);
        live.len += 1;
        // SAFETY: the new task is live.
        let task = unsafe { header.as_ref() };
        task.set_id(id);
        // SAFETY: its links are ours under the lock.
        task.links.with_mut(|links| unsafe { (*links).next = old });
        if let Some(old) = old {
            // SAFETY: what is in the list is live, and its links are ours under the lock.
            unsafe { old.as_ref() }
                .links
                .with_mut(|links| unsafe { (*links).prev = Some(header) });
        }
        true
    }

    /// Takes a task out, once, before it completes.
    pub(super) fn unlink(&self, header: NonNull<Header>) {
        let mut live = self.live.lock();
        // SAFETY: the caller owns the token, so the task is live; links are ours under the lock.
        let links = unsafe { header.as_ref() }
            .links
            .with_mut(|links| unsafe { links.replace(super::header::Links::default()) });
        live.len -= 1;
        match links.prev {
            // SAFETY: neighbours in the list are live, their links ours under the lock.
            Some(prev) => unsafe { prev.as_ref() }
                .links
                .with_mut(|l| unsafe { (*l).next = links.next }),
            None => live.head = links.next,
        }
        if let Some(next) = links.next {
            // SAFETY: as above.
            unsafe { next.as_ref() }
                .links
                .with_mut(|l| unsafe { (*l).prev = links.prev });
        }
    }
}

impl Live {
    fn next_id(&mut self) -> u64 {
        self.ids.next().unwrap_or_else(|| {
            // Ordering: a counter; numbers need only differ.
            let first = NEXT_IDS.fetch_add(IDS_AT_A_TIME, Ordering::Relaxed);
            self.ids = first + 1..first + IDS_AT_A_TIME;
            first
        })
    }
}

impl std::fmt::Debug for Home {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Home")
            .field("live", &self.len())
            .finish_non_exhaustive()
    }
}
