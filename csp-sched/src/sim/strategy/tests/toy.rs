//! A world in small: entities are lists of operations on shared objects, and one step can be copied, so that all
//! schedules can be enumerated without any of what is tested.

mod ops;
mod program;

use std::collections::VecDeque;

pub(in crate::sim) use program::{Kind, Op, Program};

use crate::sim::strategy::{CLOCK, Candidate, Decision, Done, Fork, Strategy};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// Goes on with code of its own up to the next operation.
    Fresh,
    Announced,
    Parked,
    Ended,
}

#[derive(Debug, Clone)]
struct Entity {
    /// Index of its program: its name, since each is started once at most.
    program: usize,
    at: usize,
    register: i64,
    status: Status,
}

#[derive(Debug, Clone, Default)]
struct State {
    value: i64,
    holder: Option<u32>,
    buffer: VecDeque<i64>,
    putters: VecDeque<(u32, i64)>,
    takers: VecDeque<u32>,
}

/// What chance says, and what is asked of it.
pub(in crate::sim) type Choose<'a> = &'a mut dyn FnMut(u32) -> u32;

#[derive(Debug, Clone)]
pub(in crate::sim) struct World<'a> {
    program: &'a Program,
    objects: Vec<State>,
    /// The clock, which is none of these, is entity 0.
    entities: Vec<Entity>,
    /// By the time they became able to go on.
    runnable: Vec<u32>,
    last: Option<u32>,
    has_yielded: bool,
    timers: Vec<(u64, u32)>,
    now: u64,
    pub(in crate::sim) failure: Option<String>,
    /// Numbers of objects in the order of first mention; the time comes behind the program's own.
    numbers: Vec<usize>,
    touched: Vec<u32>,
    woke: Vec<u32>,
    pub(in crate::sim) preemptions: u32,
    pub(in crate::sim) steps: u32,
    /// By decision.
    pub(in crate::sim) is_preemption: Vec<bool>,
}

impl<'a> World<'a> {
    pub(in crate::sim) fn new(program: &'a Program) -> Self {
        let state = |kind: &Kind| State {
            value: if let Kind::Var(value) = kind {
                *value
            } else {
                0
            },
            ..State::default()
        };
        let mut world = Self {
            program,
            objects: program.objects.iter().map(state).collect(),
            entities: Vec::new(),
            runnable: Vec::new(),
            last: None,
            has_yielded: false,
            timers: Vec::new(),
            now: 0,
            failure: None,
            numbers: Vec::new(),
            touched: Vec::new(),
            woke: Vec::new(),
            preemptions: 0,
            steps: 0,
            is_preemption: Vec::new(),
        };
        world.start(0);
        world
    }

    fn start(&mut self, program: usize) {
        self.entities.push(Entity {
            program,
            at: 0,
            register: 0,
            status: Status::Fresh,
        });
        let entity = self.entities.len() as u32;
        self.runnable.push(entity);
        self.woke.push(entity);
    }

    fn entity(&mut self, entity: u32) -> &mut Entity {
        &mut self.entities[entity as usize - 1]
    }

    fn number(&mut self, object: usize) -> u32 {
        let known = self.numbers.iter().position(|&o| o == object);
        known.unwrap_or_else(|| {
            self.numbers.push(object);
            self.numbers.len() - 1
        }) as u32
    }

    fn time(&self) -> usize {
        self.program.objects.len()
    }

    fn touch(&mut self, object: usize) {
        let number = self.number(object);
        if !self.touched.contains(&number) {
            self.touched.push(number);
        }
    }

    fn op(&self, entity: u32) -> Option<Op> {
        let entity = &self.entities[entity as usize - 1];
        self.program.entities[entity.program]
            .get(entity.at)
            .copied()
    }

    fn announced(&self, entity: u32) -> Vec<usize> {
        match self.op(entity) {
            Some(Op::TakeEither(a, b)) => vec![a, b],
            Some(
                Op::Append(o, _)
                | Op::Load(o)
                | Op::StoreNext(o)
                | Op::FailIf(o, _)
                | Op::Lock(o)
                | Op::Unlock(o)
                | Op::Wait(o)
                | Op::Signal(o)
                | Op::Put(o, _)
                | Op::Take(o),
            ) => vec![o],
            Some(Op::Sleep(_)) if self.program.is_time_told => vec![self.time()],
            _ => Vec::new(),
        }
    }

    /// Who could go on, and whether another than the first would preempt it.
    pub(in crate::sim) fn candidates(&mut self) -> (Vec<Candidate>, bool) {
        let mut order = self.runnable.clone();
        let last = self
            .last
            .and_then(|last| order.iter().position(|&e| e == last));
        let is_preemption = last.is_some() && !self.has_yielded;
        if let Some(at) = last.filter(|_| is_preemption) {
            order[..=at].rotate_right(1);
        }
        let is_time =
            !self.timers.is_empty() && (order.is_empty() || self.program.time_at_any_moment);
        let mut candidates = Vec::new();
        for entity in order {
            let is_announced = self.entity(entity).status == Status::Announced;
            let objects = if is_announced {
                self.announced(entity)
            } else {
                Vec::new()
            };
            let objects = objects.into_iter().map(|o| self.number(o)).collect();
            candidates.push(Candidate { entity, objects });
        }
        if is_time {
            candidates.push(Candidate {
                entity: CLOCK,
                objects: Vec::new(),
            });
        }
        (candidates, is_preemption)
    }

    pub(in crate::sim) fn is_over(&self) -> bool {
        self.failure.is_some()
    }

    pub(in crate::sim) fn step(&mut self, entity: u32, is_preemption: bool, choose: Choose<'_>) {
        self.touched.clear();
        self.woke.clear();
        self.has_yielded = false;
        self.preemptions += u32::from(is_preemption && self.last != Some(entity));
        self.last = Some(entity);
        if entity == CLOCK {
            self.pass_time();
            return;
        }
        let status = self.entity(entity).status;
        if status == Status::Fresh && !self.is_trying_again(entity) {
            self.settle(entity);
            return;
        }
        if let Some(op) = self.op(entity) {
            self.entity(entity).status = Status::Announced;
            self.run(entity, op, choose);
        }
        if self.entity(entity).status == Status::Announced {
            self.entity(entity).at += 1;
            self.settle(entity);
        }
    }

    /// Woken to try again what it had parked in: that is no announced operation.
    fn is_trying_again(&self, entity: u32) -> bool {
        let at = &self.entities[entity as usize - 1];
        match self.op(entity) {
            Some(Op::Lock(o)) => {
                self.program.objects[o] == Kind::FreeLock && at.register == i64::MIN
            }
            _ => false,
        }
    }

    /// Runs on to the next operation or the end.
    fn settle(&mut self, entity: u32) {
        while let Some(Op::FailUnless(value)) = self.op(entity) {
            let register = self.entity(entity).register;
            if register != value {
                self.fail(entity, &format!("has {register} instead of {value}"));
            }
            self.entity(entity).at += 1;
        }
        let is_over = self.op(entity).is_none();
        self.entity(entity).status = if is_over {
            Status::Ended
        } else {
            Status::Announced
        };
        if is_over {
            self.runnable.retain(|&e| e != entity);
        }
    }

    fn fail(&mut self, entity: u32, what: &str) {
        let program = self.entity(entity).program;
        self.failure.get_or_insert(format!("{program} {what}"));
    }

    fn park(&mut self, entity: u32) {
        self.entity(entity).status = Status::Parked;
        self.runnable.retain(|&e| e != entity);
    }

    /// Its operation is done.
    fn complete(&mut self, entity: u32) {
        self.entity(entity).at += 1;
        self.wake(entity);
    }

    fn wake(&mut self, entity: u32) {
        self.entity(entity).status = Status::Fresh;
        self.runnable.push(entity);
        self.woke.push(entity);
    }

    fn pass_time(&mut self) {
        if self.program.is_time_told {
            self.touch(self.time());
        }
        self.now = self.timers.iter().map(|t| t.0).min().unwrap_or(self.now);
        let due: Vec<u32> = self
            .timers
            .iter()
            .filter(|t| t.0 <= self.now)
            .map(|t| t.1)
            .collect();
        self.timers.retain(|t| t.0 > self.now);
        for entity in due {
            self.complete(entity);
        }
    }

    /// All that can be told apart at the end, in names that do not depend on the order of starts.
    pub(in crate::sim) fn outcome(&self) -> String {
        if let Some(failure) = &self.failure {
            return failure.clone();
        }
        let name = |e: u32| self.entities[e as usize - 1].program;
        let mut entities: Vec<_> = self
            .entities
            .iter()
            .map(|e| (e.program, e.status, e.at, e.register))
            .collect();
        entities.sort_unstable_by_key(|e| e.0);
        let objects: Vec<_> = self
            .objects
            .iter()
            .map(|o| {
                let putters: Vec<_> = o.putters.iter().map(|&(e, v)| (name(e), v)).collect();
                let takers: Vec<_> = o.takers.iter().map(|&e| name(e)).collect();
                (o.value, o.holder.map(name), &o.buffer, putters, takers)
            })
            .collect();
        format!("{entities:?} {objects:?} {}", self.now)
    }

    pub(in crate::sim) fn is_deadlocked(&self) -> bool {
        self.entities.iter().any(|e| e.status == Status::Parked)
    }
}

/// One execution, as a strategy has it. `None`: it ended it.
pub(in crate::sim) fn execute<'a>(
    program: &'a Program,
    strategy: &mut dyn Strategy,
) -> Option<(World<'a>, Vec<Decision>)> {
    let mut world = World::new(program);
    let mut decisions = Vec::new();
    loop {
        let (candidates, is_preemption) = world.candidates();
        if candidates.is_empty() || world.is_over() || world.steps > 10_000 {
            return Some((world, decisions));
        }
        let fork = Fork {
            candidates: &candidates,
            is_preemption,
        };
        let entity = candidates[strategy.schedule(&fork)?].entity;
        if candidates.len() > 1 {
            decisions.push(Decision::Entity(entity));
            world
                .is_preemption
                .push(is_preemption && entity != candidates[0].entity);
        }
        let mut arms = 0;
        world.steps += 1;
        world.step(entity, is_preemption, &mut |bound| {
            let arm = strategy.choose(bound);
            assert!(arm < bound);
            decisions.push(Decision::Arm(arm));
            arms += 1;
            arm
        });
        world.is_preemption.extend(std::iter::repeat_n(false, arms));
        strategy.done(&Done {
            entity,
            touched: &world.touched,
            woke: &world.woke,
        });
    }
}
