//! The go block of a mix.

use std::pin::pin;

use csp_core::{
    AltSet, Cause, Closed, Event, Order, Receiver, Sender, TryPutError, alt, park, take,
};

use super::{
    NAME,
    state::{MixState, SoloMode, Treatment},
};
use crate::{AtEnd, block::cancelled, fan::Tap};

/// The most inputs: as many as an [`AltSet`] can choose from.
const MAX_INPUTS: usize = 65_536;

/// What a handle asks for, each with a channel for the answer.
pub(super) enum Change<T> {
    Toggle(Vec<(Receiver<T>, MixState)>, Sender<bool>),
    SoloMode(SoloMode, Sender<bool>),
    Unmix(Receiver<T>, Sender<Option<Receiver<T>>>),
    UnmixAll(Sender<Vec<Receiver<T>>>),
}

struct Input<T> {
    rx: Receiver<T>,
    state: MixState,
}

/// The state of the block. Its drop ends the output, however it comes to it.
pub(super) struct Block<T> {
    /// Take `i` of the set reads input `i`. `None`: that one has ended, and its take is off.
    inputs: Vec<Option<Input<T>>>,
    set: AltSet<T>,
    /// How many takes are on.
    readable: usize,
    /// The mode, if an input is soloed.
    solos: Option<SoloMode>,
    solo_mode: SoloMode,
    changes: Receiver<Change<T>>,
    /// There are handles.
    open: bool,
    out: Tap<T>,
    /// Why the first input failed that did.
    failed: Option<Cause>,
    /// What the output is told.
    cause: Option<Cause>,
}

impl<T> Block<T> {
    pub(super) fn new(changes: Receiver<Change<T>>, out: Sender<T>, at_end: AtEnd) -> Self {
        Self {
            inputs: Vec::new(),
            set: AltSet::new(),
            readable: 0,
            solos: None,
            solo_mode: SoloMode::default(),
            changes,
            open: true,
            out: Tap { tx: out, at_end },
            failed: None,
            cause: Some(cancelled(NAME)),
        }
    }

    /// Gives the value that had been read when the output closed.
    pub(super) async fn run(&mut self) -> Option<T> {
        let out = self.out.tx.clone();
        while let Some((index, event)) = self.next(&out).await {
            match event.took() {
                None => self.has_ended(index),
                Some(value) if self.is_heard(index) => {
                    if let Err(Closed(value)) = self.pass_on(&out, value).await {
                        return Some(value);
                    }
                }
                Some(muted) => drop(muted),
            }
        }
        None
    }

    /// What an input gives. `None`: nothing can come any more, or nobody can want it.
    async fn next(&mut self, out: &Sender<T>) -> Option<(usize, Event<T>)> {
        while !out.is_closed() && (self.open || self.readable > 0) {
            alt! {
                priority;
                change = take!(self.changes), if self.open => self.apply(change),
                event = park!(self.set.choose(Order::Random)), if self.readable > 0 => {
                    return Some(event);
                }
                () = park!(out.closed()) => {}
            }
        }
        None
    }

    async fn pass_on(&mut self, out: &Sender<T>, value: T) -> Result<(), Closed<T>> {
        let value = match out.try_put(value) {
            Ok(()) => return Ok(()),
            Err(TryPutError::Closed(value)) => return Err(Closed(value)),
            Err(TryPutError::Full(value)) => value,
        };
        let mut put = pin!(out.put(value));
        loop {
            alt! {
                priority;
                done = park!(put.as_mut()) => return done,
                change = take!(self.changes), if self.open => self.apply(change),
            }
        }
    }

    fn is_heard(&self, index: usize) -> bool {
        self.inputs[index]
            .as_ref()
            .is_some_and(|input| input.state.treatment(self.solos) == Treatment::Heard)
    }

    fn has_ended(&mut self, index: usize) {
        let Some(input) = self.inputs[index].take() else {
            return;
        };
        self.failed = self.failed.take().or_else(|| input.rx.failure());
        self.set.disable(index);
        self.readable -= 1;
        // The takes that are off are cleared away when they are the most.
        let rebuild = 2 * self.inputs.iter().flatten().count() < self.inputs.len();
        if rebuild {
            self.rebuild();
        }
        if rebuild || input.state.solo {
            self.treat();
        }
    }

    fn apply(&mut self, change: Option<Change<T>>) {
        // An answer that nobody waits for is dropped.
        match change {
            Some(Change::Toggle(states, done)) => {
                done.try_put(self.toggle(states)).ok();
            }
            Some(Change::SoloMode(mode, done)) => {
                self.solo_mode = mode;
                self.treat();
                done.try_put(true).ok();
            }
            Some(Change::Unmix(rx, done)) => {
                drop(done.try_put(self.unmix(&rx)));
            }
            Some(Change::UnmixAll(done)) => {
                let inputs = std::mem::take(&mut self.inputs);
                self.rebuild();
                self.treat();
                let rxs = inputs.into_iter().flatten().map(|input| input.rx).collect();
                drop(done.try_put(rxs));
            }
            // The last handle is gone.
            None => self.open = false,
        }
    }

    fn find(&mut self, rx: &Receiver<T>) -> Option<&mut Input<T>> {
        let mut inputs = self.inputs.iter_mut().flatten();
        inputs.find(|input| input.rx.same_channel(rx))
    }

    /// False, and nothing is done, if there would be too many inputs.
    fn toggle(&mut self, states: Vec<(Receiver<T>, MixState)>) -> bool {
        let new = states.iter().filter(|(rx, _)| self.find(rx).is_none());
        let new = new.count();
        if self.inputs.len() + new > MAX_INPUTS {
            self.rebuild();
            if self.inputs.len() + new > MAX_INPUTS {
                self.treat();
                return false;
            }
        }
        for (rx, state) in states {
            if let Some(input) = self.find(&rx) {
                input.state = state;
            } else {
                self.set.take(&rx);
                self.inputs.push(Some(Input { rx, state }));
            }
        }
        self.treat();
        true
    }

    fn unmix(&mut self, rx: &Receiver<T>) -> Option<Receiver<T>> {
        let is_it = |input: &Option<Input<T>>| {
            input
                .as_ref()
                .is_some_and(|input| input.rx.same_channel(rx))
        };
        let index = self.inputs.iter().position(is_it)?;
        let input = self.inputs.remove(index)?;
        // The set must not keep its receiver: the input would never close.
        self.rebuild();
        self.treat();
        Some(input.rx)
    }

    /// Makes the set anew, of the inputs that are left.
    fn rebuild(&mut self) {
        self.inputs.retain(Option::is_some);
        self.set = AltSet::new();
        for input in self.inputs.iter().flatten() {
            self.set.take(&input.rx);
        }
    }

    /// Switches the takes on that are to be read.
    fn treat(&mut self) {
        let soloed = self.inputs.iter().flatten().any(|input| input.state.solo);
        self.solos = soloed.then_some(self.solo_mode);
        self.readable = 0;
        for (index, input) in self.inputs.iter().enumerate() {
            let Some(input) = input else { continue };
            if input.state.treatment(self.solos) == Treatment::NotRead {
                self.set.disable(index);
            } else {
                self.set.enable(index);
                self.readable += 1;
            }
        }
    }

    /// Nothing more comes.
    pub(super) fn end(mut self) {
        self.cause = self.failed.take();
    }

    /// Nothing more comes, for this reason.
    pub(super) fn end_with(mut self, cause: Cause) {
        self.cause = Some(cause);
    }
}

impl<T> Drop for Block<T> {
    fn drop(&mut self) {
        self.out.end(self.cause.as_ref());
    }
}
