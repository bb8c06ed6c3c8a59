//! What can go wrong with a frame, and with a connection.

use std::{error::Error as StdError, fmt, io, net::SocketAddr, sync::Arc, time::Duration};

/// Why bytes are no frame, or a frame cannot be written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameError {
    /// The frame is longer than the codec allows.
    TooLong {
        /// How many bytes it allows.
        limit: usize,
        /// How many bytes the frame has, if that is known before it has come.
        len: Option<usize>,
    },
    /// The peer ended in the middle of a frame, of which so many bytes were there.
    Truncated(usize),
    /// Something else, in words.
    Invalid(String),
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong {
                limit,
                len: Some(len),
            } => write!(
                f,
                "a frame of {len} bytes is longer than the limit of {limit} bytes"
            ),
            Self::TooLong { limit, len: None } => {
                write!(f, "a frame is longer than the limit of {limit} bytes")
            }
            Self::Truncated(len) => write!(f, "the peer ended after {len} bytes of a frame"),
            Self::Invalid(what) => f.write_str(what),
        }
    }
}

impl StdError for FrameError {}

/// Why a connection broke.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Reason {
    /// The system says so: the peer reset it, it cannot be reached, and so on.
    Io(Arc<io::Error>),
    /// What the peer wrote is no frame.
    Received(FrameError),
    /// What was put cannot be written as a frame.
    Put(FrameError),
    /// Nothing was read or written for so long: see [`idle_limit`](crate::tcp::Connection::idle_limit).
    Idle(Duration),
    /// The peer took nothing for so long: see [`write_limit`](crate::tcp::Connection::write_limit).
    Stalled(Duration),
    /// It was cut on this side: by [`Link::cut`](crate::tcp::Link::cut), or at a shutdown.
    Cut,
    /// One of its two go blocks was ended from outside, or its codec panicked.
    Abandoned,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Received(error) => error.fmt(f),
            Self::Put(error) => write!(f, "a frame cannot be written: {error}"),
            Self::Idle(limit) => write!(f, "nothing was read or written for {limit:?}"),
            Self::Stalled(limit) => write!(f, "the peer took nothing for {limit:?}"),
            Self::Cut => f.write_str("cut on this side"),
            Self::Abandoned => f.write_str("its go block was cancelled, or its codec panicked"),
        }
    }
}

impl From<io::Error> for Reason {
    fn from(error: io::Error) -> Self {
        Self::Io(Arc::new(error))
    }
}

/// A connection that broke: with whom, and why.
///
/// It is the cause that the connection's channel of frames [fails](csp_core::Receiver::failure) with,
/// and what [`Link::finished`](crate::tcp::Link::finished) gives.
///
/// ```
/// use csp::prelude::*;
/// use csp_net::{ConnectionError, Lines, Reason, tcp};
/// # csp::block_on(async {
/// # let listener = tcp::listen("127.0.0.1:0")?;
/// # let talker = tcp::connect(listener.local_addr()).await?.frames(Lines::new());
/// # put!(talker.tx, "a line that is too long".to_owned()).ok();
/// # let connection = take!(listener.connections).unwrap();
/// let peer = connection.frames(Lines::with_max(10));
/// assert_eq!(take!(peer.rx), None);
/// let cause = peer.rx.failure().expect("it did not end well");
/// let error = cause.downcast_ref::<ConnectionError>().unwrap();
/// assert!(matches!(error.reason(), Reason::Received(_)));
/// // the connection with 127.0.0.1:50312: a frame of 23 bytes is longer than the limit of 10 bytes
/// # assert!(error.to_string().ends_with("a frame of 23 bytes is longer than the limit of 10 bytes"));
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct ConnectionError {
    peer: SocketAddr,
    reason: Reason,
}

impl ConnectionError {
    pub(crate) fn new(peer: SocketAddr, reason: Reason) -> Self {
        Self { peer, reason }
    }

    /// The other side.
    pub fn peer_addr(&self) -> SocketAddr {
        self.peer
    }

    /// Why it broke.
    pub fn reason(&self) -> &Reason {
        &self.reason
    }
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the connection with {}: {}", self.peer, self.reason)
    }
}

impl StdError for ConnectionError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.reason {
            Reason::Io(error) => Some(&**error),
            Reason::Received(error) | Reason::Put(error) => Some(error),
            _ => None,
        }
    }
}
