//! Threads that a simulation knows nothing of, and that use its channels nevertheless.
//!
//! The numbers of channels that are made in a simulation have a bit set. So a thread outside has nothing to ask anybody
//! about all others.

use crate::{context::Object, site::ParkSite, sync::plain::OnceLock};

const SIMULATED: u32 = 1 << 31;

/// The number of a new channel of a simulation, made of what a counter gave.
pub(crate) fn mark(count: u32) -> u32 {
    count | SIMULATED
}

/// As [`mark`], of a channel of none.
pub(crate) fn unmark(count: u32) -> u32 {
    count & !SIMULATED
}

/// Hears of an operation on something of a simulation by a thread outside, and where it stands, if that is known.
type Listener = fn(Object, Option<ParkSite>);

static LISTENER: OnceLock<Listener> = OnceLock::new();

/// Has `listener` hear of threads outside. The first one stays.
#[doc(hidden)]
pub fn hear_outsiders(listener: Listener) {
    LISTENER.get_or_init(|| listener);
}

/// This thread, which is in no simulation, is about to use these.
#[cold]
pub(crate) fn meets(objects: &[Object], site: Option<ParkSite>) {
    let is_of_one = |object: &&Object| match object {
        Object::Channel(number) | Object::Ends(number) => number & SIMULATED != 0,
        _ => false,
    };
    if let (Some(object), Some(hear)) = (objects.iter().find(is_of_one), LISTENER.get()) {
        hear(*object, site);
    }
}
