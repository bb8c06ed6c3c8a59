//! Streams of several sources, and several of one.
//!
//! Each is one go block, which begins at once. What comes out goes into a channel without a buffer: while
//! nobody takes it, the block takes nothing either.

mod aggregate;
mod group_by;
mod latest;
mod merge;
mod slots;
mod sources;
mod zip;

pub use self::{
    aggregate::Aggregate,
    latest::{combine_latest, zip_latest},
    merge::{merge, priority_merge},
    sources::Sources,
    zip::{zip, zip_with_rest},
};
