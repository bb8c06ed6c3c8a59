//! What can go wrong with a flow that runs.

use std::{error, fmt};

use super::{
    def::PortId,
    guard::Fault,
    message::{Message, Msg, downcast_ref},
    names::{list, nearest},
    ping::Status,
    step::Transition,
};
use crate::sync::plain::Arc;

/// A step that failed or panicked: what the [error channel](super::Running::errors) gives.
///
/// Nothing that the step had put went out, and the process goes on.
#[derive(Debug)]
#[non_exhaustive]
pub struct ProcessError {
    /// The process.
    pub process: Arc<str>,
    /// What it was doing.
    pub during: During,
    /// What went wrong.
    pub fault: Fault,
    /// The `Debug` text of the message.
    pub message: Option<String>,
    /// The `Debug` text of the state with which the process goes on, but for what
    /// [`Step::recover`](super::Step::recover) then does.
    pub state: String,
    /// Paused, or running.
    pub status: Status,
    /// How many steps it had done before.
    pub steps: u64,
}

impl fmt::Display for ProcessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            process,
            during,
            fault,
            state,
            ..
        } = self;
        write!(f, "the process `{process}` {fault} ({during})")?;
        if let Some(message) = &self.message {
            write!(f, "; message: {message}")?;
        }
        write!(f, "; state: {state}")
    }
}

impl error::Error for ProcessError {}

/// What a process was doing when something went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum During {
    /// A message at this in-port.
    Message(Arc<str>),
    /// The close of this in-port. If it failed itself, as by [`Sender::fail`](csp_core::Sender::fail), the
    /// fault is the cause; the failure travels on to the process's out-ports when it ends.
    Closed(Arc<str>),
    /// Its [source](super::Describe::source).
    Source,
    /// A [`Transition`].
    Transition(Transition),
    /// Its [`recover`](super::Step::recover), after another fault.
    Recover,
}

impl fmt::Display for During {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(port) => write!(f, "at a message on `{port}`"),
            Self::Closed(port) => write!(f, "at the close of `{port}`"),
            Self::Source => f.write_str("in its source"),
            Self::Transition(to) => write!(f, "in the transition {to:?}"),
            Self::Recover => f.write_str("in `recover`"),
        }
    }
}

/// What a process [reported](super::Outputs::report).
#[derive(Clone)]
pub struct Report {
    pub(super) process: Arc<str>,
    pub(super) value: Msg,
}

impl Report {
    /// The process.
    pub fn process(&self) -> &str {
        &self.process
    }

    /// The value, if it is a `T`.
    pub fn get<T: Message>(&self) -> Option<&T> {
        downcast_ref(&self.value)
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("process", &self.process)
            .field("value", &self.value)
            .finish()
    }
}

/// `process: value`.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.process, self.value)
    }
}

/// A flow that was not started, since one of its processes could not be.
#[derive(Debug)]
pub struct StartError {
    /// The process.
    pub process: Arc<str>,
    /// What went wrong in making it, or in its [`init`](super::Step::init).
    pub fault: Fault,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the process `{}` {} (in `init`)",
            self.process, self.fault
        )
    }
}

impl error::Error for StartError {}

/// There is no process of that name in the flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownProcess {
    /// The name.
    pub process: String,
    /// The processes there are.
    pub known: Vec<String>,
}

impl fmt::Display for UnknownProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the flow has no process `{}`", self.process)?;
        let known = self.known.iter().map(String::as_str);
        match nearest(&self.process, known) {
            Some(name) => write!(f, "; did you mean `{name}`?"),
            None => write!(f, "; there are {}", list(&self.known)),
        }
    }
}

impl error::Error for UnknownProcess {}

/// A port of a running flow that cannot be had, or injected into.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PortError {
    /// There is no such process.
    UnknownProcess(UnknownProcess),
    /// The process has no such port.
    UnknownPort {
        /// The port.
        port: PortId,
        /// The ports it has.
        known: Vec<String>,
    },
    /// The port's messages are of another type.
    WrongType {
        /// The port.
        port: PortId,
        /// The name of their type.
        is: &'static str,
        /// The name of the type that was asked for.
        asked: &'static str,
    },
    /// The definition does not lead the port to the outside, in this direction.
    NotOutside {
        /// The port.
        port: PortId,
        /// The ports that it does lead there.
        known: Vec<String>,
    },
    /// The port's end was given out before.
    Taken {
        /// The port.
        port: PortId,
    },
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownProcess(unknown) => unknown.fmt(f),
            Self::UnknownPort { port, known } => {
                let PortId { process, port } = port;
                write!(f, "the process `{process}` has no port `{port}`")?;
                match nearest(port, known.iter().map(String::as_str)) {
                    Some(name) => write!(f, "; did you mean `{name}`?"),
                    None => write!(f, "; there are {}", list(known)),
                }
            }
            Self::WrongType { port, is, asked } => {
                write!(f, "the messages of {port} are {is}, not {asked}")
            }
            Self::NotOutside { port, known } => write!(
                f,
                "{port} does not lead to the outside; of these ports there are {}",
                list(known)
            ),
            Self::Taken { port } => {
                write!(f, "the end of {port} was given out before; clone that one")
            }
        }
    }
}

impl error::Error for PortError {}

/// Processes that had not ended when the time was over. They end when their steps do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StillRunning {
    /// The processes.
    pub processes: Vec<String>,
}

impl fmt::Display for StillRunning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "still in a step: {}", list(&self.processes))
    }
}

impl error::Error for StillRunning {}
