//! The list of an executor's live tasks, and the way a woken task finds its executor.

use std::{future::Future, ptr::NonNull};

use super::{Go, NewTask, Task, TaskLook, header::Header};
use crate::{
    dynamic,
    inspect::{LiveBlock, evidence},
    site::{BlockSite, Origin, ParkSite},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
        plain::atomic::AtomicU64 as PlainU64,
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
}

/// A live block, as [`Home::snapshot`] found it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its number.
    pub id: u64,
    /// Where it stands in the source.
    pub site: BlockSite,
    /// Where it is parked, if it is.
    pub parked_at: Option<ParkSite>,
    /// The channel that it is parked on; 0 for none, or several.
    pub channel: u32,
}

struct Live {
    head: Option<NonNull<Header>>,
    len: usize,
    /// No task is taken in any more.
    shut: bool,
}

// SAFETY: the pointers lead to headers, which are made of atomics and of fields that only the lock
// around this list gives access to.
unsafe impl Send for Live {}

/// The live tasks of an executor (or of one of its workers: a list each keeps the lock quiet).
pub struct Home {
    executor: NonNull<dyn Executor>,
    live: Mutex<Live>,
    next_id: AtomicU64,
}

// SAFETY: the executor is Sync (its trait says so), the rest is a mutex and an atomic.
unsafe impl Send for Home {}
// SAFETY: as above.
unsafe impl Sync for Home {}

/// Where the next home's block ids begin: each home counts by itself, in a range of its own.
static NEXT_RANGE: PlainU64 = PlainU64::new(0);
const RANGE: u64 = 1 << 40;

impl Home {
    /// A home without tasks.
    ///
    /// # Safety
    /// `executor` and the home itself must stay where they are until every task spawned here has
    /// completed: [`is_empty`](Self::is_empty) after [`shut`](Self::shut).
    pub unsafe fn new(executor: NonNull<dyn Executor>) -> Self {
        // Ordering: a counter; ids need only differ.
        let range = NEXT_RANGE.fetch_add(RANGE, Ordering::Relaxed);
        Self {
            executor,
            live: Mutex::new(Live {
                head: None,
                len: 0,
                shut: false,
            }),
            next_id: AtomicU64::new(range + 1),
        }
    }

    /// Takes a new task in. It is yet to be posted: that is the caller's business.
    ///
    /// The block gets the dynamic bindings that hold here. On a home that was shut it is dropped unrun,
    /// and its `Go` says `Cancelled`.
    pub fn adopt(&self, new: NewTask) -> Option<Task> {
        evidence::hands_code_over();
        let header = new.into_header();
        // Ordering: a counter; ids need only differ.
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        // SAFETY: a new task has a reference and its run token.
        let task = unsafe { header.as_ref() };
        // SAFETY: the token is ours, and the task has no home.
        unsafe { task.settle_in(NonNull::from(self), id, dynamic::capture()) };
        // SAFETY: a new task comes with its run token.
        let task = unsafe { Task::from_token(header) };
        if self.link(header) {
            return Some(task);
        }
        task.cancel_unlinked();
        None
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
        self.look().into_iter().map(|look| look.state).collect()
    }

    pub(crate) fn look(&self) -> Vec<TaskLook> {
        let live = self.live.lock();
        let mut blocks = Vec::with_capacity(live.len);
        let mut at = live.head;
        while let Some(header) = at {
            // SAFETY: what is in the list is live: tasks leave it, under this lock, before their
            // reference goes.
            blocks.push(unsafe { super::look_at(header) });
            // SAFETY: as above.
            let task = unsafe { header.as_ref() };
            // SAFETY: links are read and written under the lock of the home, which we hold.
            at = task.links.with(|links| unsafe { (*links).next });
        }
        blocks
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

    /// The live blocks and where they are parked, the youngest first.
    pub fn snapshot(&self) -> Vec<Seen> {
        let mut all = Vec::new();
        self.each(|header| {
            // SAFETY: what `each` shows is live meanwhile.
            let task = unsafe { header.as_ref() };
            let (place, channel) = task.parked_at();
            let is_parked = task.state.is_parked();
            all.push(Seen {
                id: task.id(),
                // SAFETY: the header belongs to this table, and is live.
                site: unsafe { (task.vtable.site)(header) },
                parked_at: is_parked.then(|| place.park_site()).flatten(),
                channel: if is_parked { channel } else { 0 },
            });
        });
        all
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
        let old = live.head.replace(header);
        live.len += 1;
        // SAFETY: the new task is live, and its links are ours under the lock.
        unsafe { header.as_ref() }
            .links
            .with_mut(|links| unsafe { (*links).next = old });
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

impl std::fmt::Debug for Home {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Home")
            .field("live", &self.len())
            .finish_non_exhaustive()
    }
}
