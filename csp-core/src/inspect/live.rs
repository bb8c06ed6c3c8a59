//! What is seen of a block from outside.

use std::fmt;

use crate::site::{BlockSite, ParkSite};

/// A live block, as it was at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LiveBlock {
    /// Its number: [`Go::id`](crate::Go::id).
    pub id: u64,
    /// Where it stands in the source.
    pub site: BlockSite,
    /// It was parked: nobody ran it, and it was in no queue.
    pub is_parked: bool,
    /// Where it parked, as far as `take!`, `put!` and their kin told.
    pub parked_at: Option<ParkSite>,
    /// The number of the channel that it parked on, if it was one.
    pub channel: Option<u32>,
}

impl fmt::Display for LiveBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "block {} ({})", self.id, self.site)?;
        if !self.is_parked {
            return f.write_str("  due, or in a turn");
        }
        waits_at(f, self.parked_at.as_ref(), self.channel)
    }
}

/// Where somebody waits, behind who it is.
pub(super) fn waits_at(
    f: &mut fmt::Formatter<'_>,
    site: Option<&ParkSite>,
    channel: Option<u32>,
) -> fmt::Result {
    match site {
        Some(site) => write!(f, "  {site}")?,
        None => f.write_str("  parked")?,
    }
    match channel {
        Some(channel) => write!(f, ", channel {channel}"),
        None => Ok(()),
    }
}
