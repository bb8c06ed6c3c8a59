//! The block that reads: bytes from the peer, frames to whoever takes.

use std::{sync::Arc, time::Duration};

use csp_core::{Sender, alt, park, take};
use csp_sched::timeout;

use crate::{Codec, FrameError, Reason, buffer::ReadBuf, socket::Socket};

pub(super) async fn run<C: Codec>(
    socket: Arc<Socket>,
    codec: C,
    frames: Sender<C::In>,
    idle: Option<Duration>,
) {
    let mut reader = Reader {
        codec,
        idle,
        buf: ReadBuf::default(),
        ends: Ends {
            socket,
            frames,
            ended: false,
        },
    };
    let end = reader.read_frames().await;
    reader.ends.end(end);
}

/// What is to be told at the end: also when the codec panics, or the block is cancelled.
struct Ends<T> {
    socket: Arc<Socket>,
    frames: Sender<T>,
    ended: bool,
}

impl<T> Ends<T> {
    fn end(&mut self, end: Result<(), Reason>) {
        self.ended = true;
        let broken = match end {
            Ok(()) => self.socket.state.failure().cloned(),
            Err(reason) => Some(self.socket.fail(reason)),
        };
        if let Some(error) = broken {
            self.frames.fail(error);
        }
    }
}

impl<T> Drop for Ends<T> {
    fn drop(&mut self) {
        if !self.ended {
            self.end(Err(Reason::Abandoned));
        }
    }
}

struct Reader<C: Codec> {
    codec: C,
    idle: Option<Duration>,
    buf: ReadBuf,
    ends: Ends<C::In>,
}

impl<C: Codec> Reader<C> {
    /// `Ok`: the peer has ended, or nobody takes any more.
    async fn read_frames(&mut self) -> Result<(), Reason> {
        let mut end = false;
        loop {
            while let Some((frame, used)) = self.decode(end)? {
                self.buf.consume(used);
                if self.ends.frames.put(frame).await.is_err() {
                    return Ok(());
                }
            }
            let left = self.buf.len();
            if end {
                return match left {
                    0 => Ok(()),
                    _ => Err(Reason::Received(FrameError::Truncated(left))),
                };
            }
            let limit = self.codec.limit();
            if left > 0 && left >= limit {
                return Err(Reason::Received(FrameError::TooLong { limit, len: None }));
            }
            match self.read_more().await? {
                None => return Ok(()),
                Some(n) => end = n == 0,
            }
        }
    }

    fn decode(&mut self, end: bool) -> Result<Option<(C::In, usize)>, Reason> {
        self.codec
            .decode(self.buf.bytes(), end)
            .map_err(Reason::Received)
    }

    /// How many bytes came; `None`: nobody takes any more.
    async fn read_more(&mut self) -> Result<Option<usize>, Reason> {
        let (socket, frames) = (&self.ends.socket, &self.ends.frames);
        let Some(limit) = self.idle else {
            return alt! {
                () = park!(frames.closed()) => Ok(None),
                read = park!(socket.read(&mut self.buf)) => Ok(Some(read?)),
            };
        };
        let mut left = limit;
        loop {
            alt! {
                () = park!(frames.closed()) => return Ok(None),
                read = park!(socket.read(&mut self.buf)) => return Ok(Some(read?)),
                _ = take!(timeout(left)) => {}
            }
            // Meanwhile something may have been written.
            left = limit.saturating_sub(socket.state.idle_for());
            if left.is_zero() {
                return Err(Reason::Idle(limit));
            }
        }
    }
}
