//! [`Client`] and the functions that ask with one.

use std::{io, sync::Arc};

use csp_core::{Sender, alt, chan, park};
use futures_lite::future;

use super::{
    Body, HttpError, Limits, Request, Response, exchange,
    head::{Head, parse_response, response_framing},
    inbound::{Feed, Framing, Inbound},
    outbound::{self, Outbound, Way},
    url,
};
use crate::{socket::Socket, tcp};

/// So many responses of status 1xx may come before the real one.
const INTERIM: usize = 16;

/// Asks servers, within limits. Each request has a connection of its own.
///
/// ```
/// use csp_net::http::{self, Client, Limits, Request, Response};
/// # let server = http::serve("127.0.0.1:0", async |_| Response::new(204))?;
/// # let url = server.url();
/// let client = Client::within(Limits { headers: 10, ..Limits::default() });
/// let response = csp::block_on(client.send(Request::new("DELETE", url)))?;
/// assert_eq!(response.status, 204);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Client {
    limits: Limits,
}

/// Asks for what is at `url`.
///
/// ```
/// use csp_net::http::{self, Response};
/// # let server = http::serve("127.0.0.1:0", async |_| Response::text("a page"))?;
/// # let url = server.url();
/// let page = csp::block_on(async { http::get(url).await?.body.text(1 << 20).await })?;
/// assert_eq!(page, "a page");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As for [`send`].
pub async fn get(url: impl Into<String>) -> Result<Response, HttpError> {
    send(Request::new("GET", url)).await
}

/// Posts a body to `url`.
///
/// # Errors
/// As for [`send`].
pub async fn post(url: impl Into<String>, body: impl Into<Body>) -> Result<Response, HttpError> {
    send(Request::new("POST", url).with_body(body)).await
}

/// Sends a request, and parks until the response's head has come; its body is streamed.
///
/// Any status is a response, and none is followed or repeated.
///
/// ```
/// use csp::prelude::*;
/// use csp_net::http::{self, Body, Request, Response};
/// # let server = http::serve("127.0.0.1:0", async |request: Request| {
/// #     Response::new(200).with_body(request.body)
/// # })?;
/// # let url = server.url();
/// let (tx, rx) = chan(0);
/// go!({
///     for n in 0..3 {
///         put!(tx, vec![n; 1000]).ok(); // parks while the server does not read
///     }
/// });
/// let put = Request::new("PUT", url).with_body(Body::stream(rx));
/// let echo = csp::block_on(async { http::send(put).await?.body.collect(1 << 20).await })?;
/// assert_eq!(echo.len(), 3000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// * **Bodies**: the request's may still be written when the response is there. When the response has
///   ended, or its body is dropped, the connection closes and what was not sent of the request is
///   dropped.
/// * **Back pressure**: nothing is read while nobody takes the response's body.
/// * **Limits**: [`Limits`]. For a limit on the whole wrap it in `csp::within`.
///
/// # Errors
/// [`HttpError`]: the URL, the connection, what is no response. A body that is cut short fails with the
/// cause, see [`Body`].
///
/// # Cancellation
/// Dropping the future closes the connection.
pub async fn send(request: Request) -> Result<Response, HttpError> {
    Client::default().send(request).await
}

impl Client {
    /// A client with other limits.
    pub fn within(limits: Limits) -> Self {
        Self { limits }
    }

    /// See [`send`].
    ///
    /// # Errors
    /// As for [`send`].
    pub async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let (addr, head, way) = compose(&request)?;
        let connected = tcp::connect_within(addr, self.limits.head_time).await;
        let connection = connected.map_err(|error| HttpError::Connect(Arc::new(error)))?;
        let (answer, answered) = chan(1);
        let exchange = Exchange {
            socket: connection.into_socket(),
            limits: self.limits.clone(),
            method: request.method,
            answer,
        };
        drop(csp_sched::go(exchange.run(head, request.body, way)));
        let gone = || HttpError::Ended("the request: its block was cancelled");
        answered.take().await.unwrap_or_else(|| Err(gone()))
    }
}

/// Where to connect, the head to write there, and how the body follows.
fn compose(request: &Request) -> Result<(String, Vec<u8>, Way), HttpError> {
    let url = url::parse(&request.target)?;
    let method = &request.method;
    if method.is_empty()
        || !method
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
    {
        return Err(HttpError::Malformed(format!("{method:?} is no method")));
    }
    let way = match request.body.len() {
        Some(0) if !matches!(&**method, "POST" | "PUT" | "PATCH") => Way::Not,
        Some(len) => Way::Sized(len),
        None => Way::Chunked,
    };
    let mut headers = request.headers.clone();
    if way == Way::Not {
        headers.remove("content-length");
    }
    if headers.get("host").is_none() {
        headers.set("Host", url.authority);
    }
    let first = format!("{method} {} HTTP/1.1", url.target);
    Ok((
        url.addr,
        outbound::head(&first, &headers, way, Some("close")),
        way,
    ))
}

/// The block that asks.
struct Exchange {
    socket: Arc<Socket>,
    limits: Limits,
    method: String,
    answer: Sender<Result<Response, HttpError>>,
}

impl Exchange {
    /// Writes the request and reads the response at once; it is over when the response is.
    async fn run(self, head: Vec<u8>, body: Body, way: Way) {
        let outbound = Outbound {
            socket: Arc::clone(&self.socket),
            stall: self.limits.idle,
        };
        let upload = async {
            if let Err(error @ HttpError::Body(_)) = outbound.message(head, &body, way).await {
                // The server must not take what it has for the whole, and the response ends here too.
                self.socket.fail(io::Error::other(error));
            }
            // Another error: the server may have answered early and closed. What it says counts.
            future::pending().await
        };
        if let Err(error) = future::or(self.download(), upload).await {
            self.answer.try_put(Err(error)).ok();
        }
    }

    /// Reads the response. What fails after its head fails its body.
    async fn download(&self) -> Result<(), HttpError> {
        let mut inbound = Inbound::new(Arc::clone(&self.socket), self.limits.idle);
        let head = alt! {
            () = park!(self.answer.closed()) => return Ok(()),
            head = park!(self.head(&mut inbound)) => head?,
        };
        let framing = response_framing(&head, &self.method)?;
        let (feed, body) = exchange::body(framing);
        let response = Response {
            status: head.status,
            headers: head.headers,
            body,
        };
        // If nobody waits, its body is dropped with it.
        self.answer.try_put(Ok(response)).ok();
        match self.body(&mut inbound, framing, &feed).await {
            Ok(()) => feed.0.close(),
            Err(error) => feed.0.fail(error),
        };
        Ok(())
    }

    async fn head(&self, inbound: &mut Inbound) -> Result<Head, HttpError> {
        // 100 Continue and its like come before the response.
        for _ in 0..INTERIM {
            let head = inbound.head(&self.limits, parse_response).await?;
            let head = head.ok_or(HttpError::Ended("the response: it has none"))?;
            if head.status >= 200 || head.status == 101 {
                return Ok(head);
            }
        }
        Err(HttpError::TooLarge {
            what: "the number of interim responses",
            limit: INTERIM,
        })
    }

    /// `Ok`: it has ended, or nobody wants it.
    async fn body(
        &self,
        inbound: &mut Inbound,
        mut framing: Framing,
        feed: &Feed,
    ) -> Result<(), HttpError> {
        let mut left = self.limits.body;
        loop {
            let piece = alt! {
                () = park!(feed.0.closed()) => return Ok(()),
                piece = park!(inbound.piece(&mut framing)) => piece?,
            };
            let Some(piece) = piece else {
                return Ok(());
            };
            left = left
                .checked_sub(piece.len() as u64)
                .ok_or_else(|| exchange::too_large(self.limits.body))?;
            if feed.0.put(piece).await.is_err() {
                return Ok(());
            }
        }
    }
}
