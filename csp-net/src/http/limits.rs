//! [`Limits`].

use std::time::Duration;

/// How much a server or a client takes from a peer, and for how long it waits.
///
/// ```
/// use csp_net::http::Limits;
/// use std::time::Duration;
/// let limits = Limits { body: 1 << 20, idle: Duration::from_secs(5), ..Limits::default() };
/// assert_eq!(limits.headers, 100);
/// ```
#[derive(Debug, Clone)]
pub struct Limits {
    /// The bytes of a message's head: 16 KiB.
    pub head: usize,
    /// The number of its headers: 100.
    pub headers: usize,
    /// The bytes of a body: 1 GiB. A body is streamed, so this is no memory; give
    /// [`Body::collect`](super::Body::collect) a limit of its own.
    pub body: u64,
    /// How long a request's head may take from its first byte, or a connection to be made: 10 s.
    pub head_time: Duration,
    /// How long nothing may be read or written while a message is under way, and how long a connection is
    /// kept for the next request: 60 s.
    pub idle: Duration,
    /// How many connections a server serves at once; others wait in the system's queue: 10,000.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: 16 * 1024,
            headers: 100,
            body: 1 << 30,
            head_time: Duration::from_secs(10),
            idle: Duration::from_mins(1),
            connections: 10_000,
        }
    }
}
