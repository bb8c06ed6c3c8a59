//! A part of a home's live tasks: a list with a lock of its own.

use std::{ops::Range, ptr::NonNull};

use super::{
    super::header::{Header, Links},
    Executor,
};
use crate::sync::{
    lock::{Guard, Lock},
    plain::atomic::{AtomicU64, Ordering},
};

/// Where the next numbers for blocks begin: a room takes some at a time. So the numbers of a room's blocks grow.
static NEXT_IDS: AtomicU64 = AtomicU64::new(1);
/// As many tasks as come to a room before it is the next one's turn.
const IDS_AT_A_TIME: u64 = 32;

pub(super) struct Live {
    pub(super) head: Option<NonNull<Header>>,
    pub(super) len: usize,
    /// No task is taken in any more.
    pub(super) shut: bool,
    /// The numbers that are left of those that this room has taken.
    ids: Range<u64>,
}

// SAFETY: the pointers lead to headers, which are made of atomics and of fields that only the lock
// around this list gives access to.
unsafe impl Send for Live {}

/// The lock and the way to the executor are in different cache lines, and no two rooms in one, nor in the pair that
/// some processors fetch: who wakes a task does not wait for who ends another.
#[repr(align(128))]
pub(in super::super) struct Room {
    executor: NonNull<dyn Executor>,
    live: Apart,
}

#[repr(align(64))]
struct Apart(Lock<Live>);

/// What has become of a new task.
pub(super) enum Linked {
    Here,
    /// As above, and it is the next room's turn.
    HereLast,
    Refused,
}

impl Room {
    /// # Safety
    /// As for [`Home::new`](super::Home::new).
    pub(super) unsafe fn new(executor: NonNull<dyn Executor>) -> Self {
        Self {
            executor,
            live: Apart(Lock::new(Live {
                head: None,
                len: 0,
                shut: false,
                ids: 0..0,
            })),
        }
    }

    pub(super) fn lock(&self) -> Guard<'_, Live> {
        self.live.0.lock()
    }

    #[inline]
    pub(in super::super) fn executor(&self) -> &dyn Executor {
        // SAFETY: promised to `new`.
        unsafe { self.executor.as_ref() }
    }

    /// Shows every task, under the lock.
    pub(super) fn each(&self, f: &mut dyn FnMut(NonNull<Header>)) {
        let live = self.lock();
        let mut at = live.head;
        while let Some(header) = at {
            f(header);
            // SAFETY: what is in the list is live: tasks leave it, under this lock, before their reference
            // goes.
            let task = unsafe { header.as_ref() };
            // SAFETY: links are read and written under the lock of the room, which we hold.
            at = task.links.with(|links| unsafe { (*links).next });
        }
    }

    pub(super) fn link(&self, header: NonNull<Header>) -> Linked {
        let mut live = self.lock();
        if live.shut {
            return Linked::Refused;
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
        if live.ids.is_empty() {
            Linked::HereLast
        } else {
            Linked::Here
        }
    }

    /// Takes a task out, once, before it completes.
    pub(in super::super) fn unlink(&self, header: NonNull<Header>) {
        let mut live = self.lock();
        // SAFETY: the caller owns the token, so the task is live; links are ours under the lock.
        let links = unsafe { header.as_ref() }
            .links
            .with_mut(|links| unsafe { links.replace(Links::default()) });
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
