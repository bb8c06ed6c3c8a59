//! What csp-core asks a world.

use std::{
    fmt::Display,
    panic::resume_unwind,
    time::{Duration, Instant},
};

use csp_core::context::{self, Ended, Object, Simulate};

use super::{
    entity::{CLOCK, Kind, Status, Wait},
    report::FailureKind,
    state::Next,
    world::World,
};

impl Simulate for World {
    fn step(&self, objects: &[Object], may_yield: bool) -> bool {
        let place = context::asked_at();
        let mut state = self.state.lock();
        if state.ending {
            return Self::step_at_end(state, may_yield);
        }
        let number = state.running;
        if number == CLOCK {
            for &object in objects {
                state.touch(object);
            }
            return true;
        }
        let me = state.me();
        let is_own = may_yield && me.kind == Kind::Block && context::current_block() == Some(me.id);
        if is_own && (me.yields || context::is_cancelled()) {
            // (Asked to end in the middle of a turn: it ends here, whoever goes on first.)
            return false;
        }
        if me.yields {
            state.announce_more(objects);
            return true;
        }
        if is_own && std::mem::take(&mut me.granted) {
            for &object in objects {
                state.touch(object);
            }
            return true;
        }
        state.announce(objects, place);
        state = self.decide(state, Some(number));
        match state.next {
            Some(Next::Entity(next)) if next == number => {
                state.next = None;
                state.begin(number);
                return true;
            }
            Some(Next::End) => {
                state.running = number;
                state.due.retain(|&due| due != number);
                state.entity(number).status = Status::Running;
                return Self::step_at_end(state, may_yield);
            }
            _ => {}
        }
        if is_own {
            state.due.retain(|&due| due != number);
            let me = state.entity(number);
            me.status = Status::Running;
            me.yields = true;
            me.granted = true;
            return false;
        }
        let state = self.sit(state, number);
        if state.ending {
            return Self::step_at_end(state, may_yield);
        }
        true
    }

    fn touch(&self, object: Object) {
        let mut state = self.state.lock();
        let me = state.me();
        if matches!(me.kind, Kind::Block | Kind::Thread) && object == Object::Block(me.id) {
            // Nobody but its own end touches a block's outcome in its turn.
            me.status = Status::Ended;
            let realm = me.realm;
            state.realm(realm).inspect(|realm| realm.count(false));
        }
        state.touch(object);
    }

    fn describe(&self, object: Object, what: &dyn Display) {
        self.state.lock().describe(object, what);
    }

    fn now(&self) -> Instant {
        self.ticks.clock().now()
    }

    fn forget(&self, object: Object) {
        self.state.lock().forget(object);
    }

    fn choose(&self, bound: u32) -> u32 {
        self.state.lock().choose_arm(bound)
    }

    fn complain(&self, what: &str) {
        let mut state = self.state.lock();
        if !state.rules.allow_panics {
            state.fail(FailureKind::Panic, what.to_owned());
        }
    }

    fn park(&self, unparked: &dyn Fn() -> bool, limit: Option<Duration>, may_unwind: bool) -> bool {
        let mut state = self.state.lock();
        if state.ending {
            return self.park_at_end(state, unparked, may_unwind);
        }
        let number = state.running;
        let deadline = limit.and_then(|limit| self.ticks.clock().after(limit));
        // SAFETY: it is taken out before this thread has the baton again, so before `unparked` goes.
        let wait = unsafe { Wait::new(unparked, deadline, may_unwind) };
        let me = state.entity(number);
        me.yields = false;
        me.place = context::asked_at().or(me.place);
        if wait.is_over() {
            me.status = Status::Ready;
            state.due.push_back(number);
        } else {
            me.status = Status::Parked;
            me.wait = Some(wait);
            state.parked_threads += 1;
        }
        if state.next.is_none() {
            state = self.decide(state, None);
        }
        if state.next == Some(Next::Entity(number)) {
            state.next = None;
            state.begin(number);
        } else {
            state = self.sit(state, number);
        }
        let me = state.entity(number);
        let (timed_out, unwind) = (std::mem::take(&mut me.timed_out), me.unwind);
        me.unwind = false;
        drop(state);
        if unwind {
            resume_unwind(Box::new(Ended));
        }
        !timed_out
    }
}
