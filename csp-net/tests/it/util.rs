//! A runtime for each test, which must have no live block at the end.

use std::{
    future::poll_fn,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    pin::pin,
    task::Poll,
};

use csp::{Entered, Runtime, prelude::*};
use csp_net::{
    http::{self, Limits, Request, Response, Server},
    tcp::{self, Connection, Listener},
};

/// Runs `test` on a runtime of its own, and waits until all that it started has ended by itself.
pub(crate) fn on_runtime<F>(test: F) -> F::Output
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let rt = runtime();
    let outcome = rt.go(test).wait();
    ended(rt);
    match outcome {
        Ok(value) => value,
        Err(Failure::Panicked(panic)) => panic.resume(),
        Err(failure) => panic!("{failure}"),
    }
}

pub(crate) fn runtime() -> Runtime {
    Runtime::builder().workers(2).tick(ms(1)).build()
}

/// No block is left, also without a shutdown.
pub(crate) fn ended(rt: Runtime) {
    while rt.live() > 0 {
        std::thread::yield_now();
    }
    rt.shutdown(secs(10)).unwrap();
}

/// A listener on the runtime, for tests whose own thread is the peer.
pub(crate) fn listening(rt: &Runtime) -> (Listener, Entered) {
    let entered = rt.enter();
    (tcp::listen("127.0.0.1:0").unwrap(), entered)
}

/// A connection of ours, and a peer that is a plain blocking socket.
pub(crate) async fn with_raw_peer() -> (Connection, TcpStream) {
    let listener = tcp::listen("127.0.0.1:0").unwrap();
    let raw = TcpStream::connect(listener.local_addr()).unwrap();
    let ours = listener.connections.take().await.unwrap();
    (ours, raw)
}

/// Both ends ours.
pub(crate) async fn both() -> (Connection, Connection) {
    let listener = tcp::listen("127.0.0.1:0").unwrap();
    let here = tcp::connect(listener.local_addr()).await.unwrap();
    let there = listener.connections.take().await.unwrap();
    (here, there)
}

/// What a plain blocking socket gets for these bytes, after which it ends its direction.
pub(crate) fn ask(addr: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut raw = TcpStream::connect(addr).unwrap();
    raw.write_all(bytes).unwrap();
    raw.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    raw.read_to_end(&mut answer).unwrap();
    answer
}

/// Polls `future` so many times, then drops it. True if it was done before.
pub(crate) async fn polled(times: usize, future: impl Future) -> bool {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        let done = future.as_mut().poll(cx).is_ready();
        if done || left > 0 {
            return if done {
                Poll::Ready(true)
            } else {
                Poll::Pending
            };
        }
        Poll::Ready(false)
    })
    .await
}

/// What most tests of HTTP serve.
pub(crate) async fn app(request: Request) -> Response {
    let path = request.path().to_owned();
    match &*path {
        "/hello" => Response::text("hello"),
        // Goes on while it is read.
        "/echo" => Response::new(200).with_body(request.body),
        "/text" => match request.body.text(1 << 20).await {
            Ok(text) => Response::text(text),
            Err(error) => Response::new(422).with_body(error.to_string()),
        },
        "/panic" => panic!("a handler's panic"),
        "/none" => Response::new(204),
        "/unread" => Response::text("not read"),
        "/close" => Response::text("bye").with_header("Connection", "close"),
        _ => Response::new(404).with_body(format!("no {path}")),
    }
}

/// A server of [`app`], within limits.
pub(crate) fn serving(limits: Limits) -> Server {
    http::serve_on(tcp::listen("127.0.0.1:0").unwrap(), limits, app)
}

/// What plain sockets get from a server of [`app`], as text.
pub(crate) fn asking<T>(limits: Limits, ask: impl FnOnce(&Server) -> T) -> T {
    let rt = runtime();
    let entered = rt.enter();
    let server = serving(limits);
    let answer = ask(&server);
    // Dropping it is enough for all its blocks to end.
    drop((server, entered));
    ended(rt);
    answer
}

pub(crate) fn text(server: &Server, request: impl AsRef<[u8]>) -> String {
    String::from_utf8(ask(server.local_addr(), request.as_ref())).unwrap()
}
