//! The operators of a [`Stream`](super::Stream) that go by the clock, and the streams that a clock makes.
//!
//! Each is one go block, which begins at once; its clock is that of the executor it runs on. What comes
//! out goes into a channel without a buffer: while nobody takes it, the block takes nothing either, and
//! its clock waits with it: beats that are missed meanwhile are not made up for.
//!
//! An operator waits for its source and for its time in one alts, so a value is either taken or still in
//! the source. The time comes first: a value that comes at the very end of a period belongs to the next.

mod alarm;
mod batch;
mod debounce;
mod every;
mod hold;
mod idle;
mod interval;
mod throttle;

pub use self::interval::{interval, interval_after, ticks};
