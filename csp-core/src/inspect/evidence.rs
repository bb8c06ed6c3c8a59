//! Who may have given a handle away: what is noted, while inspection is on, beside the channels' own notes.

use std::{cell::Cell, collections::HashMap};

use crate::{
    chan::trace::{User, stamp},
    sync::plain::{Mutex, OnceLock, PoisonError},
};

/// When each user last gave something away that may have had a handle in it.
#[derive(Default)]
struct Given {
    by: HashMap<User, u64>,
    /// Of all users that are not there.
    others: u64,
}

/// More users than this are forgotten: what they had counts as given away.
const MAX_USERS: usize = 1 << 16;

fn given() -> &'static Mutex<Given> {
    static GIVEN: OnceLock<Mutex<Given>> = OnceLock::new();
    GIVEN.get_or_init(Mutex::default)
}

/// The user gave something away at that time.
pub(crate) fn gave_away(user: User, at: u64) {
    let mut given = given().lock().unwrap_or_else(PoisonError::into_inner);
    if given.by.len() >= MAX_USERS {
        given.by.clear();
        given.others = stamp();
    }
    let last = given.by.entry(user).or_insert(0);
    *last = at.max(*last);
}

/// Inspection is on, and was off: whatever anybody had may have been given away meanwhile.
pub(super) fn begin() {
    let mut given = given().lock().unwrap_or_else(PoisonError::into_inner);
    given.by.clear();
    given.others = stamp();
}

/// When it did so last.
pub(crate) fn given_away(user: User) -> u64 {
    let given = given().lock().unwrap_or_else(PoisonError::into_inner);
    given.by.get(&user).copied().unwrap_or(0).max(given.others)
}

/// Whoever runs now hands something to somebody that nobody looks into: starts a block or leaves a callback, with all
/// that it has captured, or puts into several channels at one instant.
#[inline]
pub(crate) fn hands_code_over() {
    if super::is_enabled()
        && let Some(user) = User::here()
    {
        gave_away(user, stamp());
    }
}

std::thread_local! {
    static NOBODYS: Cell<bool> = const { Cell::new(false) };
}

pub(crate) fn is_nobodys() -> bool {
    NOBODYS.try_with(Cell::get).unwrap_or(true)
}

/// Runs `f`, in which channels are made that do not belong to the block whose turn it is: to its executor, say.
#[doc(hidden)]
pub fn nobodys<R>(f: impl FnOnce() -> R) -> R {
    let before = NOBODYS.replace(true);
    let result = f();
    NOBODYS.set(before);
    result
}
