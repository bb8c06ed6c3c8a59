//! What a ping tells.

use std::fmt;

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// It takes nothing until it is resumed.
    Paused,
    /// It waits for a message, or is about to take one.
    Running,
    /// It is in a step.
    Busy,
    /// It waits for room at an out-port.
    Waiting,
    /// It has ended.
    Ended,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Paused => "paused",
            Self::Running => "running",
            Self::Busy => "busy",
            Self::Waiting => "waiting",
            Self::Ended => "ended",
        })
    }
}

/// A flow at one time: every process, in the order of the definition. Shown as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ping {
    /// The processes.
    pub processes: Vec<ProcessPing>,
}

impl Ping {
    /// The process of that name.
    pub fn get(&self, process: &str) -> Option<&ProcessPing> {
        self.processes.iter().find(|one| one.process == process)
    }
}

/// A process at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProcessPing {
    /// Its name.
    pub process: String,
    /// What it does.
    pub status: Status,
    /// The out-port at which it waits for room.
    pub waits_at: Option<String>,
    /// The `Debug` text of its state. `None` if it did not answer in time, since it is busy. Of one that has
    /// ended, the state in the end.
    pub state: Option<String>,
    /// How many messages it has done, and calls of its source. Those that failed do not count.
    pub steps: u64,
    /// How many of its functions failed or panicked.
    pub errors: u64,
    /// Its in-ports.
    pub ins: Vec<PortPing>,
    /// Its out-ports.
    pub outs: Vec<PortPing>,
}

/// A port at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PortPing {
    /// Its name.
    pub port: String,
    /// How many messages were taken here, or put here.
    pub messages: u64,
    /// How many messages got lost here. In-ports: they were buffered when the process ended. Out-ports:
    /// nothing was connected, the other side had ended, or the process was stopped while it waited for room.
    /// Of a message to several in-ports each is counted.
    pub dropped: u64,
    /// Its connections.
    pub connections: Vec<ConnectionPing>,
}

/// A connection at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionPing {
    /// The port at the other side, or `outside`.
    pub peer: String,
    /// How many messages are buffered.
    pub len: usize,
    /// How many messages the buffer holds.
    pub capacity: usize,
}

impl fmt::Display for Ping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |one: &ProcessPing| one.process.chars().count();
        let width = self.processes.iter().map(name).max().unwrap_or(0).max(7);
        write!(f, "{:width$}  status   steps  errors  ports", "process")?;
        for one in &self.processes {
            let ProcessPing {
                process,
                status,
                steps,
                errors,
                ..
            } = one;
            write!(f, "\n{process:width$}  {status:7}  {steps:5}  {errors:6} ")?;
            for port in &one.ins {
                write!(f, " {port}")?;
            }
            f.write_str(" →")?;
            for port in &one.outs {
                write!(f, " {port}")?;
            }
            if let Some(state) = &one.state {
                write!(f, "\n{:width$}  {state}", "")?;
            }
        }
        Ok(())
    }
}

/// `lines 5 (3/10)`: 5 messages, 3 are buffered, 10 fit.
impl fmt::Display for PortPing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.port, self.messages)?;
        if self.dropped > 0 {
            write!(f, " -{}", self.dropped)?;
        }
        for ConnectionPing { len, capacity, .. } in &self.connections {
            write!(f, " ({len}/{capacity})")?;
        }
        Ok(())
    }
}
