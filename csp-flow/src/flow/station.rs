//! What others see of a process: its connections, its counts, what it does.

use csp_core::{Receiver, Sender};

use super::{
    describe::{Description, Port},
    message::Msg,
    ping::{ConnectionPing, PortPing, ProcessPing, Status},
};
use crate::sync::plain::{
    Arc, OnceLock,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed},
};

/// A process as its runner and the flow's handle share it.
///
/// The numbers are for people, and each is written by the runner alone: no order among them is promised, so
/// all are Relaxed.
pub(crate) struct Station {
    pub(crate) name: Arc<str>,
    pub(crate) about: Arc<Description>,
    pub(crate) ins: Vec<InEnd>,
    /// For each out-port.
    pub(crate) outs: Vec<Vec<OutEnd>>,
    pub(crate) in_counts: Vec<Count>,
    pub(crate) out_counts: Vec<Count>,
    pub(crate) steps: AtomicU64,
    pub(crate) errors: AtomicU64,
    pub(crate) paused: AtomicBool,
    doing: AtomicUsize,
    /// The text of the state in the end.
    pub(crate) last_state: OnceLock<String>,
}

/// The taking end of a connection.
pub(crate) struct InEnd {
    pub(crate) port: usize,
    pub(crate) peer: String,
    pub(crate) rx: Receiver<Msg>,
}

/// The putting end of a connection.
pub(crate) struct OutEnd {
    pub(crate) peer: String,
    pub(crate) tx: Sender<Msg>,
}

#[derive(Default)]
pub(crate) struct Count {
    pub(crate) messages: AtomicU64,
    pub(crate) dropped: AtomicU64,
}

/// What a process is doing. As a number: anything above the first three is the out-port it waits at.
#[derive(Clone, Copy)]
pub(crate) enum Doing {
    Nothing,
    Step,
    Over,
    Waiting(usize),
}

impl Doing {
    const fn number(self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Step => 1,
            Self::Over => 2,
            Self::Waiting(port) => 3 + port,
        }
    }

    const fn of_number(number: usize) -> Self {
        match number {
            0 => Self::Nothing,
            1 => Self::Step,
            2 => Self::Over,
            port => Self::Waiting(port - 3),
        }
    }
}

impl Station {
    pub(crate) fn new(name: Arc<str>, about: Arc<Description>) -> Self {
        let counts = |ports: &[Port]| ports.iter().map(|_| Count::default()).collect();
        Self {
            name,
            ins: Vec::new(),
            outs: about.outs.iter().map(|_| Vec::new()).collect(),
            in_counts: counts(&about.ins),
            out_counts: counts(&about.outs),
            steps: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            paused: AtomicBool::new(true),
            doing: AtomicUsize::new(Doing::Nothing.number()),
            last_state: OnceLock::new(),
            about,
        }
    }

    pub(crate) fn doing(&self) -> Doing {
        Doing::of_number(self.doing.load(Relaxed))
    }

    /// Gives what it was doing before.
    pub(crate) fn begin(&self, doing: Doing) -> Doing {
        Doing::of_number(self.doing.swap(doing.number(), Relaxed))
    }

    pub(crate) fn status(&self) -> Status {
        match self.doing() {
            Doing::Over => Status::Ended,
            Doing::Step => Status::Busy,
            _ if self.paused.load(Relaxed) => Status::Paused,
            Doing::Waiting(_) => Status::Waiting,
            Doing::Nothing => Status::Running,
        }
    }

    /// The process now; its state is known only to itself, while it runs.
    pub(crate) fn ping(&self, state: Option<String>) -> ProcessPing {
        let waits_at = match self.doing() {
            Doing::Waiting(port) => Some(self.about.outs[port].name().to_owned()),
            _ => None,
        };
        let ins = self.about.ins.iter().zip(&self.in_counts).enumerate();
        let outs = self.about.outs.iter().zip(&self.out_counts);
        ProcessPing {
            process: self.name.to_string(),
            status: self.status(),
            waits_at,
            state: state.or_else(|| self.last_state.get().cloned()),
            steps: self.steps.load(Relaxed),
            errors: self.errors.load(Relaxed),
            ins: ins
                .map(|(index, (port, count))| {
                    let here = self.ins.iter().filter(|end| end.port == index);
                    count.ping(port, here.map(InEnd::ping).collect())
                })
                .collect(),
            outs: (outs.zip(&self.outs))
                .map(|((port, count), ends)| {
                    count.ping(port, ends.iter().map(OutEnd::ping).collect())
                })
                .collect(),
        }
    }
}

impl InEnd {
    fn ping(&self) -> ConnectionPing {
        ConnectionPing {
            peer: self.peer.clone(),
            len: self.rx.len(),
            capacity: self.rx.capacity(),
        }
    }
}

impl OutEnd {
    fn ping(&self) -> ConnectionPing {
        ConnectionPing {
            peer: self.peer.clone(),
            len: self.tx.len(),
            capacity: self.tx.capacity(),
        }
    }
}

impl Count {
    pub(crate) fn add_message(&self) {
        self.messages.fetch_add(1, Relaxed);
    }

    pub(crate) fn add_dropped(&self, n: u64) {
        self.dropped.fetch_add(n, Relaxed);
    }

    fn ping(&self, port: &Port, connections: Vec<ConnectionPing>) -> PortPing {
        PortPing {
            port: port.name().to_owned(),
            messages: self.messages.load(Relaxed),
            dropped: self.dropped.load(Relaxed),
            connections,
        }
    }
}
