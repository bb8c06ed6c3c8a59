//! Classic concurrency bugs, each in two versions: `buggy` and `fixed`, which differ by what a user would
//! change.
//!
//! Each is a plain function that runs to its end, against csp's public API alone: no clock but csp's, no
//! threads or locks but csp's, nothing left to chance but the schedule and the choices of alts. So it runs
//! under a simulator as it stands. A bug shows as a panic, a deadlock, or a block that is left behind.
//!
//! Most are the patterns of Go's concurrency bugs, as found and classified by Tu, Liu, Song and Zhang,
//! "Understanding Real-World Concurrency Bugs in Go" (ASPLOS 2019), and collected by Yuan, Li, Lu, Liu, Li
//! and Xue, "`GoBench`" (CGO 2021).
//!
//! # What cannot be written
//! Patterns of the same lists that have no program here, since Rust or csp leaves no room for them:
//!
//! * *data race on plain memory*, *concurrent map access*: `Send` and `Sync` refuse them; what is left are
//!   races of whole operations, which are here.
//! * *send on a closed channel panics*, *closing twice panics*: a put on a closed channel gives its value
//!   back, a second `close` says false. The action beside the close can still be done twice:
//!   [`double_close`].
//! * *nil channel*: there is no null; a channel that may be missing is an `Option`. The arm that is never
//!   switched on is left: [`arm_never_enabled`].
//! * *forgotten unlock*, *unlock of what is not locked*: a guard unlocks, once, also on early return and panic.
//! * *loop variable captured by reference*: a block owns what it uses. Sharing the slot that the loop
//!   changes is left: [`wrong_handle`].
//! * *`WaitGroup` copied by value*, *negative counter*: handles of blocks are joined, and moved when they are.
//! * *missing close by the last sender*, *receiver gone, sender parked for ever*: dropping the last end
//!   closes, and ends who waits. Whoever hands both ends around, as Go's `chan` does, has the bugs
//!   back: [`Chan`], and the programs that use it.
//! * *context never cancelled*, *promise dropped unresolved*: a dropped resolver settles as abandoned. One that
//!   is kept in a table and forgotten is left: [`call_after_disconnect`].
//! * *misuse of Go's `testing.T` and other libraries*: no counterpart.

use csp::{Go, Receiver, Sender, chan};

mod ab_ba;
mod add_after_wait;
mod arm_never_enabled;
mod atomicity_violation;
mod call_after_disconnect;
mod dining_philosophers;
mod double_close;
mod double_lock;
mod early_return;
mod errors_after_wait;
mod leaky_timeout;
mod lock_across_put;
mod lock_of_two;
mod lost_update;
mod message_order;
mod missed_signal;
mod missing_close;
mod nobody_signals;
mod once_init;
mod order_violation;
mod pipe;
mod read_twice;
mod second_reply;
mod select_default;
mod select_starvation;
mod stop_or_tick;
mod two_generals;
mod wait_group;
mod wait_in_loop;
mod wrong_handle;
mod zero_timer;

/// Where the bug belongs in the literature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Category {
    /// In every textbook.
    Classic,
    /// One of Go's: somebody waits for ever.
    Blocking,
    /// One of Go's: everybody ends, and the result is wrong.
    NonBlocking,
}

/// How a bug shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shows {
    /// Code that cannot go on panics.
    Panic,
    /// The program does not end.
    Deadlock,
    /// The program ends, and a block is left that never will.
    Leak,
    /// The program ends with an assertion about its result.
    WrongResult,
}

/// A bug and its fix.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bug {
    pub(crate) name: &'static str,
    pub(crate) category: Category,
    pub(crate) shows: Shows,
    pub(crate) buggy: fn(),
    pub(crate) fixed: fn(),
}

macro_rules! bugs {
    ($($category:ident: $($name:ident $shows:ident),+;)+) => {
        &[$($(Bug {
            name: stringify!($name),
            category: Category::$category,
            shows: Shows::$shows,
            buggy: $name::buggy,
            fixed: $name::fixed,
        }),+),+]
    };
}

/// All of them.
pub(crate) const BUGS: &[Bug] = bugs! {
    Classic:
        lost_update WrongResult, dining_philosophers Deadlock, double_close WrongResult,
        missed_signal Deadlock, select_starvation WrongResult, leaky_timeout Leak,
        second_reply Deadlock, two_generals WrongResult;
    Blocking:
        double_lock Deadlock, ab_ba Deadlock, read_twice Deadlock, lock_across_put Deadlock,
        wait_in_loop Deadlock, nobody_signals Deadlock, early_return Leak, missing_close Deadlock,
        errors_after_wait Deadlock, arm_never_enabled Deadlock, call_after_disconnect Deadlock,
        pipe Deadlock;
    NonBlocking:
        order_violation Panic, atomicity_violation Panic, wrong_handle WrongResult,
        add_after_wait WrongResult, stop_or_tick WrongResult, select_default WrongResult,
        zero_timer WrongResult, message_order WrongResult, once_init WrongResult,
        lock_of_two WrongResult;
};

/// Both ends of a channel in one handle, as Go's `chan`. It gives up what the two ends are for: as long as
/// anybody has a clone, neither side can be seen to be gone. (A block that uses one field captures only that:
/// such bugs need a function that is passed the whole.)
#[derive(Debug)]
struct Chan<T> {
    tx: Sender<T>,
    rx: Receiver<T>,
}

impl<T> Chan<T> {
    fn new(capacity: usize) -> Self {
        let (tx, rx) = chan(capacity);
        Self { tx, rx }
    }
}

impl<T> Clone for Chan<T> {
    fn clone(&self) -> Self {
        Self {
            tx: self.tx.clone(),
            rx: self.rx.clone(),
        }
    }
}

/// Waits for all blocks. The program ends as the first that does not end well.
fn join<T>(blocks: impl IntoIterator<Item = Go<T>>) -> Vec<T> {
    let outcome: Result<_, _> = blocks.into_iter().map(Go::wait).collect();
    outcome.unwrap_or_else(|failure| panic!("a block of the program: {failure}"))
}
