//! How the flow's handle talks to a process.

use csp_core::{Receiver, Sender, chan, sliding};

use super::{message::Msg, ping::ProcessPing, queue::Queue};

/// How many pings a process may owe an answer. Older ones find it busy.
const PINGS: usize = 16;

/// A command. The end of the commands is the command to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    Run,
    Pause,
}

/// A question for the state: process number `index` answers to `to`.
pub(crate) struct Ask {
    pub(crate) index: usize,
    pub(crate) to: Sender<(usize, ProcessPing)>,
}

/// A message from the flow's handle.
pub(crate) enum Injected {
    /// As if it had come in at this port.
    In(usize, Msg),
    /// As if a step had put it at this port.
    Out(usize, Msg),
}

/// What the flow's handle has of a process, beside its station.
pub(crate) struct Desk {
    pub(crate) want: Sender<Want>,
    pub(crate) asks: Sender<Ask>,
    pub(crate) injected: Sender<Injected>,
}

/// The other ends of a [`Desk`].
pub(crate) struct Inbox {
    pub(crate) want: Receiver<Want>,
    pub(crate) asks: Receiver<Ask>,
    pub(crate) injected: Receiver<Injected>,
}

/// Makes both sides.
pub(crate) fn desk() -> (Desk, Inbox) {
    // The last command counts; what was commanded before is over.
    let (want_tx, want) = chan(sliding(1));
    let (asks_tx, asks) = chan(sliding(PINGS));
    let (injected_tx, injected) = chan(Queue::DEFAULT.buffer());
    let desk = Desk {
        want: want_tx,
        asks: asks_tx,
        injected: injected_tx,
    };
    let inbox = Inbox {
        want,
        asks,
        injected,
    };
    (desk, inbox)
}
