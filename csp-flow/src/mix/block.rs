//! The go block of a mix.

#[cfg(test)]
mod tests;

use std::{collections::HashMap, pin::pin};

use csp_core::{
    AltSet, Cause, Closed, Event, Order, Receiver, Sender, TryPutError, alt, park, take,
};

use super::{
    NAME,
    state::{MixState, SoloMode, Treatment},
};
use crate::{AtEnd, block::cancelled, fan::Tap, hashing::Hashing};

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
    /// Its take is on.
    read: bool,
}

/// The state of the block. Its drop ends the output, however it comes to it.
pub(super) struct Block<T> {
    /// Take `i` of the set reads input `i`. `None`: that one has ended, and its take is off.
    inputs: Vec<Option<Input<T>>>,
    /// Which input each is that has not ended, by its channel's address.
    places: HashMap<usize, usize, Hashing>,
    set: AltSet<T>,
    /// How many inputs are soloed.
    soloed: usize,
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
            places: HashMap::default(),
            set: AltSet::new(),
            soloed: 0,
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
        self.readable -= usize::from(input.read);
        self.places.remove(&input.rx.address());
        // The takes that are off are cleared away when they are the most.
        if 2 * self.places.len() < self.inputs.len() {
            self.rebuild();
        }
        if input.state.solo {
            self.soloed -= 1;
            self.see_solos();
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
                self.see_solos();
                done.try_put(true).ok();
            }
            Some(Change::Unmix(rx, done)) => {
                drop(done.try_put(self.unmix(&rx)));
            }
            Some(Change::UnmixAll(done)) => {
                let inputs = std::mem::take(&mut self.inputs);
                self.soloed = 0;
                self.rebuild();
                self.see_solos();
                let rxs = inputs.into_iter().flatten().map(|input| input.rx).collect();
                drop(done.try_put(rxs));
            }
            // The last handle is gone.
            None => self.open = false,
        }
    }

    /// False, and nothing is done, if there would be too many inputs.
    fn toggle(&mut self, states: Vec<(Receiver<T>, MixState)>) -> bool {
        let is_new = |rx: &Receiver<T>| !self.places.contains_key(&rx.address());
        let new = states.iter().filter(|(rx, _)| is_new(rx)).count();
        if self.inputs.len() + new > MAX_INPUTS {
            self.rebuild();
            if self.inputs.len() + new > MAX_INPUTS {
                return false;
            }
        }
        for (rx, state) in states {
            let index = self.place(rx);
            let input = self.inputs[index].as_mut().expect("it has not ended");
            let before = std::mem::replace(&mut input.state, state);
            self.soloed -= usize::from(before.solo);
            self.soloed += usize::from(state.solo);
            self.treat(index);
        }
        self.see_solos();
        true
    }

    /// Which input this is; a new one, which is not soloed, if it is none yet.
    fn place(&mut self, rx: Receiver<T>) -> usize {
        let next = self.inputs.len();
        let index = *self.places.entry(rx.address()).or_insert(next);
        if index == next {
            self.set.take(&rx);
            self.set.disable(index);
            self.inputs.push(Some(Input {
                rx,
                state: MixState::default(),
                read: false,
            }));
        }
        index
    }

    fn unmix(&mut self, rx: &Receiver<T>) -> Option<Receiver<T>> {
        let index = *self.places.get(&rx.address())?;
        let input = self.inputs[index].take()?;
        self.soloed -= usize::from(input.state.solo);
        // The set must not keep its receiver: the input would never close.
        self.rebuild();
        self.see_solos();
        Some(input.rx)
    }

    /// Makes the set anew, of the inputs that are left.
    fn rebuild(&mut self) {
        self.inputs.retain(Option::is_some);
        self.places.clear();
        self.set = AltSet::new();
        self.readable = 0;
        for (index, input) in self.inputs.iter_mut().flatten().enumerate() {
            self.places.insert(input.rx.address(), index);
            self.set.take(&input.rx);
            input.read = true;
        }
        self.readable = self.inputs.len();
        self.treat_all();
    }

    /// What the solos, or their mode, are now: all inputs are treated anew if that has changed.
    fn see_solos(&mut self) {
        let solos = (self.soloed > 0).then_some(self.solo_mode);
        if self.solos != solos {
            self.solos = solos;
            self.treat_all();
        }
    }

    fn treat_all(&mut self) {
        (0..self.inputs.len()).for_each(|index| self.treat(index));
    }

    /// Switches a take on, if it is to be read, or off.
    fn treat(&mut self, index: usize) {
        let Some(input) = &mut self.inputs[index] else {
            return;
        };
        let read = input.state.treatment(self.solos) != Treatment::NotRead;
        if read == input.read {
            return;
        }
        input.read = read;
        if read {
            self.set.enable(index);
            self.readable += 1;
        } else {
            self.set.disable(index);
            self.readable -= 1;
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
