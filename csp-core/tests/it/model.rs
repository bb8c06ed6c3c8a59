//! Sequences of operations against a plain sequential model of several channels: puts, takes, alts of both,
//! callbacks, tries, cancel, withdraw, close, failure.
//!
//! Everything is polled by hand on one thread, so that the model can say exactly what each poll gives,
//! who is woken, and how often.

pub(crate) mod fuzzed;
mod reference;

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    task::Poll,
};

use csp_core::{
    AltSet, Buffer, Event, Order, Put, Receiver, Sender, Take, TryPutError, TryTakeError, chan,
    dropping, fixed, promise_buffer, sliding,
};
use proptest::prelude::*;

use self::reference::{Arm, Kind, Outcome, World};
use crate::util::{Counter, Ledger, Tracked};

const SLOTS: usize = 6;
const CHANS: usize = 4;

#[derive(Debug, Clone)]
enum Step {
    Put(usize, usize),
    Take(usize, usize),
    Alts {
        slot: usize,
        arms: Vec<(usize, bool)>,
        priority: bool,
    },
    Poll(usize, bool),
    Drop(usize),
    Withdraw(usize),
    TryPut(usize),
    TryTake(usize),
    TryAlts(Vec<(usize, bool)>),
    CloseSender(usize),
    CloseReceiver(usize),
    Fail(usize),
    TakeThen(usize),
    PutThen(usize),
    /// Another handle of each side comes and goes.
    Handles(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (slot, on) = (0..SLOTS, 0..CHANS);
    let arms = prop::collection::vec((0..CHANS, any::<bool>()), 1..7);
    prop_oneof![
        8 => (slot.clone(), on.clone()).prop_map(|(slot, on)| Step::Put(slot, on)),
        8 => (slot.clone(), on.clone()).prop_map(|(slot, on)| Step::Take(slot, on)),
        8 => (slot.clone(), arms.clone(), any::<bool>())
            .prop_map(|(slot, arms, priority)| Step::Alts { slot, arms, priority }),
        12 => (slot.clone(), any::<bool>()).prop_map(|(slot, other)| Step::Poll(slot, other)),
        6 => slot.clone().prop_map(Step::Drop),
        2 => slot.prop_map(Step::Withdraw),
        6 => on.clone().prop_map(Step::TryPut),
        6 => on.clone().prop_map(Step::TryTake),
        3 => arms.prop_map(Step::TryAlts),
        1 => on.clone().prop_map(Step::CloseSender),
        1 => on.clone().prop_map(Step::CloseReceiver),
        1 => on.clone().prop_map(Step::Fail),
        4 => on.clone().prop_map(Step::TakeThen),
        4 => on.clone().prop_map(Step::PutThen),
        1 => on.prop_map(Step::Handles),
    ]
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        3 => Just(Kind::Rendezvous),
        2 => (1..4_usize).prop_map(Kind::Fixed),
        1 => (1..4_usize).prop_map(Kind::Custom),
        1 => (1..3_usize).prop_map(Kind::Sliding),
        1 => (1..3_usize).prop_map(Kind::Dropping),
        1 => Just(Kind::Promise),
    ]
}

fn buffer(kind: Kind) -> Buffer<Tracked> {
    match kind {
        Kind::Rendezvous => fixed(0),
        Kind::Fixed(n) => fixed(n),
        Kind::Custom(n) => Buffer::custom(crate::custom::Fifo::new(n)),
        Kind::Sliding(n) => sliding(n),
        Kind::Dropping(n) => dropping(n),
        Kind::Promise => promise_buffer(),
    }
}

/// An operation under way.
enum Op<'a> {
    Put(Pin<Box<Put<'a, Tracked>>>),
    Take(Pin<Box<Take<'a, Tracked>>>),
    Alts(Pin<Box<dyn Future<Output = (usize, Event<Tracked>)> + 'a>>),
}

struct Slot<'a> {
    op: Op<'a>,
    wakers: [Counter; 2],
    /// Which of the wakers polled last.
    last: usize,
    /// Wakes of each that have been accounted for.
    seen: [usize; 2],
}

fn outcome_of_put(result: Result<(), csp_core::Closed<Tracked>>) -> Outcome {
    match result {
        Ok(()) => Outcome::Put,
        Err(csp_core::Closed(value)) => Outcome::Refused(value.id),
    }
}

impl Slot<'_> {
    /// Polls, and gives arm and outcome.
    fn poll(&mut self, waker: usize) -> Option<(usize, Outcome)> {
        self.last = waker;
        let waker = &self.wakers[waker];
        match &mut self.op {
            Op::Put(put) => match waker.poll(put.as_mut()) {
                Poll::Ready(result) => Some((0, outcome_of_put(result))),
                Poll::Pending => None,
            },
            Op::Take(take) => match waker.poll(take.as_mut()) {
                Poll::Ready(value) => Some((0, Outcome::Took(crate::util::id(value)))),
                Poll::Pending => None,
            },
            Op::Alts(alts) => match waker.poll(alts.as_mut()) {
                Poll::Ready((arm, event)) => Some((arm, outcome_of(event))),
                Poll::Pending => None,
            },
        }
    }
}

fn outcome_of(event: Event<Tracked>) -> Outcome {
    match event {
        Event::Put(result) => outcome_of_put(result),
        Event::Took(value) => Outcome::Took(crate::util::id(value)),
    }
}

struct Test<'a> {
    handles: &'a [(Sender<Tracked>, Receiver<Tracked>)],
    world: World,
    slots: [Option<Slot<'a>>; SLOTS],
    ledger: Arc<Ledger>,
    next_value: u32,
    /// What callbacks were called with, since the last look: each has a number.
    called: Arc<Mutex<Vec<(usize, Outcome)>>>,
    failed: [bool; CHANS],
}

impl<'a> Test<'a> {
    fn value(&mut self) -> Tracked {
        self.next_value += 1;
        self.ledger.value(self.next_value)
    }

    /// Starts an operation in an empty slot.
    fn start(&mut self, slot: usize, op: Op<'a>, arms: Vec<Arm>, priority: bool) {
        self.slots[slot] = Some(Slot {
            op,
            wakers: [Counter::new(), Counter::new()],
            last: 0,
            seen: [0; 2],
        });
        self.world.start(slot, arms, priority);
        self.poll(slot, 0);
    }

    fn poll(&mut self, slot: usize, waker: usize) {
        let Some(entry) = &mut self.slots[slot] else {
            return;
        };
        let got = entry.poll(waker);
        let expected = self.world.poll(slot, got.as_ref());
        assert_eq!(got, expected, "slot {slot}");
        if got.is_some() {
            // Gone with its op: nothing of its wakers stays behind.
            let entry = self.slots[slot].take().unwrap();
            let Slot { op, wakers, .. } = entry;
            drop(op);
            assert_eq!((wakers[0].held(), wakers[1].held()), (0, 0));
        }
    }

    fn drop(&mut self, slot: usize) {
        if let Some(Slot { op, wakers, .. }) = self.slots[slot].take() {
            drop(op);
            assert_eq!((wakers[0].held(), wakers[1].held()), (0, 0));
            self.world.drop(slot);
        }
    }

    fn arms(&mut self, arms: &[(usize, bool)]) -> (AltSet<Tracked>, Vec<Arm>) {
        let mut set = AltSet::new();
        let arms = arms
            .iter()
            .map(|(on, put)| {
                if *put {
                    let value = self.value();
                    let arm = Arm::Put(*on, value.id);
                    set.put(&self.handles[*on].0, value);
                    arm
                } else {
                    set.take(&self.handles[*on].1);
                    Arm::Take(*on)
                }
            })
            .collect();
        (set, arms)
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Put(slot, on) if self.slots[*slot].is_none() => {
                let value = self.value();
                let arm = Arm::Put(*on, value.id);
                let op = Op::Put(Box::pin(self.handles[*on].0.put(value)));
                self.start(*slot, op, vec![arm], true);
            }
            Step::Take(slot, on) if self.slots[*slot].is_none() => {
                let op = Op::Take(Box::pin(self.handles[*on].1.take()));
                self.start(*slot, op, vec![Arm::Take(*on)], true);
            }
            Step::Alts {
                slot,
                arms,
                priority,
            } if self.slots[*slot].is_none() => {
                let mut arms = arms.clone();
                if !*priority {
                    // Which of two that stand in one queue is first there is up to chance.
                    arms.sort_unstable();
                    arms.dedup();
                }
                let (mut set, arms) = self.arms(&arms);
                let order = if *priority {
                    Order::Priority
                } else {
                    Order::Random
                };
                let op = Op::Alts(Box::pin(async move { set.choose(order).await }));
                self.start(*slot, op, arms, *priority);
            }
            Step::Put(slot, _) | Step::Take(slot, _) | Step::Alts { slot, .. } => {
                self.poll(*slot, 0);
            }
            Step::Poll(slot, other) => self.poll(*slot, usize::from(*other)),
            Step::Drop(slot) => self.drop(*slot),
            Step::Withdraw(slot) => {
                if let Some(Slot {
                    op: Op::Put(put), ..
                }) = &mut self.slots[*slot]
                {
                    let value = crate::util::id(put.as_mut().withdraw());
                    assert_eq!(value, self.world.withdraw(*slot));
                    self.slots[*slot] = None;
                }
            }
            Step::TryPut(on) => {
                let value = self.value();
                let expected = self.world.try_now(&[Arm::Put(*on, value.id)], None);
                match (self.handles[*on].0.try_put(value), expected) {
                    (Ok(()), Some((_, Outcome::Put))) | (Err(TryPutError::Full(_)), None) => {}
                    (Err(TryPutError::Closed(v)), Some((_, Outcome::Refused(n)))) if v == n => {}
                    other => panic!("{other:?}"),
                }
            }
            Step::TryTake(on) => {
                let expected = self.world.try_now(&[Arm::Take(*on)], None);
                let got = match self.handles[*on].1.try_take() {
                    Ok(value) => Some((0, Outcome::Took(Some(value.id)))),
                    Err(TryTakeError::Closed) => Some((0, Outcome::Took(None))),
                    Err(TryTakeError::Empty) => None,
                };
                assert_eq!(got, expected);
            }
            Step::TryAlts(arms) => {
                let (mut set, arms) = self.arms(arms);
                let got = set.choose(Order::Random).now();
                let got = got.map(|(arm, event)| (arm, outcome_of(event)));
                let expected = self.world.try_now(&arms, got.as_ref().map(|(arm, _)| *arm));
                assert_eq!(got, expected);
            }
            Step::TakeThen(_) | Step::PutThen(_) => self.callback(step),
            Step::Fail(on) => {
                let first = self.handles[*on].0.fail("cause");
                assert_eq!(first, self.world.close(*on, false));
                self.failed[*on] |= first;
            }
            Step::Handles(on) => {
                let (tx, rx) = &self.handles[*on];
                drop((tx.clone(), rx.clone()));
                drop((rx.clone(), tx.clone()));
            }
            Step::CloseSender(on) => {
                assert_eq!(self.handles[*on].0.close(), self.world.close(*on, false));
            }
            Step::CloseReceiver(on) => {
                assert_eq!(self.handles[*on].1.close(), self.world.close(*on, true));
            }
        }
        self.check(step);
    }

    /// Starts an operation that calls back.
    fn callback(&mut self, step: &Step) {
        let called = Arc::clone(&self.called);
        match step {
            Step::TakeThen(on) => {
                let number = self.world.start_callback(Arm::Take(*on));
                let then = move |value| {
                    let outcome = Outcome::Took(crate::util::id(value));
                    called.lock().unwrap().push((number, outcome));
                };
                assert!(self.handles[*on].1.take_then(then).is_ok());
            }
            Step::PutThen(on) => {
                let value = self.value();
                let number = self.world.start_callback(Arm::Put(*on, value.id));
                let then = move |result| {
                    called
                        .lock()
                        .unwrap()
                        .push((number, outcome_of_put(result)));
                };
                assert!(self.handles[*on].0.put_then(value, then).is_ok());
            }
            _ => unreachable!("a step with a callback"),
        }
    }

    /// Who is woken or called, and how full everything is.
    fn check(&mut self, step: &Step) {
        for (n, slot) in self.slots.iter_mut().enumerate() {
            let Some(slot) = slot else { continue };
            let due = self.world.wakes_due(n);
            for (which, waker) in slot.wakers.iter().enumerate() {
                let new = waker.wakes() - std::mem::replace(&mut slot.seen[which], waker.wakes());
                let expected = usize::from(due && which == slot.last);
                assert_eq!(new, expected, "wakes of slot {n} after {step:?}");
            }
        }
        let mut called = std::mem::take(&mut *self.called.lock().unwrap());
        called.sort_unstable_by_key(|(number, _)| *number);
        assert_eq!(called, self.world.take_called(), "{step:?}");
        for (on, (tx, rx)) in self.handles.iter().enumerate() {
            assert_eq!(rx.failure().is_some(), self.failed[on], "{step:?}");
            let chan = &self.world.chans[on];
            assert_eq!(
                (tx.len(), rx.is_closed()),
                (chan.len(), chan.closed),
                "{step:?}"
            );
        }
    }
}

fn run(kinds: [Kind; CHANS], steps: &[Step]) {
    let ledger = Ledger::new();
    {
        let handles = kinds.map(|kind| chan(buffer(kind)));
        let mut test = Test {
            handles: &handles,
            world: World::new(kinds),
            slots: Default::default(),
            ledger: Arc::clone(&ledger),
            next_value: 0,
            called: Arc::default(),
            failed: [false; CHANS],
        };
        for step in steps {
            test.step(step);
        }
        // What is left is what the model says, in order.
        for slot in 0..SLOTS {
            test.drop(slot);
        }
        for on in 0..CHANS {
            for _ in 0..100 {
                test.step(&Step::TryTake(on));
            }
        }
    }
    assert_eq!(ledger.live(), 0);
}

proptest! {
    #![proptest_config(crate::util::cases(1000))]

    /// GO-080, GO-083, CA-191, CA-197: puts, takes, tries, alts, close and cancel in any order
    #[test]
    fn any_sequence_of_operations_does_what_the_model_does(
        kinds in [kind(), kind(), kind(), kind()],
        steps in prop::collection::vec(step(), 1..80),
    ) {
        run(kinds, &steps);
    }
}
