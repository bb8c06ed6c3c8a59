//! Which requests wait, which are under way, and until when.
//!
//! # Rules
//! 1. A call is in one place: it waits, it is being sent, or it is under way; or it is settled.
//! 2. Answers come in the order of what is under way. So what was sent and then given up keeps its place
//!    there, for its answer to be dropped when it comes.
//! 3. A call that waits has its request. One that was sent has it only if lost requests are repeated.
//! 4. A deadline stands in the list as long as its call is not settled.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use csp_core::Cause;

use super::{CallError, Why, room::Permit};
use crate::promise::Resolver;

/// A call that is not settled yet.
pub(super) struct Ask<Req, Resp> {
    /// In the order of the calls, as far as that has one.
    pub(super) id: u64,
    pub(super) request: Option<Req>,
    pub(super) resolver: Resolver<Resp, CallError<Req>>,
    pub(super) limit: Option<Duration>,
    pub(super) permit: Option<Permit>,
    pub(super) deadline: Option<Instant>,
    pub(super) sent: bool,
}

impl<Req, Resp> Ask<Req, Resp>
where
    Req: Send + 'static,
    Resp: Send + 'static,
{
    /// The call comes to nothing. Who made it may be gone, and with it any interest in the request.
    pub(super) fn fail(self, why: Why) {
        let (request, sent) = (self.request, self.sent);
        drop(self.resolver.fail(CallError { request, sent, why }));
    }
}

/// What is being sent.
enum Sending<Req, Resp> {
    Call(Ask<Req, Resp>),
    Beat,
}

/// Whose answer is to come. A call that is not under way any more was given up.
enum Place {
    Call(u64),
    Beat,
}

/// Whose an answer was.
pub(super) enum Answered<Resp> {
    ByCall,
    Beat(Resp),
    Nobody,
}

pub(super) struct Ledger<Req, Resp> {
    waiting: BTreeMap<u64, Ask<Req, Resp>>,
    sending: Option<Sending<Req, Resp>>,
    under_way: BTreeMap<u64, Ask<Req, Resp>>,
    /// The answers to come, in their order.
    places: VecDeque<Place>,
    deadlines: BTreeSet<(Instant, u64)>,
    copy: Option<fn(&Req) -> Req>,
}

impl<Req, Resp> Ledger<Req, Resp>
where
    Req: Send + 'static,
    Resp: Send + 'static,
{
    pub(super) fn new(copy: Option<fn(&Req) -> Req>) -> Self {
        Self {
            waiting: BTreeMap::new(),
            sending: None,
            under_way: BTreeMap::new(),
            places: VecDeque::new(),
            deadlines: BTreeSet::new(),
            copy,
        }
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// True if no call is under way.
    pub(super) fn is_quiet(&self) -> bool {
        self.under_way.is_empty()
    }

    /// How many answers are to come, also those that nobody wants.
    pub(super) fn to_come(&self) -> usize {
        self.places.len()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    pub(super) fn admit(&mut self, mut ask: Ask<Req, Resp>, now: impl FnOnce() -> Instant) {
        // A limit past the end of time is no limit.
        ask.deadline = ask.limit.and_then(|limit| now().checked_add(limit));
        if let Some(at) = ask.deadline {
            self.deadlines.insert((at, ask.id));
        }
        self.waiting.insert(ask.id, ask);
    }

    /// The next request to be put: then it was [`sent`](Self::sent) or [`unsent`](Self::unsent).
    pub(super) fn next(&mut self) -> Option<Req> {
        let mut ask = self.waiting.first_entry()?;
        let request = match self.copy {
            // If the copy panics, the call still waits.
            Some(copy) => ask.get().request.as_ref().map(copy),
            None => ask.get_mut().request.take(),
        };
        let mut ask = ask.remove();
        ask.permit = None;
        self.sending = Some(Sending::Call(ask));
        request
    }

    /// The heartbeat is to be put next.
    pub(super) fn next_is_beat(&mut self) {
        self.sending = Some(Sending::Beat);
    }

    /// The peer's channel has it.
    pub(super) fn sent(&mut self) {
        match self.sending.take() {
            Some(Sending::Call(mut ask)) => {
                ask.sent = true;
                self.places.push_back(Place::Call(ask.id));
                self.under_way.insert(ask.id, ask);
            }
            Some(Sending::Beat) => self.places.push_back(Place::Beat),
            None => {}
        }
    }

    /// It came back. True if it was the heartbeat.
    pub(super) fn unsent(&mut self, request: Req) -> bool {
        match self.sending.take() {
            Some(Sending::Call(mut ask)) => {
                ask.request = Some(request);
                self.waiting.insert(ask.id, ask);
                false
            }
            other => matches!(other, Some(Sending::Beat)),
        }
    }

    /// An answer came: it is for the first place.
    pub(super) fn answer(&mut self, answer: Resp) -> Answered<Resp> {
        match self.places.pop_front() {
            Some(Place::Call(id)) => {
                if let Some(ask) = self.under_way.remove(&id) {
                    self.forget_deadline(&ask);
                    // If it comes back, nobody wants it any more.
                    drop(ask.resolver.fulfill(answer));
                }
                Answered::ByCall
            }
            Some(Place::Beat) => Answered::Beat(answer),
            None => Answered::Nobody,
        }
    }

    /// The caller does not want it any more: it is not sent, or its answer is dropped.
    pub(super) fn cancel(&mut self, id: u64) {
        if let Some(ask) = self.pull(id) {
            self.forget_deadline(&ask);
        }
    }

    /// Ends the calls whose time is over; `down` is why there is no conversation, if there is none.
    pub(super) fn expire(&mut self, now: Instant, down: Option<&Cause>) {
        while let Some(&(at, id)) = self.deadlines.first()
            && at <= now
        {
            self.deadlines.pop_first();
            if let Some(ask) = self.pull(id)
                && let Some(limit) = ask.limit
            {
                let down = down.cloned();
                ask.fail(Why::TimedOut { limit, down });
            }
        }
    }

    /// The conversation broke.
    pub(super) fn lose(&mut self, cause: Option<&Cause>) {
        self.places.clear();
        for (id, ask) in std::mem::take(&mut self.under_way) {
            if ask.request.is_some() {
                self.waiting.insert(id, ask);
            } else {
                self.forget_deadline(&ask);
                ask.fail(Why::Lost(cause.cloned()));
            }
        }
    }

    /// What waits will not be sent.
    pub(super) fn refuse(&mut self, cause: Option<&Cause>) {
        for ask in std::mem::take(&mut self.waiting).into_values() {
            self.forget_deadline(&ask);
            ask.fail(Why::Closed(cause.cloned()));
        }
    }

    /// The end, for all.
    pub(super) fn end(&mut self, cause: Option<&Cause>) {
        // What is being sent may have been: nobody knows.
        self.sent();
        for ask in std::mem::take(&mut self.under_way).into_values() {
            ask.fail(Why::Closed(cause.cloned()));
        }
        self.refuse(cause);
    }

    /// Takes a call out. If it was under way, its place is kept.
    fn pull(&mut self, id: u64) -> Option<Ask<Req, Resp>> {
        let waited = self.waiting.remove(&id);
        waited.or_else(|| self.under_way.remove(&id))
    }

    fn forget_deadline(&mut self, ask: &Ask<Req, Resp>) {
        if let Some(at) = ask.deadline {
            self.deadlines.remove(&(at, ask.id));
        }
    }
}
