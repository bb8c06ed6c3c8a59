//! [`HttpError`].

use std::{error::Error as StdError, fmt, io, sync::Arc, time::Duration};

use csp_core::Cause;

use crate::ConnectionError;

/// Why a message could not be read or written.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum HttpError {
    /// The URL is none that can be asked; the text says why.
    Url(String),
    /// No connection could be made.
    Connect(Arc<io::Error>),
    /// The connection broke.
    Connection(ConnectionError),
    /// What the peer wrote is not HTTP; the text says where.
    Malformed(String),
    /// The peer asks for what this server or client does not do.
    Unsupported(String),
    /// Something has more bytes, or is more often there, than the limit allows.
    TooLarge {
        /// What it is.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Something did not come in time.
    TimedOut {
        /// What it is.
        what: &'static str,
        /// The limit.
        limit: Duration,
    },
    /// The peer ended in the middle of something.
    Ended(&'static str),
    /// Where a body comes from failed, or gave more or less than was announced.
    Body(Cause),
    /// A body is not UTF-8.
    NotText,
    /// The handler panicked; its message.
    Panicked(String),
}

impl HttpError {
    /// What a server answers to it.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Unsupported(_) => 501,
            Self::TooLarge {
                what: "the body", ..
            } => 413,
            Self::TooLarge { .. } => 431,
            Self::TimedOut { .. } => 408,
            Self::Panicked(_) => 500,
            _ => 400,
        }
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(what) => f.write_str(what),
            Self::Connect(error) => error.fmt(f),
            Self::Connection(error) => error.fmt(f),
            Self::Malformed(what) => write!(f, "malformed: {what}"),
            Self::Unsupported(what) => write!(f, "not supported: {what}"),
            Self::TooLarge { what, limit } => write!(f, "{what}: over the limit of {limit}"),
            Self::TimedOut { what, limit } => write!(f, "{what}: did not come within {limit:?}"),
            Self::Ended(what) => write!(f, "the peer ended in the middle of {what}"),
            Self::Body(cause) => write!(f, "the source of the body failed: {cause}"),
            Self::NotText => f.write_str("the body is not UTF-8"),
            Self::Panicked(message) => write!(f, "the handler panicked: {message}"),
        }
    }
}

impl StdError for HttpError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Connect(error) => Some(&**error),
            Self::Connection(error) => Some(error),
            Self::Body(cause) => Some(&**cause),
            _ => None,
        }
    }
}
