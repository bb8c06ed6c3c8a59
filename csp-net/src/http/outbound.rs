//! What goes to a peer: heads, and bodies.

use std::{
    io::{self, Write},
    sync::Arc,
    time::Duration,
};

use super::{Body, Headers, HttpError};
use crate::socket::Socket;

/// So many bytes are gathered before they are written, if they are there.
const GATHER: usize = 32 * 1024;

/// The writing half of a connection.
pub(super) struct Outbound {
    pub(super) socket: Arc<Socket>,
    pub(super) stall: Duration,
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Not at all: the head says all.
    Not,
    /// As so many bytes.
    Sized(u64),
    Chunked,
    /// As it is; the end of the connection ends it.
    Plain,
}

impl Outbound {
    pub(super) async fn write(&self, bytes: &[u8]) -> Result<(), HttpError> {
        let written = self.socket.write_all(bytes, &mut 0, Some(self.stall)).await;
        written.map_err(|reason| HttpError::Connection(self.socket.fail(reason)))
    }

    /// Writes a message: the head's bytes, which may wait for the first of the body's, and the body.
    pub(super) async fn message(
        &self,
        head: Vec<u8>,
        body: &Body,
        way: Way,
    ) -> Result<(), HttpError> {
        let mut bytes = head;
        if way == Way::Not {
            return self.write(&bytes).await;
        }
        let mut left = match way {
            Way::Sized(len) => len,
            _ => u64::MAX,
        };
        loop {
            let mut next = body.chunks.try_take().ok();
            if next.is_none() {
                // What is there does not wait for a body that is slow to come.
                self.write(&bytes).await?;
                bytes.clear();
                next = body.chunk().await.map_err(source_failed)?;
            }
            let Some(chunk) = next else {
                break;
            };
            left = left
                .checked_sub(chunk.len() as u64)
                .ok_or_else(|| wrong_length("it gave more bytes than were announced".to_owned()))?;
            append(&mut bytes, &chunk, way);
            if bytes.len() >= GATHER {
                self.write(&bytes).await?;
                bytes.clear();
            }
        }
        match way {
            Way::Sized(_) if left > 0 => {
                let text = format!("it gave {left} bytes less than were announced");
                return Err(wrong_length(text));
            }
            Way::Chunked => bytes.extend_from_slice(b"0\r\n\r\n"),
            _ => {}
        }
        self.write(&bytes).await
    }
}

/// The failure of a body that is being written is its source's.
fn source_failed(error: HttpError) -> HttpError {
    match error {
        HttpError::Body(_) => error,
        other => HttpError::Body(Arc::new(other)),
    }
}

fn wrong_length(text: String) -> HttpError {
    HttpError::Body(Arc::new(io::Error::other(text)))
}

fn append(bytes: &mut Vec<u8>, chunk: &[u8], way: Way) {
    if way == Way::Chunked {
        if chunk.is_empty() {
            return; // it would be the end
        }
        // Writing to a Vec does not fail.
        write!(bytes, "{:x}\r\n", chunk.len()).ok();
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    } else {
        bytes.extend_from_slice(chunk);
    }
}

/// The bytes of a head. The headers about the body's length and the connection are ours.
pub(super) fn head(first: &str, headers: &Headers, way: Way, connection: Option<&str>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    let mut line = |name: &str, value: &str| {
        for part in [name, ": ", value, "\r\n"] {
            bytes.extend_from_slice(part.as_bytes());
        }
    };
    for (name, value) in headers.iter() {
        let ours = ["content-length", "transfer-encoding", "connection"];
        // The answer to HEAD says how long the body would be, and only the handler may know.
        let kept = way == Way::Not && name.eq_ignore_ascii_case("content-length");
        if kept || !ours.iter().any(|our| name.eq_ignore_ascii_case(our)) {
            line(name, value);
        }
    }
    match way {
        Way::Sized(len) => line("Content-Length", &len.to_string()),
        Way::Chunked => line("Transfer-Encoding", "chunked"),
        Way::Not | Way::Plain => {}
    }
    if let Some(connection) = connection {
        line("Connection", connection);
    }
    let mut head = format!("{first}\r\n").into_bytes();
    head.append(&mut bytes);
    head.extend_from_slice(b"\r\n");
    head
}
