//! Puts into several channels at one instant: all of them, or none.
//!
//! # The instant
//! 1. *Hold*: the locks of all the channels are taken, in the order of their numbers. Whoever has one does
//!    not sleep for another: if one is not free soon, all are let go, that one is waited for alone, and it
//!    starts anew. So no circle of those who wait can form, also not through a buffer's policy or a
//!    transducer, which may use other channels under its own lock.
//! 2. *Look* ([`partners`]): is any closed, and has each room? What finds no place in a buffer needs a taker
//!    of its own, and an alts that waits on several of the channels can take only once.
//! 3. *Win*: the words of the alts among the takers are won at one instant. One that has been ended elsewhere
//!    is taken out of its queue, and 2 is done again.
//! 4. *Claim*: all the takers become CLAIMED before the first has its value for good, so that nobody sees one
//!    served and another not.
//! 5. *Move* ([`entry`]): values to takers and into buffers, and then what runs code of the user's.
//! 6. *Let go*: hints, locks, and after that the wake-ups, and the values that buffers let go of.
//!
//! Whoever looks at the channels under their locks sees all of 5 or nothing. Hints are read without, so before 4
//! every channel's hint says ITEMS, which sends whoever asks to the lock; each says the truth again once its
//! channel is done. (Otherwise one could find the first channel full already and the second still empty.)
//!
//! # Waiting for room
//! [`watch`].

mod entry;
mod future;
mod hold;
mod none_put;
mod partners;
mod puts;
mod watch;

use std::{any::Any, panic::resume_unwind};

pub(super) use self::watch::{Room, RoomMade};
use self::{
    entry::{Entry, Payload},
    hold::Hold,
};
pub use self::{
    future::{PutAllOrNone, put_all_or_none},
    none_put::NonePut,
    puts::Puts,
};
use super::{
    core::{CLOSED, ITEMS},
    xform,
};
use crate::{task::swallow, waiter::Wakes};

/// What is left to do for one channel once all locks are free.
pub(super) type Rest<'a> = Option<Box<dyn FnOnce() + 'a>>;

/// What a transaction came to. Indices count the puts as they were given.
enum Look<'a> {
    /// All were put.
    Done(After<'a>),
    Closed(usize),
    /// This one found no room. A watcher is queued, if it was to be.
    Full(usize),
    /// A custom buffer panicked when it was asked for room. Nothing was put.
    Panicked(Box<dyn Any + Send>),
}

/// What is to be done once all locks are free.
#[must_use = "wake-ups that are not done are lost"]
struct After<'a> {
    wakes: Wakes,
    entries: &'a [&'a dyn Entry],
    rests: Vec<Rest<'a>>,
    panic: Payload,
}

impl<'a> After<'a> {
    fn new(entries: &'a [&'a dyn Entry]) -> Self {
        Self {
            wakes: Wakes::new(),
            entries,
            rests: Vec::new(),
            panic: None,
        }
    }

    /// The panic of a policy. The first tells most.
    fn add_panic(&mut self, payload: Payload) {
        match (&self.panic, payload) {
            (Some(_), Some(second)) => self.rests.push(Some(Box::new(|| swallow(second)))),
            (None, Some(first)) => self.panic = Some(first),
            _ => {}
        }
    }

    fn run(self) {
        self.wakes.fire();
        self.rests.into_iter().flatten().for_each(|rest| rest());
        for entry in self.entries {
            entry.drop_left();
        }
        if let Some(payload) = self.panic {
            resume_unwind(payload);
        }
    }
}

/// Puts all, if all channels have room. If not, and `watch` is set, the transaction is queued to be told when
/// that may have changed; its entries have owners then.
fn attempt<'a>(entries: &'a [&'a dyn Entry], watch: bool) -> Look<'a> {
    let mut hold = Hold::new(entries);
    let look = attempt_under(&mut hold, entries, watch);
    // Wake-ups for other transactions, for which this one was woken but which it does not need.
    let passed = hold.let_go();
    // What a policy dropped under the locks.
    xform::drop_deferred();
    passed.fire();
    look
}

fn attempt_under<'a>(hold: &mut Hold<'a>, entries: &'a [&'a dyn Entry], watch: bool) -> Look<'a> {
    if let Some(closed) = entries.iter().position(|entry| entry.core().has(CLOSED)) {
        hold.pass_on();
        return Look::Closed(closed);
    }
    if let Err(payload) = hold.measure() {
        hold.pass_on();
        return Look::Panicked(payload);
    }
    let partners = match hold.find_partners() {
        Ok(partners) => partners,
        Err(full) => {
            // In this order: it goes to the end of the line.
            hold.pass_on();
            return Look::Full(if watch {
                hold.watch(full)
            } else {
                hold.first_of(&full)
            });
        }
    };
    hold.raise(ITEMS);
    let mut after = hold.move_all(partners);
    hold.publish(&mut after);
    hold.pass_on();
    Look::Done(after)
}
