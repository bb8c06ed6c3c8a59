//! [`FlowDef`]: which processes there are, and how they are connected.

use std::fmt;

use super::{
    check,
    ends::{Inlet, Outlet},
    flow::Flow,
    message::Message,
    problem::DefError,
    process::Process,
    queue::Queue,
};

/// A port of a process in a flow. A pair of two names makes one: `("parse", "lines")`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PortId {
    /// The process.
    pub process: String,
    /// Its port.
    pub port: String,
}

impl<P: Into<String>, Q: Into<String>> From<(P, Q)> for PortId {
    fn from((process, port): (P, Q)) -> Self {
        Self {
            process: process.into(),
            port: port.into(),
        }
    }
}

impl fmt::Display for PortId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.process, self.port)
    }
}

/// Defines a flow: its processes, and how they are connected. [`build`](Self::build) checks it.
///
/// ```
/// use csp::flow::{self, FlowDef};
/// let flow = FlowDef::new("squares")
///     .process("numbers", flow::source(|| 1..=3_u64))
///     .process("square", flow::map(|n: &u64| n * n))
///     .process("print", flow::sink(|n: &u64| println!("{n}")))
///     .connect(("numbers", "out"), ("square", "in"))
///     .connect(("square", "out"), ("print", "in"))
///     .build()
///     .unwrap();
/// let run = flow.start().unwrap();
/// run.ended().wait().unwrap(); // prints 1, 4, 9
/// ```
///
/// # Connections
/// Each connection has a buffer of its own, for 10 messages unless it is told otherwise. From one out-port
/// to several in-ports: each gets every message, and the slowest holds the process back. From several
/// out-ports to one in-port: the messages are taken from all of them fairly, each one's own in order.
///
/// A process may be connected to itself, and connections may make a circle. The buffers in a circle have
/// to hold what is under way in it: if they are full, each process waits for the next, for ever. (A ping
/// tells; pause, stop and ping work all the same.)
///
/// An out-port need not be connected: what is put there is dropped, and counted. An in-port must be,
/// unless it is [left open](Self::leave_open): a forgotten connection is found when the flow is built.
#[derive(Debug, Clone)]
#[must_use = "a definition does nothing until it is built and started"]
pub struct FlowDef {
    pub(super) name: String,
    pub(super) processes: Vec<(String, Process)>,
    pub(super) connections: Vec<Connection>,
    pub(super) inlets: Vec<Inlet>,
    pub(super) outlets: Vec<Outlet>,
    pub(super) left_open: Vec<PortId>,
}

#[derive(Debug, Clone)]
pub(crate) struct Connection {
    pub(crate) from: PortId,
    pub(crate) to: PortId,
    pub(crate) queue: Queue,
}

impl FlowDef {
    /// A flow without processes. The name is for people.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            processes: Vec::new(),
            connections: Vec::new(),
            inlets: Vec::new(),
            outlets: Vec::new(),
            left_open: Vec::new(),
        }
    }

    /// Adds a process: a function that makes a [`Step`](super::Step) (`|| Parse`, `Counter::default`), or a
    /// [`Process`], as [`flow::map`](super::map) gives one.
    ///
    /// Such a function is called here once, for the description, and again at each start of the flow. If it
    /// panics here, the panic is the caller's.
    pub fn process(mut self, name: impl Into<String>, process: impl Into<Process>) -> Self {
        self.processes.push((name.into(), process.into()));
        self
    }

    /// Connects an out-port to an in-port, with a buffer for 10 messages.
    pub fn connect(self, from: impl Into<PortId>, to: impl Into<PortId>) -> Self {
        self.connect_with(from, to, Queue::DEFAULT)
    }

    /// As [`connect`](Self::connect), with a buffer: a number, or a [`Queue`].
    pub fn connect_with(
        mut self,
        from: impl Into<PortId>,
        to: impl Into<PortId>,
        buffer: impl Into<Queue>,
    ) -> Self {
        self.connections.push(Connection {
            from: from.into(),
            to: to.into(),
            queue: buffer.into(),
        });
        self
    }

    /// An in-port that the outside puts into, through the `Sender<T>` that
    /// [`Running::in_port`](super::Running::in_port) gives. It may have connections as well.
    ///
    /// The buffer must hold at least one message.
    pub fn in_port<T: Message>(
        mut self,
        port: impl Into<PortId>,
        buffer: impl Into<Queue>,
    ) -> Self {
        self.inlets.push(Inlet::of::<T>(port.into(), buffer.into()));
        self
    }

    /// An out-port that the outside takes from, through the `Receiver<Arc<T>>` that
    /// [`Running::out_port`](super::Running::out_port) gives. It may have connections as well.
    ///
    /// The buffer must hold at least one message. If it is full and nobody takes, the process waits.
    pub fn out_port<T: Message>(
        mut self,
        port: impl Into<PortId>,
        buffer: impl Into<Queue>,
    ) -> Self {
        self.outlets
            .push(Outlet::of::<T>(port.into(), buffer.into()));
        self
    }

    /// An in-port that may be without a connection: only [`Running::inject`](super::Running::inject) reaches
    /// it then. It never closes, so the process does not end by itself.
    pub fn leave_open(mut self, port: impl Into<PortId>) -> Self {
        self.left_open.push(port.into());
        self
    }

    /// Checks the definition, and gives the flow, ready to be started.
    ///
    /// # Errors
    /// [`DefError`], with every [`Problem`](super::Problem) there is.
    ///
    /// ```
    /// use csp::flow::{self, FlowDef};
    /// let error = FlowDef::new("squares")
    ///     .process("numbers", flow::source(|| 1..=3_u32))
    ///     .process("square", flow::map(|n: &u64| n * n))
    ///     .connect(("numbers", "out"), ("square", "in"))
    ///     .connect(("square", "out"), ("prnt", "in"))
    ///     .build()
    ///     .unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the flow `squares` has 2 problems:
    /// * connect numbers.out to square.in: numbers.out gives u32, but square.in takes u64
    /// * connect square.out to prnt.in: there is no process `prnt`; there are `numbers`, `square`"
    /// );
    /// ```
    pub fn build(self) -> Result<Flow, DefError> {
        check::check(self)
    }
}
