//! Small random programs, which write down what comes of them.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    fmt::{self, Write},
    sync::{Arc, Mutex},
};

use csp::{Completer, Of2, Shared, alt_blocking, lock, prelude::*, put_all_or_none, sim};

use super::{dice::Dice, operation::Op};

/// What the blocks saw, each for itself.
type Log = Arc<Mutex<Vec<String>>>;

#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// Their capacities.
    channels: Vec<usize>,
    blocks: Vec<Vec<Op>>,
    /// The main closure keeps both ends of all channels.
    keeps: bool,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "channels {:?}, kept: {}", self.channels, self.keeps)?;
        self.blocks
            .iter()
            .try_for_each(|ops| writeln!(f, "  go {ops:?}"))
    }
}

/// As far as they were not dropped.
type Ends = (Option<Sender<usize>>, Option<Receiver<usize>>);

/// What all blocks have.
#[derive(Clone)]
struct Things {
    channels: Vec<Ends>,
    completer: Completer<usize, String>,
    promise: Shared<usize, String>,
    counter: Arc<lock::Mutex<usize>>,
    log: Log,
}

impl Program {
    pub(crate) fn of(channels: &[usize], blocks: &[&[Op]]) -> Self {
        Self {
            channels: channels.to_vec(),
            blocks: blocks.iter().map(|ops| ops.to_vec()).collect(),
            keeps: false,
        }
    }

    pub(crate) fn random(seed: u64) -> Self {
        Self::sized(seed, 3)
    }

    pub(crate) fn larger(seed: u64) -> Self {
        Self::sized(seed, 5)
    }

    fn sized(seed: u64, most: u64) -> Self {
        let mut dice = Dice::new(seed);
        let small = |dice: &mut Dice, from: u64, below: u64| {
            usize::try_from(from + dice.below(below - from)).expect("it is small")
        };
        let channels = small(&mut dice, 1, 3);
        let blocks = small(&mut dice, 2, 4);
        let longest = if blocks == 2 { most } else { most - 1 };
        Self {
            channels: (0..channels).map(|_| small(&mut dice, 0, 2)).collect(),
            blocks: (0..blocks)
                .map(|_| {
                    let ops = small(&mut dice, 1, longest + 1);
                    (0..ops).map(|_| Op::random(&mut dice, channels)).collect()
                })
                .collect(),
            keeps: dice.below(2) == 0,
        }
    }

    /// Runs until nobody can go on, and adds what came of it.
    pub(crate) fn run(&self, outcomes: &RefCell<BTreeSet<String>>) {
        let log: Log = Arc::new(Mutex::new(vec![String::new(); self.blocks.len()]));
        let (resolver, promise) = csp::promise();
        let things = Things {
            channels: self.channels.iter().map(|&n| made(n)).collect(),
            completer: resolver.into_completer(),
            promise: promise.shared(),
            counter: Arc::default(),
            log: Arc::clone(&log),
        };
        let mut before = None;
        for (number, ops) in self.blocks.iter().cloned().enumerate() {
            let block = Block {
                number,
                things: things.clone(),
                before: before.take(),
            };
            before = Some(go(block.run(ops)));
        }
        let kept = self.keeps.then_some(things);
        // Time passes when nobody can go on: so it is over then, and not if it was ended before.
        alt_blocking! { _ = take!(timeout(secs(3600))) => {} }
        let outcome = log.lock().unwrap().join(" | ");
        outcomes.borrow_mut().insert(outcome);
        drop((kept, before));
    }
}

fn made(capacity: usize) -> Ends {
    let (tx, rx) = chan(capacity);
    (Some(tx), Some(rx))
}

struct Block {
    number: usize,
    things: Things,
    before: Option<Go<usize>>,
}

impl Block {
    async fn run(mut self, ops: Vec<Op>) -> usize {
        for (at, op) in ops.into_iter().enumerate() {
            let value = 10 * (self.number + 1) + at;
            let saw = self.operate(op, value).await;
            let mut log = self.things.log.lock().unwrap();
            write!(log[self.number], "{saw}; ").unwrap();
        }
        self.number
    }

    fn tx(&self, channel: usize) -> Sender<usize> {
        match &self.things.channels[channel].0 {
            Some(tx) => tx.clone(),
            None => closed_sender(),
        }
    }

    fn rx(&self, channel: usize) -> Receiver<usize> {
        match &self.things.channels[channel].1 {
            Some(rx) => rx.clone(),
            None => closed_receiver(),
        }
    }

    async fn operate(&mut self, op: Op, value: usize) -> String {
        match op {
            Op::Put(c) => format!("{:?}", put!(self.tx(c), value).is_ok()),
            Op::Take(c) => format!("{:?}", take!(self.rx(c))),
            Op::TryPut(c) => format!("{:?}", self.tx(c).try_put(value)),
            Op::TryTake(c) => format!("{:?}", self.rx(c).try_take()),
            Op::Alt(arms) | Op::AltPriority(arms) | Op::AltDefault(arms) => {
                self.alt(op, arms, value).await
            }
            Op::PutAll([c, d]) => {
                let (c, d) = (self.tx(c), self.tx(d));
                format!(
                    "{:?}",
                    put_all_or_none((c.put(value), d.put(value))).await.is_ok()
                )
            }
            Op::CloseTx(c) => format!("{}", self.tx(c).close()),
            Op::CloseRx(c) => format!("{}", self.rx(c).close()),
            Op::DropTx(c) => format!("{:?}", self.things.channels[c].0.take().is_some()),
            Op::DropRx(c) => format!("{:?}", self.things.channels[c].1.take().is_some()),
            Op::Len(c) => format!("{}", self.rx(c).len()),
            Op::IsClosed(c) => format!("{}", self.tx(c).is_closed()),
            Op::WaitClosed(c) => format!("{:?}", self.tx(c).closed().await),
            Op::TakeWithin(c) => format!("{:?}", within(ms(5), self.rx(c).take()).await),
            _ => self.operate_on_others(op, value).await,
        }
    }

    async fn operate_on_others(&mut self, op: Op, value: usize) -> String {
        let things = &self.things;
        match op {
            Op::Spawn(c) => {
                let tx = self.tx(c);
                drop(go!({ put!(tx, value).is_ok() }));
                String::from("spawned")
            }
            Op::Thread(c) => {
                let rx = self.rx(c);
                thread(move || rx.take_blocking());
                String::from("started")
            }
            Op::Join => match self.before.take() {
                Some(before) => format!("{:?}", before.await),
                None => String::from("alone"),
            },
            Op::Cancel => format!("{:?}", self.before.as_ref().map(Go::cancel)),
            Op::IsFinished => format!("{:?}", self.before.as_ref().map(Go::is_finished)),
            Op::Fulfill => format!("{:?}", things.completer.fulfill(value)),
            Op::Await => format!("{:?}", things.promise.clone().await),
            Op::Lock => {
                let mut guard = things.counter.lock().await;
                sim::point();
                *guard += 1;
                format!("{}", *guard)
            }
            Op::TryLock => format!("{:?}", things.counter.try_lock().map(|guard| *guard)),
            Op::Yield => {
                yield_now().await;
                String::from("yielded")
            }
            _ => {
                sim::point();
                String::from("point")
            }
        }
    }

    async fn alt(
        &self,
        op: Op,
        [(a_puts, a), (b_puts, b)]: [(bool, usize); 2],
        value: usize,
    ) -> String {
        let (a_tx, a_rx, b_tx, b_rx) = (self.tx(a), self.rx(a), self.tx(b), self.rx(b));
        macro_rules! alt_of {
            ($a:expr, $b:expr) => {
                match op {
                    Op::Alt(_) => Some(alts!($a, $b)),
                    Op::AltPriority(_) => Some(alts!($a, $b, priority)),
                    _ => alts!($a, $b, default),
                }
                .map_or_else(|| String::from("default"), |which| told(&which))
            };
        }
        match (a_puts, b_puts) {
            (true, true) => alt_of!(a_tx.put(value), b_tx.put(value + 100)),
            (true, false) => alt_of!(a_tx.put(value), b_rx.take()),
            (false, true) => alt_of!(a_rx.take(), b_tx.put(value)),
            (false, false) => alt_of!(a_rx.take(), b_rx.take()),
        }
    }
}

fn told<A: fmt::Debug, B: fmt::Debug>(which: &Of2<A, B>) -> String {
    format!("{which:?}")
}

fn closed_sender() -> Sender<usize> {
    chan(0).0
}

fn closed_receiver() -> Receiver<usize> {
    chan(0).1
}
