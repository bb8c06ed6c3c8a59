//! [`Socket`]: a stream, whether it is broken, and what is told when it ends.
//!
//! A connection's blocks share the `Socket`; when the last of them lets it go, the descriptor closes, then
//! `alive` drops, and whoever waits on `State::gone` goes on. Others have the `State` alone, which keeps
//! nothing open.
//!
//! Breaking it is done once, by the first reason: the reason is noted, `broken` closes (which wakes a
//! writer that waits for frames) and the stream is shut down in both directions (which wakes whoever waits
//! for readiness).
//!
//! # The taken error
//! The system tells a reset once, to whoever asks first. If that is the write, a read that comes next is
//! told the end, as if the peer had ended well. So an end is looked at again: a stream that has no peer
//! any more, though this side has not ended its direction, was reset.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use async_io::Async;
use csp_core::{Receiver, Sender, chan};
use csp_sched::within;

use crate::{
    buffer::ReadBuf,
    error::{ConnectionError, Reason},
    tcp::Ticket,
};

/// A channel that carries nothing, and tells by closing.
pub(crate) type Signal = (Sender<()>, Receiver<()>);

pub(crate) struct Socket {
    // The order is the order of dropping: see above.
    stream: Async<TcpStream>,
    pub(crate) state: Arc<State>,
    _ticket: Option<Ticket>,
    _alive: Sender<()>,
}

/// What is known of a connection, also when it has ended.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) peer: SocketAddr,
    pub(crate) local: SocketAddr,
    failure: OnceLock<ConnectionError>,
    broken: Signal,
    pub(crate) gone: Receiver<()>,
    /// This side has ended its direction, or is about to.
    // Ordering: Release before the shutdown, Acquire after a read that was told the end: both ended in
    // order only if this is seen.
    ended: AtomicBool,
    // Ordering: a count and a time by themselves; whoever wants the last count waits on `gone` first,
    // whose lock orders it.
    pub(crate) unwritten: AtomicUsize,
    start: Instant,
    /// When bytes last went either way, in milliseconds after `start`.
    last: AtomicU64,
}

impl State {
    pub(crate) fn failure(&self) -> Option<&ConnectionError> {
        self.failure.get()
    }

    /// Closes when the connection breaks.
    pub(crate) fn broken(&self) -> &Receiver<()> {
        &self.broken.1
    }

    /// For how long nothing was read or written.
    pub(crate) fn idle_for(&self) -> Duration {
        let last = Duration::from_millis(self.last.load(Ordering::Relaxed));
        self.start.elapsed().saturating_sub(last)
    }

    fn touch(&self) {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now, Ordering::Relaxed);
    }
}

impl Socket {
    pub(crate) fn new(stream: Async<TcpStream>, ticket: Option<Ticket>) -> io::Result<Arc<Self>> {
        let tcp = stream.get_ref();
        let (peer, local) = (tcp.peer_addr()?, tcp.local_addr()?);
        // What is there is written at once; there is nothing for the system to wait for.
        tcp.set_nodelay(true)?;
        let (alive, gone) = chan(0);
        let state = State {
            peer,
            local,
            failure: OnceLock::new(),
            broken: chan(0),
            gone,
            ended: AtomicBool::new(false),
            unwritten: AtomicUsize::new(0),
            start: Instant::now(),
            last: AtomicU64::new(0),
        };
        Ok(Arc::new(Self {
            stream,
            state: Arc::new(state),
            _ticket: ticket,
            _alive: alive,
        }))
    }

    /// Breaks the connection, if it is not broken; gives the first reason.
    pub(crate) fn fail(&self, reason: impl Into<Reason>) -> ConnectionError {
        let state = &self.state;
        let error = ConnectionError::new(state.peer, reason.into());
        let first = state.failure.get_or_init(|| error).clone();
        state.broken.0.close();
        // It fails if the peer has gone, and then it is done already.
        self.stream.get_ref().shutdown(Shutdown::Both).ok();
        first
    }

    /// Tells the peer that nothing more comes.
    pub(crate) fn end_writing(&self) {
        self.state.ended.store(true, Ordering::Release);
        self.stream.get_ref().shutdown(Shutdown::Write).ok();
    }

    /// Reads what is there, parking until something is. 0: the peer has ended.
    pub(crate) async fn read(&self, buf: &mut ReadBuf) -> io::Result<usize> {
        let room = buf.room();
        let n = self.stream.read_with(|mut tcp| tcp.read(room)).await?;
        if n == 0 && self.was_reset() {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        buf.filled(n);
        self.state.touch();
        Ok(n)
    }

    /// After a read that was told the end: see "the taken error".
    fn was_reset(&self) -> bool {
        !self.state.ended.load(Ordering::Acquire) && self.stream.get_ref().peer_addr().is_err()
    }

    /// Writes all of `bytes`, and tells in `written` how many the system took, also when it fails or is
    /// dropped. No time limit applies but the peer's: it may take nothing for at most `stall`.
    pub(crate) async fn write_all(
        &self,
        bytes: &[u8],
        written: &mut usize,
        stall: Option<Duration>,
    ) -> Result<(), Reason> {
        while *written < bytes.len() {
            let rest = &bytes[*written..];
            // Without a timer, if it can be done at once.
            let now = self.stream.get_ref().write(rest);
            let n = match (now, stall) {
                (Err(error), Some(stall)) if error.kind() == io::ErrorKind::WouldBlock => {
                    let write = self.stream.write_with(|mut tcp| tcp.write(rest));
                    within(stall, write)
                        .await
                        .map_err(|_| Reason::Stalled(stall))??
                }
                (Err(error), _) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.stream.write_with(|mut tcp| tcp.write(rest)).await?
                }
                (Err(error), _) if error.kind() == io::ErrorKind::Interrupted => continue,
                (done, _) => done?,
            };
            if n == 0 {
                return Err(io::Error::from(io::ErrorKind::WriteZero).into());
            }
            *written += n;
            self.state.touch();
        }
        Ok(())
    }
}

impl std::fmt::Debug for Socket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.state.fmt(f)
    }
}
