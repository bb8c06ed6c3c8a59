//! The executor of a simulation: one thread at a time has the baton, and whoever has it decides, when its entity
//! comes to an operation, parks or ends, which entity goes on.
//!
//! # Turns and threads
//! A block's turn runs on the thread that has the baton. If, at an operation of it, another entity is chosen:
//! * where the block may yield, it does. The same thread runs the chosen one.
//! * else (`try_put`, a drop, anything in a thread of the program) its thread sits down where it is, and passes the
//!   baton on: to the thread on which the chosen one sits, or to one that is free, or to a new one.
//!
//! # The end
//! Once nobody can go on, or something went wrong, all that is left is ended, and nobody decides any more: blocks
//! are cancelled, threads that wait are unwound with [`Ended`]. So that what they hold is dropped as it should be,
//! operations go on working meanwhile, but for those that would wait.
//!
//! # Locks
//! The state's lock is taken alone; under it, only what a parked thread waits for is looked at, and the home.

use std::{
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    ptr::NonNull,
    time::Duration,
};

use csp_core::{
    Executor, Home, NewTask, Panicked, Task,
    context::{self, Ended, Object, Simulate},
    inspect::LiveBlock,
};

use super::{
    entity::{CLOCK, Kind, MAIN, Status, Wait},
    realm::Realm,
    report::FailureKind,
    seat::{self, Seat},
    state::{Next, Rules, State, Wrong},
    strategy::{Decision, Strategy},
};
use crate::{
    current::{self, Current},
    sync::{Arc, Guard, Mutex, Weak, thread},
    time::Ticks,
};

/// How often the clock goes on after the main closure has ended.
const DEADLINES_AFTER_MAIN: u32 = 1000;
/// How many operations an entity may still do at the end before it is unwound.
const LATE: u32 = 1000;

pub(crate) struct World {
    pub(super) state: Mutex<State>,
    pub(super) home: Home,
    pub(crate) ticks: Arc<Ticks>,
    threads: Mutex<Vec<thread::JoinHandle<()>>>,
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
                me: me.clone(),
            }
        })
    }

    fn arc(&self) -> Arc<Self> {
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
            lines: std::mem::take(&mut state.lines),
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
    fn decide<'a>(&'a self, mut state: Guard<'a, State>, mut me: Option<u32>) -> Guard<'a, State> {
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

    /// Goes on with whoever was chosen, until the baton is passed on. The root returns when the execution is over.
    pub(super) fn work(&self, seat: &Arc<Seat>, is_root: bool) {
        loop {
            let mut state = self.state.lock();
            if state.next.is_none() {
                state = self.decide(state, None);
            }
            let next = match state.next.take() {
                Some(Next::Entity(next)) => next,
                _ => match self.next_at_end(state) {
                    (now, Some(next)) => {
                        state = now;
                        next
                    }
                    (_, None) if is_root => return,
                    (mut now, None) => {
                        let root = now.root.clone().expect("an execution has a root");
                        now.idle.retain(|other| !Arc::ptr_eq(other, &root));
                        now.idle.push(Arc::clone(seat));
                        now.next = Some(Next::End);
                        drop(now);
                        root.wake();
                        return;
                    }
                },
            };
            if let Some(chosen) = state.entity(next).seat.take() {
                state.idle.push(Arc::clone(seat));
                state.begin(next);
                drop(state);
                chosen.wake();
                if !is_root {
                    return;
                }
                seat.wait();
                continue;
            }
            self.run_turn(state, next);
        }
    }

    fn run_turn(&self, mut state: Guard<'_, State>, number: u32) {
        state.begin(number);
        let entity = state.entity(number);
        let task = entity.task.take().expect("who is due can be run");
        let realm = entity.realm;
        let entered = state
            .realm(realm)
            .map(|realm| current::enter(std::rc::Rc::new(Current::Sim(Arc::clone(realm)))));
        drop(state);
        task.run();
        drop(entered);
        let mut state = self.state.lock();
        let entity = state.entity(number);
        entity.yields = false;
        if entity.status == Status::Running {
            entity.status = Status::Parked;
        }
    }

    /// Who is to be ended next: those that are due, then threads that wait.
    fn next_at_end<'a>(&'a self, mut state: Guard<'a, State>) -> (Guard<'a, State>, Option<u32>) {
        state.ending = true;
        if !std::mem::replace(&mut state.cancelled, true) {
            drop(state);
            self.home.cancel_all();
            state = self.state.lock();
        }
        state.look_at_parked(self.ticks.now());
        let has_task = |state: &State, number: u32| state.entities[number as usize].task.is_some();
        let at = (0..state.due.len())
            .find(|&at| has_task(&state, state.due[at]))
            .or((!state.due.is_empty()).then_some(0));
        if let Some(next) = at.and_then(|at| state.due.remove(at)) {
            return (state, Some(next));
        }
        let unwound = state
            .entities
            .iter()
            .position(|entity| entity.wait.as_ref().is_some_and(|wait| wait.may_unwind));
        let Some(number) = unwound else {
            let stuck = state.entities.iter().any(|entity| entity.seat.is_some());
            if stuck {
                crate::report(format_args!(
                    "the simulation cannot end a thread of the program, which waits while it unwinds"
                ));
                std::process::abort();
            }
            return (state, None);
        };
        let entity = &mut state.entities[number];
        entity.wait = None;
        entity.unwind = true;
        state.parked_threads -= 1;
        (state, Some(number as u32))
    }

    /// Sits down in the middle of a turn, and passes the baton on. Returns with it.
    fn sit<'a>(&'a self, mut state: Guard<'a, State>, me: u32) -> Guard<'a, State> {
        let seat = seat::mine();
        state.entity(me).seat = Some(Arc::clone(&seat));
        let chosen = match state.next {
            Some(Next::Entity(next)) => state.entity(next).seat.take().map(|seat| (next, seat)),
            _ => None,
        };
        if let Some((next, chosen)) = chosen {
            state.next = None;
            state.begin(next);
            drop(state);
            chosen.wake();
        } else if let Some(free) = state.idle.pop() {
            drop(state);
            free.wake();
        } else {
            drop(state);
            let mut threads = self.threads.lock();
            let number = threads.len() + 1;
            threads.push(seat::start(&self.arc(), number));
            drop(threads);
        }
        seat.wait();
        self.state.lock()
    }

    /// Lets the free threads go, when all executions are over.
    pub(super) fn dismiss(&self) {
        let idle = std::mem::take(&mut self.state.lock().idle);
        idle.iter().for_each(|seat| seat.dismiss());
        for thread in std::mem::take(&mut *self.threads.lock()) {
            // (Its panic would have been one of ours.)
            drop(thread.join());
        }
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
        self.check_thread(&mut state, "a block was started");
    }

    /// How many steps were done in this execution, and whose the last is.
    pub(super) fn where_it_is(&self) -> (u64, String) {
        let state = self.state.lock();
        let is_one = (state.running as usize) < state.entities.len();
        let entity = is_one.then(|| state.named(state.running).to_string());
        (state.steps, entity.unwrap_or_default())
    }

    fn check_thread(&self, state: &mut State, what: &str) {
        if !seat::is_of(self) {
            let message = format!(
                "not deterministic: {what} by a thread outside the simulation. Start threads with \
                 `thread`, `io_thread` or `compute`"
            );
            state.fail(FailureKind::NotDeterministic, message);
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

    /// An operation after the end was declared: it is done, and nobody else is let go on.
    fn step_at_end(&self, mut state: Guard<'_, State>, may_yield: bool) -> bool {
        let me = state.me();
        let is_own = may_yield && me.kind == Kind::Block && context::current_block() == Some(me.id);
        if is_own {
            // It is cancelled: it does not come back from where it parks.
            return false;
        }
        me.late += 1;
        let too_many = me.late > LATE;
        drop(state);
        if too_many && !thread::panicking() {
            resume_unwind(Box::new(Ended));
        }
        true
    }

    fn park_at_end(
        &self,
        mut state: Guard<'_, State>,
        unparked: &dyn Fn() -> bool,
        may_unwind: bool,
    ) -> bool {
        if unparked() {
            return true;
        }
        if may_unwind && !thread::panicking() {
            drop(state);
            resume_unwind(Box::new(Ended));
        }
        let me = state.running;
        // SAFETY: it is taken out before this thread has the baton again, so before `unparked` goes.
        let wait = unsafe { Wait::new(unparked, None, false) };
        let entity = state.entity(me);
        entity.wait = Some(wait);
        entity.status = Status::Parked;
        state.parked_threads += 1;
        state.next = Some(Next::End);
        drop(self.sit(state, me));
        true
    }
}

impl Executor for World {
    fn post(&self, task: Task) {
        let mut state = self.state.lock();
        state.wake(task);
        self.check_thread(&mut state, "a block was woken");
    }
}

impl Simulate for World {
    fn step(&self, objects: &[Object], may_yield: bool) -> bool {
        let place = context::asked_at();
        let mut state = self.state.lock();
        if state.ending {
            return self.step_at_end(state, may_yield);
        }
        let number = state.running;
        if number == CLOCK {
            objects.iter().for_each(|&object| state.touch(object));
            return true;
        }
        let me = state.me();
        let is_own = may_yield && me.kind == Kind::Block && context::current_block() == Some(me.id);
        if is_own && me.yields {
            return false;
        }
        if me.yields {
            state.announce_more(objects);
            return true;
        }
        if is_own && std::mem::take(&mut me.granted) {
            objects.iter().for_each(|&object| state.touch(object));
            return true;
        }
        state.announce(objects, place);
        state = self.decide(state, Some(number));
        match state.next {
            Some(Next::Entity(next)) if next == number => {
                state.next = None;
                state.begin(number);
                return true;
            }
            Some(Next::End) => {
                state.running = number;
                state.due.retain(|&due| due != number);
                state.entity(number).status = Status::Running;
                return self.step_at_end(state, may_yield);
            }
            _ => {}
        }
        if is_own {
            state.due.retain(|&due| due != number);
            let me = state.entity(number);
            me.status = Status::Running;
            me.yields = true;
            me.granted = true;
            return false;
        }
        let state = self.sit(state, number);
        if state.ending {
            return self.step_at_end(state, may_yield);
        }
        true
    }

    fn touch(&self, object: Object) {
        let mut state = self.state.lock();
        let me = state.me();
        if matches!(me.kind, Kind::Block | Kind::Thread) && object == Object::Block(me.id) {
            // Nobody but its own end touches a block's outcome in its turn.
            me.status = Status::Ended;
            let realm = me.realm;
            state.realm(realm).inspect(|realm| realm.count(false));
        }
        state.touch(object);
    }

    fn forget(&self, object: Object) {
        self.state.lock().forget(object);
    }

    fn choose(&self, bound: u32) -> u32 {
        self.state.lock().choose_arm(bound)
    }

    fn complain(&self, what: &str) {
        let mut state = self.state.lock();
        if !state.rules.allow_panics {
            state.fail(FailureKind::Panic, what.to_owned());
        }
    }

    fn park(&self, unparked: &dyn Fn() -> bool, limit: Option<Duration>, may_unwind: bool) -> bool {
        let mut state = self.state.lock();
        if state.ending {
            return self.park_at_end(state, unparked, may_unwind);
        }
        let number = state.running;
        let deadline = limit.and_then(|limit| self.ticks.clock().after(limit));
        // SAFETY: it is taken out before this thread has the baton again, so before `unparked` goes.
        let wait = unsafe { Wait::new(unparked, deadline, may_unwind) };
        let me = state.entity(number);
        me.yields = false;
        me.place = me.place.or_else(context::asked_at);
        if wait.is_over() {
            me.status = Status::Ready;
            state.due.push_back(number);
        } else {
            me.status = Status::Parked;
            me.wait = Some(wait);
            state.parked_threads += 1;
        }
        if state.next.is_none() {
            state = self.decide(state, None);
        }
        if state.next == Some(Next::Entity(number)) {
            state.next = None;
            state.begin(number);
        } else {
            state = self.sit(state, number);
        }
        let me = state.entity(number);
        let (timed_out, unwind) = (std::mem::take(&mut me.timed_out), me.unwind);
        me.unwind = false;
        drop(state);
        if unwind {
            resume_unwind(Box::new(Ended));
        }
        !timed_out
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").finish_non_exhaustive()
    }
}
