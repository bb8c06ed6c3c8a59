//! Calls at a fixed rate.

use std::{
    fmt,
    time::{Duration, Instant},
};

use csp_core::{Failure, Receiver, Sender, alt, take};
use csp_sched::deadline;

use super::{Effect, LoopHandle, effect::After};
use crate::{
    block::changes,
    promise::{Error, Outcome, Promise, Shared},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// How many beats were skipped just before this one, because the loop was busy, or the beat before had not
/// ended yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Missed(pub u64);

/// A function that the loop calls at a fixed rate: [`every`](LoopHandle::every) gives it.
///
/// Dropping it changes nothing: it beats as long as the loop runs. Twisted's `LoopingCall`.
#[derive(Clone)]
pub struct Ticker {
    control: Sender<Control>,
    stopped: Arc<AtomicBool>,
    ended: Shared<(), Error>,
    on: LoopHandle,
}

/// Look whether it is stopped; the rate is counted from here, if it says so.
#[derive(Clone, Copy)]
struct Control(Option<Instant>);

impl Ticker {
    pub(super) fn start<R: Effect + 'static>(
        on: &LoopHandle,
        first: Duration,
        period: Duration,
        f: impl FnMut(Missed) -> R + Send + 'static,
    ) -> Self {
        let (control, asked) = changes();
        let stopped = Arc::new(AtomicBool::new(false));
        let beats = Beats {
            next: on.now().checked_add(first),
            period,
            asked,
            open: true,
            stopped: Arc::clone(&stopped),
        };
        let executor = on.executor();
        let block = executor.go(beats.run(f));
        let ended = Promise::<Outcome<(), Error>, Error>::from(block)
            .with_handle(Some(executor.clone()))
            .then(|ended| ended.and_then(|outcome| outcome))
            .shared();
        Self {
            control,
            stopped,
            ended,
            on: on.clone(),
        }
    }

    /// Stops it: no beat begins any more. True if it was not stopped, and had not ended.
    ///
    /// A beat that is under way (a promise that it waits for) goes on to its end. Inside a beat,
    /// `ControlFlow::Break(())` does the same.
    pub fn stop(&self) -> bool {
        // Ordering: a flag; the queue's lock orders the rest.
        let was_stopped = self.stopped.swap(true, Ordering::Relaxed);
        let asked = self.control.try_put(Control(None)).is_ok();
        !was_stopped && asked
    }

    /// Has the next beat come one period from now, and counts the rate from there.
    ///
    /// True if it has not ended.
    pub fn reset(&self) -> bool {
        self.is_active() && self.control.try_put(Control(Some(self.on.now()))).is_ok()
    }

    /// True until it is stopped or has failed.
    pub fn is_active(&self) -> bool {
        // Ordering: as above.
        !self.stopped.load(Ordering::Relaxed) && !self.ended.is_settled()
    }

    /// Its end, as an eventual value: fulfilled when it was stopped, failed with what a beat failed with.
    ///
    /// A failure that nobody looks at is [told](crate::promise::set_unhandled_hook).
    pub fn ended(&self) -> Shared<(), Error> {
        self.ended.clone()
    }
}

impl fmt::Debug for Ticker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticker")
            .field("active", &self.is_active())
            .finish_non_exhaustive()
    }
}

/// The block of a ticker.
struct Beats {
    /// `None`: beyond the clock's range, so never.
    next: Option<Instant>,
    period: Duration,
    asked: Receiver<Control>,
    /// There is still a handle.
    open: bool,
    stopped: Arc<AtomicBool>,
}

impl Beats {
    async fn run<R: Effect + 'static>(
        mut self,
        mut f: impl FnMut(Missed) -> R + Send + 'static,
    ) -> Outcome<(), Error> {
        let mut missed = 0;
        while let Some(late) = self.beat().await {
            let after = f(Missed(missed + late)).into_after();
            match after {
                After::Done => {}
                After::Stop => break,
                After::Failed(error) => return Err(Failure::Error(error)),
                After::Wait(promise) => promise.await?,
            }
            missed = self.skip();
        }
        Ok(())
    }

    /// Waits for the next beat; how many went by meanwhile. `None`: it was stopped.
    async fn beat(&mut self) -> Option<u64> {
        loop {
            // Ordering: see `Ticker::stop`.
            if self.stopped.load(Ordering::Relaxed) {
                return None;
            }
            let Some(next) = self.next else {
                match self.asked.take().await {
                    None => std::future::pending().await,
                    control => self.heed(control),
                }
                continue;
            };
            let due = deadline(next);
            alt! {
                priority;
                control = take!(self.asked), if self.open => self.heed(control),
                _ = take!(due) => {
                    let late = beats_in(csp_sched::now().saturating_duration_since(next), self.period);
                    self.next = after(next, self.period, late + 1);
                    return Some(late);
                }
            }
        }
    }

    fn heed(&mut self, control: Option<Control>) {
        match control {
            Some(Control(Some(at))) => self.next = at.checked_add(self.period),
            Some(Control(None)) => {}
            None => self.open = false,
        }
    }

    /// After a call: the beats that went by while it lasted are skipped. How many?
    fn skip(&mut self) -> u64 {
        let Some(next) = self.next else { return 0 };
        let over = csp_sched::now().saturating_duration_since(next);
        // One that is due right now is in time.
        let missed = over.as_nanos().div_ceil(self.period.as_nanos());
        let missed = u64::try_from(missed).unwrap_or(u64::MAX);
        self.next = after(next, self.period, missed);
        missed
    }
}

fn beats_in(time: Duration, period: Duration) -> u64 {
    u64::try_from(time.as_nanos() / period.as_nanos()).unwrap_or(u64::MAX - 1)
}

fn after(from: Instant, period: Duration, beats: u64) -> Option<Instant> {
    let nanos = period.as_nanos().saturating_mul(u128::from(beats));
    let nanos = u64::try_from(nanos).ok()?;
    from.checked_add(Duration::from_nanos(nanos))
}
