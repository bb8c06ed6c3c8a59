//! Whether anything is noted, and what time it is.

use std::time::Duration;

use crate::sync::plain::OnceLock;

/// The environment variables that switch it on from outside.
#[cfg(not(csp_loom))]
const VARIABLES: [&str; 2] = ["CSP_INSPECT", "CSP_DUMP"];

#[cfg(not(csp_loom))]
mod state {
    use crate::sync::plain::atomic::{AtomicU8, Ordering};

    const UNKNOWN: u8 = 0;
    const OFF: u8 = 1;
    const ON: u8 = 2;

    static SWITCH: AtomicU8 = AtomicU8::new(UNKNOWN);

    /// Gives whether it was on.
    pub(super) fn set(on: bool) -> bool {
        // Ordering: whether something is noted a moment earlier or later makes no difference.
        SWITCH.swap(if on { ON } else { OFF }, Ordering::Relaxed) == ON
    }

    #[inline]
    pub(super) fn is_on() -> bool {
        // Ordering: as above.
        match SWITCH.load(Ordering::Relaxed) {
            OFF => false,
            ON => true,
            _ => first_look(),
        }
    }

    #[cold]
    #[inline(never)]
    fn first_look() -> bool {
        let next = if super::environment_says_on() {
            ON
        } else {
            OFF
        };
        // Ordering: as above. (Who called `enable` meanwhile meant it.)
        match SWITCH.compare_exchange(UNKNOWN, next, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => next == ON,
            Err(now) => now == ON,
        }
    }
}

/// A switch for each model: all threads of one are coroutines on one OS thread.
#[cfg(csp_loom)]
mod state {
    use std::cell::Cell;

    std::thread_local! {
        static SWITCH: Cell<bool> = const { Cell::new(false) };
    }

    pub(super) fn set(on: bool) -> bool {
        SWITCH.replace(on)
    }

    pub(super) fn is_on() -> bool {
        SWITCH.get()
    }
}

#[cfg(not(csp_loom))]
fn environment_says_on() -> bool {
    VARIABLES
        .into_iter()
        .filter_map(std::env::var_os)
        .any(|value| !value.is_empty() && value != "0")
}

/// Switches inspection on: from now on channels, promises, and who starts blocks are noted, and how long each
/// waits.
///
/// What was made before stays unknown to a dump, but for the blocks. To begin with the program, set
/// `CSP_INSPECT=1` (or `CSP_DUMP`) in its environment instead.
///
/// ```
/// use csp::prelude::*;
/// csp::inspect::enable();
/// let (_tx, rx) = chan::<u32>(0);
/// let rx = rx.named("jobs");
/// assert!(csp::inspect::dump().channels.iter().any(|c| c.name.as_deref() == Some("jobs")));
/// # drop(rx);
/// ```
pub fn enable() {
    if !state::set(true) {
        super::evidence::begin();
    }
}

/// Switches inspection off again. What has been noted is forgotten with what it is about.
pub fn disable() {
    state::set(false);
}

/// True while inspection is on.
#[inline]
pub fn is_enabled() -> bool {
    state::is_on()
}

/// A time in a few bytes: hundredths of a second by the clock of an executor.
///
/// Times by the system's clock and by a virtual one are told apart, since their difference means nothing. 248
/// days, and it begins anew.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp(u32);

/// Marks a virtual time.
const VIRTUAL: u32 = 1 << 31;
/// 0 is no time.
const RANGE: u32 = VIRTUAL - 1;

impl Stamp {
    /// No time.
    pub const NONE: Self = Self(0);

    /// `since` the origin of all clocks of this kind.
    pub fn new(since: Duration, is_virtual: bool) -> Self {
        let hundredths = since.as_millis() / 10 % u128::from(RANGE);
        let time = u32::try_from(hundredths).unwrap_or(0) + 1;
        Self(if is_virtual { time | VIRTUAL } else { time })
    }

    pub(crate) fn from_raw(raw: u32) -> Self {
        Self(raw)
    }

    pub(crate) fn raw(self) -> u32 {
        self.0
    }

    /// From this time until `now`, if both are known, and by the same clock.
    pub fn until(self, now: Self) -> Option<Duration> {
        if self.0 == 0 || now.0 == 0 || (self.0 ^ now.0) & VIRTUAL != 0 {
            return None;
        }
        let (then, now) = (self.0 & !VIRTUAL, now.0 & !VIRTUAL);
        let passed = (now + RANGE - then) % RANGE;
        // What seems to lie ahead was written a moment after `now` was read.
        let passed = if passed > RANGE / 2 { 0 } else { passed };
        Some(Duration::from_millis(u64::from(passed) * 10))
    }
}

static CLOCK: OnceLock<fn() -> Stamp> = OnceLock::new();

/// Says how to ask for the time on this thread: csp-core has no clock. The first to say counts.
#[doc(hidden)]
pub fn set_clock(clock: fn() -> Stamp) {
    CLOCK.set(clock).ok();
}

/// The time, if there is a clock.
pub(crate) fn stamp() -> Stamp {
    CLOCK.get().map_or(Stamp::NONE, |clock| clock())
}
