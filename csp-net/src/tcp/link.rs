//! [`Link`]: how a connection fares.

use std::{
    net::SocketAddr,
    sync::{Arc, Weak, atomic::Ordering},
};

use crate::{
    ConnectionError, Reason,
    socket::{Socket, State},
};

/// Tells how a connection fares, and can cut it. It keeps nothing open.
///
/// ```
/// use csp::prelude::*;
/// use csp_net::{Lines, Reason, tcp};
/// # csp::block_on(async {
/// let listener = tcp::listen("127.0.0.1:0")?;
/// let connection = tcp::connect(listener.local_addr()).await?;
/// let link = connection.link();
/// let peer = connection.frames(Lines::new());
/// link.cut();
/// assert_eq!(take!(peer.rx), None);
/// let error = link.finished().await.unwrap_err();
/// assert!(matches!(error.reason(), Reason::Cut));
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Link {
    state: Arc<State>,
    socket: Weak<Socket>,
}

impl Link {
    pub(crate) fn new(socket: &Arc<Socket>) -> Self {
        Self {
            state: Arc::clone(&socket.state),
            socket: Arc::downgrade(socket),
        }
    }

    /// The other side.
    pub fn peer_addr(&self) -> SocketAddr {
        self.state.peer
    }

    /// This side.
    pub fn local_addr(&self) -> SocketAddr {
        self.state.local
    }

    /// Why the connection broke, if it did.
    pub fn failure(&self) -> Option<ConnectionError> {
        self.state.failure().cloned()
    }

    /// How many frames were accepted by a put and not handed to the system whole when the connection
    /// broke. It is final once [`finished`](Self::finished) is.
    pub fn unwritten(&self) -> usize {
        self.state.unwritten.load(Ordering::Relaxed)
    }

    /// Parks until the connection has ended: both directions, and all that was put is written, or it
    /// broke. It has not while a frame that was read waits for somebody to take it.
    ///
    /// # Errors
    /// [`ConnectionError`], if it broke.
    pub async fn finished(&self) -> Result<(), ConnectionError> {
        // Nothing is ever put there.
        let _none: Option<()> = self.state.gone.take().await;
        self.failure().map_or(Ok(()), Err)
    }

    /// Breaks the connection now, with [`Reason::Cut`]. True if it had not ended and was not broken.
    pub fn cut(&self) -> bool {
        let Some(socket) = self.socket.upgrade() else {
            return false;
        };
        let whole = self.state.failure().is_none();
        socket.fail(Reason::Cut);
        whole
    }
}
