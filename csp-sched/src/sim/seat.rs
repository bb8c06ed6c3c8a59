//! The threads of a world: one has the baton, all others sit.

use std::{cell::RefCell, rc::Rc};

use super::world::World;
use crate::{
    current::{self, Current},
    sync::{Arc, Condvar, Mutex, thread},
};

/// Where a thread waits for the baton.
#[derive(Debug)]
pub(super) struct Seat {
    order: Mutex<Order>,
    given: Condvar,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Wait,
    /// The baton is yours.
    Go,
    /// The exploration is over.
    Leave,
}

impl Seat {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            order: Mutex::new(Order::Wait),
            given: Condvar::new(),
        })
    }

    /// Passes the baton to the thread that sits here.
    pub(super) fn wake(&self) {
        self.give(Order::Go);
    }

    pub(super) fn dismiss(&self) {
        self.give(Order::Leave);
    }

    fn give(&self, new: Order) {
        *self.order.lock() = new;
        self.given.notify_one();
    }

    /// Waits for the baton. False: it is not coming any more.
    pub(super) fn wait(&self) -> bool {
        let mut order = self.order.lock();
        loop {
            match std::mem::replace(&mut *order, Order::Wait) {
                Order::Wait => order = self.given.wait(order, None),
                Order::Go => return true,
                Order::Leave => return false,
            }
        }
    }
}

struct Here {
    world: Arc<World>,
    seat: Arc<Seat>,
}

std::thread_local! {
    static HERE: RefCell<Option<Here>> = const { RefCell::new(None) };
}

/// The world that this thread belongs to.
pub(super) fn world_here() -> Option<Arc<World>> {
    HERE.try_with(|here| here.borrow().as_ref().map(|here| Arc::clone(&here.world)))
        .ok()
        .flatten()
}

/// True if this thread is one of `world`.
pub(super) fn is_of(world: &World) -> bool {
    HERE.try_with(|here| {
        let here = here.borrow();
        here.as_ref()
            .is_some_and(|here| std::ptr::eq(Arc::as_ptr(&here.world), world))
    })
    .unwrap_or(false)
}

/// The seat of this thread, which is one of a world.
pub(super) fn mine() -> Arc<Seat> {
    HERE.with(|here| {
        let here = here.borrow();
        Arc::clone(&here.as_ref().expect("a thread of the simulation").seat)
    })
}

/// Makes this thread one of `world`, with a seat, while `f` runs.
pub(super) fn enter<R>(world: &Arc<World>, seat: Arc<Seat>, f: impl FnOnce() -> R) -> R {
    let here = Here {
        world: Arc::clone(world),
        seat,
    };
    HERE.with(|cell| {
        let is_free = cell.borrow().is_none();
        assert!(
            is_free,
            "a simulation inside a simulation: explore one program at a time"
        );
        *cell.borrow_mut() = Some(here);
    });
    let _leave = Leave;
    let realm = world.realm_of_all();
    let _entered = current::enter(Rc::new(Current::Sim(realm)));
    let simulate: &dyn csp_core::context::Simulate = &**world;
    // SAFETY: the Arc above keeps the world alive until `_leave` is dropped, which is after this guard; guards are
    // dropped in the reverse order of their making.
    let _simulated = unsafe { csp_core::context::enter_simulation(simulate.into()) };
    f()
}

struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        let here = HERE.try_with(|cell| cell.borrow_mut().take());
        drop(here);
    }
}

/// Starts one more thread, which has the baton at once.
pub(super) fn start(world: &Arc<World>, number: usize) -> thread::JoinHandle<()> {
    let own = Arc::clone(world);
    thread::Builder::new()
        .name(format!("csp-sim-{number}"))
        .spawn(move || {
            let seat = Seat::new();
            let own_seat = Arc::clone(&seat);
            enter(&own, own_seat, || {
                loop {
                    own.work(&seat, false);
                    if !seat.wait() {
                        return;
                    }
                }
            });
        })
        .unwrap_or_else(|error| panic!("the simulation cannot start a thread: {error}"))
}
