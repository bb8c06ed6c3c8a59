//! The loop's thread: what is there only, and the block that reacts.
//!
//! One block calls everything that the loop was given: first the jobs that were in the queue when the pass
//! began, then the timers that are due. Then it yields, and that ends the turn of its `Local`: the clock is
//! looked at, and other blocks run. So a job that queues the next for ever holds up no timer, and no call
//! is ever inside another.

use std::{
    cell::{Cell, RefCell},
    panic::Location,
    rc::Rc,
};

use csp_core::{Of2, Receiver, alts};
use csp_sched::{deadline, yield_now};

use super::{
    LoopHandle,
    events::Handlers,
    job::Job,
    notice::{Notice, contained},
    timers::Timers,
};

type Hook = Box<dyn FnMut(&Notice)>;

pub(super) struct Core {
    pub(super) handle: LoopHandle,
    pub(super) handlers: Handlers,
    pub(super) timers: Timers,
    hook: RefCell<Option<Hook>>,
    called: Cell<usize>,
}

impl Core {
    pub(super) fn new(handle: LoopHandle) -> Self {
        Self {
            handle,
            handlers: Handlers::default(),
            timers: Timers::default(),
            hook: RefCell::default(),
            called: Cell::new(0),
        }
    }

    /// One more event, call or timer.
    pub(super) fn count(&self) {
        self.called.set(self.called.get() + 1);
    }

    pub(super) fn called(&self) -> usize {
        self.called.get()
    }

    pub(super) fn set_hook(&self, hook: Hook) {
        // The old one is dropped when nothing is borrowed any more.
        let _old = self.hook.replace(Some(hook));
    }

    pub(super) fn tell(&self, notice: &Notice) {
        // Not borrowed while it runs: it may set another.
        let Some(mut hook) = self.hook.take() else {
            return;
        };
        // There is nobody to tell of a panic in it.
        contained(|| hook(notice)).ok();
        let mut place = self.hook.borrow_mut();
        if place.is_none() {
            *place = Some(hook);
        }
    }

    /// Calls a function of the user's. `None`: it panicked, which was told.
    pub(super) fn guarded<R>(
        &self,
        at: &'static Location<'static>,
        f: impl FnOnce() -> R,
    ) -> Option<R> {
        let result = contained(f);
        result
            .map_err(|message| self.tell(&Notice::Panicked { at, message }))
            .ok()
    }
}

/// The block that reacts. It ends when the queue is closed and empty.
/// What is left goes with the loop. A panic in the drop of one thing does not keep the others.
impl Drop for Core {
    fn drop(&mut self) {
        self.timers.end(self);
        self.handlers.end(self);
        let hook = self.hook.take();
        contained(|| drop(hook)).ok();
    }
}

pub(super) async fn react(core: Rc<Core>, jobs: Receiver<Box<dyn Job>>) {
    loop {
        // `None`: it is time for a timer.
        let first = match core.timers.next() {
            None => Some(jobs.take().await),
            Some(at) => match alts!(jobs.take(), deadline(at).take(), priority) {
                Of2::A(first) => Some(first),
                Of2::B(_) => None,
            },
        };
        match first {
            Some(Some(job)) => run_present(&core, job, &jobs),
            Some(None) => return,
            None => {}
        }
        core.timers.run_due(&core);
        yield_now().await;
    }
}

/// Runs the jobs that are there now. Those that they add wait for the next pass.
fn run_present(core: &Core, first: Box<dyn Job>, jobs: &Receiver<Box<dyn Job>>) {
    let present = jobs.len();
    first.run(core);
    for _ in 0..present {
        match jobs.try_take() {
            Ok(job) => job.run(core),
            Err(_) => return,
        }
    }
}
