//! Two channels, one for each direction.

use std::{error::Error, fmt};

use csp_core::{Buffer, Receiver, Sender, chan};

/// One end of a conversation: a channel to take from and a channel to put into.
///
/// Each end of a [`duplex_pair`] in memory is one, and so are the frames of a connection of csp-net's: a
/// protocol that is written for a `Duplex` runs over a socket and, in a test, without one. Take the two
/// fields apart to give them to different blocks.
///
/// ```
/// use csp::{Duplex, prelude::*};
///
/// async fn greet(peer: Duplex<String>) {
///     while let Some(name) = take!(peer.rx) {
///         put!(peer.tx, format!("hello, {name}")).ok();
///     }
/// }
///
/// let (here, there) = csp::duplex_pair(0);
/// go!({ greet(there).await });
/// here.tx.put_blocking("world".to_owned()).unwrap();
/// assert_eq!(here.rx.take_blocking().as_deref(), Some("hello, world"));
/// ```
///
/// * **Closing.** The directions end one by one, at once, and the other side sees it: dropping or closing
///   `tx` ends its `rx` after what was put, dropping or closing `rx` gives its puts their values back.
///   [`close`](Self::close) and [`fail`](Self::fail) end both, as Lamina's `channel-pair` does.
/// * **Back pressure.** Each direction has its own.
///
/// Lamina's `channel-pair` and `splice`, Manifold's duplex streams.
pub struct Duplex<In, Out = In> {
    /// What the other side puts.
    pub rx: Receiver<In>,
    /// What the other side takes.
    pub tx: Sender<Out>,
}

/// What a conversation of [`requests`](crate::requests) is made of.
impl<In, Out> From<Duplex<In, Out>> for (Sender<Out>, Receiver<In>) {
    fn from(duplex: Duplex<In, Out>) -> Self {
        (duplex.tx, duplex.rx)
    }
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

    /// Ends both directions: the other side takes what was put, and then nothing; its puts give their
    /// values back. True if one of them was open.
    ///
    /// What it had put before can still be taken here.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let (here, there) = csp::duplex_pair(1);
    /// here.tx.put_blocking("last")?;
    /// assert!(here.close());
    /// assert_eq!((there.rx.take_blocking(), there.rx.take_blocking()), (Some("last"), None));
    /// assert_eq!(there.tx.put_blocking("answer"), Err(Closed("answer")));
    /// # Ok::<(), Closed<&str>>(())
    /// ```
    pub fn close(&self) -> bool {
        self.tx.close() | self.rx.close()
    }

    /// As [`close`](Self::close), and tells the other side why, after what was put. True if it could be
    /// told.
    pub fn fail(&self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> bool {
        self.rx.close();
        self.tx.fail(cause)
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

impl<In, Out> fmt::Debug for Duplex<In, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Duplex")
            .field("rx", &self.rx)
            .field("tx", &self.tx)
            .finish()
    }
}

/// Two ends, joined, with the same buffer for both directions: short for [`Duplex::pair`].
///
/// ```
/// use csp::{Duplex, prelude::*};
/// let (here, there): (Duplex<&str, u32>, _) = csp::duplex_pair(1);
/// here.tx.put_blocking(7).unwrap();
/// there.tx.put_blocking("seven").unwrap();
/// assert_eq!((there.rx.take_blocking(), here.rx.take_blocking()), (Some(7), Some("seven")));
/// ```
#[track_caller]
pub fn duplex_pair<In, Out>(n: usize) -> (Duplex<In, Out>, Duplex<Out, In>) {
    Duplex::pair(n, n)
}

/// One end from any two channels, the one that is put into first: Lamina's `splice`.
///
/// ```
/// use csp::prelude::*;
/// // What is put comes back in capitals.
/// let (tx, words) = chan::<&str>(0);
/// let rx = csp::ops::apply(words, csp::xf::map(|word: &str| word.to_uppercase()), 0);
/// let shouting = csp::splice(tx, rx);
/// shouting.tx.put_blocking("well")?;
/// assert_eq!(shouting.rx.take_blocking().as_deref(), Some("WELL"));
/// # Ok::<(), Closed<&str>>(())
/// ```
pub fn splice<In, Out>(tx: Sender<Out>, rx: Receiver<In>) -> Duplex<In, Out> {
    Duplex::splice(rx, tx)
}
