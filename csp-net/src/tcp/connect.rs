//! Calling a listener.

use std::{
    io,
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use async_io::Async;
use csp_sched::within;

use super::Connection;
use crate::{
    addr::{Address, naming},
    socket::Socket,
};

/// Connects to a listener, parking until it is done.
///
/// A name is looked up on a thread of the blocking pool, and its addresses are tried in order.
///
/// ```
/// use csp_net::tcp;
/// # csp::block_on(async {
/// let listener = tcp::listen("127.0.0.1:0")?;
/// let connection = tcp::connect(listener.local_addr()).await?;
/// assert_eq!(connection.peer_addr(), listener.local_addr());
/// # Ok::<(), std::io::Error>(())
/// # }).unwrap();
/// ```
///
/// # Errors
/// The last address's error, which names the address.
///
/// # Cancellation
/// Dropping the future gives the attempt up.
pub async fn connect(addr: impl Into<Address>) -> io::Result<Connection> {
    let mut last = None;
    for addr in addr.into().resolve().await? {
        match connect_to(addr).await {
            Ok(connection) => return Ok(connection),
            Err(error) => last = Some(naming(&error, format_args!("connecting to {addr}"))),
        }
    }
    Err(last.unwrap_or_else(|| io::ErrorKind::NotFound.into()))
}

/// As [`connect`], for at most `limit`, the look-up included.
///
/// # Errors
/// As for [`connect`], and [`TimedOut`](io::ErrorKind::TimedOut).
pub async fn connect_within(addr: impl Into<Address>, limit: Duration) -> io::Result<Connection> {
    let addr = addr.into();
    let late = format!("connecting to {addr}: not done within {limit:?}");
    within(limit, connect(addr))
        .await
        .unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, late)))
}

async fn connect_to(addr: SocketAddr) -> io::Result<Connection> {
    let stream = Async::<TcpStream>::connect(addr).await?;
    Ok(Connection::new(Socket::new(stream, None)?))
}
