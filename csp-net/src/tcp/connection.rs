//! [`Connection`]: a stream with a peer, before it is said what a frame is.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use csp_core::chan;

use super::{Link, reader, writer};
use crate::{Codec, Duplex, socket::Socket};

/// A TCP connection. Say what its frames are to talk over it.
///
/// ```
/// use csp::prelude::*;
/// use csp_net::{Lines, tcp};
/// # csp::block_on(async {
/// # let listener = tcp::listen("127.0.0.1:0")?;
/// # let addr = listener.local_addr();
/// let connection = tcp::connect(addr).await?;
/// let link = connection.link(); // to learn how it ended
/// let peer = connection
///     .idle_limit(secs(60))
///     .frames(Lines::with_max(1000));
/// drop(peer);
/// assert!(link.finished().await.is_ok());
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap();
/// ```
///
/// Dropping it closes it.
#[derive(Debug)]
#[must_use = "dropping a connection closes it"]
pub struct Connection {
    socket: Arc<Socket>,
    buffer: usize,
    idle: Option<Duration>,
    stall: Option<Duration>,
}

/// How many frames a direction's channel buffers, unless [`Connection::buffer`] says otherwise.
const BUFFER: usize = 8;
/// How long the peer may take nothing, unless [`Connection::write_limit`] says otherwise.
const STALL: Duration = Duration::from_mins(1);

impl Connection {
    pub(crate) fn new(socket: Arc<Socket>) -> Self {
        Self {
            socket,
            buffer: BUFFER,
            idle: None,
            stall: Some(STALL),
        }
    }

    pub(crate) fn into_socket(self) -> Arc<Socket> {
        self.socket
    }

    /// The other side.
    pub fn peer_addr(&self) -> SocketAddr {
        self.socket.state.peer
    }

    /// This side.
    pub fn local_addr(&self) -> SocketAddr {
        self.socket.state.local
    }

    /// A handle that tells how the connection fares, and can cut it.
    pub fn link(&self) -> Link {
        Link::new(&self.socket)
    }

    /// How many frames each direction's channel buffers: 8 without it. With 0 a frame is taken from the
    /// block that has read it.
    pub fn buffer(mut self, frames: usize) -> Self {
        self.buffer = frames;
        self
    }

    /// Breaks the connection when no byte was read or written for `limit`, while it waits for the peer's
    /// next bytes. Without it a peer may be silent for ever.
    ///
    /// The time in which frames are there that nobody takes does not count: that silence is ours. A
    /// direction that has ended is not watched.
    ///
    /// # Panics
    /// If the limit is zero.
    #[track_caller]
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        assert!(
            !limit.is_zero(),
            "an idle limit of zero: give the longest silence that is allowed"
        );
        self.idle = Some(limit);
        self
    }

    /// Breaks the connection when something is to be written and the peer takes no byte of it for
    /// `limit`: a minute without it. `None`: it waits for ever.
    ///
    /// # Panics
    /// If the limit is zero.
    #[track_caller]
    pub fn write_limit(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.stall = limit.into();
        assert!(
            self.stall.is_none_or(|limit| !limit.is_zero()),
            "a write limit of zero: give the longest wait for the peer, or None"
        );
        self
    }

    /// Starts the two blocks that read and write frames, and gives the channels to them.
    ///
    /// ```text
    /// peer writes   "a\nb\n"        "c"  "\n"   ends
    /// rx              "a" "b"            "c"   None
    ///
    /// tx            put "x"  put "y"   dropped
    /// peer reads      "x\n"    "y\n"   the end
    /// ```
    ///
    /// * **Closing**: see the [module](super). `rx` closes when the peer ends. Dropping or closing `tx`
    ///   ends this side's direction once all that was put is written; dropping or closing `rx` stops
    ///   reading. When both directions have ended, the connection closes. What the peer has written and
    ///   nobody took is lost then, and systems tell it so by a reset: to be sure that the peer reads the
    ///   last answer, take until `rx` closes.
    /// * **Errors**: whatever breaks the connection is the cause that `rx` [fails](csp_core::Receiver::failure)
    ///   with, a [`ConnectionError`](crate::ConnectionError); frames that were read before can still be
    ///   taken. Parked and later puts give their values back; [`Link::unwritten`] counts those that were
    ///   accepted before.
    /// * **Back pressure**: nobody takes, so nothing is read; the peer does not read, so puts park.
    /// * **Writing**: all frames that are there are written together.
    /// * **Cancellation**: a block that is cancelled drops its ends, and so ends the connection in order.
    pub fn frames<C: Codec>(self, codec: C) -> Duplex<C::In, C::Out> {
        let (in_tx, in_rx) = chan(self.buffer);
        let (out_tx, out_rx) = chan(self.buffer);
        let (socket, decoder) = (Arc::clone(&self.socket), codec.clone());
        drop(csp_sched::go(reader::run(
            socket, decoder, in_tx, self.idle,
        )));
        drop(csp_sched::go(writer::run(
            self.socket,
            codec,
            out_rx,
            self.stall,
        )));
        Duplex::splice(in_rx, out_tx)
    }
}
