//! When the heartbeat is due, and when it has failed.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use csp_core::Panicked;

use super::{GivenUp, Heartbeat};

pub(super) struct Pulse<Req, Resp> {
    heartbeat: Heartbeat<Req, Resp>,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    /// There is no conversation, or time does not reach so far.
    None,
    /// It is due then.
    Pause(Instant),
    /// It is to be sent; nobody may be silent longer than until then.
    Due(Option<Instant>),
    /// It was sent.
    Sent(Option<Instant>),
}

impl<Req, Resp> Pulse<Req, Resp> {
    pub(super) fn new(heartbeat: Heartbeat<Req, Resp>) -> Self {
        let state = State::None;
        Self { heartbeat, state }
    }

    /// A conversation has begun, or a beat was answered.
    pub(super) fn begin(&mut self, now: Instant) {
        let next = now.checked_add(self.heartbeat.every);
        self.state = next.map_or(State::None, State::Pause);
    }

    /// There is no conversation any more.
    pub(super) fn end(&mut self) {
        self.state = State::None;
    }

    /// When to [`look`](Self::look) again.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.state {
            State::None => None,
            State::Pause(at) => Some(at),
            State::Due(until) | State::Sent(until) => until,
        }
    }

    pub(super) fn look(&mut self, now: Instant) -> Result<(), GivenUp> {
        match self.state {
            State::Pause(at) if at <= now => {
                self.state = State::Due(now.checked_add(self.heartbeat.within));
                Ok(())
            }
            State::Due(Some(until)) | State::Sent(Some(until)) if until <= now => {
                Err(GivenUp::Silent(self.heartbeat.within))
            }
            _ => Ok(()),
        }
    }

    /// Something came: the peer is there.
    pub(super) fn heard(&mut self, now: Instant) {
        let until = now.checked_add(self.heartbeat.within);
        match &mut self.state {
            State::Due(at) | State::Sent(at) => *at = until,
            State::None | State::Pause(_) => {}
        }
    }

    /// The request, if it is to be sent now.
    pub(super) fn next(&mut self) -> Result<Option<Req>, GivenUp> {
        let State::Due(until) = self.state else {
            return Ok(None);
        };
        self.state = State::Sent(until);
        guarded(&mut self.heartbeat.request).map(Some)
    }

    /// It could not be sent yet.
    pub(super) fn unsent(&mut self) {
        if let State::Sent(until) = self.state {
            self.state = State::Due(until);
        }
    }

    /// It was answered.
    pub(super) fn answered(&mut self, answer: &Resp, now: Instant) -> Result<(), GivenUp> {
        let expected = &mut self.heartbeat.expected;
        if !guarded(|| expected(answer))? {
            return Err(GivenUp::WrongBeat);
        }
        self.begin(now);
        Ok(())
    }
}

/// Calls code of the user's.
fn guarded<R>(f: impl FnOnce() -> R) -> Result<R, GivenUp> {
    catch_unwind(AssertUnwindSafe(f))
        .map_err(|payload| GivenUp::Panicked(Panicked::message_of(&*payload).to_owned()))
}
