//! [`Setup`]: what a client is to be like, before it is started.

use std::{fmt, time::Duration};

use csp_core::Sender;

use super::{Client, ClientEvent, Conversation, Persistent, block::Block, persistent};
use crate::promise::Error;

/// Describes a client that makes its conversations with `connect`: see [`Client`].
///
/// `connect` is an async function that gives a [`Conversation`], or what turns into one. It is called when
/// the first request is there, and again whenever a conversation was lost. A panic in it is a failed attempt.
/// Let it have its own time limit ([`within`](csp_sched::within)) if it may hang.
///
/// ```
/// use csp::{prelude::*, requests::{client, serve}};
///
/// let client = client(|| async {
///     let (requests, to_serve) = chan(0);
///     let (answers, rx) = chan(0);
///     serve(to_serve, answers, |n: u32| async move { Ok::<_, csp::Error>(n * n) }).start();
///     Ok::<_, std::io::Error>((requests, rx))
/// });
/// let client = client.pipelined(4).timeout(secs(60)).start();
/// let answers: Vec<_> = (1..=3).map(|n| client.call(n)).collect();
/// let answers: Vec<u32> = answers.into_iter().map(|answer| answer.wait().unwrap()).collect();
/// assert_eq!(answers, [1, 4, 9]);
/// ```
///
/// Lamina's `client` and `pipelined-client`.
pub fn client<F, Fut, C, E, Req, Resp>(connect: F) -> Setup<Req, Resp>
where
    F: FnMut() -> Fut + Send + 'static,
    Fut: Future<Output = Result<C, E>> + Send + 'static,
    C: Into<Conversation<Req, Resp>>,
    E: Into<Error>,
    Req: Send + 'static,
    Resp: Send + 'static,
{
    Setup {
        line: persistent(connect),
        window: 1,
        waiting: 1024,
        timeout: None,
        copy: None,
        heartbeat: None,
        events: None,
    }
}

/// A client that is not started yet: see [`client`].
#[must_use = "a client does nothing until it is started: `.start()`"]
pub struct Setup<Req, Resp> {
    pub(super) line: Persistent<Req, Resp>,
    pub(super) window: usize,
    pub(super) waiting: usize,
    pub(super) timeout: Option<Duration>,
    /// How to copy a request, if lost ones are to be repeated.
    pub(super) copy: Option<fn(&Req) -> Req>,
    pub(super) heartbeat: Option<Heartbeat<Req, Resp>>,
    pub(super) events: Option<Sender<ClientEvent>>,
}

impl<Req, Resp> Setup<Req, Resp>
where
    Req: Send + 'static,
    Resp: Send + 'static,
{
    /// Lets up to `n` requests be under way: sent, and not answered yet. Without it one.
    ///
    /// The peer must answer in the order of the requests, as [`serve`](super::serve) does.
    ///
    /// # Panics
    /// If `n` is zero.
    #[track_caller]
    pub fn pipelined(mut self, n: usize) -> Self {
        assert!(
            n > 0,
            "pipelined(0) would never send anything: let 1 request or more be under way"
        );
        self.window = n;
        self
    }

    /// How long a call may take, from the call to its answer, if it does not [say
    /// itself](Client::call_within). Without it as long as it needs.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// How many requests may wait to be sent: 1024 without it.
    ///
    /// # Panics
    /// If `n` is zero.
    #[track_caller]
    pub fn waiting(mut self, n: usize) -> Self {
        assert!(
            n > 0,
            "waiting(0) would refuse every request: let 1 or more wait to be sent"
        );
        self.waiting = n;
        self
    }

    /// Sends requests again whose conversation broke before their answer came, in order, before all others.
    ///
    /// Only for requests that may be done twice. Without it a request is sent at most once, and such a call
    /// fails with [`Why::Lost`](super::Why::Lost). Lamina's `:retry?`.
    pub fn repeat_lost(mut self) -> Self
    where
        Req: Clone,
    {
        self.copy = Some(Req::clone);
        self
    }

    /// The pauses between attempts to connect: `first`, then twice as long each time, up to `most`. Without
    /// it 4 ms and 4 s.
    ///
    /// The first attempt after a conversation in which there was an answer is made at once.
    ///
    /// # Panics
    /// If `first` is zero or above `most`.
    #[track_caller]
    pub fn backoff(mut self, first: Duration, most: Duration) -> Self {
        self.line.backoff.set(first, most);
        self
    }

    /// Asks the peer now and then whether it is there, and reconnects if it is not: see [`Heartbeat`].
    pub fn heartbeat(mut self, heartbeat: Heartbeat<Req, Resp>) -> Self {
        self.heartbeat = Some(heartbeat);
        self
    }

    /// Puts what happens to the conversation into `events`, if there is room: it never waits. Give it a
    /// [`sliding`](csp_core::sliding) buffer to have the last.
    pub fn events(mut self, events: Sender<ClientEvent>) -> Self {
        self.events = Some(events);
        self
    }

    /// Starts the client's block on the current executor.
    #[track_caller]
    pub fn start(self) -> Client<Req, Resp> {
        Block::start(self)
    }
}

impl<Req, Resp> fmt::Debug for Setup<Req, Resp> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("pipelined", &self.window)
            .field("waiting", &self.waiting)
            .field("timeout", &self.timeout)
            .field("repeat_lost", &self.copy.is_some())
            .field("heartbeat", &self.heartbeat)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

/// A request that is sent now and then to see whether the peer is there.
///
/// ```text
///          ├─── every ───┤├─ within ─┤
/// sent                   ♥                  ♥
/// answer                      ✓             (nothing) ╳ lost: connect anew
/// ```
///
/// It is due `every` so long after the last one was answered. Then it is sent before requests that
/// wait, and answered, as the others, in its turn: so requests before it must be answered first. The
/// conversation is given up, with [`GivenUp`](super::GivenUp) as cause, if nothing at all comes for `within`
/// while its answer is due, or if the answer is not [`expected`](Self::expected). While the client has no
/// conversation, there is no heartbeat; but a client with a heartbeat connects without waiting for the
/// first request.
///
/// ```
/// use csp::{prelude::*, requests::Heartbeat};
/// let heartbeat = Heartbeat::new(|| "ping".to_owned())
///     .every(secs(30))
///     .within(secs(2))
///     .expected(|answer: &String| answer == "pong");
/// # drop(heartbeat);
/// ```
///
/// Lamina's `:heartbeat`, with its defaults: every 10 s, within 5 s, any answer will do.
pub struct Heartbeat<Req, Resp> {
    pub(super) request: Box<dyn FnMut() -> Req + Send>,
    pub(super) expected: Box<dyn FnMut(&Resp) -> bool + Send>,
    pub(super) every: Duration,
    pub(super) within: Duration,
}

impl<Req, Resp> Heartbeat<Req, Resp> {
    /// A heartbeat whose request `request` makes. If it panics, the conversation is given up.
    pub fn new(request: impl FnMut() -> Req + Send + 'static) -> Self {
        Self {
            request: Box::new(request),
            expected: Box::new(|_| true),
            every: Duration::from_secs(10),
            within: Duration::from_secs(5),
        }
    }

    /// How long after the last one was answered it is sent: 10 s without it.
    ///
    /// # Panics
    /// If it is zero.
    #[must_use]
    #[track_caller]
    pub fn every(mut self, pause: Duration) -> Self {
        assert!(
            !pause.is_zero(),
            "a heartbeat every {pause:?} would leave room for nothing else: give it a pause above zero"
        );
        self.every = pause;
        self
    }

    /// How long the peer may be silent while the answer is due: 5 s without it.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.within = limit;
        self
    }

    /// Which answer is a good one: any without it. A panic in it counts as a bad one.
    #[must_use]
    pub fn expected(mut self, expected: impl FnMut(&Resp) -> bool + Send + 'static) -> Self {
        self.expected = Box::new(expected);
        self
    }
}

impl<Req, Resp> fmt::Debug for Heartbeat<Req, Resp> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heartbeat")
            .field("every", &self.every)
            .field("within", &self.within)
            .finish_non_exhaustive()
    }
}
