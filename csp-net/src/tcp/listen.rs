//! [`Listener`]: a channel of connections.

use std::{
    io,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    time::Duration,
};

use async_io::Async;
use csp_core::{Receiver, Sender, alt, block_on, chan, park, sliding, take};
use csp_sched::timeout;

use super::{
    Connection,
    tracker::{Ticket, Tracker},
};
use crate::{
    addr::{Address, naming},
    socket::Socket,
};

/// The first pause after an error, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_secs(1));
/// How many errors are kept for whoever asks.
const ERRORS: usize = 8;

/// Accepts connections, until the last receiver of them is gone. Clones are the same listener.
///
/// ```text
/// peers        a  b  c
/// connections  a  b  c      None, after close
/// ```
///
/// * **Back pressure**: while nobody takes, one connection waits in the block that accepts, and others
///   in the system's queue; when that is full, peers wait or are refused.
/// * **Closing**: `connections.close()`, [`shutdown`](Self::shutdown) and dropping the last listener and
///   receiver stop the accepting and free the address. Accepted connections live on. One that was
///   accepted and that nobody took is closed.
/// * **Errors** of accepting (too many open files, say) end nothing: they are put into
///   [`errors`](Self::errors), and accepting goes on after a pause, of 10 ms at first and of a second at
///   most.
#[derive(Debug, Clone)]
#[must_use = "dropping a listener stops it"]
pub struct Listener {
    /// The connections, in the order in which the system gave them.
    pub connections: Receiver<Connection>,
    /// What went wrong with accepting: the last 8, if nobody takes them.
    pub errors: Receiver<io::Error>,
    addr: SocketAddr,
    tracker: Arc<Tracker>,
}

/// Listens on an address: a channel of connections. Port 0 lets the system choose one.
///
/// ```
/// use csp::prelude::*;
/// use csp_net::{Bytes, tcp};
///
/// let listener = tcp::listen("127.0.0.1:0")?;
/// let addr = listener.local_addr();
/// let served = go!({
///     alt! {
///         Some(connection) = take!(listener.connections) => {
///             let peer = connection.frames(Bytes::new());
///             put!(peer.tx, b"welcome".to_vec()).is_ok()
///         }
///         else None => false,
///     }
/// });
/// let mut text = String::new();
/// std::io::Read::read_to_string(&mut std::net::TcpStream::connect(addr)?, &mut text)?;
/// assert_eq!(text, "welcome");
/// assert_eq!(served.wait(), Ok(true));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Only a name has to be looked up, and the thread is blocked meanwhile (a worker's queue is handed to
/// another one): in a go block give an IP address.
///
/// # Errors
/// If there is no such address, or it is taken; the error names it.
pub fn listen(addr: impl Into<Address>) -> io::Result<Listener> {
    let addr = addr.into();
    let listening = format!("listening on {addr}");
    let named = |error: io::Error| naming(&error, format_args!("{listening}"));
    let addrs = block_on(addr.resolve()).map_err(named)?;
    let socket = TcpListener::bind(&addrs[..])
        .and_then(Async::new)
        .map_err(named)?;
    let addr = socket.get_ref().local_addr()?;
    let (connections_tx, connections) = chan(0);
    let (errors_tx, errors) = chan(sliding(ERRORS));
    let tracker = Tracker::new();
    let acceptor = Acceptor {
        socket,
        connections: connections_tx,
        errors: errors_tx,
        _ticket: tracker.ticket(),
        tracker: Arc::clone(&tracker),
    };
    drop(csp_sched::go(acceptor.run()));
    Ok(Listener {
        connections,
        errors,
        addr,
        tracker,
    })
}

impl Listener {
    /// Where it listens, with the port that the system chose.
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

    /// How many of its connections are open now.
    pub fn open(&self) -> usize {
        self.tracker.count()
    }

    /// Stops accepting, waits until the connections have ended by themselves, for at most `limit`, and
    /// then cuts those that are left. Gives how many it cut: 0 is a good end.
    ///
    /// It asks nobody to end: blocks that serve peers for ever should know by other means, for instance
    /// by a channel that closes. What is cut fails with [`Reason::Cut`](crate::Reason::Cut).
    ///
    /// ```
    /// use csp::prelude::*;
    /// use csp_net::tcp;
    /// # csp::block_on(async {
    /// let listener = tcp::listen("127.0.0.1:0")?;
    /// let _silent = tcp::connect(listener.local_addr()).await?;
    /// let serving = take!(listener.connections).unwrap().frames(csp_net::Lines::new());
    /// assert_eq!(listener.shutdown(ms(1)).await, 1);
    /// assert_eq!(take!(serving.rx), None);
    /// # Ok::<(), std::io::Error>(())
    /// # }).unwrap();
    /// ```
    pub async fn shutdown(&self, limit: Duration) -> usize {
        self.connections.close();
        self.tracker.shutdown(limit).await
    }
}

/// The block that accepts.
struct Acceptor {
    // Dropped first: the address is free before the ticket says that the block has ended.
    socket: Async<TcpListener>,
    connections: Sender<Connection>,
    errors: Sender<io::Error>,
    _ticket: Ticket,
    tracker: Arc<Tracker>,
}

impl Acceptor {
    async fn run(self) {
        let mut pause = PAUSE.0;
        loop {
            let accepted = alt! {
                () = park!(self.connections.closed()) => return,
                accepted = park!(self.socket.accept()) => accepted,
            };
            match accepted.and_then(|(stream, _)| self.connection(stream)) {
                Ok(connection) => {
                    pause = PAUSE.0;
                    if self.connections.put(connection).await.is_err() {
                        return;
                    }
                }
                Err(error) if is_of_one_peer(&error) => {}
                Err(error) => {
                    // Nobody may want to know.
                    self.errors.try_put(error).ok();
                    alt! {
                        () = park!(self.connections.closed()) => return,
                        _ = take!(timeout(pause)) => {}
                    }
                    pause = PAUSE.1.min(pause * 2);
                }
            }
        }
    }

    fn connection(&self, stream: Async<TcpStream>) -> io::Result<Connection> {
        let ticket = self.tracker.ticket();
        let id = ticket.id();
        let socket = Socket::new(stream, Some(ticket))?;
        self.tracker.note(id, &socket);
        Ok(Connection::new(socket))
    }
}

/// The peer went away before it was accepted: that is no matter of the listener's.
fn is_of_one_peer(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::NotConnected
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::Interrupted
    )
}
