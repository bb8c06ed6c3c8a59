//! Receivers, each with a slot for a value: what makes rows of them.

use csp_core::{AltSet, Cause, Order, Receiver};

/// Which sources are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Those whose slots are empty.
    Missing,
    /// All that have not ended. A new value replaces the one in its slot.
    All,
}

/// What came of a source.
#[derive(Debug)]
pub enum Came {
    /// A value: its slot has it.
    Value,
    /// The end. Nothing is taken from it again.
    Ended(End),
}

/// How a source ended.
#[derive(Debug)]
pub struct End {
    pub(super) failure: Option<Cause>,
    /// Its slot is empty.
    pub(super) silent: bool,
}

/// Receivers with their slots. What takes from them gives the source's values to their slots, so nothing is
/// lost when it is dropped.
pub trait Slots: Send + Sized + 'static {
    type Row: Send + 'static;
    type Rest: Send + 'static;

    /// How many there are.
    fn len(&self) -> usize;

    /// Waits until something comes. At least one source has to be wanted.
    fn next(&mut self, wanted: Wanted) -> impl Future<Output = Came> + Send;

    /// Takes for the empty slots what is there, if that costs less than to wait for one at a time.
    fn sweep(&mut self) {}

    /// Takes the values out of the slots, if all are there.
    fn row(&mut self) -> Option<Self::Row>;

    /// Puts the values of a row back into the slots.
    fn fill(&mut self, row: Self::Row);

    /// What is in the slots.
    fn rest(self) -> Self::Rest;
}

/// A receiver with its slot.
#[derive(Debug)]
pub struct Slot<T> {
    from: Receiver<T>,
    value: Option<T>,
    ended: bool,
}

impl<T> Slot<T> {
    pub(super) fn new(from: Receiver<T>) -> Self {
        Self {
            from,
            value: None,
            ended: false,
        }
    }

    fn is_wanted(&self, wanted: Wanted) -> bool {
        !self.ended && (wanted == Wanted::All || self.value.is_none())
    }

    /// What a take from it gave.
    fn took(&mut self, value: Option<T>) -> Came {
        if value.is_some() {
            self.value = value;
            return Came::Value;
        }
        self.ended = true;
        Came::Ended(End {
            failure: self.from.failure(),
            silent: self.value.is_none(),
        })
    }
}

macro_rules! tuple {
    ($count:literal: $($T:ident $index:tt),+) => {
        impl<$($T: Send + 'static),+> Slots for ($(Slot<$T>,)+) {
            type Row = ($($T,)+);
            type Rest = ($(Option<$T>,)+);

            fn len(&self) -> usize {
                $count
            }

            async fn next(&mut self, wanted: Wanted) -> Came {
                csp_core::alt! {
                    $(
                        value = csp_core::take!(self.$index.from),
                            if self.$index.is_wanted(wanted) => self.$index.took(value),
                    )+
                }
            }

            fn row(&mut self) -> Option<Self::Row> {
                if $(self.$index.value.is_none())||+ {
                    return None;
                }
                Some(($(self.$index.value.take()?,)+))
            }

            fn fill(&mut self, row: Self::Row) {
                $(self.$index.value = Some(row.$index);)+
            }

            fn rest(self) -> Self::Rest {
                ($(self.$index.value,)+)
            }
        }
    };
}

tuple!(2: A 0, B 1);
tuple!(3: A 0, B 1, C 2);
tuple!(4: A 0, B 1, C 2, D 3);

/// Any number of receivers of one type.
#[derive(Debug)]
pub struct Many<T> {
    slots: Vec<Slot<T>>,
    /// A take from each, on while it is wanted.
    takes: AltSet<T>,
    /// How many slots are empty.
    empty: usize,
}

impl<T> Many<T> {
    #[track_caller]
    pub(super) fn new(sources: Vec<Receiver<T>>) -> Self {
        let mut takes = AltSet::new();
        for from in &sources {
            takes.take(from);
        }
        Self {
            takes,
            empty: sources.len(),
            slots: sources.into_iter().map(Slot::new).collect(),
        }
    }

    /// `value` came from this source.
    fn took(&mut self, index: usize, value: Option<T>, wanted: Wanted) -> Came {
        let slot = &mut self.slots[index];
        let was_empty = slot.value.is_none();
        let came = slot.took(value);
        if !slot.is_wanted(wanted) {
            self.takes.disable(index);
        }
        self.empty -= usize::from(was_empty && slot.value.is_some());
        came
    }
}

impl<T: Send + 'static> Slots for Many<T> {
    type Row = Vec<T>;
    type Rest = Vec<Option<T>>;

    fn len(&self) -> usize {
        self.slots.len()
    }

    async fn next(&mut self, wanted: Wanted) -> Came {
        let (index, event) = self.takes.choose(Order::Random).await;
        self.took(index, event.took(), wanted)
    }

    /// To choose among _n_ costs _n_ steps, for one value.
    fn sweep(&mut self) {
        for index in 0..self.slots.len() {
            let slot = &self.slots[index];
            if slot.is_wanted(Wanted::Missing)
                && let Ok(value) = slot.from.try_take()
            {
                self.took(index, Some(value), Wanted::Missing);
            }
        }
    }

    fn row(&mut self) -> Option<Vec<T>> {
        if self.empty > 0 {
            return None;
        }
        self.empty = self.slots.len();
        for (index, slot) in self.slots.iter().enumerate() {
            if !slot.ended {
                self.takes.enable(index);
            }
        }
        self.slots
            .iter_mut()
            .map(|slot| slot.value.take())
            .collect()
    }

    fn fill(&mut self, row: Vec<T>) {
        for (slot, value) in self.slots.iter_mut().zip(row) {
            slot.value = Some(value);
        }
        self.empty = 0;
    }

    fn rest(self) -> Vec<Option<T>> {
        self.slots.into_iter().map(|slot| slot.value).collect()
    }
}
