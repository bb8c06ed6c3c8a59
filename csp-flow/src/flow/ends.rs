//! Ports that lead to the outside: channels of the users' types.

use std::{any::Any, fmt};

use csp_core::{Receiver, Sender, chan_with, xf};

use super::{
    def::PortId,
    message::{Kind, Message, Msg, downcast},
    queue::Queue,
};
use crate::sync::plain::Arc;

/// The end that the outside gets: a `Sender<T>` or a `Receiver<Arc<T>>`.
pub(crate) type OuterEnd = Box<dyn Any + Send + Sync>;

/// An in-port that the outside puts into.
#[derive(Clone)]
pub(crate) struct Inlet {
    pub(crate) port: PortId,
    pub(crate) queue: Queue,
    pub(crate) kind: Kind,
    make: fn(Queue) -> (OuterEnd, Receiver<Msg>),
}

impl Inlet {
    pub(crate) fn of<T: Message>(port: PortId, queue: Queue) -> Self {
        Self {
            port,
            queue,
            kind: Kind::of::<T>(),
            make: |queue| {
                let (tx, rx) =
                    chan_with(queue.buffer(), xf::map(|value: T| Arc::new(value) as Msg));
                (Box::new(tx), rx)
            },
        }
    }

    pub(crate) fn make(&self) -> (OuterEnd, Receiver<Msg>) {
        (self.make)(self.queue)
    }
}

impl fmt::Debug for Inlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?} ({})", self.port, self.kind, self.queue)
    }
}

/// An out-port that the outside takes from.
#[derive(Clone)]
pub(crate) struct Outlet {
    pub(crate) port: PortId,
    pub(crate) queue: Queue,
    pub(crate) kind: Kind,
    make: fn(Queue) -> (Sender<Msg>, OuterEnd),
}

impl Outlet {
    pub(crate) fn of<T: Message>(port: PortId, queue: Queue) -> Self {
        Self {
            port,
            queue,
            kind: Kind::of::<T>(),
            make: |queue| {
                // The types were checked when the flow was built, and are at each put.
                let (tx, rx) = chan_with(queue.buffer(), xf::keep(|msg: Msg| downcast::<T>(msg)));
                (tx, Box::new(rx))
            },
        }
    }

    pub(crate) fn make(&self) -> (Sender<Msg>, OuterEnd) {
        (self.make)(self.queue)
    }
}

impl fmt::Debug for Outlet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?} ({})", self.port, self.kind, self.queue)
    }
}
