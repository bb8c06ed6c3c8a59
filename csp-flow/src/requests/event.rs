//! [`ClientEvent`]: what a client tells of itself.

use std::time::Duration;

use csp_core::Cause;

/// What happens to a client's conversation: see [`Setup::events`](super::Setup::events).
///
/// Lamina's probe of `:connecting`, `:connected` and `:disconnected`, its `:on-connected`, and the
/// `:on-failure` of its heartbeat (a [`Lost`](Self::Lost) with a [`GivenUp`](super::GivenUp)).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ClientEvent {
    /// `connect` is called.
    Connecting,
    /// A conversation has begun.
    Connected,
    /// `connect` failed, or panicked.
    NotConnected(Cause),
    /// The conversation broke, perhaps for a cause.
    Lost(Option<Cause>),
    /// It is called again after so long.
    Pausing(Duration),
    /// The client has ended.
    Ended,
}
