//! The lists of an executor's live tasks, and the way a woken task finds its executor.

mod look;
mod room;

use std::{cmp::Reverse, future::Future, ptr::NonNull};

pub(crate) use look::Seen;
use room::Linked;
pub(super) use room::Room;

use super::{Go, NewTask, Task, TaskLook, header::Header};
use crate::{
    dynamic,
    inspect::{self, LiveBlock, Stamp, evidence},
    site::Origin,
    sync::plain::atomic::{AtomicUsize, Ordering},
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

/// How many lists a home has. Who ends a stolen block takes the lock of the list that it was put in when it was started: with
/// several lists, which new blocks come to in turn, that is seldom the one that its worker uses now.
const ROOMS: usize = if cfg!(csp_loom) { 1 } else { 8 };

/// The live tasks of an executor (or of one of its workers: lists of its own keep the locks quiet).
pub struct Home {
    rooms: [Room; ROOMS],
    /// Where new tasks come to.
    at: AtomicUsize,
}

// SAFETY: the executor is Sync (its trait says so), the rest is mutexes and an atomic.
unsafe impl Send for Home {}
// SAFETY: as above.
unsafe impl Sync for Home {}

impl Home {
    /// A home without tasks.
    ///
    /// # Safety
    /// `executor` and the home itself must stay where they are until every task spawned here has
    /// completed: [`is_empty`](Self::is_empty) after [`shut`](Self::shut).
    pub unsafe fn new(executor: NonNull<dyn Executor>) -> Self {
        Self {
            // SAFETY: promised by the caller.
            rooms: std::array::from_fn(|_| unsafe { Room::new(executor) }),
            at: AtomicUsize::new(0),
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
        // Ordering: a hint; each is as good as another.
        let at = self.at.load(Ordering::Relaxed);
        let room = &self.rooms[at];
        // SAFETY: the token is ours, and the task has no home.
        unsafe { task.settle_in(NonNull::from(room), dynamic::capture()) };
        // SAFETY: a new task comes with its run token.
        let token = unsafe { Task::from_token(header) };
        match room.link(header) {
            Linked::Here => {}
            // Ordering: as above.
            Linked::HereLast => self.at.store((at + 1) % ROOMS, Ordering::Relaxed),
            Linked::Refused => {
                token.cancel_unlinked();
                return None;
            }
        }
        if inspect::is_enabled() {
            inspect::blocks::started(task, room.executor().stamp());
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
        self.rooms.iter().for_each(|room| room.lock().shut = true);
    }

    /// True if no task is alive.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many tasks are alive.
    pub fn len(&self) -> usize {
        // All at one instant: a task that starts another and ends is counted, or the other is. (Nobody else holds two
        // of these locks.)
        let rooms = self.rooms.each_ref().map(Room::lock);
        rooms.iter().map(|live| live.len).sum()
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
        looks.sort_unstable_by_key(|look| Reverse(look.state.id));
        looks
    }

    /// Asks every live task to end: each is woken, finds that it is cancelled and drops its frame.
    pub fn cancel_all(&self) {
        self.cancel_those(|_| true);
    }

    /// As [`cancel_all`](Self::cancel_all), for the blocks with these numbers. `chosen` runs under a lock of ours.
    pub fn cancel_those(&self, chosen: impl Fn(u64) -> bool) {
        let mut due = Vec::new();
        self.each(|header| {
            // SAFETY: what `each` shows is live meanwhile.
            let task = unsafe { header.as_ref() };
            if !chosen(task.id()) {
                return;
            }
            if task.state.cancel() == Some(true) {
                // SAFETY: `cancel` gave us the token.
                due.push(unsafe { Task::from_token(header) });
            }
        });
        due.into_iter().for_each(Task::post);
    }

    /// Shows every live task, under the lock of its room.
    fn each(&self, mut f: impl FnMut(NonNull<Header>)) {
        self.rooms.iter().for_each(|room| room.each(&mut f));
    }
}

impl std::fmt::Debug for Home {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Home")
            .field("live", &self.len())
            .finish_non_exhaustive()
    }
}
