//! [`Server`].

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use csp_core::{Receiver, Sender, alt, chan, put, sliding, take};

use super::{HttpError, Limits, Request, Response, exchange::Exchange};
use crate::{
    Address,
    tcp::{self, Connection, Listener},
};

/// How many incidents are kept for whoever asks.
const INCIDENTS: usize = 64;

/// Something that went wrong while a server served: with whom, and what.
#[derive(Debug, Clone)]
pub struct Incident {
    /// Who had asked.
    pub peer: SocketAddr,
    /// What went wrong: a malformed request, a handler that panicked, a body that failed.
    pub error: HttpError,
}

/// An HTTP server. Dropping it stops it as [`shutdown`](Self::shutdown) does, and nobody waits.
#[derive(Debug)]
#[must_use = "dropping a server stops it"]
pub struct Server {
    listener: Listener,
    stopping: Sender<()>,
    /// What went wrong: the last 64, if nobody takes them.
    pub incidents: Receiver<Incident>,
}

/// Serves HTTP on an address: `handler` answers each request.
///
/// ```
/// use csp_net::http::{self, Request, Response};
/// let server = http::serve("127.0.0.1:0", async |request: Request| {
///     Response::text(format!("you asked for {}", request.target))
/// })?;
/// # let url = format!("{}/x?y", server.url());
/// # let answer = csp::block_on(async { http::get(url).await?.body.text(100).await })?;
/// # assert_eq!(answer, "you asked for /x?y");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// * **Connections** are kept for more requests, as HTTP/1.1 has it; pipelined requests are answered in
///   order. Each connection has one go block, in which the handler runs too.
/// * **Bodies**: the handler may answer before, or while, it takes the request's body. One that it drops
///   is read and forgotten up to 256 KiB; a longer one costs the connection. A response whose length is
///   not known is chunked (HTTP/1.0: ends with the connection).
/// * **Errors**: what is no request is answered with 400, 408, 413, 431 or 501 and a line of text that
///   names what is wrong, and the connection ends. A handler that panics is answered for with 500, and
///   ends its connection. A response's body that fails cuts the connection, so that the peer does not
///   take a part for the whole. All of these are told in [`Server::incidents`].
/// * **Back pressure**: a body is read as the handler takes it, and written as the peer reads it. Beyond
///   [`Limits::connections`] nothing is accepted.
/// * **Cancellation**: a handler is dropped only when its connection's block is, at the runtime's end. A
///   peer that goes away is noticed when something is read from it or written to it.
/// * `Expect: 100-continue` is answered before the handler runs. `HEAD` is given to the handler, whose
///   body is not written.
///
/// # Errors
/// As [`tcp::listen`].
pub fn serve<H, F>(addr: impl Into<Address>, handler: H) -> io::Result<Server>
where
    H: Fn(Request) -> F + Send + Sync + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    Ok(serve_on(tcp::listen(addr)?, Limits::default(), handler))
}

/// As [`serve`], on a listener that is there, and within limits.
///
/// # Panics
/// If [`Limits::connections`] is 0.
#[track_caller]
pub fn serve_on<H, F>(listener: Listener, limits: Limits, handler: H) -> Server
where
    H: Fn(Request) -> F + Send + Sync + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    assert!(
        limits.connections > 0,
        "a server of 0 connections: allow at least 1"
    );
    let (stopping_tx, stopping) = chan(0);
    let (incidents_tx, incidents) = chan(sliding(INCIDENTS));
    let (places_tx, places) = chan(limits.connections);
    let serving = Arc::new(Serving {
        handler,
        limits,
        stopping,
        incidents: incidents_tx,
        places,
    });
    let connections = listener.connections.clone();
    drop(csp_sched::go(accept(serving, connections, places_tx)));
    Server {
        listener,
        stopping: stopping_tx,
        incidents,
    }
}

impl Server {
    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr()
    }

    /// `http://` and where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.local_addr())
    }

    /// How many connections are open now.
    pub fn open(&self) -> usize {
        self.listener.open()
    }

    /// Stops accepting, closes the connections that wait for a request, lets the others finish the one
    /// they have, for at most `limit`, and then cuts what is left. Gives how many it cut. Their handlers
    /// run on: what they answer goes nowhere.
    ///
    /// ```
    /// use csp::prelude::*;
    /// use csp_net::http::{self, Response};
    /// let server = http::serve("127.0.0.1:0", async |_| Response::new(204))?;
    /// assert_eq!(csp::block_on(server.shutdown(secs(1))), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub async fn shutdown(&self, limit: Duration) -> usize {
        self.stopping.close();
        self.listener.shutdown(limit).await
    }
}

/// What all connections of a server share.
struct Serving<H> {
    handler: H,
    limits: Limits,
    stopping: Receiver<()>,
    incidents: Sender<Incident>,
    /// Has a value for each connection that is served.
    places: Receiver<()>,
}

/// A connection's place; given up when its block ends.
struct Place<H>(Arc<Serving<H>>);

impl<H> Drop for Place<H> {
    fn drop(&mut self) {
        self.0.places.try_take().ok();
    }
}

async fn accept<H, F>(
    serving: Arc<Serving<H>>,
    connections: Receiver<Connection>,
    places: Sender<()>,
) where
    H: Fn(Request) -> F + Send + Sync + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    loop {
        let taken = alt! {
            _ = take!(serving.stopping) => break,
            taken = put!(places, ()) => taken,
        };
        if taken.is_err() {
            break;
        }
        let place = Place(Arc::clone(&serving));
        let connection = alt! {
            _ = take!(serving.stopping) => break,
            connection = take!(connections) => connection,
        };
        let Some(connection) = connection else {
            break;
        };
        drop(csp_sched::go(serve_one(place, connection)));
    }
    connections.close();
}

async fn serve_one<H, F>(place: Place<H>, connection: Connection)
where
    H: Fn(Request) -> F + Send + Sync + 'static,
    F: Future<Output = Response> + Send + 'static,
{
    let serving = &*place.0;
    let peer = connection.peer_addr();
    let mut exchange = Exchange::new(
        connection.into_socket(),
        &serving.handler,
        &serving.limits,
        &serving.stopping,
    );
    let incident = |error| {
        // Nobody may want to know.
        serving.incidents.try_put(Incident { peer, error }).ok();
    };
    exchange.run(incident).await;
}
