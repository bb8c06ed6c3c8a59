//! The end of an execution.
//!
//! Once nobody can go on, or something went wrong, all that is left is ended, and nobody decides any more: blocks
//! are cancelled, threads that wait are unwound with [`Ended`]. So that what they hold is dropped as it should be,
//! operations go on working meanwhile, but for those that would wait.

use std::panic::resume_unwind;

use csp_core::context::{self, Ended};

use super::{
    entity::{Entity, Kind, Status, Wait},
    state::{Next, State},
    world::World,
};
use crate::sync::{Guard, thread};

/// How many operations an entity may still do at the end before it is unwound.
const LATE: u32 = 1000;

impl World {
    /// Who is to be ended next: those that are due, then threads that wait.
    pub(super) fn next_at_end<'a>(
        &'a self,
        mut state: Guard<'a, State>,
    ) -> (Guard<'a, State>, Option<u32>) {
        state.ending = true;
        if !std::mem::replace(&mut state.cancelled, true) {
            drop(state);
            self.home.cancel_all();
            state = self.state.lock();
        }
        state.look_at_parked(self.ticks.now());
        let has_task = |state: &State, number: u32| state.entities[number as usize].task.is_some();
        let at = (0..state.due.len())
            .find(|&at| has_task(&state, state.due[at]))
            .or((!state.due.is_empty()).then_some(0));
        if let Some(next) = at.and_then(|at| state.due.remove(at)) {
            return (state, Some(next));
        }
        let may_unwind = |entity: &Entity| entity.wait.as_ref().is_some_and(|wait| wait.may_unwind);
        let mut numbered = (0..).zip(&mut state.entities);
        let Some((number, entity)) = numbered.find(|(_, entity)| may_unwind(entity)) else {
            let stuck = state.entities.iter().any(|entity| entity.seat.is_some());
            if stuck {
                crate::report(format_args!(
                    "the simulation cannot end a thread of the program, which waits while it unwinds"
                ));
                std::process::abort();
            }
            return (state, None);
        };
        entity.wait = None;
        entity.unwind = true;
        state.parked_threads -= 1;
        (state, Some(number))
    }

    /// An operation after the end was declared: it is done, and nobody else is let go on.
    pub(super) fn step_at_end(mut state: Guard<'_, State>, may_yield: bool) -> bool {
        let me = state.me();
        let is_own = may_yield && me.kind == Kind::Block && context::current_block() == Some(me.id);
        if is_own {
            // It is cancelled: it does not come back from where it parks.
            return false;
        }
        me.late += 1;
        let too_many = me.late > LATE;
        drop(state);
        if too_many && !thread::panicking() {
            resume_unwind(Box::new(Ended));
        }
        true
    }

    pub(super) fn park_at_end(
        &self,
        mut state: Guard<'_, State>,
        unparked: &dyn Fn() -> bool,
        may_unwind: bool,
    ) -> bool {
        if unparked() {
            return true;
        }
        if may_unwind && !thread::panicking() {
            drop(state);
            resume_unwind(Box::new(Ended));
        }
        let me = state.running;
        // SAFETY: it is taken out before this thread has the baton again, so before `unparked` goes.
        let wait = unsafe { Wait::new(unparked, None, false) };
        let entity = state.entity(me);
        entity.wait = Some(wait);
        entity.status = Status::Parked;
        state.parked_threads += 1;
        state.next = Some(Next::End);
        drop(self.sit(state, me));
        true
    }
}
