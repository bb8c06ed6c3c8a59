//! [`Client`]: the handle.

use std::{convert::Infallible, fmt, time::Duration};

use csp_core::{Receiver, Sender};

use super::{
    CallError, Why,
    desk::Change,
    ledger::Ask,
    room::{Permit, Room},
};
use crate::{
    promise::{Promise, Resolver, promise},
    sync::plain::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Asks a peer, and gives each answer to the call it belongs to. Made by [`client`](super::client); see the
/// [module](super) for its life.
///
/// ```text
/// calls     a   b      c(gives up)   d
/// sent      a      b          c          d         one at a time
/// answers      a'     b'            c'      d'
/// promises     a'     b'        ✗           d'     c' is dropped
/// ```
///
/// * **Order.** Requests are sent in the order of the calls, and the peer answers in the order of the
///   requests: that is how an answer finds its call.
/// * **One conversation at a time**, made when the first request is there, and made again when it is lost.
///   While there is none, requests wait. It is lost when the peer ends the answers or takes no more
///   requests (those under way are still answered then), when the heartbeat fails, or when the peer sends
///   an answer that nobody asked for.
/// * **Lost.** A request whose conversation broke before its answer came fails with [`Why::Lost`]: nobody
///   knows whether it was done. With [`repeat_lost`](super::Setup::repeat_lost) it is sent again.
/// * **Back pressure.** A bounded number of requests [may wait](super::Setup::waiting); one more is refused
///   with its request, or waits for room with [`call_when_room`](Self::call_when_room). Requests under way
///   are bounded by [`pipelined`](super::Setup::pipelined).
/// * **Time.** The limit runs from the call, also while the request waits. A call that it ends before it
///   was sent is not sent. If it was sent, its answer is dropped when it comes, and the next answer is the
///   next call's; until then it counts as under way, so that one at a time waits for it.
/// * **Cancelled** calls are the same. A promise that is only dropped (or [ignored](Promise::ignore)) says
///   that the answer is not wanted: the request is still sent.
/// * **Closing.** [`close`](Self::close) gives back what was not sent, waits for the answers under way, and
///   ends. When the last handle is dropped it goes on until all calls are settled, then ends: give calls a
///   time limit if the peer may be silent for ever. Both drop the conversation, which tells the peer.
/// * **Panics.** One in `connect` or in the heartbeat is a failed attempt or a failed heartbeat. One in a
///   `clone` of a request ([`repeat_lost`](super::Setup::repeat_lost)) ends the client: all its calls fail.
///   If the runtime shuts down, they fail as well.
///
/// Clones are handles of the same client. One go block serves it.
///
/// Lamina's function that `client` gives, with `close-connection` and `reset-connection`.
pub struct Client<Req, Resp> {
    pub(super) changes: Sender<Change<Req, Resp>>,
    pub(super) room: Room,
    pub(super) ids: Arc<AtomicU64>,
    /// Carries nothing: it closes with the client, and tells why.
    pub(super) end: Receiver<Infallible>,
    pub(super) waiting: usize,
    pub(super) timeout: Option<Duration>,
}

impl<Req, Resp> Client<Req, Resp>
where
    Req: Send + 'static,
    Resp: Send + 'static,
{
    /// Asks; the promise is that of the answer.
    ///
    /// It never parks: if there is no room for the request to wait, the promise has failed with
    /// [`Why::Full`] and the request.
    ///
    /// # Errors
    /// The promise fails with a [`CallError`].
    #[track_caller]
    pub fn call(&self, request: Req) -> Promise<Resp, CallError<Req>> {
        self.ask(request, self.timeout)
    }

    /// As [`call`](Self::call), with a limit of its own, from now to the answer.
    ///
    /// ```
    /// use csp::{Local, prelude::*, requests::client};
    /// // A peer that takes requests and never answers.
    /// let (requests, _taken) = chan(8);
    /// let (_silent, answers) = chan::<u32>(8);
    /// let local = Local::virtual_time();
    /// let error = local.run_until(async move {
    ///     let line = (requests, answers);
    ///     let client = client(move || {
    ///         let line = line.clone();
    ///         async { Ok::<_, csp::Error>(line) }
    ///     });
    ///     client.start().call_within("anybody there?", secs(3600)).await
    /// });
    /// assert_eq!(error.unwrap_err().to_string(), "no answer within 3600s");
    /// ```
    #[track_caller]
    pub fn call_within(&self, request: Req, limit: Duration) -> Promise<Resp, CallError<Req>> {
        self.ask(request, Some(limit))
    }

    /// As [`call`](Self::call), but parks until there is room for the request to wait.
    ///
    /// The time limit runs from then on.
    ///
    /// # Cancellation
    /// Dropping the future before there is room drops the request, which was not sent.
    #[track_caller]
    #[expect(
        clippy::async_yields_async,
        reason = "the request waits first, then the answer is waited for"
    )]
    pub fn call_when_room(
        &self,
        request: Req,
    ) -> impl Future<Output = Promise<Resp, CallError<Req>>> + Send + '_ {
        let (resolver, promise) = promise();
        // Together: if the future is dropped, the promise goes first, and does not tell that it was abandoned.
        let call = (promise, resolver);
        async move {
            let permit = self.room.enter().await;
            let (promise, resolver) = call;
            self.admit(request, self.timeout, permit, resolver);
            promise
        }
    }

    /// Gives up the conversation, if there is one, and makes another: Lamina's `reset-connection`.
    ///
    /// What is under way is lost.
    pub fn reset(&self) {
        self.changes.try_put(Change::Reset).ok();
    }

    /// Ends the client: what was not sent comes back, with [`Why::Closed`]; the answers under way are waited
    /// for. Later calls are refused. Closing again is harmless. Lamina's `close-connection`.
    pub fn close(&self) {
        self.changes.try_put(Change::Close).ok();
    }

    /// Parks until the client has ended, by [`close`](Self::close) or otherwise.
    pub async fn closed(&self) {
        self.end.take().await;
    }

    /// True once the client has ended.
    pub fn is_closed(&self) -> bool {
        self.end.is_closed()
    }

    #[track_caller]
    fn ask(&self, request: Req, limit: Option<Duration>) -> Promise<Resp, CallError<Req>> {
        let (resolver, promise) = promise();
        if let Some(permit) = self.room.try_enter() {
            self.admit(request, limit, permit, resolver);
        } else {
            let limit = self.waiting;
            // Its promise is here.
            drop(resolver.fail(CallError::unsent(request, Why::Full { limit })));
        }
        promise
    }

    fn admit(
        &self,
        request: Req,
        limit: Option<Duration>,
        permit: Permit,
        resolver: Resolver<Resp, CallError<Req>>,
    ) {
        // Ordering: only a number. A caller's own calls are in order in any case.
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        // It also keeps the client going, until the call is settled or let go.
        let changes = self.changes.clone();
        resolver.on_cancel(move || drop(changes.try_put(Change::Cancelled(id))));
        let ask = Ask {
            id,
            request: Some(request),
            resolver,
            limit,
            permit: Some(permit),
            deadline: None,
            sent: false,
        };
        if let Err(refused) = self.changes.try_put(Change::Ask(ask))
            && let Change::Ask(ask) = refused.into_inner()
        {
            ask.fail(Why::Closed(self.end.failure()));
        }
    }
}

impl<Req, Resp> Clone for Client<Req, Resp> {
    fn clone(&self) -> Self {
        Self {
            changes: self.changes.clone(),
            room: self.room.clone(),
            ids: Arc::clone(&self.ids),
            end: self.end.clone(),
            waiting: self.waiting,
            timeout: self.timeout,
        }
    }
}

impl<Req, Resp> fmt::Debug for Client<Req, Resp> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("ended", &self.end.is_closed())
            .field("may_wait", &self.waiting)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
