//! [`Slot`]: the value on its way through the stages, of whatever type it is at the moment.

use std::{any::Any, fmt};

/// Room for one value of any type. Stages that keep the type use the same room again, so that the value's
/// way through them allocates nothing.
pub(super) struct Slot(Box<dyn Any + Send>); // an Option<T>

impl Slot {
    /// Nothing. (A box of nothing is no allocation.)
    pub(super) fn empty() -> Self {
        Self(Box::new(()))
    }

    pub(super) fn of<T: Send + 'static>(value: T) -> Self {
        Self(Box::new(Some(value)))
    }

    pub(super) fn put<T: Send + 'static>(&mut self, value: T) {
        match self.0.downcast_mut::<Option<T>>() {
            Some(room) => *room = Some(value),
            None => *self = Self::of(value),
        }
    }

    /// The value, which a stage of that type left here.
    pub(super) fn take<T: Send + 'static>(&mut self) -> T {
        let room = self.0.downcast_mut::<Option<T>>();
        room.and_then(Option::take)
            .expect("the types of stages fit, and each leaves a value")
    }

    pub(super) fn get<T: Send + 'static>(&self) -> &T {
        let room = self.0.downcast_ref::<Option<T>>();
        room.and_then(Option::as_ref)
            .expect("the types of stages fit, and each leaves a value")
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot(..)")
    }
}

/// How the initial value is kept: a clone of what is in the first slot goes to the second.
pub(super) type Keep = fn(&Slot, &mut Slot);

pub(super) fn keep<T: Clone + Send + 'static>(from: &Slot, to: &mut Slot) {
    to.put(from.get::<T>().clone());
}
