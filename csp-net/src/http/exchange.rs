//! One connection of a server: requests and their answers, in order.
//!
//! Reading a request's body and answering go on at once: a handler may answer before, or while, it takes
//! the body. Neither may hold the other up for ever: a body that the handler drops is read and forgotten,
//! up to a limit, and when writing fails the socket is shut down, which ends the reading.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use csp_core::{Panicked, Receiver, alt, chan, park, take};
use csp_sched::{timeout, within};
use futures_lite::{FutureExt as _, future::zip};

use super::{
    Body, HttpError, Limits, Request, Response,
    answer::{Answers, Asked},
    head::{Head, parse_request, request_framing},
    inbound::{Feed, Framing, Inbound},
    outbound::Outbound,
};
use crate::socket::Socket;

/// So many bytes of a body that nobody wants are read to keep the connection.
const UNWANTED: u64 = 256 * 1024;
/// For how many bytes, and how long, a peer that is to be left may still write.
const LINGER: (usize, Duration) = (1 << 20, Duration::from_secs(1));

pub(super) struct Exchange<'a, H> {
    handler: &'a H,
    limits: &'a Limits,
    inbound: Inbound,
    answers: Answers<'a>,
}

impl<'a, H, F> Exchange<'a, H>
where
    H: Fn(Request) -> F,
    F: Future<Output = Response>,
{
    pub(super) fn new(
        socket: Arc<Socket>,
        handler: &'a H,
        limits: &'a Limits,
        stopping: &'a Receiver<()>,
    ) -> Self {
        let stall = limits.idle;
        Self {
            handler,
            limits,
            inbound: Inbound::new(Arc::clone(&socket), limits.idle),
            answers: Answers {
                outbound: Outbound { socket, stall },
                stopping,
            },
        }
    }

    /// Serves requests until the connection ends. What went wrong is told to `incident`.
    pub(super) async fn run(&mut self, incident: impl Fn(HttpError)) {
        while self.another().await {
            let keep = match self.request().await {
                Ok(None) => return,
                Ok(Some((head, framing))) => self.serve(head, framing, &incident).await,
                Err(error) => {
                    self.answers.refuse(&error).await;
                    incident(error);
                    false
                }
            };
            if !keep {
                self.answers.outbound.socket.end_writing();
                self.inbound.drain(LINGER.0, LINGER.1).await;
                return;
            }
        }
    }

    /// Waits for the first byte of a request. False: there is none, or no time for it.
    async fn another(&mut self) -> bool {
        let stopping = self.answers.stopping;
        if !self.inbound.is_empty() {
            return !stopping.is_closed();
        }
        let idle = timeout(self.limits.idle);
        alt! {
            priority;
            _ = take!(stopping) => false,
            more = park!(self.inbound.fill("a request")) => matches!(more, Ok(1..)),
            _ = take!(idle) => false,
        }
    }

    async fn request(&mut self) -> Result<Option<(Head, Framing)>, HttpError> {
        let (what, limit) = ("the head", self.limits.head_time);
        let head = within(limit, self.inbound.head(self.limits, parse_request)).await;
        let head = head.unwrap_or(Err(HttpError::TimedOut { what, limit }));
        let Some(head) = head? else {
            return Ok(None);
        };
        match request_framing(&head)? {
            Framing::Length(len) if len > self.limits.body => Err(too_large(self.limits.body)),
            framing => Ok(Some((head, framing))),
        }
    }

    /// Answers one request. True if the connection can take another.
    async fn serve(&mut self, head: Head, framing: Framing, incident: &impl Fn(HttpError)) -> bool {
        let asked = Asked::by(&head);
        if self.waits_for_leave(&head, framing) {
            let leave = b"HTTP/1.1 100 Continue\r\n\r\n";
            if self.answers.outbound.write(leave).await.is_err() {
                return false;
            }
        }
        let (feed, body) = body(framing);
        let request = Request {
            method: head.method,
            target: head.target,
            headers: head.headers,
            body,
            peer: Some(self.answers.outbound.socket.state.peer),
        };
        let (handler, answers) = (self.handler, &self.answers);
        let answered = async {
            // Also the call itself may panic.
            let respond = AssertUnwindSafe(async { handler(request).await });
            match respond.catch_unwind().await {
                Ok(response) => answers.answer(response, asked).await,
                Err(panic) => {
                    incident(HttpError::Panicked(
                        Panicked::message_of(&*panic).to_owned(),
                    ));
                    let sorry = Response::new(500);
                    answers.answer(sorry, asked.for_the_last_time()).await
                }
            }
        };
        let reading = read_body(&mut self.inbound, framing, feed, self.limits.body);
        let (read, answered) = zip(reading, answered).await;
        let keep = answered.unwrap_or_else(|error| {
            incident(error);
            false
        });
        keep && read
    }

    /// True if the peer does not write the body before it is told to.
    fn waits_for_leave(&self, head: &Head, framing: Framing) -> bool {
        head.minor == 1
            && head.headers.has_word("expect", "100-continue")
            && framing != Framing::Length(0)
            && self.inbound.is_empty()
    }
}

/// A body, and where its pieces are put.
pub(super) fn body(framing: Framing) -> (Feed, Body) {
    let (tx, chunks) = chan(0);
    let body = match framing {
        Framing::Length(len) => Body::sized(chunks, len),
        _ => Body::stream(chunks),
    };
    (Feed(tx), body)
}

/// Hands a request's body on. True if it was read to its end.
async fn read_body(inbound: &mut Inbound, mut framing: Framing, feed: Feed, limit: u64) -> bool {
    let (mut read, mut unwanted) = (0, 0);
    loop {
        let piece = match inbound.piece(&mut framing).await {
            Ok(Some(piece)) => piece,
            Ok(None) => {
                feed.0.close();
                return true;
            }
            Err(error) => {
                feed.0.fail(error);
                return false;
            }
        };
        let len = piece.len() as u64;
        read += len;
        if read > limit {
            feed.0.fail(too_large(limit));
            return false;
        }
        if feed.0.put(piece).await.is_err() {
            unwanted += len;
            if unwanted > UNWANTED {
                return false;
            }
        }
    }
}

pub(super) fn too_large(limit: u64) -> HttpError {
    HttpError::TooLarge {
        what: "the body",
        limit: usize::try_from(limit).unwrap_or(usize::MAX),
    }
}
