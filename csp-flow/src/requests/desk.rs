//! What a client's block does all the time, whether it has a conversation or not: it hears of changes, and
//! keeps the time.

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
    time::Instant,
};

use csp_core::{Cause, Receiver, Sender, TryTakeError};
use csp_sched::{Timeout, deadline, now};

use super::{
    ClientEvent, GivenUp, Why,
    ledger::{Ask, Ledger},
    pulse::Pulse,
};

/// What a handle asks for.
pub(super) enum Change<Req, Resp> {
    Ask(Ask<Req, Resp>),
    Cancelled(u64),
    Reset,
    Close,
}

/// Its drop ends all calls, however it comes to it.
pub(super) struct Desk<Req, Resp>
where
    Req: Send + 'static,
    Resp: Send + 'static,
{
    pub(super) ledger: Ledger<Req, Resp>,
    pub(super) pulse: Option<Pulse<Req, Resp>>,
    pub(super) window: usize,
    pub(super) changes: Receiver<Change<Req, Resp>>,
    pub(super) events: Option<Sender<ClientEvent>>,
    pub(super) end: Sender<Infallible>,
    /// Why it ends.
    pub(super) cause: Option<Cause>,
    /// There are handles, or calls that can be cancelled.
    pub(super) open: bool,
    pub(super) closing: bool,
    pub(super) reset: bool,
    /// Why there is no conversation.
    pub(super) down: Option<Cause>,
    pub(super) timer: Option<(Instant, Timeout)>,
}

enum Woken<Req, Resp, T> {
    Done(T),
    Change(Option<Change<Req, Resp>>),
    Time,
}

impl<Req, Resp> Desk<Req, Resp>
where
    Req: Send + 'static,
    Resp: Send + 'static,
{
    /// True if nothing is left to be done, and nothing can come.
    pub(super) fn is_over(&self) -> bool {
        (self.closing || !self.open) && !self.ledger.is_waiting() && self.ledger.is_quiet()
    }

    /// Hears what was asked for since the last look.
    pub(super) fn look(&mut self) {
        while self.open {
            match self.changes.try_take() {
                Ok(change) => self.apply(Some(change)),
                Err(TryTakeError::Closed) => self.apply(None),
                Err(TryTakeError::Empty) => return,
            }
        }
    }

    fn apply(&mut self, change: Option<Change<Req, Resp>>) {
        match change {
            Some(Change::Ask(ask)) if self.closing => ask.fail(Why::Closed(None)),
            Some(Change::Ask(ask)) => self.ledger.admit(ask, now),
            Some(Change::Cancelled(id)) => self.ledger.cancel(id),
            Some(Change::Reset) => self.reset = true,
            Some(Change::Close) => {
                self.closing = true;
                self.ledger.refuse(None);
            }
            None => self.open = false,
        }
    }

    /// Ends what has had its time, and looks after the heartbeat.
    pub(super) fn keep_time(&mut self) -> Result<(), GivenUp> {
        let Some(next) = self.deadline() else {
            return Ok(());
        };
        let now = now();
        if now < next {
            return Ok(());
        }
        self.ledger.expire(now, self.down.as_ref());
        self.pulse.as_mut().map_or(Ok(()), |pulse| pulse.look(now))
    }

    fn deadline(&self) -> Option<Instant> {
        let pulse = self.pulse.as_ref().and_then(Pulse::deadline);
        [self.ledger.deadline(), pulse].into_iter().flatten().min()
    }

    /// Waits for `future`, a change or the time. `None`: it was a change, which is applied, or the time.
    pub(super) async fn wait<F: Future>(&mut self, mut future: Pin<&mut F>) -> Option<F::Output> {
        self.set_timer();
        let woken = {
            let mut change = pin!(self.open.then(|| self.changes.take()));
            let mut time = pin!(self.timer.as_ref().map(|(_, timer)| timer.take()));
            poll_fn(|cx| {
                if let Poll::Ready(value) = future.as_mut().poll(cx) {
                    return Poll::Ready(Woken::Done(value));
                }
                if let Some(change) = change.as_mut().as_pin_mut()
                    && let Poll::Ready(change) = change.poll(cx)
                {
                    return Poll::Ready(Woken::Change(change));
                }
                match time.as_mut().as_pin_mut() {
                    Some(time) => time.poll(cx).map(|_| Woken::Time),
                    None => Poll::Pending,
                }
            })
            .await
        };
        match woken {
            Woken::Done(value) => return Some(value),
            Woken::Change(change) => self.apply(change),
            Woken::Time => self.timer = None,
        }
        None
    }

    /// Waits for `future`, and does meanwhile what there is to do without a conversation. `None`: it is over.
    pub(super) async fn until<F: Future>(&mut self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        loop {
            self.look();
            // Without a conversation there is no heartbeat that could fail.
            self.keep_time().ok();
            if self.is_over() {
                return None;
            }
            if let Some(value) = self.wait(future.as_mut()).await {
                return Some(value);
            }
        }
    }

    /// Waits until there is a reason to connect. `None`: it is over.
    pub(super) async fn until_needed(&mut self) -> Option<()> {
        loop {
            self.look();
            self.keep_time().ok();
            if self.is_over() {
                return None;
            }
            if self.pulse.is_some() || self.ledger.is_waiting() {
                return Some(());
            }
            self.wait(pin!(std::future::pending::<()>())).await;
        }
    }

    /// One timer, for the next that is due. One that comes too early is harmless.
    fn set_timer(&mut self) {
        let Some(next) = self.deadline() else {
            self.timer = None;
            return;
        };
        let set = self.timer.as_ref().map(|(at, _)| *at);
        if set.is_none_or(|at| at > next) {
            self.timer = Some((next, deadline(next)));
        }
    }

    pub(super) fn tell(&self, event: ClientEvent) {
        if let Some(events) = &self.events {
            events.try_put(event).ok();
        }
    }
}

impl<Req, Resp> Drop for Desk<Req, Resp>
where
    Req: Send + 'static,
    Resp: Send + 'static,
{
    fn drop(&mut self) {
        // In this order: a handle that is turned away looks why.
        match &self.cause {
            Some(cause) => self.end.fail(cause.clone()),
            None => self.end.close(),
        };
        self.changes.close();
        while let Ok(change) = self.changes.try_take() {
            if let Change::Ask(ask) = change {
                ask.fail(Why::Closed(self.cause.clone()));
            }
        }
        self.ledger.end(self.cause.as_ref());
        self.tell(ClientEvent::Ended);
    }
}
