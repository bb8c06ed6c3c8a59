//! Where a worker's outputs go.

use std::{collections::VecDeque, fmt};

use csp_core::{Closed, Sender};

use super::ring::Place;

/// The outputs of one value at a time: held until it is the worker's turn, then put.
pub struct Outputs<Out> {
    to: Sender<Out>,
    held: VecDeque<Out>,
    /// `None`: there is no order to keep.
    place: Option<Place<()>>,
    on_turn: bool,
}

/// The outputs cannot be put: the target is closed, or a worker before this one has ended. They are
/// still held.
pub(super) struct Refused;

impl<Out> Outputs<Out> {
    pub(super) fn new(to: Sender<Out>, place: Option<Place<()>>) -> Self {
        Self {
            to,
            held: VecDeque::new(),
            place,
            on_turn: false,
        }
    }

    pub(super) fn target(&self) -> &Sender<Out> {
        &self.to
    }

    pub(super) fn hold(&mut self, output: Out) {
        self.held.push_back(output);
    }

    /// Waits for the turn, and puts what is held.
    pub(super) async fn flush(&mut self) -> Result<(), Refused> {
        if let Some(place) = &self.place
            && !self.on_turn
        {
            place.token().await.ok_or(Refused)?;
            self.on_turn = true;
        }
        while let Some(output) = self.held.pop_front() {
            if let Err(Closed(output)) = self.to.put(output).await {
                self.held.push_front(output);
                return Err(Refused);
            }
        }
        Ok(())
    }

    /// All outputs of the value are put: those of the next worker are due.
    pub(super) fn pass(&mut self) {
        if let Some(place) = &self.place {
            self.on_turn = false;
            place.pass(());
        }
    }

    pub(super) fn into_held(self) -> VecDeque<Out> {
        self.held
    }
}

impl<Out> fmt::Debug for Outputs<Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outputs")
            .field("to", &self.to)
            .field("held", &self.held.len())
            .field("on_turn", &self.on_turn)
            .finish_non_exhaustive()
    }
}
