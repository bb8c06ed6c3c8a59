//! What comes from a peer: heads, and the pieces of bodies.

use std::{sync::Arc, time::Duration};

use csp_core::Sender;
use csp_sched::within;

use super::{
    HttpError, Limits,
    head::{Head, Parse},
};
use crate::{buffer::ReadBuf, socket::Socket};

/// A piece of a body has at most so many bytes.
const PIECE: usize = 16 * 1024;
/// The line with a chunk's size, extensions included.
const SIZE_LINE: usize = 1024;

/// The reading half of a connection.
pub(super) struct Inbound {
    socket: Arc<Socket>,
    buf: ReadBuf,
    idle: Duration,
}

/// How a body ends, and how far we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// So many bytes are to come; 0: the end.
    Length(u64),
    Chunked(Chunk),
    /// The body ends with the connection.
    UntilEnd,
}

/// What is to come next of a chunked body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chunk {
    Size,
    Data(u64),
    /// The line end after the data.
    DataEnd,
    /// Lines that are dropped, up to an empty one; so many bytes of them have come.
    Trailers(usize),
}

/// Where the pieces of a body are put. Dropped before it is closed, by a block that was cancelled, it
/// fails: a part is not to be taken for the whole.
#[derive(Debug)]
pub(super) struct Feed(pub(super) Sender<Vec<u8>>);

impl Drop for Feed {
    fn drop(&mut self) {
        self.0
            .fail(HttpError::Ended("the body: its reader was cancelled"));
    }
}

impl Inbound {
    pub(super) fn new(socket: Arc<Socket>, idle: Duration) -> Self {
        Self {
            socket,
            buf: ReadBuf::default(),
            idle,
        }
    }

    /// True if nothing has come that was not used.
    pub(super) fn is_empty(&self) -> bool {
        self.buf.is_empty()
    }

    /// Reads more: how many bytes, 0 at the end.
    pub(super) async fn fill(&mut self, what: &'static str) -> Result<usize, HttpError> {
        let limit = self.idle;
        let mut left = limit;
        loop {
            if let Ok(read) = within(left, self.socket.read(&mut self.buf)).await {
                let read = read.map_err(|error| HttpError::Connection(self.socket.fail(error)));
                return match (read, self.socket.state.failure()) {
                    // It was shut down on this side: that is no end of the peer's.
                    (Ok(0), Some(error)) => Err(HttpError::Connection(error.clone())),
                    (read, _) => read,
                };
            }
            // Meanwhile something may have been written.
            left = limit.saturating_sub(self.socket.state.idle_for());
            if left.is_zero() {
                return Err(HttpError::TimedOut { what, limit });
            }
        }
    }

    /// Reads a head. `None`: the peer ended before it began.
    pub(super) async fn head(
        &mut self,
        limits: &Limits,
        parse: Parse,
    ) -> Result<Option<Head>, HttpError> {
        let mut looked = 0;
        loop {
            // Without a line end among the new bytes it is not whole: a head that comes byte by byte is
            // not parsed at each.
            let bytes = self.buf.bytes();
            let whole = bytes[..bytes.len().min(limits.head)].get(looked..);
            if whole.is_some_and(|new| new.contains(&b'\n'))
                && let Some((head, used)) = parse(bytes, limits.headers)?
                && used <= limits.head
            {
                self.buf.consume(used);
                return Ok(Some(head));
            }
            looked = bytes.len();
            if looked >= limits.head {
                let (what, limit) = ("the head", limits.head);
                return Err(HttpError::TooLarge { what, limit });
            }
            if self.fill("the head").await? == 0 {
                return if self.buf.is_empty() {
                    Ok(None)
                } else {
                    Err(HttpError::Ended("the head"))
                };
            }
        }
    }

    /// The next piece of a body; `None` after the last.
    pub(super) async fn piece(
        &mut self,
        framing: &mut Framing,
    ) -> Result<Option<Vec<u8>>, HttpError> {
        loop {
            match framing {
                Framing::Length(0) => return Ok(None),
                Framing::Length(left) | Framing::Chunked(Chunk::Data(left)) if !self.is_empty() => {
                    let most = usize::try_from(*left).unwrap_or(PIECE).min(PIECE);
                    let piece = self.buf.take(most);
                    *left -= piece.len() as u64;
                    if *framing == Framing::Chunked(Chunk::Data(0)) {
                        *framing = Framing::Chunked(Chunk::DataEnd);
                    }
                    return Ok(Some(piece));
                }
                Framing::UntilEnd if !self.is_empty() => return Ok(Some(self.buf.take(PIECE))),
                Framing::Length(_) | Framing::UntilEnd | Framing::Chunked(Chunk::Data(_)) => {}
                Framing::Chunked(chunk) => {
                    if let Some(next) = self.between_chunks(*chunk)? {
                        *framing = next;
                        continue;
                    }
                }
            }
            if self.fill("the body").await? == 0 {
                return match framing {
                    Framing::UntilEnd => Ok(None),
                    _ => Err(HttpError::Ended("the body")),
                };
            }
        }
    }

    /// What comes after this part of a chunked body; `None` if more bytes are needed to tell.
    fn between_chunks(&mut self, chunk: Chunk) -> Result<Option<Framing>, HttpError> {
        let malformed = |what: &str| Err(HttpError::Malformed(what.to_owned()));
        let bytes = self.buf.bytes();
        let (used, next) = match chunk {
            // The parser takes no digits at all for a 0.
            Chunk::Size if bytes.first().is_some_and(|byte| !byte.is_ascii_hexdigit()) => {
                return malformed("the size of a chunk");
            }
            Chunk::Size => match httparse::parse_chunk_size(bytes) {
                Ok(httparse::Status::Complete((used, _))) if used > SIZE_LINE => {
                    return malformed("the size of a chunk");
                }
                Ok(httparse::Status::Complete((used, 0))) => (used, Chunk::Trailers(0)),
                Ok(httparse::Status::Complete((used, size))) => (used, Chunk::Data(size)),
                Ok(httparse::Status::Partial) if bytes.len() < SIZE_LINE => return Ok(None),
                Ok(httparse::Status::Partial) | Err(_) => return malformed("the size of a chunk"),
            },
            Chunk::DataEnd => match bytes {
                [b'\r', b'\n', ..] => (2, Chunk::Size),
                [] | [b'\r'] => return Ok(None),
                _ => return malformed("a chunk is longer than its size"),
            },
            Chunk::Trailers(so_far) => match bytes.iter().position(|&byte| byte == b'\n') {
                Some(end)
                    if bytes[..end]
                        .strip_suffix(b"\r")
                        .unwrap_or(&bytes[..end])
                        .is_empty() =>
                {
                    self.buf.consume(end + 1);
                    return Ok(Some(Framing::Length(0)));
                }
                Some(end) => (end + 1, Chunk::Trailers(so_far + end + 1)),
                None if so_far + bytes.len() < 8 * SIZE_LINE => return Ok(None),
                None => return malformed("the trailers are too long"),
            },
            Chunk::Data(_) => unreachable!("data is taken by `piece`"),
        };
        if matches!(next, Chunk::Trailers(so_far) if so_far > 8 * SIZE_LINE) {
            return malformed("the trailers are too long");
        }
        self.buf.consume(used);
        Ok(Some(Framing::Chunked(next)))
    }

    /// Reads and forgets what the peer still writes, up to a limit, so that it can read our last words: a
    /// close with unread bytes is a reset, which overtakes them.
    pub(super) async fn drain(&mut self, mut most: usize, limit: Duration) {
        let drained = within(limit, async {
            while let Ok(n @ 1..) = self.fill("the end").await {
                self.buf.consume(self.buf.len());
                most = most.saturating_sub(n);
                if most == 0 {
                    break;
                }
            }
        });
        // It is a courtesy.
        drained.await.ok();
    }
}
