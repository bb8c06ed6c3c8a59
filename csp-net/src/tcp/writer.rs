//! The block that writes: frames from whoever puts, bytes to the peer.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use csp_core::{Receiver, alt, take};

use crate::{Codec, Reason, socket::Socket};

/// So many bytes are encoded before they are written, if frames for them are there.
const COALESCE: usize = 32 * 1024;
/// So many frames at most, since some have no bytes.
const TOGETHER: usize = 1024;

pub(super) async fn run<C: Codec>(
    socket: Arc<Socket>,
    codec: C,
    frames: Receiver<C::Out>,
    stall: Option<Duration>,
) {
    let mut writer = Writer {
        codec,
        stall,
        bytes: Vec::new(),
        ends: Ends {
            socket,
            frames,
            ended: false,
            marks: Vec::new(),
            written: 0,
        },
    };
    let end = writer.write_frames().await;
    writer.ends.end(end);
}

/// What is to be told at the end: also when the codec panics, or the block is cancelled.
struct Ends<T> {
    socket: Arc<Socket>,
    frames: Receiver<T>,
    ended: bool,
    /// Where each frame ends in the bytes that are being written, and how many of these are written.
    marks: Vec<usize>,
    written: usize,
}

impl<T> Ends<T> {
    fn end(&mut self, end: Result<(), Reason>) {
        self.ended = true;
        let Err(reason) = end else {
            self.socket.end_writing();
            return;
        };
        // Parked puts have their values back; what the channel had accepted is counted.
        self.frames.close();
        let mut unwritten = self.marks.iter().filter(|end| **end > self.written).count();
        while let Ok(frame) = self.frames.try_take() {
            unwritten += 1;
            drop(frame);
        }
        self.socket
            .state
            .unwritten
            .store(unwritten, Ordering::Relaxed);
        self.socket.fail(reason);
    }
}

impl<T> Drop for Ends<T> {
    fn drop(&mut self) {
        if !self.ended {
            self.end(Err(Reason::Abandoned));
        }
    }
}

struct Writer<C: Codec> {
    codec: C,
    stall: Option<Duration>,
    bytes: Vec<u8>,
    ends: Ends<C::Out>,
}

impl<C: Codec> Writer<C> {
    /// `Ok`: nobody puts any more, and all is written.
    async fn write_frames(&mut self) -> Result<(), Reason> {
        loop {
            let next = alt! {
                priority;
                _ = take!(self.ends.socket.state.broken()) => return Err(Reason::Cut),
                next = take!(self.ends.frames) => next,
            };
            let Some(frame) = next else {
                return Ok(());
            };
            let encoded = self.encode_what_is_there(frame);
            // The frames before one that cannot be encoded are good.
            let (bytes, written) = (&self.bytes, &mut self.ends.written);
            self.ends
                .socket
                .write_all(bytes, written, self.stall)
                .await?;
            encoded?;
            self.bytes.clear();
            // What one large frame needed is not kept for the small ones.
            self.bytes.shrink_to(2 * COALESCE);
            self.ends.marks.clear();
            self.ends.written = 0;
        }
    }

    fn encode_what_is_there(&mut self, first: C::Out) -> Result<(), Reason> {
        let mut next = Some(first);
        while let Some(frame) = next {
            let encoded = self.codec.encode(frame, &mut self.bytes);
            // One that fails counts as unwritten, since it ends after all that is written.
            let past = usize::from(encoded.is_err());
            self.ends.marks.push(self.bytes.len() + past);
            encoded.map_err(Reason::Put)?;
            let more = self.bytes.len() < COALESCE && self.ends.marks.len() < TOGETHER;
            next = more.then(|| self.ends.frames.try_take().ok()).flatten();
        }
        Ok(())
    }
}
