//! What the lock of a [`World`](super::world::World) protects: who can go on, and what was decided.

use std::{
    collections::{HashMap, VecDeque},
    fmt::Display,
    hash::{BuildHasherDefault, Hasher},
    time::Instant,
};

use csp_core::{BlockSite, ParkSite, Task, context::Object};

use super::{
    entity::{CLOCK, Entity, Kind, MAIN, Named, Status},
    mix::Mix,
    realm::Realm,
    report::FailureKind,
    seat::Seat,
    strategy::{Candidate, Decision, Done, Fork, Strategy},
    trace::Trace,
};
use crate::sync::Arc;

/// How an execution is run.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent options")]
pub(crate) struct Rules {
    pub(crate) steps: u64,
    pub(crate) allow_leaks: bool,
    pub(crate) allow_panics: bool,
    pub(crate) racing_time: bool,
    /// Write down each step, in words.
    pub(crate) trace: bool,
}

/// What went wrong first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) kind: FailureKind,
    pub(crate) message: String,
}

/// Who goes on, as it was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// This one.
    Entity(u32),
    /// The execution ends: nobody is to be asked any more.
    End,
}

/// What the step under way did.
#[derive(Default)]
struct Step {
    entity: u32,
    is_open: bool,
    touched: Vec<u32>,
    woke: Vec<u32>,
}

/// For more decisions than this no room is made before they come.
const MANY: usize = 1000;

fn emptied<T>(mut all: Vec<T>) -> Vec<T> {
    all.clear();
    all
}

#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
pub(super) struct State {
    pub(super) rules: Rules,
    pub(super) strategy: Option<Box<dyn Strategy>>,
    pub(super) entities: Vec<Entity>,
    /// Those that could go on, by the time since when they could.
    pub(super) due: VecDeque<u32>,
    numbers: HashMap<u64, u32, BuildHasherDefault<Mix>>,
    objects: HashMap<Object, u32, BuildHasherDefault<Mix>>,
    next_object: u32,
    pub(super) running: u32,
    /// Decided, and yet to be done.
    pub(super) next: Option<Next>,
    step: Step,
    candidates: Vec<Candidate>,
    /// Threads without work.
    pub(super) idle: Vec<Arc<Seat>>,
    pub(super) root: Option<Arc<Seat>>,
    pub(super) realms: Vec<Arc<Realm>>,
    /// How many are parked as threads.
    pub(super) parked_threads: u32,
    pub(super) wrong: Option<Wrong>,
    pub(super) ending: bool,
    /// All blocks were asked to end.
    pub(super) cancelled: bool,
    /// The strategy has seen all that can follow.
    pub(super) redundant: bool,
    pub(super) deadlines_after_main: u32,
    pub(super) steps: u64,
    pub(super) decisions: Vec<Decision>,
    pub(super) preemptions: Vec<bool>,
    /// Of all that the strategy was shown: the same program shows the same.
    pub(super) print: Mix,
    /// In words, if that is asked for.
    pub(super) trace: Option<Trace>,
    pub(super) preempted: bool,
}

impl State {
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            rules,
            strategy: None,
            entities: Vec::new(),
            due: VecDeque::new(),
            numbers: HashMap::default(),
            objects: HashMap::default(),
            next_object: 0,
            running: CLOCK,
            next: None,
            step: Step::default(),
            candidates: Vec::new(),
            idle: Vec::new(),
            root: None,
            realms: Vec::new(),
            parked_threads: 0,
            wrong: None,
            ending: false,
            cancelled: false,
            redundant: false,
            deadlines_after_main: 0,
            steps: 0,
            decisions: Vec::new(),
            preemptions: Vec::new(),
            print: Mix::default(),
            trace: None,
            preempted: false,
        }
    }

    /// As for a new execution: the clock, and the main closure, which is due.
    pub(super) fn reset(&mut self, rules: Rules, strategy: Box<dyn Strategy>) {
        let trace = rules.trace.then(Trace::default);
        let old = std::mem::replace(self, Self::new(rules));
        self.trace = trace;
        self.strategy = Some(strategy);
        self.idle = old.idle;
        // Their room is used again, for what is about as much.
        self.entities = emptied(old.entities);
        self.candidates = emptied(old.candidates);
        self.step.touched = emptied(old.step.touched);
        self.step.woke = emptied(old.step.woke);
        let decisions = usize::try_from(old.steps).map_or(0, |steps| steps.min(MANY));
        self.decisions.reserve(decisions);
        self.preemptions.reserve(decisions);
        (self.due, self.objects, self.numbers) = (old.due, old.objects, old.numbers);
        self.due.clear();
        self.objects.clear();
        self.numbers.clear();
        let mut clock = Entity::new(Kind::Clock, 0, 0, None);
        clock.status = Status::Parked;
        self.entities.push(clock);
        self.entities.push(Entity::new(Kind::Main, 0, 0, None));
        self.due.push_back(MAIN);
    }

    pub(super) fn entity(&mut self, number: u32) -> &mut Entity {
        &mut self.entities[number as usize]
    }

    pub(super) fn me(&mut self) -> &mut Entity {
        self.entity(self.running)
    }

    /// A new block or thread, which is due.
    pub(super) fn add(&mut self, kind: Kind, realm: u32, site: BlockSite, task: Task) {
        let number = u32::try_from(self.entities.len()).expect("blocks are limited in number");
        let mut entity = Entity::new(kind, task.id(), realm, Some(site));
        self.numbers.insert(entity.id, number);
        // Numbered now, so that it is the same whoever goes on first.
        self.object(Object::Life(entity.id));
        self.object(Object::Block(entity.id));
        entity.task = Some(task);
        self.entities.push(entity);
        self.due.push_back(number);
        self.step.woke.push(number);
    }

    /// A block was woken.
    pub(super) fn wake(&mut self, task: Task) {
        let number = self.numbers[&task.id()];
        let entity = self.entity(number);
        entity.task = Some(task);
        if entity.status == Status::Parked {
            self.step.woke.push(number);
        }
        self.entity(number).status = Status::Ready;
        self.due.push_back(number);
    }

    /// Parked threads whose time has come are due.
    pub(super) fn look_at_parked(&mut self, now: Instant) {
        if self.parked_threads == 0 {
            return;
        }
        for (number, entity) in (0..).zip(&mut self.entities) {
            let Some(wait) = &entity.wait else { continue };
            let unparked = wait.is_over();
            if unparked || wait.deadline.is_some_and(|at| at <= now) {
                entity.timed_out = !unparked;
                entity.wait = None;
                entity.status = Status::Ready;
                self.parked_threads -= 1;
                self.due.push_back(number);
                self.step.woke.push(number);
            }
        }
    }

    /// When the first parked thread gives up.
    pub(super) fn first_limit(&self) -> Option<Instant> {
        if self.parked_threads == 0 {
            return None;
        }
        self.entities
            .iter()
            .filter_map(|entity| entity.wait.as_ref()?.deadline)
            .min()
    }

    /// Whether it was used in this execution.
    pub(super) fn knows(&self, object: Object) -> bool {
        self.objects.contains_key(&object)
    }

    /// The dense number of an object.
    fn object(&mut self, object: Object) -> u32 {
        let next = &mut self.next_object;
        let trace = &mut self.trace;
        *self.objects.entry(object).or_insert_with(|| {
            if let Some(trace) = trace {
                trace.number(object);
            }
            *next += 1;
            *next - 1
        })
    }

    pub(super) fn describe(&mut self, object: Object, what: &dyn Display) {
        if let Some(trace) = &mut self.trace {
            trace.describe(object, what);
        }
    }

    pub(super) fn forget(&mut self, object: Object) {
        self.objects.remove(&object);
    }

    pub(super) fn touch(&mut self, object: Object) {
        let number = self.object(object);
        if !self.step.touched.contains(&number) {
            self.step.touched.push(number);
        }
    }

    /// The running entity announces an operation.
    pub(super) fn announce(&mut self, objects: &[Object], place: Option<ParkSite>) {
        let mut announced = std::mem::take(&mut self.me().announced);
        announced.clear();
        for &object in objects {
            let number = self.object(object);
            if !announced.contains(&number) {
                announced.push(number);
            }
        }
        let me = self.me();
        me.announced = announced;
        me.place = place;
    }

    /// What an entity does that has announced an operation and is about to yield: part of its next step.
    pub(super) fn announce_more(&mut self, objects: &[Object]) {
        for &object in objects {
            let number = self.object(object);
            self.me().announced.push(number);
        }
    }

    /// The runtime with this number, unless it is the one that is there by itself.
    pub(super) fn realm(&self, number: u32) -> Option<&Arc<Realm>> {
        self.realms.get(number.checked_sub(1)? as usize)
    }

    /// The number of the entity that this block is.
    pub(super) fn number_of(&self, block: u64) -> Option<u32> {
        self.numbers.get(&block).copied()
    }

    /// The entity goes on: a step begins.
    pub(super) fn begin(&mut self, number: u32) {
        self.running = number;
        if self.ending {
            self.entity(number).status = Status::Running;
            return;
        }
        self.write_line(number);
        self.preempted = false;
        let entity = &mut self.entities[number as usize];
        if number != CLOCK {
            entity.status = Status::Running;
        }
        self.step.entity = number;
        self.step.is_open = true;
        self.step.touched.clear();
        self.step.touched.append(&mut entity.announced);
        let (kind, id) = (entity.kind, entity.id);
        if matches!(kind, Kind::Block | Kind::Thread) {
            self.touch(Object::Life(id));
        }
        self.step.woke.clear();
        self.steps += 1;
        if self.steps > self.rules.steps {
            let message = format!(
                "did not end in {} steps: a loop that never parks for good, or `.steps(n)` is too low",
                self.rules.steps
            );
            self.fail(FailureKind::Endless, message);
        }
    }

    /// The step under way is over.
    pub(super) fn end_step(&mut self) {
        if !std::mem::take(&mut self.step.is_open) || self.ending {
            return;
        }
        if let Some(strategy) = &mut self.strategy {
            strategy.done(&Done {
                entity: self.step.entity,
                touched: &self.step.touched,
                woke: &self.step.woke,
            });
        }
    }

    /// Asks who goes on: `me`, who was about to, or one of the due, or the clock. `None`: nobody can; or the strategy
    /// wants no more.
    pub(super) fn choose(&mut self, me: Option<u32>, clock: bool) -> Option<u32> {
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.clear();
        let time = clock.then_some(CLOCK);
        for number in me.into_iter().chain(self.due.iter().copied()).chain(time) {
            candidates.push(Candidate {
                entity: number,
                objects: std::mem::take(&mut self.entities[number as usize].announced),
            });
        }
        for candidate in &candidates {
            self.print.write_u32(candidate.entity);
            for &object in &candidate.objects {
                self.print.write_u32(object);
            }
        }
        let fork = Fork {
            candidates: &candidates,
            is_preemption: me.is_some(),
        };
        let strategy = self.strategy.as_mut().expect("an execution has a strategy");
        let index = strategy.schedule(&fork);
        let chosen = index.map(|index| candidates[index].entity);
        let (many, preempted) = (candidates.len() > 1, me.is_some() && chosen != me);
        for candidate in &mut candidates {
            self.entities[candidate.entity as usize].announced =
                std::mem::take(&mut candidate.objects);
        }
        self.candidates = candidates;
        let chosen = chosen?;
        if many {
            self.decisions.push(Decision::Entity(chosen));
            self.preemptions.push(preempted);
        }
        self.preempted = preempted;
        if me == Some(chosen) {
            return me;
        }
        if let Some(at) = self.due.iter().position(|&due| due == chosen) {
            self.due.remove(at);
        }
        if let Some(me) = me {
            self.entity(me).status = Status::Ready;
            self.due.push_back(me);
        }
        Some(chosen)
    }

    /// One of the arms that are ready.
    pub(super) fn choose_arm(&mut self, bound: u32) -> u32 {
        let Some(strategy) = self.strategy.as_mut().filter(|_| !self.ending) else {
            return 0;
        };
        let arm = strategy.choose(bound);
        self.decisions.push(Decision::Arm(arm));
        self.preemptions.push(false);
        if let Some(trace) = &mut self.trace {
            trace.write(format!("        arm {arm} of the {bound} that are ready"));
        }
        arm
    }

    pub(super) fn fail(&mut self, kind: FailureKind, message: String) {
        if self.wrong.is_none() && !self.ending {
            self.wrong = Some(Wrong { kind, message });
        }
    }

    pub(super) fn is_main_over(&self) -> bool {
        self.entities[MAIN as usize].status == Status::Ended
    }

    pub(super) fn named(&self, number: u32) -> Named<'_> {
        Named {
            number: number as usize,
            entity: &self.entities[number as usize],
        }
    }
}
