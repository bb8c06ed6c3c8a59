//! The plain sequential model: queues of numbers, no sharing, no cleverness.

use std::collections::VecDeque;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Rendezvous,
    Fixed(usize),
    Custom(usize),
    Sliding(usize),
    Dropping(usize),
    Promise,
}

/// An operation on a channel: which, and what is put.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Arm {
    Take(usize),
    Put(usize, u32),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Outcome {
    Put,
    Refused(u32),
    Took(Option<u32>),
}

pub(crate) struct Chan {
    kind: Kind,
    /// Values given back: before all others.
    stash: VecDeque<u32>,
    buf: VecDeque<u32>,
    pub(crate) closed: bool,
    /// Slot and arm of who waits, in order.
    takes: VecDeque<(usize, usize)>,
    puts: VecDeque<(usize, usize)>,
}

impl Chan {
    pub(crate) fn len(&self) -> usize {
        self.stash.len() + self.buf.len()
    }

    fn has_room(&self) -> bool {
        match self.kind {
            Kind::Rendezvous => false,
            Kind::Fixed(n) | Kind::Custom(n) => self.buf.len() < n,
            Kind::Sliding(_) | Kind::Dropping(_) | Kind::Promise => true,
        }
    }

    fn add(&mut self, value: u32) {
        self.buf.push_back(value);
        match self.kind {
            Kind::Sliding(n) if self.buf.len() > n => drop(self.buf.pop_front()),
            Kind::Dropping(n) if self.buf.len() > n => drop(self.buf.pop_back()),
            Kind::Promise => self.buf.truncate(1),
            _ => {}
        }
    }
}

/// What an operation in a slot has come to.
struct Op {
    arms: Vec<Arm>,
    priority: bool,
    /// False before the first poll.
    parked: bool,
    done: Option<(usize, Outcome)>,
    wake_due: bool,
}

pub(crate) struct World {
    pub(crate) chans: Vec<Chan>,
    ops: Vec<Option<Op>>,
    /// Callbacks that were called: their places in `ops`.
    called: Vec<(usize, Outcome)>,
}

impl World {
    pub(crate) fn new(kinds: [Kind; super::CHANS]) -> Self {
        let chans = kinds.map(|kind| Chan {
            kind,
            stash: VecDeque::new(),
            buf: VecDeque::new(),
            closed: false,
            takes: VecDeque::new(),
            puts: VecDeque::new(),
        });
        Self {
            chans: chans.into(),
            ops: (0..super::SLOTS).map(|_| None).collect(),
            called: Vec::new(),
        }
    }

    pub(crate) fn start(&mut self, slot: usize, arms: Vec<Arm>, priority: bool) {
        self.ops[slot] = Some(Op {
            arms,
            priority,
            parked: false,
            done: None,
            wake_due: false,
        });
    }

    /// Starts an operation that calls back; it cannot be dropped.
    pub(crate) fn start_callback(&mut self, arm: Arm) -> usize {
        let number = self.ops.len();
        self.ops.push(None);
        if let Some((_, outcome)) = self.try_now(&[arm], None) {
            self.called.push((number, outcome));
            return number;
        }
        self.ops[number] = Some(Op {
            arms: vec![arm],
            priority: true,
            parked: true,
            done: None,
            wake_due: false,
        });
        self.queue(number, &[arm]);
        number
    }

    /// The callbacks that were called since the last look, by number.
    pub(crate) fn take_called(&mut self) -> Vec<(usize, Outcome)> {
        let mut called = std::mem::take(&mut self.called);
        called.sort_unstable_by_key(|(number, _)| *number);
        called
    }

    /// True once, if the operation was committed or ended by others since it was asked last.
    pub(crate) fn wakes_due(&mut self, slot: usize) -> bool {
        self.ops[slot]
            .as_mut()
            .is_some_and(|op| std::mem::take(&mut op.wake_due))
    }

    /// What a poll must give. `got` decides among several ready arms.
    pub(crate) fn poll(
        &mut self,
        slot: usize,
        got: Option<&(usize, Outcome)>,
    ) -> Option<(usize, Outcome)> {
        let op = self.ops[slot].as_ref().unwrap();
        if op.parked {
            let done = op.done?;
            self.ops[slot] = None;
            return Some(done);
        }
        let (arms, priority) = (op.arms.clone(), op.priority);
        let wish = if priority {
            None
        } else {
            got.map(|(arm, _)| *arm)
        };
        if let Some(done) = self.try_now(&arms, wish) {
            self.ops[slot] = None;
            return Some(done);
        }
        self.ops[slot].as_mut().unwrap().parked = true;
        self.queue(slot, &arms);
        None
    }

    fn queue(&mut self, slot: usize, arms: &[Arm]) {
        for (n, arm) in arms.iter().enumerate() {
            match *arm {
                Arm::Take(on) => self.chans[on].takes.push_back((slot, n)),
                Arm::Put(on, _) => self.chans[on].puts.push_back((slot, n)),
            }
        }
    }

    /// Does the first ready one of `arms`, or `wish` if that is ready.
    pub(crate) fn try_now(
        &mut self,
        arms: &[Arm],
        wish: Option<usize>,
    ) -> Option<(usize, Outcome)> {
        let ready = |n: &usize| self.is_ready(arms[*n]);
        let chosen = wish.filter(ready).or_else(|| (0..arms.len()).find(ready))?;
        Some((chosen, self.act(arms[chosen])))
    }

    fn is_ready(&self, arm: Arm) -> bool {
        match arm {
            Arm::Take(on) => {
                let chan = &self.chans[on];
                chan.len() > 0 || !chan.puts.is_empty() || chan.closed
            }
            Arm::Put(on, _) => {
                let chan = &self.chans[on];
                chan.closed || !chan.takes.is_empty() || chan.has_room()
            }
        }
    }

    /// Does a ready operation.
    fn act(&mut self, arm: Arm) -> Outcome {
        match arm {
            Arm::Put(on, value) if self.chans[on].closed => {
                let _ = on;
                Outcome::Refused(value)
            }
            Arm::Put(on, value) => {
                self.give(on, value);
                Outcome::Put
            }
            Arm::Take(on) => Outcome::Took(self.take(on)),
        }
    }

    fn take(&mut self, on: usize) -> Option<u32> {
        let chan = &mut self.chans[on];
        if chan.kind == Kind::Promise {
            return chan.buf.front().copied();
        }
        if let Some(value) = chan.stash.pop_front() {
            return Some(value);
        }
        if let Some(value) = chan.buf.pop_front() {
            while self.chans[on].has_room() {
                let Some(next) = self.take_from_putter(on) else {
                    break;
                };
                self.chans[on].add(next);
            }
            return Some(value);
        }
        self.take_from_putter(on)
    }

    fn take_from_putter(&mut self, on: usize) -> Option<u32> {
        let (slot, arm) = *self.chans[on].puts.front()?;
        let Arm::Put(_, value) = self.ops[slot].as_ref().unwrap().arms[arm] else {
            unreachable!("a take among the puts")
        };
        self.end(slot, arm, Outcome::Put);
        Some(value)
    }

    /// A value for the first who waits, or for the buffer.
    fn give(&mut self, on: usize, value: u32) {
        if self.chans[on].kind == Kind::Promise {
            self.chans[on].add(value);
            let value = self.chans[on].buf[0];
            while let Some((slot, arm)) = self.chans[on].takes.front().copied() {
                self.end(slot, arm, Outcome::Took(Some(value)));
            }
            return;
        }
        match self.chans[on].takes.front().copied() {
            Some((slot, arm)) => self.end(slot, arm, Outcome::Took(Some(value))),
            None => self.chans[on].add(value),
        }
    }

    /// Commits arm `arm` of a parked operation, which leaves every queue.
    fn end(&mut self, slot: usize, arm: usize, outcome: Outcome) {
        self.leave(slot);
        if slot >= super::SLOTS {
            assert!(self.ops[slot].take().is_some(), "called twice");
            self.called.push((slot, outcome));
            return;
        }
        let op = self.ops[slot].as_mut().unwrap();
        assert!(op.done.is_none(), "committed twice");
        op.done = Some((arm, outcome));
        op.wake_due = true;
    }

    fn leave(&mut self, slot: usize) {
        for chan in &mut self.chans {
            chan.takes.retain(|(of, _)| *of != slot);
            chan.puts.retain(|(of, _)| *of != slot);
        }
    }

    /// The operation is dropped: what it was handed goes to the next, or to the front.
    pub(crate) fn drop(&mut self, slot: usize) {
        self.leave(slot);
        let op = self.ops[slot].take().unwrap();
        let Some((arm, Outcome::Took(Some(value)))) = op.done else {
            return;
        };
        let Arm::Take(on) = op.arms[arm] else {
            unreachable!("a put took")
        };
        if self.chans[on].kind == Kind::Promise {
            return;
        }
        match self.chans[on].takes.front().copied() {
            Some((next, arm)) => self.end(next, arm, Outcome::Took(Some(value))),
            None => self.chans[on].stash.push_front(value),
        }
    }

    pub(crate) fn withdraw(&mut self, slot: usize) -> Option<u32> {
        self.leave(slot);
        let op = self.ops[slot].take().unwrap();
        match (op.arms[0], op.done) {
            (Arm::Put(_, value), None | Some((_, Outcome::Refused(_)))) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn close(&mut self, on: usize, fail_puts: bool) -> bool {
        let first = !std::mem::replace(&mut self.chans[on].closed, true);
        while let Some((slot, arm)) = self.chans[on].takes.front().copied() {
            self.end(slot, arm, Outcome::Took(None));
        }
        while fail_puts && let Some((slot, arm)) = self.chans[on].puts.front().copied() {
            let Arm::Put(_, value) = self.ops[slot].as_ref().unwrap().arms[arm] else {
                unreachable!("a take among the puts")
            };
            self.end(slot, arm, Outcome::Refused(value));
        }
        first
    }
}
