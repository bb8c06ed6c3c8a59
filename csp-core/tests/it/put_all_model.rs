//! Random operations on three channels, polled only when they were woken, against a brute-force answer to the one
//! question: could this transaction be done now?
//!
//! When nobody who was woken is left to be polled, a transaction that could be done must have been: no wake-up was
//! lost, and room that was not used was passed on. And no value is lost or doubled.

use std::{pin::Pin, task::Poll};

use csp_core::{
    AltSet, Buffer, Event, Order, Put, PutAllOrNone, Receiver, Sender, Take, chan, fixed,
    put_all_or_none, sliding,
};
use proptest::prelude::*;

use crate::util::{Counter, Ledger, Tracked};

const CHANS: usize = 3;
const SLOTS: usize = 7;

#[derive(Debug, Clone)]
enum Step {
    Put(usize, usize),
    Take(usize, usize),
    Alts(usize, Vec<usize>),
    All(usize, Vec<usize>),
    AllNow(Vec<usize>),
    Drop(usize),
    Withdraw(usize),
    TryTake(usize),
    TryPut(usize),
    PollIdly(usize),
    Close(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let (slot, on) = (0..SLOTS, 0..CHANS);
    let several = prop::collection::vec(0..CHANS, 1..5);
    prop_oneof![
        3 => (slot.clone(), on.clone()).prop_map(|(slot, on)| Step::Put(slot, on)),
        6 => (slot.clone(), on.clone()).prop_map(|(slot, on)| Step::Take(slot, on)),
        6 => (slot.clone(), prop::collection::vec(0..CHANS, 1..4))
            .prop_map(|(slot, on)| Step::Alts(slot, on)),
        14 => (slot.clone(), several.clone()).prop_map(|(slot, on)| Step::All(slot, on)),
        4 => several.prop_map(Step::AllNow),
        5 => slot.clone().prop_map(Step::Drop),
        2 => slot.clone().prop_map(Step::Withdraw),
        2 => slot.prop_map(Step::PollIdly),
        8 => on.clone().prop_map(Step::TryTake),
        3 => on.clone().prop_map(Step::TryPut),
        1 => on.prop_map(Step::Close),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rendezvous,
    Fixed(usize),
    Sliding,
    Custom(usize),
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        4 => Just(Kind::Rendezvous),
        4 => (1..4_usize).prop_map(Kind::Fixed),
        1 => Just(Kind::Sliding),
        1 => (1..3_usize).prop_map(Kind::Custom),
    ]
}

fn buffer(kind: Kind) -> Buffer<Tracked> {
    match kind {
        Kind::Rendezvous => fixed(0),
        Kind::Fixed(n) => fixed(n),
        Kind::Sliding => sliding(1),
        Kind::Custom(n) => Buffer::custom(crate::custom::Fifo::new(n)),
    }
}

type All<'a> = PutAllOrNone<Vec<Put<'a, Tracked>>>;
type Chosen<'a> = Pin<Box<dyn Future<Output = (usize, Event<Tracked>)> + 'a>>;

enum Op<'a> {
    Put(Pin<Box<Put<'a, Tracked>>>),
    Take(Pin<Box<Take<'a, Tracked>>>, usize),
    Alts(Chosen<'a>, Vec<usize>),
    All(Pin<Box<All<'a>>>, Vec<usize>),
}

struct Slot<'a> {
    op: Op<'a>,
    waker: Counter,
    /// Wakes that have been followed by a poll.
    seen: usize,
}

impl Slot<'_> {
    /// True if it is over.
    fn poll(&mut self) -> bool {
        self.seen = self.waker.wakes();
        match &mut self.op {
            Op::Put(put) => self.waker.poll(put.as_mut()).is_ready(),
            Op::Take(take, _) => self.waker.poll(take.as_mut()).is_ready(),
            Op::Alts(alts, _) => self.waker.poll(alts.as_mut()).is_ready(),
            Op::All(all, on) => match self.waker.poll(all.as_mut()) {
                Poll::Ready(Err(none)) => {
                    assert!(none.is_closed());
                    assert_eq!(none.into_inner().len(), on.len());
                    true
                }
                other => other.is_ready(),
            },
        }
    }
}

struct World<'a> {
    chans: &'a [(Sender<Tracked>, Receiver<Tracked>)],
    kinds: &'a [Kind],
    slots: [Option<Slot<'a>>; SLOTS],
    ledger: &'a std::sync::Arc<Ledger>,
}

impl<'a> World<'a> {
    fn all(&self, on: &[usize]) -> All<'a> {
        let put = |&on: &usize| self.chans[on].0.put(self.ledger.value(0));
        put_all_or_none(on.iter().map(put).collect())
    }

    /// What can be named more than once only has to be.
    fn tidy(&self, on: Vec<usize>) -> Vec<usize> {
        let mut seen = Vec::new();
        on.into_iter()
            .filter(|&on| {
                let twice = seen.contains(&on);
                seen.push(on);
                !(twice && matches!(self.kinds[on], Kind::Custom(_)))
            })
            .collect()
    }

    /// Starts an operation, if the slot is free.
    fn start(&mut self, slot: usize, op: Op<'a>) {
        if self.slots[slot].is_some() {
            return;
        }
        let expected = match &op {
            Op::All(_, on) => Some(self.is_closed(on) || self.could(on)),
            _ => None,
        };
        let mut new = Slot {
            op,
            waker: Counter::new(),
            seen: 0,
        };
        let over = new.poll();
        if let Some(expected) = expected {
            assert_eq!(over, expected);
        }
        if !over {
            self.slots[slot] = Some(new);
        }
    }

    fn is_closed(&self, on: &[usize]) -> bool {
        on.iter().any(|&on| self.chans[on].0.is_closed())
    }

    /// Could all be put now? Nobody who was woken is left to be polled.
    fn could(&self, on: &[usize]) -> bool {
        let takers: Vec<Vec<usize>> = (self.slots.iter().flatten())
            .filter_map(|slot| match &slot.op {
                Op::Take(_, on) => Some(vec![*on]),
                Op::Alts(_, on) => Some(on.clone()),
                _ => None,
            })
            .collect();
        let mut needed = Vec::new();
        for (chan, kind) in self.kinds.iter().enumerate() {
            let puts = on.iter().filter(|&&on| on == chan).count();
            let len = self.chans[chan].0.len();
            let free = match kind {
                Kind::Fixed(n) => n - len,
                Kind::Custom(n) if len < *n => 1,
                // A taker who waits is of no use.
                Kind::Custom(_) if puts > 0 => return false,
                Kind::Rendezvous | Kind::Custom(_) => 0,
                Kind::Sliding => usize::MAX,
            };
            needed.extend(std::iter::repeat_n(chan, puts.saturating_sub(free)));
        }
        serve(&needed, &takers, &mut vec![false; takers.len()])
    }

    /// Polls whoever was woken, until nobody is.
    fn settle(&mut self) {
        while let Some(woken) = (self.slots.iter_mut())
            .find(|slot| slot.as_ref().is_some_and(|s| s.waker.wakes() > s.seen))
        {
            if woken.as_mut().expect("it is there").poll() {
                *woken = None;
            }
        }
        for slot in self.slots.iter().flatten() {
            match &slot.op {
                Op::All(_, on) => {
                    assert!(!self.could(on), "room on {on:?} was not told");
                    assert!(
                        !self.is_closed(on),
                        "the close of one of {on:?} was not told"
                    );
                }
                Op::Take(_, on) => assert_eq!(self.chans[*on].1.len(), 0),
                Op::Alts(_, on) => assert!(on.iter().all(|&on| self.chans[on].1.is_empty())),
                Op::Put(_) => {}
            }
        }
    }

    fn step(&mut self, step: Step) {
        let chans = self.chans;
        match step {
            Step::Put(slot, on) => {
                let put = chans[on].0.put(self.ledger.value(0));
                self.start(slot, Op::Put(Box::pin(put)));
            }
            Step::Take(slot, on) => {
                self.start(slot, Op::Take(Box::pin(chans[on].1.take()), on));
            }
            Step::Alts(slot, on) => {
                let receivers: Vec<_> = on.iter().map(|&on| &chans[on].1).collect();
                let chosen = async move {
                    let mut set = AltSet::new();
                    for rx in receivers {
                        set.take(rx);
                    }
                    set.choose(Order::Random).await
                };
                self.start(slot, Op::Alts(Box::pin(chosen), on));
            }
            Step::All(slot, on) => {
                let on = self.tidy(on);
                self.start(slot, Op::All(Box::pin(self.all(&on)), on));
            }
            Step::AllNow(on) => {
                let on = self.tidy(on);
                let (closed, could) = (self.is_closed(&on), self.could(&on));
                match self.all(&on).now() {
                    Ok(()) => assert!(could && !closed),
                    Err(none) if closed => {
                        assert!(none.is_closed());
                        assert!(chans[on[none.index()]].0.is_closed());
                    }
                    Err(none) => assert!(none.is_full() && !could),
                }
            }
            Step::Drop(slot) => self.slots[slot] = None,
            Step::Withdraw(slot) => {
                if let Some(Slot {
                    op: Op::All(all, on),
                    ..
                }) = &mut self.slots[slot]
                {
                    let back = all.as_mut().withdraw().expect("it is parked");
                    assert_eq!(back.len(), on.len());
                    self.slots[slot] = None;
                }
            }
            Step::PollIdly(slot) => {
                if let Some(idle) = &mut self.slots[slot]
                    && idle.poll()
                {
                    panic!("nobody woke it");
                }
            }
            Step::TryTake(on) => drop(chans[on].1.try_take()),
            Step::TryPut(on) => drop(chans[on].0.try_put(self.ledger.value(0))),
            Step::Close(on) => drop(chans[on].0.close()),
        }
    }
}

/// Is there a taker of its own for each of these?
fn serve(needed: &[usize], takers: &[Vec<usize>], used: &mut Vec<bool>) -> bool {
    let Some((chan, rest)) = needed.split_first() else {
        return true;
    };
    for (at, taker) in takers.iter().enumerate() {
        if !used[at] && taker.contains(chan) {
            used[at] = true;
            if serve(rest, takers, used) {
                return true;
            }
            used[at] = false;
        }
    }
    false
}

proptest! {
    #![proptest_config(crate::util::cases(600))]

    #[test]
    fn transactions_are_done_as_soon_as_they_can_be(
        kinds in prop::collection::vec(kind(), CHANS),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let ledger = Ledger::new();
        let chans: Vec<_> = kinds.iter().map(|kind| chan(buffer(*kind))).collect();
        let mut world = World {
            chans: &chans,
            kinds: &kinds,
            slots: Default::default(),
            ledger: &ledger,
        };
        for step in steps {
            world.step(step);
            world.settle();
        }
        drop(world);
        let left: usize = chans.iter().map(|(tx, _)| tx.len()).sum();
        prop_assert_eq!(ledger.live(), left);
        drop(chans);
        prop_assert_eq!(ledger.live(), 0);
    }
}
