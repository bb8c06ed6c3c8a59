//! [`Duplex`]: two channels, one for each direction.

use csp_core::{Buffer, Receiver, Sender, chan};

/// One end of a conversation: a channel to take from and a channel to put into.
///
/// A connection's frames are one ([`Connection::frames`](crate::tcp::Connection::frames)), and so is each
/// end of a [`pair`](Self::pair) in memory: a protocol that is written for a `Duplex` runs over a socket
/// and, in a test, without one. Take the two fields apart to give them to different blocks.
///
/// ```
/// use csp::prelude::*;
/// use csp_net::Duplex;
///
/// async fn greet(peer: Duplex<String>) {
///     while let Some(name) = take!(peer.rx) {
///         put!(peer.tx, format!("hello, {name}")).ok();
///     }
/// }
///
/// let (here, there) = Duplex::pair(0, 0);
/// go!({ greet(there).await });
/// here.tx.put_blocking("world".to_owned()).unwrap();
/// assert_eq!(here.rx.take_blocking().as_deref(), Some("hello, world"));
/// ```
///
/// The directions end one by one: dropping `tx` ends the other side's `rx`, dropping `rx` lets its puts
/// fail. Comes from Lamina's `channel-pair` and `splice`, whose two halves closed together.
#[derive(Debug)]
pub struct Duplex<In, Out = In> {
    /// What the other side puts.
    pub rx: Receiver<In>,
    /// What the other side takes.
    pub tx: Sender<Out>,
}

impl<In, Out> Duplex<In, Out> {
    /// Two ends, joined: what is put into one is taken from the other.
    ///
    /// The buffers are those of what the first end takes and of what it puts.
    pub fn pair(rx: impl Into<Buffer<In>>, tx: impl Into<Buffer<Out>>) -> (Self, Duplex<Out, In>) {
        let (there_tx, here_rx) = chan(rx);
        let (here_tx, there_rx) = chan(tx);
        (
            Self::splice(here_rx, here_tx),
            Duplex::splice(there_rx, there_tx),
        )
    }

    /// One end from any two channels: Lamina's `splice`.
    pub fn splice(rx: Receiver<In>, tx: Sender<Out>) -> Self {
        Self { rx, tx }
    }

    /// The two channels, apart.
    pub fn split(self) -> (Receiver<In>, Sender<Out>) {
        (self.rx, self.tx)
    }
}

impl<In, Out> Clone for Duplex<In, Out> {
    /// One more handle of each channel.
    fn clone(&self) -> Self {
        Self::splice(self.rx.clone(), self.tx.clone())
    }
}
