//! Wake-ups that are owed: collected under a lock, done after it.

use std::{
    cell::RefCell, collections::VecDeque, panic::AssertUnwindSafe, ptr::NonNull, task::Waker,
};

use super::Waiter;
use crate::task::{self, Task};

/// How to run a pending callback (`take_then`, `put_then`), for one type of it.
#[repr(align(8))]
pub(crate) struct CallbackTable {
    /// The operation of the callback has ended; under the channel's lock, or before it was shared.
    pub(crate) due: unsafe fn(NonNull<Waiter>),
    /// Runs the callback that the waiter is the head of, and frees its box.
    pub(crate) run: unsafe fn(NonNull<Waiter>),
}

/// A callback whose operation is done. Running it is due once.
pub(crate) struct DueCallback {
    waiter: NonNull<Waiter>,
    table: &'static CallbackTable,
}

/// One wake-up. It has to be done: dropping it would lose it, except for a task, which is cancelled.
#[must_use = "a wake-up that is not done is lost"]
pub(crate) enum Wake {
    Task(Task),
    Waker(Waker),
    Callback(DueCallback),
}

impl Wake {
    /// Wakes. Not under a lock.
    #[inline]
    pub(crate) fn fire(self) {
        match self {
            Self::Task(task) => task.post(),
            Self::Waker(waker) => task::wake(waker),
            Self::Callback(due) => due.run_in_turn(),
        }
    }
}

/// The wake-ups of one operation: nearly always none or one.
#[must_use = "wake-ups that are not done are lost"]
#[derive(Default)]
pub(crate) struct Wakes {
    first: Option<Wake>,
    more: Vec<Wake>,
}

impl Wakes {
    #[inline]
    pub(crate) const fn new() -> Self {
        Self {
            first: None,
            more: Vec::new(),
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, wake: Option<Wake>) {
        if let Some(wake) = wake {
            if self.first.is_none() {
                self.first = Some(wake);
            } else {
                self.more.push(wake);
            }
        }
    }

    /// Adds those of another operation behind these.
    pub(crate) fn append(&mut self, other: Self) {
        self.push(other.first);
        other
            .more
            .into_iter()
            .for_each(|wake| self.push(Some(wake)));
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.more.len()
    }

    /// Wakes them all, in order. Not under a lock.
    #[inline]
    pub(crate) fn fire(self) {
        if let Some(wake) = self.first {
            wake.fire();
        }
        if !self.more.is_empty() {
            self.more.into_iter().for_each(Wake::fire);
        }
    }
}

impl DueCallback {
    /// # Safety
    /// `waiter` is the head of a live callback with this table, whose operation has just ended; nobody
    /// else makes this of it.
    pub(crate) unsafe fn new(waiter: NonNull<Waiter>, table: &'static CallbackTable) -> Self {
        // SAFETY: promised by the caller.
        unsafe { (table.due)(waiter) };
        Self { waiter, table }
    }

    fn run(self) {
        let Self { waiter, table } = self;
        // SAFETY: a callback is given out once, by the commit of its operation.
        let run = AssertUnwindSafe(|| unsafe { (table.run)(waiter) });
        if let Err(payload) = std::panic::catch_unwind(run) {
            task::swallow(payload);
        }
    }

    /// Runs the callback on this thread, but not on the stack of another one: a callback that
    /// completes another's operation queues it, and the outermost caller runs it. A million links
    /// use no stack.
    pub(crate) fn run_in_turn(self) {
        let mut this = Some(self);
        let queued = DUE.try_with(|due| match &mut *due.borrow_mut() {
            Some(queue) => {
                queue.extend(this.take());
                true
            }
            idle => {
                *idle = Some(VecDeque::new());
                false
            }
        });
        // (On a thread whose locals are gone already, it just runs.)
        let mut next = this;
        while let Some(callback) = next {
            callback.run();
            next = match queued {
                Err(_) => None,
                Ok(_) => DUE.with(|due| {
                    let mut due = due.borrow_mut();
                    let next = due.as_mut().and_then(VecDeque::pop_front);
                    if next.is_none() {
                        *due = None;
                    }
                    next
                }),
            };
        }
    }
}

crate::sync::local! {
    /// The callbacks that are due on this thread, while one of them runs.
    static DUE: RefCell<Option<VecDeque<DueCallback>>> = RefCell::new(None);
}
