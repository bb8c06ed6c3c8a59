//! What happens before what in one execution, and which steps race.
//!
//! Steps are *dependent* if they touch a common object, if one makes the other's entity able to go on, or if they
//! are of the same entity. Each step has a vector clock: for every entity the last of its steps that happened before
//! (through a chain of dependent steps). Two dependent steps *race* if nothing but their own dependence puts
//! the one before the other: they could have come in the other order.
//!
//! **Who wakes**: to complete what an entity is parked on is to touch everything it is parked on, though the
//! operation names only one: a put that completes an alts takes it out of the other channels. So a step that wakes an
//! entity counts as touching all that the entity touched when it parked.

use super::set::Set;

/// By entity: the number of its last step that happened before, counted from 1; 0 for none.
#[derive(Debug, Clone, Default)]
struct Clock(Vec<u32>);

impl Clock {
    fn get(&self, entity: u32) -> u32 {
        self.0.get(entity as usize).copied().unwrap_or(0)
    }

    fn set(&mut self, entity: u32, step: u32) {
        let entity = entity as usize;
        if self.0.len() <= entity {
            self.0.resize(entity + 1, 0);
        }
        self.0[entity] = step;
    }

    fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (ours, theirs) in self.0.iter_mut().zip(&other.0) {
            *ours = (*ours).max(*theirs);
        }
    }
}

#[derive(Debug)]
struct Event {
    entity: u32,
    /// Itself included.
    clock: Clock,
    /// Where the path of the exploration decided for it.
    fork: usize,
}

#[derive(Debug, Default)]
struct Entity {
    clock: Clock,
    /// What it touched when it last began an operation, and since.
    parked_on: Set,
}

/// A step, as the trace takes it.
#[derive(Debug)]
pub(super) struct Step<'a> {
    pub(super) entity: u32,
    pub(super) fork: usize,
    pub(super) touched: &'a [u32],
    /// Those that could not go on before.
    pub(super) woke: &'a [u32],
    /// It went on with what it had parked in (or with code of its own).
    pub(super) is_continuation: bool,
    /// It could not come earlier: time passes only when nobody can go on.
    pub(super) is_barrier: bool,
    /// It depends on every other step.
    pub(super) meets_all: bool,
}

/// The steps of one execution so far.
#[derive(Debug, Default)]
pub(super) struct Trace {
    events: Vec<Event>,
    entities: Vec<Entity>,
    /// By object: the last event that touched it. (All accesses are taken for writes: no two are independent.)
    last: Vec<Option<usize>>,
    /// The last event that depends on all others.
    met_all: Option<usize>,
}

impl Trace {
    pub(super) fn clear(&mut self) {
        self.events.clear();
        self.entities.clear();
        self.last.clear();
        self.met_all = None;
    }

    pub(super) fn fork_of(&self, event: usize) -> usize {
        self.events[event].fork
    }

    /// The last event.
    pub(super) fn newest(&self) -> usize {
        self.events.len() - 1
    }

    pub(super) fn entity_of(&self, event: usize) -> u32 {
        self.events[event].entity
    }

    /// The step before has made these able to go on (as far as they were not).
    pub(super) fn enables(&mut self, entities: impl Iterator<Item = u32>) {
        let Some(event) = self.events.last() else {
            return;
        };
        for entity in entities {
            slot(&mut self.entities, entity).clock.join(&event.clock);
        }
    }

    /// Another step. Pushes the events that it races with, the latest first, and returns all that it touched.
    pub(super) fn push(&mut self, step: &Step<'_>, races: &mut Vec<usize>) -> Set {
        let touched = self.footprint(step);
        let mut clock = std::mem::take(&mut slot(&mut self.entities, step.entity).clock);
        if step.is_barrier {
            for entity in &self.entities {
                clock.join(&entity.clock);
            }
        }
        for event in self.dependent(&touched) {
            if !self.is_before(event, &clock) {
                races.push(event);
                clock.join(&self.events[event].clock);
            }
        }
        let index = self.events.len();
        clock.set(step.entity, number(index));
        self.note(step, &touched, &clock, index);
        if step.meets_all {
            self.met_all = Some(index);
        }
        self.events.push(Event {
            entity: step.entity,
            clock,
            fork: step.fork,
        });
        touched
    }

    /// For each object the last event that touched it, the latest first.
    fn dependent(&self, touched: &Set) -> Vec<usize> {
        if touched.meets_all() {
            return (0..self.events.len()).rev().collect();
        }
        let last = |&object: &u32| self.last.get(object as usize).copied().flatten();
        let mut events: Vec<usize> = touched.as_slice().iter().filter_map(last).collect();
        events.extend(self.met_all);
        events.sort_unstable_by(|a, b| b.cmp(a));
        events.dedup();
        events
    }

    fn footprint(&mut self, step: &Step<'_>) -> Set {
        let mut touched = Set::default();
        touched.extend(step.touched);
        if step.meets_all {
            touched.meet_all();
        }
        for &woken in step.woke {
            touched.extend(slot(&mut self.entities, woken).parked_on.as_slice());
        }
        touched
    }

    fn note(&mut self, step: &Step<'_>, touched: &Set, clock: &Clock, index: usize) {
        for &object in touched.as_slice() {
            *slot(&mut self.last, object) = Some(index);
        }
        let own = slot(&mut self.entities, step.entity);
        own.clock.clone_from(clock);
        if !step.is_continuation {
            own.parked_on.clear();
        }
        // One that was woken for nothing parks in the same operation again, and may not say so.
        own.parked_on.extend(step.touched);
        for &woken in step.woke {
            slot(&mut self.entities, woken).clock.join(clock);
        }
    }

    fn is_before(&self, event: usize, clock: &Clock) -> bool {
        clock.get(self.events[event].entity) >= number(event)
    }

    /// Who can begin, at the place of `early`, an execution in which the newest event comes before `early`: the
    /// initials of what is not after `early`, up to the newest event (Abdulla et al. 2014).
    pub(super) fn initials(&self, early: usize) -> Vec<u32> {
        let late = self.newest();
        let mut initials = Vec::new();
        // By entity: the first event of it looked at, counted from 1.
        let mut first: Vec<u32> = vec![0; self.entities.len()];
        for (index, event) in self.events.iter().enumerate().skip(early + 1) {
            // The newest is after `early` only by racing with it.
            if index != late && self.is_before(early, &event.clock) {
                continue;
            }
            let mine = event.entity as usize;
            if first[mine] != 0 {
                continue;
            }
            let has_to_wait = first
                .iter()
                .zip(&event.clock.0)
                .any(|(&first, &seen)| first != 0 && seen >= first);
            if !has_to_wait {
                initials.push(event.entity);
            }
            first[mine] = number(index);
        }
        initials
    }

    /// The last event up to this one at which its entity began to run, or could have been left at no cost.
    pub(super) fn run_of(&self, event: usize, is_free: impl Fn(usize) -> bool) -> usize {
        let entity = self.events[event].entity;
        let begins = |at: &usize| {
            *at == 0 || self.events[at - 1].entity != entity || is_free(self.events[*at].fork)
        };
        (0..=event).rev().find(begins).unwrap_or(event)
    }
}

/// Events are counted from 1 in clocks.
fn number(event: usize) -> u32 {
    u32::try_from(event + 1).expect("an execution has fewer than 2^32 steps")
}

fn slot<T: Default>(of: &mut Vec<T>, number: u32) -> &mut T {
    let number = number as usize;
    if of.len() <= number {
        of.resize_with(number + 1, T::default);
    }
    &mut of[number]
}
