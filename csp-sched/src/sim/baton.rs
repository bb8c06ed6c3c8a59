//! The threads of a world, and who of them goes on.
//!
//! A block's turn runs on the thread that has the baton. If, at an operation of it, another entity is chosen:
//! * where the block may yield, it does. The same thread runs the chosen one.
//! * else (`try_put`, a drop, anything in a thread of the program) its thread sits down where it is, and passes the
//!   baton on: to the thread on which the chosen one sits, or to one that is free, or to a new one.

use super::{
    entity::Status,
    seat::{self, Seat},
    state::{Next, State},
    world::World,
};
use crate::{
    current::{self, Current},
    sync::{Arc, Guard},
};

impl World {
    /// Goes on with whoever was chosen, until the baton is passed on. The root returns when the execution is over.
    pub(super) fn work(&self, seat: &Arc<Seat>, is_root: bool) {
        loop {
            let mut state = self.state.lock();
            if state.next.is_none() {
                state = self.decide(state, None);
            }
            let next = match state.next.take() {
                Some(Next::Entity(next)) => next,
                _ => match self.next_at_end(state) {
                    (now, Some(next)) => {
                        state = now;
                        next
                    }
                    (_, None) if is_root => return,
                    (mut now, None) => {
                        let root = now.root.clone().expect("an execution has a root");
                        now.idle.retain(|other| !Arc::ptr_eq(other, &root));
                        now.idle.push(Arc::clone(seat));
                        now.next = Some(Next::End);
                        drop(now);
                        root.wake();
                        return;
                    }
                },
            };
            if let Some(chosen) = state.entity(next).seat.take() {
                state.idle.push(Arc::clone(seat));
                state.begin(next);
                drop(state);
                chosen.wake();
                if !is_root {
                    return;
                }
                seat.wait();
                continue;
            }
            self.run_turn(state, next);
        }
    }

    fn run_turn(&self, mut state: Guard<'_, State>, number: u32) {
        state.begin(number);
        let entity = state.entity(number);
        let task = entity.task.take().expect("who is due can be run");
        let realm = entity.realm;
        let entered = state
            .realm(realm)
            .map(|realm| current::enter(std::rc::Rc::new(Current::Sim(Arc::clone(realm)))));
        drop(state);
        task.run();
        drop(entered);
        let mut state = self.state.lock();
        let entity = state.entity(number);
        entity.yields = false;
        if entity.status == Status::Running {
            entity.status = Status::Parked;
        }
    }

    /// Sits down in the middle of a turn, and passes the baton on. Returns with it.
    pub(super) fn sit<'a>(&'a self, mut state: Guard<'a, State>, me: u32) -> Guard<'a, State> {
        let seat = seat::mine();
        state.entity(me).seat = Some(Arc::clone(&seat));
        let chosen = match state.next {
            Some(Next::Entity(next)) => state.entity(next).seat.take().map(|seat| (next, seat)),
            _ => None,
        };
        if let Some((next, chosen)) = chosen {
            state.next = None;
            state.begin(next);
            drop(state);
            chosen.wake();
        } else if let Some(free) = state.idle.pop() {
            drop(state);
            free.wake();
        } else {
            drop(state);
            let mut threads = self.threads.lock();
            let number = threads.len() + 1;
            threads.push(seat::start(&self.arc(), number));
            drop(threads);
        }
        seat.wait();
        self.state.lock()
    }

    /// Lets the free threads go, when all executions are over.
    pub(super) fn dismiss(&self) {
        let idle = std::mem::take(&mut self.state.lock().idle);
        for seat in idle {
            seat.dismiss();
        }
        for thread in std::mem::take(&mut *self.threads.lock()) {
            // (Its panic would have been one of ours.)
            drop(thread.join());
        }
    }
}
