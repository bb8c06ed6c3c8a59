//! One of several operations: `alt!`, `alts!`, [`AltSet`].
//!
//! * [`arm`]: what can be chosen. [`choose`]: how. [`word`]: the atomic that decides.
//! * [`future`]: a few arms of different types. [`set`]: any number, known at run time; [`keep`]: how it is chosen
//!   among those. [`streak`]: where a choice holds for some rounds. [`block`]: how a thread waits for one.

mod arm;
mod block;
mod choose;
mod future;
mod keep;
#[cfg(all(test, csp_loom))]
mod loom;
mod loose;
mod parked;
mod set;
mod streak;
#[cfg(all(test, not(any(csp_loom, csp_shuttle))))]
mod tests;
mod word;

pub use arm::{Arm, ParkArm, park, when};
pub(crate) use arm::{ArmTable, Attempt, RawArm, Sealed};
pub use block::block_on_choice;
pub use future::{
    Alt, Of1, Of2, Of3, Of4, Of5, Of6, Of7, Of8, Of9, Of10, Of11, Of12, Of13, Of14, Of15, Of16,
    alt, alt_for,
};
pub use parked::{park_at, parked};
pub use set::{AltSet, Choose, Event, alts_set, take_any};
pub(crate) use streak::StreakOf;
pub(crate) use word::AltCell;

/// Which of the ready arms is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Order {
    /// Each with the same chance. (How a thread chooses: [`alt_blocking!`](crate::alt_blocking).)
    #[default]
    Random,
    /// The first in the order given.
    Priority,
}
