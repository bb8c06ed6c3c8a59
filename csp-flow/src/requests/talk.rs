//! One conversation of a client.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll},
};

use csp_core::{Cause, Closed, Put, Receiver, Sender, TryPutError, WaitClosed};
use csp_sched::{now, yield_now};

use super::{Conversation, GivenUp, desk::Desk, ledger::Answered};
use crate::{block::PUTS_A_TURN, sync::Arc};

/// How a conversation ended.
pub(super) enum Parting {
    /// The client is done.
    Done,
    Lost {
        cause: Option<Cause>,
        /// The peer had answered.
        heard: bool,
    },
}

/// Why it is lost, if there is a cause.
struct Lost(Option<Cause>);

impl From<GivenUp> for Lost {
    fn from(why: GivenUp) -> Self {
        Self(Some(Arc::new(why)))
    }
}

impl Parting {
    pub(super) fn was_of_use(&self) -> bool {
        matches!(self, Self::Lost { heard: true, .. })
    }
}

/// What came first.
enum First<Req, Resp> {
    Answer(Option<Resp>),
    Put(Result<(), Closed<Req>>),
    /// The peer takes no more requests.
    Closed,
}

/// What could be sent.
enum Sent<Req> {
    All,
    /// There is no room for this one.
    Full(Req),
    /// Others are to have their turn.
    Enough,
}

/// Sends requests and settles calls until the conversation, or the client's work, is at its end.
pub(super) async fn talk<Req, Resp>(
    desk: &mut Desk<Req, Resp>,
    (tx, rx): Conversation<Req, Resp>,
) -> Parting
where
    Req: Send + 'static,
    Resp: Send + 'static,
{
    desk.reset = false;
    if let Some(pulse) = &mut desk.pulse {
        pulse.begin(now());
    }
    let mut heard = false;
    let ended = {
        let mut talk = Talk {
            desk: &mut *desk,
            tx: &tx,
            rx: &rx,
            closed: pin!(tx.closed()),
            watching: false,
            heard: &mut heard,
        };
        talk.run().await
    };
    if let Some(pulse) = &mut desk.pulse {
        pulse.end();
    }
    match ended {
        Ok(()) => Parting::Done,
        Err(Lost(cause)) => Parting::Lost { cause, heard },
    }
}

struct Talk<'a, 'w, Req, Resp>
where
    Req: Send + 'static,
    Resp: Send + 'static,
{
    desk: &'a mut Desk<Req, Resp>,
    tx: &'w Sender<Req>,
    rx: &'w Receiver<Resp>,
    closed: Pin<&'a mut WaitClosed<'w, Req>>,
    watching: bool,
    heard: &'a mut bool,
}

impl<Req, Resp> Talk<'_, '_, Req, Resp>
where
    Req: Send + 'static,
    Resp: Send + 'static,
{
    async fn run(&mut self) -> Result<(), Lost> {
        loop {
            self.desk.look();
            self.desk.keep_time()?;
            if self.desk.reset {
                return Err(GivenUp::Reset.into());
            }
            if self.desk.is_over() {
                return Ok(());
            }
            // Those under way may still be answered.
            if self.tx.is_closed() && self.desk.ledger.is_quiet() {
                return Err(Lost(self.rx.failure()));
            }
            let parked = match self.send()? {
                Sent::All => None,
                Sent::Full(request) => Some(request),
                Sent::Enough => {
                    yield_now().await;
                    continue;
                }
            };
            match self.wait(parked).await {
                Some(Some(answer)) => self.answer(answer)?,
                Some(None) => return Err(Lost(self.rx.failure())),
                None => {}
            }
        }
    }

    /// Puts what can be put at once.
    fn send(&mut self) -> Result<Sent<Req>, GivenUp> {
        for _ in 0..PUTS_A_TURN {
            if self.desk.ledger.to_come() >= self.desk.window || self.tx.is_closed() {
                return Ok(Sent::All);
            }
            let Some(request) = self.next()? else {
                return Ok(Sent::All);
            };
            match self.tx.try_put(request) {
                Ok(()) => self.desk.ledger.sent(),
                Err(TryPutError::Full(request)) => return Ok(Sent::Full(request)),
                Err(TryPutError::Closed(request)) => self.unsent(request),
            }
        }
        Ok(Sent::Enough)
    }

    fn next(&mut self) -> Result<Option<Req>, GivenUp> {
        let beat = match &mut self.desk.pulse {
            Some(pulse) => pulse.next()?,
            None => None,
        };
        if beat.is_some() {
            self.desk.ledger.next_is_beat();
            return Ok(beat);
        }
        Ok(self.desk.ledger.next())
    }

    fn unsent(&mut self, request: Req) {
        if self.desk.ledger.unsent(request)
            && let Some(pulse) = &mut self.desk.pulse
        {
            pulse.unsent();
        }
    }

    /// Parks until something happens. An answer, or that there will be none, is the result; the request that
    /// waited for room is sent then, or waits again.
    async fn wait(&mut self, parked: Option<Req>) -> Option<Option<Resp>> {
        let (tx, rx) = (self.tx, self.rx);
        let mut put: Pin<&mut Option<Put<'_, Req>>> = pin!(parked.map(|request| tx.put(request)));
        let was_closed = tx.is_closed();
        let first = {
            let mut take = pin!(rx.take());
            let (closed, watching) = (&mut self.closed, &mut self.watching);
            let first = poll_fn(|cx| {
                if let Poll::Ready(answer) = take.as_mut().poll(cx) {
                    return Poll::Ready(First::Answer(answer));
                }
                if let Some(put) = put.as_mut().as_pin_mut()
                    && let Poll::Ready(put) = put.poll(cx)
                {
                    return Poll::Ready(First::Put(put));
                }
                if !was_closed && is_closed(tx, closed.as_mut(), watching, cx) {
                    return Poll::Ready(First::Closed);
                }
                Poll::Pending
            });
            self.desk.wait(pin!(first)).await
        };
        // Before the answer is looked at: it may be that of the very request.
        match first {
            Some(First::Put(Ok(()))) => self.desk.ledger.sent(),
            Some(First::Put(Err(Closed(request)))) => self.unsent(request),
            other => {
                if let Some(put) = put.as_mut().as_pin_mut() {
                    match put.withdraw() {
                        Some(request) => self.unsent(request),
                        None => self.desk.ledger.sent(),
                    }
                }
                if let Some(First::Answer(answer)) = other {
                    return Some(answer);
                }
            }
        }
        None
    }

    fn answer(&mut self, answer: Resp) -> Result<(), GivenUp> {
        if let Some(pulse) = &mut self.desk.pulse {
            pulse.heard(now());
        }
        match self.desk.ledger.answer(answer) {
            Answered::ByCall => {}
            Answered::Nobody => return Err(GivenUp::Unasked),
            Answered::Beat(answer) => {
                if let Some(pulse) = &mut self.desk.pulse {
                    pulse.answered(&answer, now())?;
                }
            }
        }
        *self.heard = true;
        Ok(())
    }
}

/// Looks whether `tx` is closed, and sees to it that the task is woken when it is.
fn is_closed<T>(
    tx: &Sender<T>,
    closed: Pin<&mut WaitClosed<'_, T>>,
    watching: &mut bool,
    cx: &mut Context<'_>,
) -> bool {
    // Once is enough: a go block is always polled for one and the same task.
    if !*watching {
        *watching = closed.poll(cx).is_pending();
    }
    tx.is_closed()
}
