//! Why a pipeline stopped early, and what it had in hand.

use std::{error::Error, fmt};

use csp_core::{Cause, Panicked};

/// A pipeline stopped before it had put everything: why, and what it had in hand.
///
/// It is what the [`Go`](csp_core::Go) of a [pipeline](super::pipeline()) gives, so that nothing is lost
/// in silence. What was not taken from the source is still there.
///
/// ```
/// use csp::{ops::{StopReason, pipeline}, prelude::*, xf};
///
/// let (numbers_tx, numbers) = chan(4);
/// let (tx, rx) = chan(0);
/// for n in 1..=4 { numbers_tx.try_put(n).unwrap(); }
/// let done = pipeline(2, numbers, xf::map(|n: u32| n * 10)).into(tx);
///
/// assert_eq!(rx.take_blocking(), Some(10));
/// drop(rx); // enough
/// let stopped = done.wait()?.unwrap_err();
/// assert!(matches!(stopped.reason, StopReason::TargetClosed));
/// println!("{stopped}: {:?}, not begun {:?}", stopped.outputs, stopped.inputs);
/// # Ok::<(), csp::Failure>(())
/// ```
#[non_exhaustive]
pub struct Stopped<In, Out> {
    /// What stopped it.
    pub reason: StopReason,
    /// Values that were taken, and not begun. In their order, if the pipeline keeps it.
    pub inputs: Vec<In>,
    /// Outputs that could not be put. In their order, if the pipeline keeps it.
    pub outputs: Vec<Out>,
    /// How many values were begun and not ended: the one that panicked without a handler, and async
    /// functions that were dropped while they were pending.
    pub unfinished: usize,
}

/// What stopped a pipeline: see [`Stopped`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StopReason {
    /// The target was closed: nobody wants the outputs.
    TargetClosed,
    /// The source failed. All that came before was put.
    SourceFailed(Cause),
    /// A step panicked and there is no handler, or the handler panicked.
    Panicked(Panicked),
    /// A worker was cancelled: its runtime shut down, or the system refused it a thread.
    Cancelled,
}

impl StopReason {
    /// How much it tells: one end leads to others.
    pub(super) fn weight(&self) -> u8 {
        match self {
            Self::TargetClosed => 0,
            Self::SourceFailed(_) => 1,
            Self::Cancelled => 2,
            Self::Panicked(_) => 3,
        }
    }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TargetClosed => f.write_str("its target is closed"),
            Self::SourceFailed(cause) => write!(f, "its source failed: {cause}"),
            Self::Panicked(panic) => write!(f, "a step panicked: {}", panic.message()),
            Self::Cancelled => f.write_str("a worker was cancelled"),
        }
    }
}

impl<In, Out> fmt::Display for Stopped<In, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the pipeline stopped, since {}: {} values not begun, {} not finished, {} outputs not put",
            self.reason,
            self.inputs.len(),
            self.unfinished,
            self.outputs.len()
        )
    }
}

impl<In, Out> fmt::Debug for Stopped<In, Out> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopped")
            .field("reason", &self.reason)
            .field("inputs", &self.inputs.len())
            .field("outputs", &self.outputs.len())
            .field("unfinished", &self.unfinished)
            .finish()
    }
}

impl<In, Out> Error for Stopped<In, Out> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.reason {
            StopReason::SourceFailed(cause) => Some(&**cause),
            StopReason::Panicked(panic) => Some(panic),
            _ => None,
        }
    }
}
