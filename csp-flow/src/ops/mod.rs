//! Moving values between channels, collections and iterators: what core.async calls channel operations.
//!
//! | from | to | |
//! |---|---|---|
//! | channel | channel | [`pipe`], [`apply_into`]; new ones: [`apply`], [`take`], [`unique`], [`partition`], [`partition_by`] |
//! | channel | channel, several at a time | [`pipeline`], [`pipeline_blocking`], [`pipeline_async`] |
//! | channels | a channel | [`merge`], [`map`], [`map2`], [`map3`] |
//! | channel | channels | [`split`] |
//! | collection or iterator | channel | [`onto_chan`], [`to_chan`] |
//! | channel | a value | [`collect`], [`into`], [`reduce`], [`try_reduce`], [`transduce`] |
//!
//! Each starts one go block and returns at once. ([`onto_chan_blocking`] and [`to_chan_blocking`] start a
//! thread; pipelines start more, and have rules of their own.)
//!
//! # What they have in common
//!
//! * **Closing goes down**: when the source has ended, the target closes (unless [`AtEnd`] says
//!   otherwise).
//! * **Closing goes up**: when the target has closed, or its last receiver is gone, the operator ends
//!   and drops its source, also while it waits for a value that may never come. If it had the last
//!   receiver, whoever puts into the source learns that nobody takes any more.
//! * **Failures go down**: if the source [failed](csp_core::Sender::fail), the target fails with the same
//!   cause, and what gives a value gives a [`SourceFailed`] instead.
//! * **Back pressure**: an operator has at most one value in hand (one round of values in
//!   [`map`], what one step gave in [`apply`]), and takes the next when that one was accepted.
//! * **Panics**: if a function of yours panics, the target fails with the panic's message, and the block
//!   ends; [`set_panic_hook`](csp_core::set_panic_hook) sees it. If the operator gave you a
//!   [`Go`](csp_core::Go), that says [`Panicked`](csp_core::Failure::Panicked).
//! * **Values in hand**: nothing is taken from the source once the target is closed. A value that was
//!   taken before, and is refused when the target closes, comes back in the `Go` of [`pipe`] and
//!   [`onto_chan`]; an operator that gives a new channel has nowhere to give it back to, and drops it.
//!   So does a block that is cancelled while it waits for room.
//!
//! An operator whose name ends in `_with` lets you choose what becomes of the target at the end.
//!
//! [`AtEnd`]: crate::AtEnd

pub(crate) mod apply;
mod error;
mod map;
mod merge;
mod onto_chan;
pub(crate) mod outlet;
mod pipe;
mod pipeline;
pub(crate) mod pump;
mod reduce;
mod split;
mod take;

pub use self::{
    apply::{apply, apply_into, partition, partition_by, unique},
    error::{PipeError, Rest, SourceFailed},
    map::{map, map2, map3},
    merge::merge,
    onto_chan::{
        onto_chan, onto_chan_blocking, onto_chan_blocking_with, onto_chan_with, to_chan,
        to_chan_blocking,
    },
    pipe::{pipe, pipe_with},
    pipeline::{
        Pipeline, StopReason, Stopped, pipeline, pipeline_async, pipeline_async_many,
        pipeline_blocking,
    },
    reduce::{collect, into, reduce, transduce, try_reduce},
    split::split,
    take::take,
};
