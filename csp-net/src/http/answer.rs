//! Writing a response as its request needs it.

use std::io;

use csp_core::Receiver;

use super::{
    HttpError, Response,
    head::{Head, keeps_alive},
    outbound::{self, Outbound, Way},
};

/// What an answer depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    /// The method is HEAD.
    head_only: bool,
    /// The `1` of HTTP/1.1.
    minor: u8,
    /// The connection may go on.
    keep: bool,
}

impl Asked {
    pub(super) fn by(head: &Head) -> Self {
        Self {
            head_only: head.method == "HEAD",
            minor: head.minor,
            keep: keeps_alive(head),
        }
    }

    /// By what was no request.
    pub(super) fn badly() -> Self {
        Self {
            head_only: false,
            minor: 1,
            keep: false,
        }
    }

    /// The same, and the connection ends.
    pub(super) fn for_the_last_time(self) -> Self {
        Self {
            keep: false,
            ..self
        }
    }
}

/// Writes the answers of one connection.
pub(super) struct Answers<'a> {
    pub(super) outbound: Outbound,
    /// Closes when the server is to end.
    pub(super) stopping: &'a Receiver<()>,
}

impl Answers<'_> {
    /// Writes a response. True if the connection can go on.
    pub(super) async fn answer(
        &self,
        mut response: Response,
        asked: Asked,
    ) -> Result<bool, HttpError> {
        let way = match (response.body.len(), asked.minor) {
            _ if asked.head_only || Response::is_bodiless(response.status) => Way::Not,
            (Some(len), _) => Way::Sized(len),
            (None, 1) => Way::Chunked,
            (None, _) => Way::Plain,
        };
        let wants_close = response.headers.has_word("connection", "close");
        let keep = asked.keep && !wants_close && way != Way::Plain && !self.stopping.is_closed();
        describe(&mut response, asked.head_only);
        let first = format!("HTTP/1.1 {} {}", response.status, response.reason());
        // A peer of HTTP/1.0 ends unless it is told otherwise.
        let connection = match (keep, asked.minor) {
            (false, _) => Some("close"),
            (true, 0) => Some("keep-alive"),
            (true, _) => None,
        };
        let head = outbound::head(&first, &response.headers, way, connection);
        let written = self.outbound.message(head, &response.body, way).await;
        if let Err(error @ HttpError::Body(_)) = &written {
            // The peer must not take what it has for the whole.
            self.outbound.socket.fail(io::Error::other(error.clone()));
        }
        written.map(|()| keep)
    }

    /// Answers what was no request.
    pub(super) async fn refuse(&self, error: &HttpError) {
        let response = Response::new(error.status()).with_body(format!("{error}\n"));
        // The peer may have gone.
        self.answer(response, Asked::badly()).await.ok();
    }
}

/// Content-Length stands only where it means the body that a GET would have.
fn describe(response: &mut Response, head_only: bool) {
    match response.body.len() {
        Some(len @ 1..) if head_only => response.headers.set("Content-Length", len.to_string()),
        _ if head_only && response.status != 204 => {}
        _ => drop(response.headers.remove("Content-Length")),
    }
}
