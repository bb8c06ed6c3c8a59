//! [`Persistent`]: a conversation that can be had again.

use std::{fmt, pin::Pin, time::Duration};

use csp_core::{Cause, Receiver, Sender};
use csp_sched::sleep;

use crate::{
    block::{caught, panicked},
    promise::Error,
};

/// A conversation, seen from who asks: where requests go, and where answers come from.
pub type Conversation<Req, Resp> = (Sender<Req>, Receiver<Resp>);

type Connecting<Req, Resp> =
    Pin<Box<dyn Future<Output = Result<Conversation<Req, Resp>, Cause>> + Send>>;

/// How long to wait before each attempt to connect: nothing before the first, then `first`, twice that,
/// and so on up to `most`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Backoff {
    pub(super) first: Duration,
    pub(super) most: Duration,
    pub(super) next: Duration,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self {
            first: Duration::from_millis(4),
            most: Duration::from_secs(4),
            next: Duration::ZERO,
        }
    }

    #[track_caller]
    pub(super) fn set(&mut self, first: Duration, most: Duration) {
        assert!(
            !first.is_zero() && first <= most,
            "backoff({first:?}, {most:?}): the first pause is to be above zero, and not above the longest"
        );
        (self.first, self.most) = (first, most);
    }

    /// The pause before the attempt that is due now.
    fn step(&mut self) -> Duration {
        let pause = self.next;
        self.next = self.most.min(pause.saturating_mul(2).max(self.first));
        pause
    }
}

/// Makes a conversation, and makes it again when it broke: Lamina's `persistent-connection`. Made by
/// [`persistent`].
///
/// ```text
/// connect   ✗    ✗        ✓ ───────── lost   ✓ ─────
/// pauses      4ms   8ms                           none, if it was of use
/// ```
///
/// It is no block, and holds no conversation: whoever has one asks for the next. A
/// [`Client`](super::Client) stands on it; use it by itself for conversations that are not of requests and
/// answers.
///
/// ```
/// use csp::{prelude::*, requests::persistent};
///
/// // Each conversation gives a few numbers and ends.
/// let mut line = persistent(|| async {
///     let (tx, _) = chan::<()>(0);
///     Ok::<_, std::io::Error>((tx, csp::to_chan([1, 2, 3])))
/// });
/// let sum = csp::block_on(async move {
///     let mut sum = 0;
///     while sum < 15 {
///         let (_tx, rx) = line.connect().await;
///         while let Some(n) = take!(rx) {
///             sum += n;
///             line.was_of_use();
///         }
///     }
///     sum
/// });
/// assert_eq!(sum, 18);
/// ```
pub struct Persistent<Req, Resp> {
    connect: Box<dyn FnMut() -> Connecting<Req, Resp> + Send>,
    pub(super) backoff: Backoff,
}

/// A conversation that can be had again and again: see [`Persistent`].
///
/// `connect` makes one: anything that turns into a [`Conversation`]. A panic in it is a failed attempt.
pub fn persistent<F, Fut, C, E, Req, Resp>(mut connect: F) -> Persistent<Req, Resp>
where
    F: FnMut() -> Fut + Send + 'static,
    Fut: Future<Output = Result<C, E>> + Send + 'static,
    C: Into<Conversation<Req, Resp>>,
    E: Into<Error>,
    Req: Send + 'static,
    Resp: Send + 'static,
{
    Persistent {
        connect: Box::new(move || {
            // Not in the block below: it may borrow nothing.
            let connecting = connect();
            Box::pin(async move {
                match connecting.await {
                    Ok(conversation) => Ok(conversation.into()),
                    Err(error) => Err(error.into().into_cause()),
                }
            })
        }),
        backoff: Backoff::new(),
    }
}

impl<Req, Resp> Persistent<Req, Resp>
where
    Req: Send + 'static,
    Resp: Send + 'static,
{
    /// The pauses between attempts: `first`, then twice as long each time, up to `most`. Without it 4 ms
    /// and 4 s.
    ///
    /// # Panics
    /// If `first` is zero or above `most`.
    #[must_use]
    #[track_caller]
    pub fn backoff(mut self, first: Duration, most: Duration) -> Self {
        self.backoff.set(first, most);
        self
    }

    /// Connects, again and again until it is done.
    ///
    /// The first attempt of all, and the first after a conversation that [was of
    /// use](Self::was_of_use), is made at once; each other one after a pause.
    ///
    /// # Cancellation
    /// Dropping the future gives the attempt up.
    pub async fn connect(&mut self) -> Conversation<Req, Resp> {
        loop {
            let pause = self.pause();
            if !pause.is_zero() {
                sleep(pause).await;
            }
            if let Ok(conversation) = self.attempt().await {
                return conversation;
            }
        }
    }

    /// Says that the conversation was a good one: when it is lost, the next attempt needs no pause.
    ///
    /// Without this a peer that accepts and hangs up at once would be called in a tight loop.
    pub fn was_of_use(&mut self) {
        self.backoff.next = Duration::ZERO;
    }

    pub(super) fn pause(&mut self) -> Duration {
        self.backoff.step()
    }

    /// One attempt. A panic of `connect` is a failure like others.
    pub(super) async fn attempt(&mut self) -> Result<Conversation<Req, Resp>, Cause> {
        let connect = &mut self.connect;
        match caught(async { connect().await }).await {
            Ok(connected) => connected,
            Err(payload) => Err(panicked("connect", &payload)),
        }
    }
}

impl<Req, Resp> fmt::Debug for Persistent<Req, Resp> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Persistent")
            .field("backoff", &self.backoff)
            .finish_non_exhaustive()
    }
}
