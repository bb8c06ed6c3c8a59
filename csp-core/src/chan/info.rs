//! What a channel says of itself.

use std::fmt;

use super::{
    core::{CLOSED, Queues},
    inner::{Cause, Chan, Fill, Locked},
};
use crate::sync::{Guard, plain::Arc};

impl<T> Chan<T> {
    pub(super) fn failure(&self) -> Option<Cause> {
        self.core.lock().existing_ext()?.failure.clone()
    }

    pub(super) fn name(&self) -> Option<Arc<str>> {
        self.core.lock().existing_ext()?.name.clone()
    }

    pub(super) fn set_name(&self, name: Arc<str>) {
        let old = self.core.lock().ext().name.replace(name);
        // Dropped without the lock.
        drop(old);
    }

    pub(super) fn len(&self) -> usize {
        self.fill(self.core.lock()).1.len
    }

    pub(super) fn capacity(&self) -> usize {
        self.fill(self.core.lock()).1.capacity.unwrap_or(usize::MAX)
    }

    fn fill<'a>(&'a self, queues: Guard<'a, Queues>) -> (Guard<'a, Queues>, Fill) {
        match queues.table() {
            // SAFETY: the table is this channel's, whose lock is held.
            Some(table) => unsafe { (table.fill)(std::ptr::NonNull::from(self).cast(), queues) },
            None => Locked { queues, chan: self }.fill(),
        }
    }

    pub(super) fn debug(&self, handle: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut queues, fill) = self.fill(self.core.lock());
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

impl<'a, T> Locked<'a, T> {
    pub(super) fn fill(mut self) -> (Guard<'a, Queues>, Fill) {
        let fill = self.parts().1.fill();
        (self.queues, fill)
    }
}
