//! What a channel says of itself.

use std::{fmt, ptr::NonNull};

use super::{
    core::{CLOSED, Core, Queues},
    data::{Data, Fill},
    inner::{Cause, Chan, Locked},
};
use crate::{
    context::describe,
    sync::{lock::Guard, plain::Arc},
};

impl<T> Chan<T> {
    pub(super) fn failure(&self) -> Option<Cause> {
        self.core.lock_as_is().existing_ext()?.failure.clone()
    }

    pub(super) fn name(&self) -> Option<Arc<str>> {
        self.core.lock_as_is().existing_ext()?.name.clone()
    }

    pub(super) fn set_name(&self, name: Arc<str>) {
        describe(self.core.object(), &format_args!("channel {name:?}"));
        let old = self.core.lock_as_is().ext().name.replace(name);
        // Dropped without the lock.
        drop(old);
    }

    pub(super) fn len(&self) -> usize {
        self.fill().1.len
    }

    pub(super) fn capacity(&self) -> usize {
        self.fill().1.capacity.unwrap_or(usize::MAX)
    }

    fn fill(&self) -> (Guard<'_, Queues>, Fill) {
        let queues = self.core.lock_as_is();
        if let Some(table) = queues.table() {
            // SAFETY: the table is this channel's, whose lock is held.
            return unsafe { (table.fill)(NonNull::from(self).cast(), queues) };
        }
        let (queues, mut fill) = Locked { queues, chan: self }.fill();
        fill.len += self.len_divided();
        (queues, fill)
    }

    pub(super) fn debug(&self, handle: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut queues, fill) = self.fill();
        let (takers, putters) = (queues.takes.count(), queues.puts.count());
        let name = queues.existing_ext().and_then(|ext| ext.name.clone());
        let transduced = queues.table().is_some();
        drop(queues);
        let mut out = f.debug_struct(handle);
        out.field("id", &self.core.id);
        if let Some(name) = name {
            out.field("name", &name);
        }
        match (fill.buffer, fill.capacity) {
            (None, _) => out.field("buffer", &format_args!("rendezvous")),
            (Some(kind), Some(capacity)) => {
                out.field("buffer", &format_args!("{kind} {}/{capacity}", fill.len))
            }
            (Some(kind), None) => out.field("buffer", &format_args!("{kind} {}", fill.len)),
        };
        if transduced {
            out.field("transducer", &true);
        }
        out.field("takers", &takers)
            .field("putters", &putters)
            .field("closed", &self.core.is(CLOSED))
            .finish()
    }
}

/// What can be said of a channel's values without a call to anybody's code: of the channel that the core heads,
/// of the function's type, whose lock is held.
pub(crate) type Glance = unsafe fn(NonNull<Core>) -> Glimpse;

/// What a [`Glance`] gives.
pub(crate) struct Glimpse {
    /// None: it is a rendezvous.
    pub(crate) buffer: Option<&'static str>,
    /// None: that would be to ask the user's.
    pub(crate) len: Option<usize>,
    pub(crate) capacity: Option<usize>,
}

/// # Safety
/// As [`Glance`] says, of a channel whose takers take `T`.
pub(super) unsafe fn glance<T>(core: NonNull<Core>) -> Glimpse {
    // SAFETY: promised by the caller.
    let chan = unsafe { core.cast::<Chan<T>>().as_ref() };
    // SAFETY: as above.
    unsafe { chan.with_data(glimpse) }
}

fn glimpse<T>(data: &Data<T>) -> Glimpse {
    if data.is_custom() {
        return Glimpse {
            buffer: Some("custom"),
            len: None,
            capacity: None,
        };
    }
    let Fill {
        buffer,
        len,
        capacity,
    } = data.fill();
    Glimpse {
        buffer,
        len: Some(len),
        capacity,
    }
}

impl<'a, T> Locked<'a, T> {
    pub(super) fn fill(mut self) -> (Guard<'a, Queues>, Fill) {
        let fill = self.parts().1.fill();
        (self.queues, fill)
    }
}
