//! The run of a pipeline: a loop in one go block.
//!
//! The pipelines that are nested at the moment are [frames](Frame) on a stack of its own, so that neither
//! nesting nor failing, restarting, redirecting or leaving is a recursion. What is to happen next is always in
//! `due`; one turn of the loop does it, and says what is next.
//!
//! A pipeline with an executor of its own has its turns in a block there, to which the whole driver is moved,
//! and from which it comes back when another pipeline is on top. At most one such block is there at a time.

use std::{future::poll_fn, mem, pin::pin, task::Poll};

use csp_core::Failure;

use super::{
    caught::{caught, panic_saying, saying},
    core::{Begin, Strong, Turn, Work},
    frame::{Frame, Limits},
    slot::Slot,
    target::{Jump, Target},
    waiting::{self, Waiting},
};
use crate::promise::{
    Outcome, Promise,
    engine::{self, Place, Run},
};

/// How many turns a run takes before it lets other blocks run.
const TURNS: u32 = 128;

pub(super) struct Driver<E: 'static> {
    /// The innermost pipeline is the last.
    frames: Vec<Frame<E>>,
    /// The value on its way.
    slot: Slot,
    due: Due<E>,
    /// What the innermost pipeline's handler was asked about, until it has decided.
    handling: Option<Failure<E>>,
    run: Run,
    turns: u32,
}

/// What is to happen next.
enum Due<E: 'static> {
    /// The first pipeline begins.
    Start(Target<E>),
    /// The innermost pipeline's next stage; or its end, if there is none.
    Stage,
    Begin(Begin),
    /// A stage of the innermost pipeline failed, or its handler.
    Failed(Failure<E>),
    Wait(Box<dyn Waiting<E>>),
    /// The innermost pipeline is at its end. If well, its output is in the slot.
    Leave(Result<(), Failure<E>>),
    /// The time of the pipeline in that frame is over.
    TimedOut(usize),
    Over(Result<(), Failure<E>>),
}

/// Runs a pipeline with a value.
#[track_caller]
pub(super) fn start<Out, E>(target: Target<E>, value: Slot) -> Promise<Out, E>
where
    Out: Send + 'static,
    E: Send + 'static,
{
    let here = match &target {
        Target::Built(core) => core.place.clone(),
        Target::Late(_) => None,
    };
    let there = here.clone();
    engine::start(there.as_ref(), |run| async move {
        let driver = Driver {
            frames: Vec::new(),
            slot: value,
            due: Due::Start(target),
            handling: None,
            run,
            turns: 0,
        };
        let mut driver = home(driver, here).await?;
        match mem::replace(&mut driver.due, Due::Stage) {
            Due::Over(Ok(())) => Ok(driver.slot.take()),
            // It ends the block: so it is shown to the hook, and tells where the run was begun.
            Due::Over(Err(Failure::Panicked(panic))) if panic.site().is_none() => panic.resume(),
            Due::Over(Err(failure)) => Err(failure),
            _ => unreachable!("home returns when the run is over"),
        }
    })
}

/// Drives to the end, with blocks elsewhere for the pipelines that have an executor.
async fn home<E>(mut driver: Driver<E>, here: Option<Place>) -> Outcome<Driver<E>, E>
where
    E: Send + 'static,
{
    loop {
        driver.drive(here.as_ref()).await;
        let there = driver.place().cloned();
        let Some(there) = there.filter(|_| !driver.is_over()) else {
            return Ok(driver);
        };
        let (run, place) = (driver.run.clone(), there.clone());
        let elsewhere = async move {
            driver.drive(Some(&there)).await;
            driver
        };
        driver = engine::away(&place, &run, elsewhere).await?;
    }
}

impl<E> Driver<E>
where
    E: Send + 'static,
{
    /// Goes on until the run is over, or has to go on elsewhere.
    async fn drive(&mut self, here: Option<&Place>) {
        while !self.is_over() && self.is_at(here) {
            if self.run.is_cancelled() {
                self.due = Due::Over(Err(Failure::Cancelled));
                return;
            }
            self.turns += 1;
            if self.turns == TURNS {
                self.turns = 0;
                csp_sched::yield_now().await;
            }
            self.due = match mem::replace(&mut self.due, Due::Stage) {
                Due::Wait(waiting) => self.wait(waiting).await,
                due => self.turn(due),
            };
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.due, Due::Over(_))
    }

    /// Where the innermost pipeline runs.
    fn place(&self) -> Option<&Place> {
        self.frames.last()?.place.as_ref()
    }

    fn is_at(&self, here: Option<&Place>) -> bool {
        match (self.place(), here) {
            (Some(place), Some(here)) => place == here,
            (place, here) => self.frames.is_empty() || place.is_none() && here.is_none(),
        }
    }

    fn turn(&mut self, due: Due<E>) -> Due<E> {
        match due {
            Due::Start(target) => self.nest(&target),
            Due::Stage => self.stage(),
            Due::Begin(begin) => self.begin(begin),
            Due::Failed(failure) => self.failed(failure),
            Due::Leave(outcome) => self.leave(outcome),
            Due::TimedOut(index) => self.timed_out(index),
            Due::Wait(_) | Due::Over(_) => due,
        }
    }

    fn top(&mut self) -> &mut Frame<E> {
        let top = self.frames.last_mut();
        top.expect("a run that is not over is in a pipeline")
    }

    fn stage(&mut self) -> Due<E> {
        let Some(frame) = self.frames.last_mut() else {
            unreachable!("a run that is not over is in a pipeline");
        };
        let Some(stage) = frame.core.stages.get(frame.next) else {
            return Due::Leave(Ok(()));
        };
        if let Some(index) = frame.limits.over() {
            return Due::TimedOut(index);
        }
        frame.next += 1;
        let slot = &mut self.slot;
        let turn = match &stage.work {
            Work::Call(call) => caught(|| call(slot)),
            Work::Nest(target) => {
                let target = target.clone();
                return self.nest(&target);
            }
        };
        self.said(turn.unwrap_or_else(|panic| Turn::Failed(Failure::Panicked(panic))))
    }

    /// What a stage or a handler said.
    fn said(&mut self, turn: Turn<E>) -> Due<E> {
        match turn {
            Turn::Next => Due::Stage,
            Turn::Complete => Due::Leave(Ok(())),
            Turn::Wait(waiting) => Due::Wait(waiting),
            Turn::Redirect(jump) => self.redirect(jump),
            Turn::Retry(begin) => Due::Begin(begin),
            Turn::Failed(failure) => self.fail(failure),
            Turn::Propagate => match self.handling.take() {
                Some(failure) => Due::Leave(Err(failure)),
                None => unreachable!("only a handler propagates"),
            },
            Turn::Restart(begin) => self.restart(begin),
        }
    }

    /// A stage failed; or the handler, which is not asked about itself.
    fn fail(&mut self, failure: Failure<E>) -> Due<E> {
        match (self.handling.take(), failure) {
            (None, failure) => Due::Failed(failure),
            (Some(original), Failure::Panicked(panic)) if panic.site().is_none() => {
                let original = engine::describe(&original);
                let panic = panic.message();
                let text =
                    format!("{panic} (in the error handler, which was asked about: {original})");
                Due::Leave(Err(Failure::Panicked(saying(text))))
            }
            (Some(_), failure) => Due::Leave(Err(failure)),
        }
    }

    /// Asks the handler.
    fn failed(&mut self, failure: Failure<E>) -> Due<E> {
        let Some(frame) = self.frames.last() else {
            return Due::Over(Err(failure));
        };
        let Some(handler) = &frame.core.on_error else {
            return Due::Leave(Err(failure));
        };
        let stage = frame.core.stage_before(frame.next);
        let slot = &mut self.slot;
        let turn = caught(|| handler(&failure, stage, slot));
        self.handling = Some(failure);
        self.said(turn.unwrap_or_else(|panic| Turn::Failed(Failure::Panicked(panic))))
    }

    fn begin(&mut self, begin: Begin) -> Due<E> {
        let Some(frame) = self.frames.last_mut() else {
            unreachable!("a run that is not over is in a pipeline");
        };
        match frame.begin(begin, &mut self.slot) {
            Ok(()) => Due::Stage,
            Err(failure) => Due::Failed(failure),
        }
    }

    fn restart(&mut self, begin: Begin) -> Due<E> {
        let failure = self.handling.take();
        let frame = self.top();
        let Some(failure) = failure else {
            frame.retries = 0;
            return Due::Begin(begin);
        };
        let Some((limit, backoff)) = frame.core.max_restarts else {
            return Due::Begin(begin);
        };
        if frame.retries == limit {
            return Due::Leave(Err(failure));
        }
        frame.retries += 1;
        let pause = backoff.pause(frame.retries);
        if pause.is_zero() {
            Due::Begin(begin)
        } else {
            Due::Wait(waiting::pause_then_retry(pause, begin))
        }
    }

    /// Begins a pipeline inside of the innermost one, with the value in the slot.
    fn nest(&mut self, target: &Target<E>) -> Due<E> {
        let core = match target.get() {
            Ok(core) => core,
            Err(none) => return Due::Failed(Failure::Panicked(panic_saying(&none))),
        };
        let place = self.place().cloned();
        self.enter(core, None, place)
    }

    /// Begins a pipeline that runs at `place` unless it says otherwise.
    fn enter(&mut self, core: Strong<E>, left: Option<&Limits>, place: Option<Place>) -> Due<E> {
        let outer = self.frames.last().map(|outer| &outer.limits);
        let limits = Limits::new(outer, left, core.timeout, self.frames.len());
        let place = core.place.clone().or(place);
        self.frames.push(Frame::new(core, limits, place));
        Due::Begin(Begin::Slot)
    }

    /// Goes on with another pipeline in the place of the innermost.
    fn redirect(&mut self, jump: Jump<E>) -> Due<E> {
        // Before anything is left: if it is not there, it is this stage that failed.
        let core = match jump.target.get() {
            Ok(core) => core,
            Err(none) => return self.fail(Failure::Panicked(panic_saying(&none))),
        };
        self.handling = None;
        let frame = self.frames.pop();
        let frame = frame.expect("a run that is not over is in a pipeline");
        let (limits, place) = (frame.limits.clone(), frame.place.clone());
        match frame.leave(Ok(())) {
            Ok(()) => {
                self.slot = jump.value;
                self.enter(core, Some(&limits), place)
            }
            Err(failure) => Due::Failed(failure),
        }
    }

    fn leave(&mut self, outcome: Result<(), Failure<E>>) -> Due<E> {
        self.handling = None;
        let outcome = match self.frames.pop() {
            Some(frame) => frame.leave(outcome),
            None => outcome,
        };
        match outcome {
            outcome if self.frames.is_empty() => Due::Over(outcome),
            Ok(()) => Due::Stage,
            Err(failure) => Due::Failed(failure),
        }
    }

    /// Ends the pipeline of that frame, and those inside of it, without asking their handlers.
    fn timed_out(&mut self, index: usize) -> Due<E> {
        if self.frames.len() > index + 1 {
            let frame = self.frames.pop();
            // A panic at its end is told by std's hook; the time of them all is over.
            drop(frame.map(|frame| frame.leave(Ok(()))));
            return Due::TimedOut(index);
        }
        Due::Leave(Err(Failure::TimedOut))
    }

    async fn wait(&mut self, mut waiting: Box<dyn Waiting<E>>) -> Due<E> {
        self.run.set_waits_for(waiting.made_at());
        let limit = self.frames.last().and_then(|top| top.limits.first.clone());
        let mut over = pin!(limit.as_ref().map(|(timeout, _)| timeout.take()));
        let slot = &mut self.slot;
        let turn = poll_fn(|cx| {
            match caught(|| waiting.poll(slot, cx)) {
                Ok(Poll::Ready(turn)) => return Poll::Ready(Some(turn)),
                Ok(Poll::Pending) => {}
                Err(panic) => return Poll::Ready(Some(Turn::Failed(Failure::Panicked(panic)))),
            }
            match over.as_mut().as_pin_mut() {
                Some(over) => over.poll(cx).map(|_| None),
                None => Poll::Pending,
            }
        })
        .await;
        self.run.set_waits_for(None);
        match (turn, limit) {
            (Some(turn), _) => self.said(turn),
            (None, Some((_, index))) => Due::TimedOut(index),
            (None, None) => unreachable!("without a limit no time is over"),
        }
    }
}

/// Cancelled, it is left from the inside out.
impl<E: 'static> Drop for Driver<E> {
    fn drop(&mut self) {
        while let Some(frame) = self.frames.pop() {
            drop(frame);
        }
    }
}
