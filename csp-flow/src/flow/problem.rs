//! What can be wrong with a definition.

use std::{error, fmt};

use super::{
    def::PortId,
    names::{list, nearest},
};

/// A definition of a flow that makes no sense, with all that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefError {
    pub(super) flow: String,
    pub(super) problems: Vec<Problem>,
}

impl DefError {
    /// What is wrong, in the order of the definition.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for DefError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.problems {
            [one] => write!(f, "the flow `{}` has a problem: {one}", self.flow),
            many => {
                write!(f, "the flow `{}` has {} problems:", self.flow, many.len())?;
                many.iter().try_for_each(|one| write!(f, "\n* {one}"))
            }
        }
    }
}

impl error::Error for DefError {}

/// One thing that is wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// Two processes have the same name.
    DoubledProcess {
        /// The name.
        process: String,
    },
    /// A process describes two ports of the same name. (Also an in-port and an out-port: a port is named
    /// without saying which it is.)
    DoubledPort {
        /// The port.
        port: PortId,
    },
    /// Two ports are connected twice.
    DoubledConnection {
        /// From here.
        from: PortId,
        /// To here.
        to: PortId,
    },
    /// A port is led to the outside twice.
    DoubledEnd {
        /// The port.
        port: PortId,
    },
    /// There is no process of that name.
    UnknownProcess {
        /// Where the name stands.
        place: Place,
        /// The name.
        process: String,
        /// The processes there are.
        known: Vec<String>,
    },
    /// The process has no port of that name.
    UnknownPort {
        /// Where the name stands.
        place: Place,
        /// The port.
        port: PortId,
        /// True if an in-port is needed.
        is_input: bool,
        /// The ports of that kind that it has.
        known: Vec<String>,
    },
    /// An in-port where an out-port is needed, or the other way round.
    WrongDirection {
        /// Where it stands.
        place: Place,
        /// The port.
        port: PortId,
        /// True if it is an in-port.
        is_input: bool,
    },
    /// The messages of a connection's ports, or of a port and the outside, are of different types.
    WrongType {
        /// Where it stands.
        place: Place,
        /// What the messages come from, with the name of their type.
        from: (String, &'static str),
        /// What takes them, with the name of the type that it takes.
        to: (String, &'static str),
    },
    /// An in-port is not connected.
    Unconnected {
        /// The port.
        port: PortId,
    },
    /// A process has neither an in-port nor a source: nothing would ever run it.
    NeverRuns {
        /// The process.
        process: String,
    },
    /// A port that leads to the outside has no buffer.
    NoBuffer {
        /// The port.
        port: PortId,
    },
}

/// Which part of a definition a problem is in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// A [`connect`](super::FlowDef::connect), from here to there.
    Connect(PortId, PortId),
    /// An [`in_port`](super::FlowDef::in_port).
    InPort(PortId),
    /// An [`out_port`](super::FlowDef::out_port).
    OutPort(PortId),
    /// A [`leave_open`](super::FlowDef::leave_open).
    LeaveOpen(PortId),
    /// A [`Describe::closed`](super::Describe::closed).
    Closed(PortId),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(from, to) => write!(f, "connect {from} to {to}"),
            Self::InPort(port) => write!(f, "in_port {port}"),
            Self::OutPort(port) => write!(f, "out_port {port}"),
            Self::LeaveOpen(port) => write!(f, "leave_open {port}"),
            Self::Closed(port) => write!(f, "closed {port}"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DoubledProcess { process } => {
                write!(
                    f,
                    "there are two processes `{process}`; give one another name"
                )
            }
            Self::DoubledPort { port } => write!(
                f,
                "the process `{}` describes two ports `{}`; give one another name",
                port.process, port.port
            ),
            Self::DoubledConnection { from, to } => write!(
                f,
                "{from} is connected to {to} twice: every message would come twice"
            ),
            Self::DoubledEnd { port } => write!(
                f,
                "{port} leads to the outside twice; clone the end that the first gives"
            ),
            Self::UnknownProcess {
                place,
                process,
                known,
            } => {
                write!(f, "{place}: there is no process `{process}`")?;
                meant(f, process, known)
            }
            Self::UnknownPort {
                place,
                port,
                is_input,
                known,
            } => {
                let kind = if *is_input { "in" } else { "out" };
                let PortId { process, port } = port;
                write!(
                    f,
                    "{place}: the process `{process}` has no {kind}-port `{port}`"
                )?;
                meant(f, port, known)
            }
            Self::WrongDirection {
                place,
                port,
                is_input,
            } => {
                let (is, wanted) = if *is_input {
                    ("in", "out")
                } else {
                    ("out", "in")
                };
                write!(
                    f,
                    "{place}: {port} is an {is}-port, and an {wanted}-port is needed here"
                )
            }
            Self::WrongType { place, from, to } => write!(
                f,
                "{place}: {} gives {}, but {} takes {}",
                from.0, from.1, to.0, to.1
            ),
            Self::Unconnected { port } => write!(
                f,
                "nothing is connected to the in-port {port}; connect it, lead it to the outside with \
                 `in_port`, or say `leave_open`"
            ),
            Self::NeverRuns { process } => write!(
                f,
                "the process `{process}` has neither an in-port nor a source: nothing would ever run it"
            ),
            Self::NoBuffer { port } => write!(
                f,
                "{port} leads to the outside without a buffer; give it room for 1 message or more"
            ),
        }
    }
}

fn meant(f: &mut fmt::Formatter<'_>, given: &str, known: &[String]) -> fmt::Result {
    if let Some(name) = nearest(given, known.iter().map(String::as_str)) {
        write!(f, "; did you mean `{name}`?")?;
        return match known.len() {
            1 => Ok(()),
            _ => write!(f, " There are {}", list(known)),
        };
    }
    write!(f, "; there are {}", list(known))
}
