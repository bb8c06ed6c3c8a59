//! All workers of a pipeline, and the block that leads them.

use std::{convert::Infallible, pin::pin};

use csp_core::{Failure, Sender, alt, park};

use super::{
    signal::Signal,
    step::Crewman,
    stopped::{StopReason, Stopped},
    worker::{Ended, Exit},
};
use crate::AtEnd;

/// The workers. They end with it: when the block that leads them is cancelled, it is dropped.
pub(super) struct Crew<In, Out> {
    workers: Vec<Crewman<In, Out>>,
    /// No more is to be read.
    pub(super) halt: Signal,
    /// All is to be dropped: for threads, which cannot be cancelled.
    pub(super) abort: Signal,
}

impl<In, Out> Drop for Crew<In, Out> {
    fn drop(&mut self) {
        self.abort.give();
        for worker in &self.workers {
            worker.cancel();
        }
    }
}

impl<In, Out> Crew<In, Out> {
    pub(super) fn new(size: usize) -> Self {
        Self {
            workers: Vec::with_capacity(size),
            halt: Signal::new(),
            abort: Signal::new(),
        }
    }

    pub(super) fn add(&mut self, worker: Crewman<In, Out>) {
        self.workers.push(worker);
    }

    /// Waits for all workers, halts them when the target closes, and ends the target in the end.
    pub(super) async fn lead(
        mut self,
        to: Sender<Out>,
        at_end: AtEnd,
    ) -> Result<(), Stopped<In, Out>> {
        let halt = self.halt.clone();
        let ended = {
            let mut all = pin!(self.all());
            alt! {
                priority;
                ended = park!(all.as_mut()) => ended,
                _ = park!(to.closed()) => {
                    halt.give();
                    all.await
                }
            }
        };
        let result = ended.result();
        if at_end == AtEnd::Close {
            end(&to, result.as_ref().err().map(|stopped| &stopped.reason));
        }
        result
    }

    async fn all(&mut self) -> Summary<In, Out> {
        let mut summary = Summary {
            ended: Vec::new(),
            lost: Vec::new(),
        };
        for worker in &mut self.workers {
            summary.add(worker.await);
        }
        summary
    }
}

/// Closes the target, or fails it.
fn end<Out>(to: &Sender<Out>, reason: Option<&StopReason>) {
    match reason.cloned() {
        None | Some(StopReason::TargetClosed) => to.close(),
        Some(StopReason::SourceFailed(cause)) => to.fail(cause),
        Some(StopReason::Panicked(panic)) => to.fail(panic),
        Some(StopReason::Cancelled) => to.fail(Failure::<Infallible>::Cancelled),
    };
}

/// How the workers ended.
struct Summary<In, Out> {
    ended: Vec<Ended<In, Out>>,
    /// Of those that could not tell what they had in hand.
    lost: Vec<StopReason>,
}

impl<In, Out> Summary<In, Out> {
    fn add(&mut self, outcome: Result<Option<Ended<In, Out>>, Failure>) {
        match outcome {
            Ok(Some(ended)) => self.ended.push(ended),
            // Its step, or the drop of something of the user's.
            Err(Failure::Panicked(panic)) => self.lost.push(StopReason::Panicked(panic)),
            Ok(None) | Err(_) => self.lost.push(StopReason::Cancelled),
        }
    }

    fn result(mut self) -> Result<(), Stopped<In, Out>> {
        self.ended.sort_by_key(|ended| ended.at);
        let (mut inputs, mut outputs, mut unfinished) = (Vec::new(), Vec::new(), self.lost.len());
        let mut reasons = self.lost;
        for ended in self.ended {
            outputs.extend(ended.outputs);
            match ended.exit {
                Exit::End(None) => {}
                Exit::End(Some(cause)) => reasons.push(StopReason::SourceFailed(cause)),
                Exit::Stop => reasons.push(StopReason::TargetClosed),
                Exit::Unused(input) => {
                    inputs.push(input);
                    reasons.push(StopReason::TargetClosed);
                }
                Exit::Unfinished(reason) => {
                    unfinished += 1;
                    // If it does not know the reason, another worker does, or it is the target.
                    reasons.push(reason.unwrap_or(StopReason::TargetClosed));
                }
            }
        }
        // One leads to others. Of several panics the first here is one that the target failed with.
        match reasons.into_iter().rev().max_by_key(StopReason::weight) {
            None => Ok(()),
            Some(reason) => Err(Stopped {
                reason,
                inputs,
                outputs,
                unfinished,
            }),
        }
    }
}
