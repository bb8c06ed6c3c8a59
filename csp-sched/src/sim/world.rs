//! The executor of a simulation: one thread at a time has the baton, and whoever has it decides, when its entity
//! comes to an operation, parks or ends, which entity goes on.
//!
//! How the baton goes from thread to thread: [`baton`](super::baton); what becomes of all that is left at the end:
//! [`ending`](super::ending).
//!
//! # Locks
//! The state's lock is taken alone; under it, only what a parked thread waits for is looked at, and the home.

use std::{
    hash::Hasher,
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::NonNull,
};

use csp_core::{
    Executor, Home, NewTask, Panicked, Task,
    context::Ended,
    inspect::{LiveBlock, Stamp},
};

use super::{
    entity::{CLOCK, Kind, MAIN, Status},
    realm::Realm,
    report::FailureKind,
    seat,
    state::{Next, Rules, State, Wrong},
    strategy::{Decision, Strategy},
};
use crate::{
    sync::{Arc, Guard, Mutex, Weak, thread},
    time::Ticks,
};

/// How often the clock goes on after the main closure has ended.
const DEADLINES_AFTER_MAIN: u32 = 1000;
pub(crate) struct World {
    pub(super) state: Mutex<State>,
    pub(super) home: Home,
    pub(crate) ticks: Arc<Ticks>,
    pub(super) threads: Mutex<Vec<thread::JoinHandle<()>>>,
    /// What a thread did that is none of the simulation.
    pub(super) outsider: Mutex<Option<String>>,
    me: Weak<World>,
}

/// What became of an execution.
pub(crate) struct Execution {
    pub(crate) strategy: Box<dyn Strategy>,
    pub(crate) wrong: Option<Wrong>,
    pub(crate) redundant: bool,
    pub(crate) steps: u64,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) preemptions: Vec<bool>,
    /// The same if the strategy was shown the same.
    pub(crate) print: u64,
    pub(crate) lines: Vec<String>,
}

impl World {
    pub(crate) fn new(rules: Rules) -> Arc<Self> {
        Arc::new_cyclic(|me: &Weak<Self>| {
            let executor = NonNull::new(me.as_ptr().cast_mut())
                .expect("a weak made by new_cyclic is not dangling");
            let executor: NonNull<dyn Executor> = executor;
            Self {
                state: Mutex::new(State::new(rules)),
                // SAFETY: executor and home are in this Arc, which the thread that explores keeps until each execution
                // has ended all its tasks.
                home: unsafe { Home::new(executor) },
                ticks: Arc::new(Ticks::virtual_time()),
                threads: Mutex::new(Vec::new()),
                outsider: Mutex::new(None),
                me: me.clone(),
            }
        })
    }

    pub(crate) fn home(&self) -> &Home {
        &self.home
    }

    pub(super) fn arc(&self) -> Arc<Self> {
        self.me.upgrade().expect("a world that runs is there")
    }

    /// The runtime that is there by itself.
    pub(crate) fn realm_of_all(&self) -> Arc<Realm> {
        Realm::new(self.arc(), 0, String::from("simulation"), 1)
    }

    /// Runs the program once, as the strategy has it, on this thread and others.
    pub(super) fn execute(
        &self,
        rules: Rules,
        strategy: Box<dyn Strategy>,
        program: &dyn Fn(),
    ) -> Execution {
        let root = seat::mine();
        self.ticks.restart();
        {
            let mut state = self.state.lock();
            state.reset(rules, strategy);
            state.root = Some(Arc::clone(&root));
        }
        let chosen = self.decide(self.state.lock(), None).next.take();
        if chosen == Some(Next::Entity(MAIN)) {
            self.state.lock().begin(MAIN);
            let result = catch_unwind(AssertUnwindSafe(program));
            self.end_main(result.err());
        } else {
            self.state.lock().entity(MAIN).status = Status::Ended;
        }
        self.work(&root, true);
        let mut state = self.state.lock();
        let realms = std::mem::take(&mut state.realms);
        let execution = Execution {
            strategy: state.strategy.take().expect("it was given"),
            wrong: state.wrong.take(),
            redundant: state.redundant,
            steps: state.steps,
            decisions: std::mem::take(&mut state.decisions),
            preemptions: std::mem::take(&mut state.preemptions),
            print: state.print.finish(),
            lines: state
                .trace
                .take()
                .map(|trace| trace.lines)
                .unwrap_or_default(),
        };
        drop(state);
        drop(realms);
        execution
    }

    fn end_main(&self, panic: Option<Box<dyn std::any::Any + Send>>) {
        let mut state = self.state.lock();
        if let Some(payload) = &panic
            && !payload.is::<Ended>()
        {
            let at = super::quiet::last_panic().unwrap_or_default();
            let message = format!("main panicked{at}: {}", Panicked::message_of(&**payload));
            state.fail(FailureKind::Panic, message);
        }
        state.entity(MAIN).status = Status::Ended;
        drop(state);
        // (Foreign, so without the lock.)
        drop(catch_unwind(AssertUnwindSafe(|| drop(panic))));
    }

    /// Decides who goes on. `me` could, and was about to.
    pub(super) fn decide<'a>(
        &'a self,
        mut state: Guard<'a, State>,
        mut me: Option<u32>,
    ) -> Guard<'a, State> {
        loop {
            state.look_at_parked(self.ticks.now());
            state.end_step();
            if state.wrong.is_some() || state.ending {
                break;
            }
            let clock = self.may_tick(&state, me);
            if me.is_none() && state.due.is_empty() && !clock {
                self.judge(&mut state);
                break;
            }
            match state.choose(me, clock) {
                None => {
                    state.redundant = true;
                    break;
                }
                Some(CLOCK) => {
                    me = None;
                    state.begin(CLOCK);
                    drop(state);
                    self.tick();
                    state = self.state.lock();
                }
                Some(chosen) => {
                    state.next = Some(Next::Entity(chosen));
                    return state;
                }
            }
        }
        state.ending = true;
        state.next = Some(Next::End);
        state
    }

    /// Whether the clock can be chosen.
    fn may_tick(&self, state: &State, me: Option<u32>) -> bool {
        let nobody = me.is_none() && state.due.is_empty();
        (nobody || state.rules.racing_time)
            && (self.ticks.next_deadline().is_some() || state.first_limit().is_some())
            && state.deadlines_after_main < DEADLINES_AFTER_MAIN
    }

    /// Moves on to the next deadline.
    fn tick(&self) {
        let limit = {
            let mut state = self.state.lock();
            if state.is_main_over() {
                state.deadlines_after_main += 1;
            }
            state.first_limit()
        };
        let next = [self.ticks.next_deadline(), limit]
            .into_iter()
            .flatten()
            .min();
        if let Some(at) = next {
            self.ticks.clock().set(at);
            self.ticks.expire(at);
        }
    }

    /// Nobody can go on: is that as it should be?
    fn judge(&self, state: &mut State) {
        if !state.is_main_over() {
            let message = format!(
                "deadlock: nothing can go on, and no time is waited for{}",
                self.parked(state, false)
            );
            state.fail(FailureKind::Deadlock, message);
        } else if !state.rules.allow_leaks {
            let timers = self.ticks.next_deadline().is_some() || state.first_limit().is_some();
            let parked = self.parked(state, timers);
            if !parked.is_empty() {
                let message = format!("leak: parked for ever after main has ended{parked}");
                state.fail(FailureKind::Leak, message);
            }
        }
    }

    /// A line for each that is parked; if time is still waited for, only for what surely does not wait for it.
    fn parked(&self, state: &State, timers: bool) -> String {
        super::parked::describe(state, &self.home.blocks(), |channel| {
            timers && channel.is_none_or(|channel| self.ticks.is_tick(channel))
        })
    }

    /// A block or thread is started.
    pub(crate) fn launch(&self, realm: u32, is_thread: bool, task: NewTask) {
        let refused = {
            let state = self.state.lock();
            state.ending || state.realm(realm).is_some_and(|realm| realm.is_shut())
        };
        if refused {
            drop(task);
            return;
        }
        let Some(task) = self.home.adopt(task) else {
            return;
        };
        let kind = if is_thread { Kind::Thread } else { Kind::Block };
        let site = task.site();
        let mut state = self.state.lock();
        state.add(kind, realm, site, task);
        state.realm(realm).inspect(|realm| realm.count(true));
        drop(state);
        self.check_thread("started a block of the exploration");
    }

    /// How many steps were done in this execution, and whose the last is.
    pub(super) fn where_it_is(&self) -> (u64, String) {
        let state = self.state.lock();
        let is_one = (state.running as usize) < state.entities.len();
        let entity = is_one.then(|| state.named(state.running).to_string());
        (state.steps, entity.unwrap_or_default())
    }

    fn check_thread(&self, what: &str) {
        if !seat::is_of(self) {
            self.meets_thread(what);
        }
    }

    /// A runtime whose blocks belong to this world.
    pub(crate) fn add_realm(&self, name: String, workers: usize) -> Arc<Realm> {
        let mut state = self.state.lock();
        let number = u32::try_from(state.realms.len() + 1).expect("runtimes are limited in number");
        let realm = Realm::new(self.arc(), number, name, workers);
        state.realms.push(Arc::clone(&realm));
        realm
    }

    /// Asks the blocks of a runtime to end.
    pub(crate) fn cancel(&self, realm: u32) {
        let of_realm = self.of_realm(realm);
        self.home.cancel_those(|id| of_realm.contains(&id));
    }

    /// The live blocks and threads of a runtime of the program.
    pub(super) fn blocks(&self, realm: u32) -> Vec<LiveBlock> {
        let of_realm = self.of_realm(realm);
        let mut blocks = self.home.blocks();
        blocks.retain(|block| of_realm.contains(&block.id));
        blocks.sort_by_key(|block| block.id);
        blocks
    }

    fn of_realm(&self, realm: u32) -> std::collections::BTreeSet<u64> {
        let state = self.state.lock();
        let of_realm = state.entities.iter().filter(|e| e.realm == realm);
        of_realm.map(|entity| entity.id).collect()
    }
}

impl Executor for World {
    fn post(&self, task: Task) {
        let mut state = self.state.lock();
        state.wake(task);
        drop(state);
        self.check_thread("woke a block of the exploration");
    }

    fn stamp(&self) -> Stamp {
        self.ticks.stamp()
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").finish_non_exhaustive()
    }
}
