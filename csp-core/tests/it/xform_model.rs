//! Sequences of operations on a channel with a transducer, against a plain sequential model.
//!
//! All on one thread and polled by hand: the model says what each operation gives, who is woken, and what
//! is in the channel. Each operation under way has a handle of its own, so that its end may be the
//! channel's.

pub(crate) mod fuzzed;

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    pin::{Pin, pin},
    rc::Rc,
    sync::{Arc, Mutex},
    task::Poll,
};

use csp_core::{
    Buffer, Closed, Of2, Receiver, Sender, TryPutError, TryTakeError, alts, alts_blocking, chan,
    chan_with, dropping, fixed, promise_buffer, sliding,
};
use proptest::prelude::*;

use crate::{
    custom::Fifo,
    util::{Counter, Ledger, Tracked},
    xform_reference::{Buf, Kind, Outcome, Side, Steps, World},
};

const SLOTS: usize = 6;

#[derive(Debug, Clone)]
enum Step {
    Start(usize, Side),
    /// As one arm of an alts, beside another channel that is the slot's own.
    StartAlts(usize, Side),
    /// Something for the other arm of the slot's alts.
    ChooseOther(usize),
    Poll(usize),
    Drop(usize),
    Withdraw(usize),
    Then(Side),
    Try(Side),
    TryAlts(Side),
    Close(Side),
    Fail,
    DropEnd(Side),
}

fn step() -> impl Strategy<Value = Step> {
    let slot = 0..SLOTS;
    let side = prop_oneof![Just(Side::Put), Just(Side::Take)];
    prop_oneof![
        12 => (slot.clone(), side.clone()).prop_map(|(slot, side)| Step::Start(slot, side)),
        6 => (slot.clone(), side.clone()).prop_map(|(slot, side)| Step::StartAlts(slot, side)),
        3 => slot.clone().prop_map(Step::ChooseOther),
        12 => slot.clone().prop_map(Step::Poll),
        6 => slot.clone().prop_map(Step::Drop),
        3 => slot.prop_map(Step::Withdraw),
        3 => side.clone().prop_map(Step::Then),
        8 => side.clone().prop_map(Step::Try),
        4 => side.clone().prop_map(Step::TryAlts),
        1 => side.clone().prop_map(Step::Close),
        1 => Just(Step::Fail),
        1 => side.prop_map(Step::DropEnd),
    ]
}

fn buf() -> impl Strategy<Value = Buf> {
    prop_oneof![
        4 => (1..4_usize).prop_map(Buf::Fixed),
        1 => (0..4_usize).prop_map(Buf::Custom),
        1 => (1..3_usize).prop_map(Buf::Sliding),
        1 => (1..3_usize).prop_map(Buf::Dropping),
        1 => Just(Buf::Promise),
    ]
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Identity),
        Just(Kind::Odd),
        Just(Kind::Copies),
        (1..4_usize).prop_map(Kind::Groups),
        (1..9_usize).prop_map(Kind::First),
        Just(Kind::Panics),
        Just(Kind::PanicsAtTheEnd),
    ]
}

fn buffer(buf: Buf) -> Buffer<Vec<Tracked>> {
    match buf {
        Buf::Fixed(n) => fixed(n),
        Buf::Custom(n) => Buffer::custom(Fifo::new(n)),
        Buf::Sliding(n) => sliding(n),
        Buf::Dropping(n) => dropping(n),
        Buf::Promise => promise_buffer(),
    }
}

fn put(result: Result<(), Closed<Tracked>>) -> Outcome {
    match result {
        Ok(()) => Outcome::Put,
        Err(Closed(value)) => Outcome::Refused(value.id),
    }
}

fn took(values: Option<Vec<Tracked>>) -> Outcome {
    Outcome::Took(values.map(|values| values.iter().map(|value| value.id).collect()))
}

/// What a put gives, or its value, taken back at a poll when `withdraw` is set.
async fn put_or_withdraw(
    tx: Sender<Tracked>,
    value: Tracked,
    withdraw: Rc<Cell<bool>>,
    withdrawn: Rc<RefCell<Option<Tracked>>>,
) -> Outcome {
    let mut op = pin!(tx.put(value));
    let result = poll_fn(|cx| {
        if withdraw.get() {
            *withdrawn.borrow_mut() = op.as_mut().withdraw();
            return Poll::Ready(Ok(()));
        }
        op.as_mut().poll(cx)
    });
    put(result.await)
}

struct Slot {
    side: Side,
    op: Pin<Box<dyn Future<Output = Outcome>>>,
    waker: Counter,
    /// Wakes that have been accounted for.
    seen: usize,
    withdraw: Rc<Cell<bool>>,
    withdrawn: Rc<RefCell<Option<Tracked>>>,
    /// The sender of the other arm, if this is an alts.
    other: Option<Sender<()>>,
}

struct Test {
    tx: Option<Sender<Tracked>>,
    rx: Option<Receiver<Vec<Tracked>>>,
    world: World,
    slots: [Option<Slot>; SLOTS],
    /// Callbacks that have run, and those of the model.
    called: Arc<Mutex<Vec<(usize, Outcome)>>>,
    expected: Vec<(usize, Outcome)>,
    ledger: Arc<Ledger>,
    next: u32,
}

impl Test {
    fn value(&mut self) -> Tracked {
        self.next += 1;
        self.ledger.value(self.next)
    }

    fn has_end(&self, side: Side) -> bool {
        match side {
            Side::Put => self.tx.is_some(),
            Side::Take => self.rx.is_some(),
        }
    }

    fn start(&mut self, slot: usize, side: Side, in_alts: bool) {
        let value = self.value();
        let number = value.id;
        let (withdraw, withdrawn) = (Rc::default(), Rc::default());
        let (other, second) = chan::<()>(0);
        let (tx, rx) = (self.tx.clone(), self.rx.clone());
        let op: Pin<Box<dyn Future<Output = Outcome>>> = match (side, in_alts) {
            (Side::Put, false) => {
                let flags = (Rc::clone(&withdraw), Rc::clone(&withdrawn));
                Box::pin(put_or_withdraw(tx.unwrap(), value, flags.0, flags.1))
            }
            (Side::Take, false) => Box::pin(async move { took(rx.unwrap().take().await) }),
            (Side::Put, true) => Box::pin(async move {
                let tx = tx.unwrap();
                match alts!(tx.put(value), second.take(), priority) {
                    Of2::A(result) => put(result),
                    Of2::B(_) => Outcome::Other,
                }
            }),
            (Side::Take, true) => Box::pin(async move {
                let rx = rx.unwrap();
                match alts!(rx.take(), second.take(), priority) {
                    Of2::A(values) => took(values),
                    Of2::B(_) => Outcome::Other,
                }
            }),
        };
        self.world.add_handle(side);
        self.slots[slot] = Some(Slot {
            side,
            op,
            waker: Counter::new(),
            seen: 0,
            withdraw,
            withdrawn,
            other: in_alts.then_some(other),
        });
        let expected = self.world.start(slot, side, number);
        self.poll(slot, expected);
    }

    fn poll(&mut self, slot: usize, expected: Option<Outcome>) {
        let entry = self.slots[slot].as_mut().unwrap();
        let got = match entry.waker.poll(entry.op.as_mut()) {
            Poll::Ready(outcome) => Some(outcome),
            Poll::Pending => None,
        };
        assert_eq!(got, expected, "slot {slot}");
        if got.is_some() {
            self.over(slot);
        }
    }

    /// The operation of a slot is done or to be dropped, and its handle with it.
    fn over(&mut self, slot: usize) {
        let Slot {
            side, op, waker, ..
        } = self.slots[slot].take().unwrap();
        drop(op);
        assert_eq!(waker.held(), 0);
        self.world.drop_handle(side);
    }

    fn then(&mut self, side: Side) {
        let key = SLOTS + self.next as usize;
        let called = Arc::clone(&self.called);
        let note = move |outcome| called.lock().unwrap().push((key, outcome));
        let value = self.value();
        if let Some(outcome) = self.world.start(key, side, value.id) {
            self.expected.push((key, outcome));
        }
        match side {
            Side::Put => {
                let tx = self.tx.as_ref().unwrap();
                tx.put_then(value, move |result| note(put(result))).unwrap();
            }
            Side::Take => {
                let rx = self.rx.as_ref().unwrap();
                rx.take_then(move |values| note(took(values))).unwrap();
            }
        }
    }

    fn try_now(&mut self, side: Side, in_alts: bool) -> Option<Outcome> {
        let value = self.value();
        let (_silent, silence) = chan::<()>(0);
        match side {
            Side::Put if in_alts => {
                let tx = self.tx.as_ref().unwrap();
                match alts_blocking!(tx.put(value), silence.take(), default)? {
                    Of2::A(result) => Some(put(result)),
                    Of2::B(never) => panic!("{never:?} out of nowhere"),
                }
            }
            Side::Take if in_alts => {
                let rx = self.rx.as_ref().unwrap();
                match alts_blocking!(rx.take(), silence.take(), default)? {
                    Of2::A(values) => Some(took(values)),
                    Of2::B(never) => panic!("{never:?} out of nowhere"),
                }
            }
            Side::Put => match self.tx.as_ref().unwrap().try_put(value) {
                Ok(()) => Some(Outcome::Put),
                Err(TryPutError::Closed(value)) => Some(Outcome::Refused(value.id)),
                Err(TryPutError::Full(_)) => None,
            },
            Side::Take => match self.rx.as_ref().unwrap().try_take() {
                Ok(values) => Some(took(Some(values))),
                Err(TryTakeError::Closed) => Some(took(None)),
                Err(TryTakeError::Empty) => None,
            },
        }
    }

    fn close(&self, side: Side) -> bool {
        match side {
            Side::Put => self.tx.as_ref().unwrap().close(),
            Side::Take => self.rx.as_ref().unwrap().close(),
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Start(slot, side) if self.slots[slot].is_none() && self.has_end(side) => {
                self.start(slot, side, false);
            }
            Step::StartAlts(slot, side) if self.slots[slot].is_none() && self.has_end(side) => {
                self.start(slot, side, true);
            }
            Step::Poll(slot) if self.slots[slot].is_some() => {
                let expected = self.world.poll(slot);
                self.poll(slot, expected);
            }
            Step::Drop(slot) if self.slots[slot].is_some() => {
                self.world.drop(slot);
                self.over(slot);
            }
            Step::ChooseOther(slot) => {
                if let Some(Slot {
                    other: Some(other), ..
                }) = &self.slots[slot]
                {
                    assert_eq!(other.try_put(()).is_ok(), self.world.choose_other(slot));
                }
            }
            Step::Withdraw(slot) => {
                if let Some(entry) = &self.slots[slot]
                    && entry.side == Side::Put
                    && entry.other.is_none()
                {
                    entry.withdraw.set(true);
                    let withdrawn = Rc::clone(&entry.withdrawn);
                    let expected = self.world.withdraw(slot);
                    self.poll(slot, Some(Outcome::Put));
                    let got = withdrawn.borrow_mut().take();
                    assert_eq!(got.map(|value| value.id), expected);
                }
            }
            Step::Then(side) if self.has_end(side) => self.then(side),
            Step::Try(side) | Step::TryAlts(side) if self.has_end(side) => {
                let expected = self.world.try_now(side, self.next + 1);
                let got = self.try_now(side, matches!(step, Step::TryAlts(_)));
                assert_eq!(got, expected);
            }
            Step::Close(side) if self.has_end(side) => {
                assert_eq!(self.close(side), self.world.close(side));
            }
            Step::Fail => {
                if let Some(tx) = &self.tx {
                    let first = tx.fail("told to");
                    self.world.failed |= first;
                    assert_eq!(first, self.world.close(Side::Put));
                }
            }
            Step::DropEnd(side) if self.has_end(side) => {
                match side {
                    Side::Put => drop(self.tx.take()),
                    Side::Take => drop(self.rx.take()),
                }
                self.world.drop_handle(side);
            }
            _ => {}
        }
        self.check(step);
    }

    /// Who is woken or called, and what the channel says of itself.
    fn check(&mut self, step: &Step) {
        for (n, slot) in self.slots.iter_mut().enumerate() {
            let Some(slot) = slot else { continue };
            let wakes = slot.waker.wakes();
            let new = wakes - std::mem::replace(&mut slot.seen, wakes);
            let expected = usize::from(self.world.wakes_due(n));
            assert_eq!(new, expected, "wakes of slot {n} after {step:?}");
        }
        for key in self.world.done_from(SLOTS) {
            let outcome = self.world.poll(key).unwrap();
            self.expected.push((key, outcome));
        }
        let mut called = std::mem::take(&mut *self.called.lock().unwrap());
        called.sort();
        self.expected.sort();
        assert_eq!(called, self.expected, "callbacks after {step:?}");
        self.expected.clear();
        let expected = (self.world.len(), self.world.closed, self.world.failed);
        if let Some(tx) = &self.tx {
            assert_eq!((tx.len(), tx.is_closed(), expected.2), expected, "{step:?}");
        }
        if let Some(rx) = &self.rx {
            let failed = rx.failure().is_some();
            assert_eq!((rx.len(), rx.is_closed(), failed), expected, "{step:?}");
        }
    }
}

fn run(buf: Buf, kind: Kind, steps: &[Step]) {
    let ledger = Ledger::new();
    {
        let (tx, rx) = chan_with(buffer(buf), Steps::new(kind));
        let mut test = Test {
            tx: Some(tx),
            rx: Some(rx),
            world: World::new(buf, kind),
            slots: Default::default(),
            called: Arc::default(),
            expected: Vec::new(),
            ledger: Arc::clone(&ledger),
            next: 0,
        };
        for step in steps {
            test.step(step);
        }
        // What is left is what the model says, in order.
        for slot in 0..SLOTS {
            test.step(&Step::Drop(slot));
        }
        test.step(&Step::DropEnd(Side::Put));
        for _ in 0..30 {
            test.step(&Step::Try(Side::Take));
        }
        test.step(&Step::DropEnd(Side::Take));
    }
    assert_eq!(ledger.live(), 0);
}

proptest! {
    #![proptest_config(crate::util::cases(600))]

    /// Puts, takes, alts, tries, callbacks, close, fail, cancel and last ends in any order
    #[test]
    fn any_sequence_of_operations_does_what_the_model_does(
        buf in buf(),
        kind in kind(),
        steps in prop::collection::vec(step(), 1..80),
    ) {
        run(buf, kind, &steps);
    }
}
