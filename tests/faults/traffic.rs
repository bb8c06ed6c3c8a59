//! A random program that accounts for every value: putters, takers, alts on both sides, cancels, closes.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::SeqCst},
};

use csp::{Runtime, prelude::*};

use crate::{dice::Dice, outcome};

/// Where values have gone. Each is counted by its own drop, and where it was seen last.
#[derive(Debug, Default)]
struct Ledger {
    made: AtomicU64,
    dropped: AtomicU64,
    accepted: AtomicU64,
    taken: AtomicU64,
}

struct Value(Arc<Ledger>);

impl Value {
    fn new(ledger: &Arc<Ledger>) -> Self {
        ledger.made.fetch_add(1, SeqCst);
        Self(Arc::clone(ledger))
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, SeqCst);
    }
}

/// What one run of a program came to.
pub(crate) struct Sum {
    pub(crate) values: u64,
}

/// Runs a program made of the dice on the runtime, to its end. Panics if a value is lost or comes twice.
pub(crate) fn run(rt: &Runtime, seed: u64) -> Sum {
    let mut dice = Dice::new(seed);
    let ledger = Arc::new(Ledger::default());
    let channels: Vec<_> = (0..=dice.below(3))
        .map(|_| chan::<Value>(usize::try_from(dice.below(4)).unwrap()))
        .collect();
    let mut putters = Vec::new();
    for _ in 0..=dice.below(5) {
        let tx: Vec<_> = channels.iter().map(|(tx, _)| tx.clone()).collect();
        let (ledger, dice) = (
            Arc::clone(&ledger),
            Dice::new(seed ^ (dice.below(1 << 40) + 1)),
        );
        putters.push(rt.go(put_values(tx, ledger, dice)));
    }
    let mut takers = Vec::new();
    for n in 0..=dice.below(5) {
        let rx: Vec<_> = channels.iter().map(|(_, rx)| rx.clone()).collect();
        let (ledger, dice) = (
            Arc::clone(&ledger),
            Dice::new(seed ^ (dice.below(1 << 40) + 1)),
        );
        takers.push(rt.go(take_values(rx, ledger, dice, n == 0)));
    }
    // Some are cancelled at whatever they do; what they hold is dropped, nothing else.
    for go in &putters {
        if dice.below(4) == 0 {
            go.cancel();
        }
    }
    for go in &takers[1..] {
        if dice.below(4) == 0 {
            go.cancel();
        }
    }
    let left: Vec<_> = channels
        .into_iter()
        .map(|(tx, rx)| {
            drop(tx);
            rx
        })
        .collect();
    for go in putters.into_iter().chain(takers) {
        drop(outcome(go));
    }
    // A cancelled taker gives back what it had been handed.
    for rx in &left {
        while rx.try_take().is_ok() {
            ledger.taken.fetch_add(1, SeqCst);
        }
    }
    drop(left);
    let count = |counter: &AtomicU64| counter.load(SeqCst);
    assert_eq!(
        count(&ledger.made),
        count(&ledger.dropped),
        "seed {seed}: a value is lost, or was dropped twice"
    );
    assert!(
        count(&ledger.accepted) <= count(&ledger.taken),
        "seed {seed}: {} accepted, {} taken",
        count(&ledger.accepted),
        count(&ledger.taken)
    );
    assert!(
        count(&ledger.taken) <= count(&ledger.made),
        "seed {seed}: {} taken, {} made",
        count(&ledger.taken),
        count(&ledger.made)
    );
    Sum {
        values: count(&ledger.made),
    }
}

async fn put_values(channels: Vec<Sender<Value>>, ledger: Arc<Ledger>, mut dice: Dice) {
    for _ in 0..dice.below(30) {
        let at = usize::try_from(dice.below(channels.len() as u64)).unwrap();
        let other = usize::try_from(dice.below(channels.len() as u64)).unwrap();
        let value = Value::new(&ledger);
        let accepted = match dice.below(3) {
            0 => channels[at].try_put(value).is_ok(),
            1 => {
                let second = Value::new(&ledger);
                match alts!(channels[at].put(value), channels[other].put(second)) {
                    Of2::A(put) | Of2::B(put) => put.is_ok(),
                }
            }
            _ => put!(channels[at], value).is_ok(),
        };
        if accepted {
            ledger.accepted.fetch_add(1, SeqCst);
        }
    }
}

async fn take_values(
    channels: Vec<Receiver<Value>>,
    ledger: Arc<Ledger>,
    mut dice: Dice,
    all: bool,
) {
    let mut set = AltSet::new();
    for rx in &channels {
        set.take(rx);
    }
    let mut open = channels.len();
    // One always waits for all channels; else the program could stop by itself.
    while open > 0 {
        let own = usize::try_from(dice.below(channels.len() as u64)).unwrap();
        let taken = match dice.below(3) {
            0 if !all => take!(channels[own]),
            1 if !all => match alts!(channels[own].take(), channels[0].take()) {
                Of2::A(taken) | Of2::B(taken) => taken,
            },
            _ => {
                let (at, event) = alts!(&mut set);
                let taken = event.took();
                if taken.is_none() {
                    set.disable(at);
                    open -= 1;
                }
                taken
            }
        };
        if let Some(value) = taken {
            ledger.taken.fetch_add(1, SeqCst);
            drop(value);
        }
    }
}
