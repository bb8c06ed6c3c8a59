//! One worker's life: take a value, work on it, put what comes of it.

use std::{
    collections::VecDeque,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use csp_core::{Cause, Panicked, Receiver};
use csp_sched::yield_now;

use super::{
    outputs::{Outputs, Refused},
    ring::Place,
    signal::Signal,
    step::{Applied, Step},
    stopped::StopReason,
};
use crate::sync::plain::Arc;
use crate::{AtEnd, block::Payload};

/// What makes an output of a panic.
pub(super) type OnPanic<Out> = Arc<dyn Fn(&Panicked) -> Option<Out> + Send + Sync>;

/// Where values come from.
pub(super) enum Source<In> {
    /// There is no order to keep: the workers compete.
    Own(Receiver<In>),
    /// One worker at a time has the receiver.
    Ring(Place<Receiver<In>>),
}

/// A go block or thread that has one value in flight at a time.
pub struct Worker<In, Out, S> {
    pub(super) source: Source<In>,
    pub(super) step: S,
    pub(super) out: Outputs<Out>,
    pub(super) on_panic: Option<OnPanic<Out>>,
    pub(super) at_end: AtEnd,
    pub(super) halt: Halt,
    /// The number of its next value, and how many workers there are.
    pub(super) at: usize,
    pub(super) workers: usize,
}

/// Stops the other workers when it is dropped, unless all is well: also if its own panics or is
/// cancelled.
#[derive(Debug)]
pub(super) struct Halt {
    pub(super) signal: Signal,
    pub(super) well: bool,
}

impl Drop for Halt {
    fn drop(&mut self) {
        if !self.well {
            self.signal.give();
        }
    }
}

/// How a worker ended, and with what in hand.
#[derive(Debug)]
pub struct Ended<In, Out> {
    pub(super) at: usize,
    pub(super) exit: Exit<In>,
    pub(super) outputs: VecDeque<Out>,
}

/// Why a worker ended.
#[derive(Debug)]
pub(super) enum Exit<In> {
    /// No values are left, perhaps since the source failed.
    End(Option<Cause>),
    /// The pipeline stops. Outputs may be left.
    Stop,
    /// It stops with a value that is not begun.
    Unused(In),
    /// It stops in the middle of a value: for this reason, or for one that others know.
    Unfinished(Option<StopReason>),
}

impl<In, Out, S> Worker<In, Out, S>
where
    In: Send + 'static,
    Out: Send + 'static,
    S: Step<In, Out>,
{
    /// Works until the source is at its end or the pipeline stops.
    pub(super) async fn run(mut self) -> Ended<In, Out> {
        let halt = self.halt.signal.clone();
        let exit = halt.watched(self.work()).await;
        // What others have in flight is still wanted then.
        self.halt.well = matches!(exit, Exit::End(_));
        Ended {
            at: self.at,
            exit,
            outputs: self.out.into_held(),
        }
    }

    async fn work(&mut self) -> Exit<In> {
        loop {
            if let Err(exit) = self.next().await {
                return exit;
            }
        }
    }

    /// Takes one value through.
    async fn next(&mut self) -> Result<(), Exit<In>> {
        let halt = &self.halt.signal;
        if self.out.target().is_closed() {
            // The leading block may not have seen it yet.
            return Err(Exit::Stop);
        }
        let value = self.source.read(halt).await?;
        if S::COMPUTES {
            // The next worker is to take its value now. It was woken to run after this one, on this
            // thread; behind it, this one can go to another thread.
            yield_now().await;
        }
        if halt.is_given() || self.out.target().is_closed() {
            return Err(Exit::Unused(value));
        }
        match self.step.apply(value, &mut self.out, halt).await {
            Applied::Done => {}
            Applied::Panicked(payload) => self.panicked(payload).await?,
            Applied::Unfinished => return Err(Exit::Unfinished(None)),
        }
        let flushed = self.out.flush().await;
        flushed.map_err(|Refused| Exit::Stop)?;
        self.out.pass();
        self.at += self.workers;
        Ok(())
    }

    /// The step panicked: either the handler has an output for it, or the pipeline ends here.
    async fn panicked(&mut self, payload: Payload) -> Result<(), Exit<In>> {
        let mut panic = Panicked::from(payload);
        if let Some(on_panic) = &self.on_panic {
            match catch_unwind(AssertUnwindSafe(|| on_panic(&panic))) {
                Ok(Some(output)) => {
                    self.out.hold(output);
                    return Ok(());
                }
                Ok(None) => return Ok(()),
                Err(payload) => panic = Panicked::from(payload),
            }
        }
        // What it gave before comes before the failure, and so does all that came before it.
        if let Err(Refused) = self.out.flush().await {
            return Err(Exit::Unfinished(Some(StopReason::Panicked(panic))));
        }
        if self.at_end == AtEnd::Close {
            self.out.target().fail(panic.clone());
        }
        // Nothing is in hand now. The panic ends this worker, so that the hook sees it.
        panic.resume()
    }
}

impl<In> Source<In> {
    /// Takes a value, when it is this worker's turn.
    async fn read(&self, halt: &Signal) -> Result<In, Exit<In>> {
        match self {
            Self::Own(from) => take(from, halt).await,
            Self::Ring(place) => {
                let from = place.token().await.ok_or(Exit::End(None))?;
                let value = take(&from, halt).await?;
                place.pass(from);
                Ok(value)
            }
        }
    }
}

async fn take<In>(from: &Receiver<In>, halt: &Signal) -> Result<In, Exit<In>> {
    match halt.or_take(from).await {
        Some(Some(value)) => Ok(value),
        Some(None) => Err(Exit::End(from.failure())),
        None => Err(Exit::Stop),
    }
}

impl<In, Out, S> fmt::Debug for Worker<In, Out, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("out", &self.out)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
