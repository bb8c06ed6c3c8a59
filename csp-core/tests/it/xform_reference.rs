//! A plain sequential model of a channel with a transducer, and the transducers it is tested with.

use std::{
    collections::{BTreeMap, VecDeque},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

use csp_core::xf::{Flow, Transducer};

use crate::util::Tracked;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Buf {
    Fixed(usize),
    Custom(usize),
    Sliding(usize),
    Dropping(usize),
    Promise,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Identity,
    Odd,
    /// As many copies as the number modulo 4.
    Copies,
    /// Groups of so many, and what is left at the end.
    Groups(usize),
    /// The first few, and something at the end.
    First(usize),
    /// Twice, with a panic in between at some.
    Panics,
    /// Something at the end, and then a panic.
    PanicsAtTheEnd,
}

/// What the transducers need to know of a value.
pub(crate) trait Value: Clone {
    fn number(&self) -> u32;
}

impl Value for u32 {
    fn number(&self) -> u32 {
        *self
    }
}

impl Value for Tracked {
    fn number(&self) -> u32 {
        self.id
    }
}

pub(crate) struct Steps<T> {
    kind: Kind,
    held: Vec<T>,
    seen: usize,
}

impl<T> Steps<T> {
    pub(crate) fn new(kind: Kind) -> Self {
        Self {
            kind,
            held: Vec::new(),
            seen: 0,
        }
    }
}

/// A panic that std's hook does not print.
fn quiet_panic() -> ! {
    resume_unwind(Box::new("a step panicked"))
}

impl<T: Value> Transducer for Steps<T> {
    type In = T;
    type Out = Vec<T>;

    fn step(&mut self, value: T, emit: &mut impl FnMut(Vec<T>) -> Flow) -> Flow {
        self.seen += 1;
        match self.kind {
            Kind::Odd if value.number().is_multiple_of(2) => {}
            Kind::Identity | Kind::Odd | Kind::PanicsAtTheEnd => emit(vec![value])?,
            Kind::Copies => {
                (0..value.number() % 4).try_for_each(|_| emit(vec![value.clone()]))?;
            }
            Kind::Groups(n) => {
                self.held.push(value);
                if self.held.len() == n {
                    emit(std::mem::take(&mut self.held))?;
                }
            }
            Kind::First(n) => {
                emit(vec![value])?;
                if self.seen == n {
                    return Flow::Break(());
                }
            }
            Kind::Panics => {
                emit(vec![value.clone()])?;
                if value.number() % 8 == 5 {
                    quiet_panic();
                }
                emit(vec![value])?;
            }
        }
        Flow::Continue(())
    }

    fn complete(&mut self, emit: &mut impl FnMut(Vec<T>) -> Flow) -> Flow {
        match self.kind {
            Kind::Groups(_) if !self.held.is_empty() => emit(std::mem::take(&mut self.held)),
            Kind::First(_) => emit(vec![]),
            Kind::PanicsAtTheEnd => {
                emit(vec![])?;
                quiet_panic()
            }
            _ => Flow::Continue(()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Side {
    Put,
    Take,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Put,
    Refused(u32),
    Took(Option<Vec<u32>>),
    /// Another arm of the operation's alts was chosen.
    Other,
}

/// A parked operation.
struct Op {
    /// What is put, until it has been.
    value: Option<u32>,
    done: Option<Outcome>,
    wake_due: bool,
}

/// The channel, and who waits.
pub(crate) struct World {
    buf: Buf,
    base: VecDeque<Vec<u32>>,
    overflow: VecDeque<Vec<u32>>,
    stash: VecDeque<Vec<u32>>,
    /// None once the transducer ended.
    steps: Option<Steps<u32>>,
    pub(crate) closed: bool,
    pub(crate) failed: bool,
    takes: VecDeque<usize>,
    puts: VecDeque<usize>,
    ops: BTreeMap<usize, Op>,
    /// How many handles each side has.
    handles: [usize; 2],
}

impl World {
    pub(crate) fn new(buf: Buf, kind: Kind) -> Self {
        Self {
            buf,
            base: VecDeque::new(),
            overflow: VecDeque::new(),
            stash: VecDeque::new(),
            steps: Some(Steps::new(kind)),
            closed: false,
            failed: false,
            takes: VecDeque::new(),
            puts: VecDeque::new(),
            ops: BTreeMap::new(),
            handles: [1, 1],
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.stash.len() + self.base.len() + self.overflow.len()
    }

    fn is_full(&self) -> bool {
        match self.buf {
            Buf::Fixed(n) | Buf::Custom(n) => self.base.len() >= n,
            Buf::Sliding(_) | Buf::Dropping(_) | Buf::Promise => false,
        }
    }

    /// What a buffer that is always full is given stands in the overflow, one put's values at a time.
    fn has_room(&self) -> bool {
        self.overflow.is_empty() && (!self.is_full() || self.base.is_empty())
    }

    fn add(&mut self, value: Vec<u32>) {
        if self.is_full() || !self.overflow.is_empty() {
            self.overflow.push_back(value);
            return;
        }
        self.base.push_back(value);
        match self.buf {
            Buf::Sliding(n) if self.base.len() > n => drop(self.base.pop_front()),
            Buf::Dropping(n) if self.base.len() > n => drop(self.base.pop_back()),
            Buf::Promise => self.base.truncate(1),
            _ => {}
        }
    }

    /// Steps a value, or completes the transducer.
    fn step(&mut self, value: Option<u32>) {
        let Some(mut steps) = self.steps.take() else {
            return;
        };
        let mut out = Vec::new();
        let mut emit = |values| {
            out.push(values);
            Flow::Continue(())
        };
        let call = AssertUnwindSafe(|| {
            if let Some(value) = value {
                return steps.step(value, &mut emit);
            }
            let _ = steps.complete(&mut emit);
            Flow::Break(())
        });
        let result = catch_unwind(call);
        out.into_iter().for_each(|values| self.add(values));
        match result {
            Ok(Flow::Continue(())) => self.steps = Some(steps),
            Ok(Flow::Break(())) => {
                self.closed = true;
                if value.is_some() {
                    self.steps = Some(steps);
                    self.step(None);
                }
            }
            Err(_) => (self.closed, self.failed) = (true, true),
        }
    }

    /// A value for the first who waits.
    fn next_value(&mut self) -> Option<Vec<u32>> {
        if self.buf == Buf::Promise {
            return self.base.front().cloned();
        }
        self.base.pop_front().or_else(|| self.overflow.pop_front())
    }

    /// Moves whatever can be moved.
    fn settle(&mut self) {
        loop {
            if !self.takes.is_empty()
                && let Some(value) = self.next_value()
            {
                let taker = self.takes.pop_front().unwrap();
                self.end(taker, Outcome::Took(Some(value)));
                continue;
            }
            if !self.is_full()
                && let Some(value) = self.overflow.pop_front()
            {
                let behind = std::mem::take(&mut self.overflow);
                self.add(value);
                self.overflow.extend(behind);
                continue;
            }
            if self.steps.is_none() {
                while let Some(putter) = self.puts.pop_front() {
                    let value = self.ops[&putter].value.unwrap();
                    self.end(putter, Outcome::Refused(value));
                }
            }
            if self.has_room()
                && let Some(putter) = self.puts.pop_front()
            {
                let value = self.ops[&putter].value;
                self.end(putter, Outcome::Put);
                self.step(value);
                continue;
            }
            if self.closed && self.puts.is_empty() {
                if self.steps.is_some() {
                    self.step(None);
                    continue;
                }
                while let Some(taker) = self.takes.pop_front() {
                    self.end(taker, Outcome::Took(None));
                }
            }
            return;
        }
    }

    fn end(&mut self, key: usize, outcome: Outcome) {
        let op = self.ops.get_mut(&key).unwrap();
        assert!(op.done.is_none(), "committed twice");
        op.done = Some(outcome);
        op.wake_due = true;
    }

    /// Does it now, if it is ready.
    pub(crate) fn try_now(&mut self, side: Side, value: u32) -> Option<Outcome> {
        match side {
            Side::Put if self.closed => return Some(Outcome::Refused(value)),
            Side::Put if !self.has_room() => return None,
            Side::Put => self.step(Some(value)),
            Side::Take if self.len() == 0 => return self.closed.then_some(Outcome::Took(None)),
            Side::Take => {
                let value = self.stash.pop_front().or_else(|| self.next_value());
                self.settle();
                return Some(Outcome::Took(value));
            }
        }
        self.settle();
        Some(Outcome::Put)
    }

    /// Does it now, or queues it as `key`.
    pub(crate) fn start(&mut self, key: usize, side: Side, value: u32) -> Option<Outcome> {
        if let Some(outcome) = self.try_now(side, value) {
            return Some(outcome);
        }
        match side {
            Side::Put => self.puts.push_back(key),
            Side::Take => self.takes.push_back(key),
        }
        let op = Op {
            value: (side == Side::Put).then_some(value),
            done: None,
            wake_due: false,
        };
        self.ops.insert(key, op);
        None
    }

    /// What a poll gives.
    pub(crate) fn poll(&mut self, key: usize) -> Option<Outcome> {
        let done = self.ops.get_mut(&key)?.done.take()?;
        self.ops.remove(&key);
        Some(done)
    }

    /// The keys of parked operations from `first` on that are done.
    pub(crate) fn done_from(&self, first: usize) -> Vec<usize> {
        let done = |(key, op): (&usize, &Op)| op.done.is_some().then_some(*key);
        self.ops.range(first..).filter_map(done).collect()
    }

    /// True once, if the operation was committed or ended by others since it was asked last.
    pub(crate) fn wakes_due(&mut self, key: usize) -> bool {
        let op = self.ops.get_mut(&key);
        op.is_some_and(|op| std::mem::take(&mut op.wake_due))
    }

    fn leave(&mut self, key: usize) -> Op {
        self.takes.retain(|of| *of != key);
        self.puts.retain(|of| *of != key);
        self.ops.remove(&key).unwrap()
    }

    /// Another arm of a parked alts is chosen. False: it was done.
    pub(crate) fn choose_other(&mut self, key: usize) -> bool {
        let Some(op) = self.ops.get(&key) else {
            return false;
        };
        if op.done.is_some() {
            return false;
        }
        let op = self.leave(key);
        self.ops.insert(key, op);
        self.end(key, Outcome::Other);
        true
    }

    /// The operation is dropped: what it was handed goes to the next, or to the front.
    pub(crate) fn drop(&mut self, key: usize) {
        if let Some(Outcome::Took(Some(value))) = self.leave(key).done
            && self.buf != Buf::Promise
        {
            match self.takes.pop_front() {
                Some(next) => self.end(next, Outcome::Took(Some(value))),
                None => self.stash.push_front(value),
            }
        }
    }

    /// The put is taken back.
    pub(crate) fn withdraw(&mut self, key: usize) -> Option<u32> {
        let op = self.leave(key);
        match op.done {
            None | Some(Outcome::Refused(_)) => op.value,
            _ => None,
        }
    }

    pub(crate) fn close(&mut self, side: Side) -> bool {
        let first = !std::mem::replace(&mut self.closed, true);
        if side == Side::Take {
            self.step(None);
        }
        self.settle();
        first
    }

    pub(crate) fn add_handle(&mut self, side: Side) {
        self.handles[side as usize] += 1;
    }

    pub(crate) fn drop_handle(&mut self, side: Side) {
        let count = &mut self.handles[side as usize];
        *count -= 1;
        if *count == 0 {
            self.close(side);
            if side == Side::Take {
                for values in [&mut self.base, &mut self.overflow, &mut self.stash] {
                    values.clear();
                }
            }
        }
    }
}
