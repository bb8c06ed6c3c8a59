//! What a [`Local`](super::Local) and those who wake its blocks share.

use std::{collections::VecDeque, fmt, ptr::NonNull, task::Wake, time::Duration};

use csp_core::{
    Executor, Home, NewTask, Task,
    inspect::{Stamp, deadlock::Watch},
};

use crate::{
    sim::{self, Realm},
    sync::{Arc, Condvar, Guard, Mutex, Weak},
    time::Ticks,
};

pub(super) type OnDue = Box<dyn Fn() + Send + Sync>;

pub(super) struct State {
    pub(super) due: VecDeque<Task>,
    /// How many stand before the first that yielded: there the turn ends, and the clock is looked at.
    pub(super) until_yield: Option<usize>,
    /// How many keep a virtual clock where it is.
    pub(super) holds: usize,
    /// Woken while nothing was due: a deadline changed, or the main future is to be polled.
    pub(super) woken: bool,
    /// The thread's sleep without a limit, if nobody has ended it.
    pub(super) nap: Option<u64>,
}

pub(crate) struct LocalShared {
    pub(super) state: Mutex<State>,
    changed: Condvar,
    pub(crate) home: Home,
    /// In a simulation the real ones are those of its world.
    pub(crate) ticks: Arc<Ticks>,
    /// In a simulation: the runtime that it stands beside.
    pub(crate) beside: Option<Arc<Realm>>,
    on_due: Option<OnDue>,
    me: Weak<LocalShared>,
}

impl LocalShared {
    pub(super) fn new(
        ticks: Arc<Ticks>,
        beside: Option<Arc<Realm>>,
        on_due: Option<OnDue>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|me: &Weak<LocalShared>| {
            let executor = NonNull::new(me.as_ptr().cast_mut())
                .expect("a weak made by new_cyclic is not dangling");
            let executor: NonNull<dyn Executor> = executor;
            LocalShared {
                state: Mutex::new(State {
                    due: VecDeque::new(),
                    until_yield: None,
                    holds: 0,
                    woken: false,
                    nap: None,
                }),
                changed: Condvar::new(),
                // SAFETY: executor and home are in this Arc, which `Local` keeps until its drop has
                // ended every task.
                home: unsafe { Home::new(executor) },
                ticks,
                beside,
                on_due,
                me: me.clone(),
            }
        })
    }

    pub(crate) fn launch(&self, task: NewTask) {
        if let Some(task) = self.home.adopt(task) {
            self.post(task);
        }
    }

    pub(crate) fn wake(&self) {
        {
            let mut state = self.state.lock();
            state.woken = true;
            state.nap = None;
        }
        self.changed.notify_one();
    }

    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    pub(crate) fn hold(&self) {
        self.state.lock().holds += 1;
    }

    pub(crate) fn let_go(&self) {
        {
            let mut state = self.state.lock();
            state.holds -= 1;
            state.nap = None;
        }
        self.changed.notify_one();
    }

    /// The ticks are those of a simulation.
    pub(super) fn are_ticks_shared(&self) -> bool {
        let theirs = self.beside.as_ref().map(|realm| &realm.world.ticks);
        theirs.is_some_and(|theirs| Arc::ptr_eq(theirs, &self.ticks))
    }

    /// In a simulated program, unless it was made there.
    pub(crate) fn refuses(&self, what: &dyn fmt::Display) -> bool {
        self.beside.is_none() && sim::refuses("`Local`", "", what)
    }

    /// Its time is virtual, and it is for this executor to let it pass.
    pub(super) fn is_time_its_own(&self) -> bool {
        self.ticks.clock().is_virtual() && !self.are_ticks_shared()
    }

    /// The number of the thread's sleep without a limit, unless somebody has ended it.
    pub(crate) fn nap(&self) -> Option<u64> {
        self.state.lock().nap
    }

    /// Sleeps until notified, at most for `limit`, or until nobody can notify any more: that is reported.
    pub(super) fn sleep<'a>(
        &'a self,
        mut state: Guard<'a, State>,
        limit: Option<Duration>,
    ) -> Guard<'a, State> {
        if limit.is_some() {
            return self.changed.wait(state, limit);
        }
        let mut watch = Watch::begin();
        state.nap = Some(watch.nap());
        while state.nap.is_some() {
            let pause = watch.pause();
            state = self.changed.wait(state, pause);
            if state.nap.is_some() && pause.is_some() {
                drop(state);
                watch.look();
                state = self.state.lock();
            }
        }
        state
    }

    /// Whether a virtual clock is to go on to the next deadline.
    pub(super) fn may_skip(&self, state: &State) -> bool {
        let nothing_due = state.due.is_empty() && !state.woken;
        self.is_time_its_own()
            && nothing_due
            && state.holds == 0
            && self.ticks.next_deadline().is_some()
    }
}

impl Executor for LocalShared {
    fn post(&self, task: Task) {
        // Once the task is there it may complete, and the executor go.
        let keep = self.me.upgrade();
        let first = {
            let mut state = self.state.lock();
            state.due.push_back(task);
            state.nap = None;
            state.due.len() == 1
        };
        if first {
            self.changed.notify_one();
            if let Some(on_due) = &self.on_due {
                // Whoever wakes a block, perhaps another block, is not to be unwound by our host.
                crate::catch("the `with_wake` callback of a Local", on_due);
            }
        }
        drop(keep);
    }

    fn stamp(&self) -> Stamp {
        self.ticks.stamp()
    }

    fn post_again(&self, task: Task) {
        {
            let mut state = self.state.lock();
            let before = state.due.len();
            state.until_yield.get_or_insert(before);
        }
        self.post(task);
    }
}

impl Wake for LocalShared {
    fn wake(self: Arc<Self>) {
        LocalShared::wake(&self);
    }
}
