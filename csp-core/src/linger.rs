//! What a thread does before it sleeps: it looks a while longer for what it waits for.
//!
//! A sleep and its end cost several microseconds on two cores, a partner who is at it needs less than one. So a thread
//! first looks often, then ever less often, so that its partner can do many things at a time and is not met at
//! every step, and then lets others have its core. All of it costs about as much as the sleep that it may spare. Where
//! nothing comes in that time, it looks as long again only now and then: see [`Patience`].
//!
//! Measured on two cores, in CPU time, without and with: a round trip of two threads that play ball 36,000 (one core
//! was taken by others) and 1,700 ns, a message of four that put into a buffer of 1024 970 and 73 ns. On a machine whose
//! sleeps cost 14 us, with 4 yields in place of 64: 20,000 ns a round trip in place of 2,000, 15,000 a message without a
//! buffer in place of 1,600.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use crate::{
    context,
    sync::{MODELLED, local, pause::pause, yield_now},
};

/// Looks with one pause between them, and looks with twice the pause before.
const STEADY: u32 = 8;
const SLOWER: u32 = 6;
/// Looks with the core given to others between them: in a long search, and in a short one.
const YIELDS: u32 = 64;
const FEW_YIELDS: u32 = 4;
/// Who was away for longer than this gave the core to somebody: on a full machine one that yields is away for long,
/// where one that sleeps is woken.
const AWAY: Duration = Duration::from_micros(10);
/// In this time a taker who is at it takes some fifty values.
const SOME: Duration = Duration::from_micros(5);

local! {
    /// This thread has lingered, and nothing came: it does not do so again before it has slept.
    static IN_VAIN: Cell<bool> = Cell::new(false);
}

local! {
    /// How long its next search is.
    static PATIENCE: Cell<Patience> = Cell::new(Patience::NEW);
}

/// How long this thread's next search is. After one that was long and in vain the next is short, after two in a row
/// the next three, and so on to fifteen: what comes once in a millisecond is slept for.
#[derive(Clone, Copy)]
struct Patience {
    /// How many long searches in a row were in vain.
    failures: u32,
    /// How many short ones are to come.
    short: u32,
}

impl Patience {
    const NEW: Self = Self {
        failures: 0,
        short: 0,
    };
    const MOST_FAILURES: u32 = 4;

    const fn yields(self) -> u32 {
        if self.short == 0 { YIELDS } else { FEW_YIELDS }
    }

    const fn after(self, came: bool) -> Self {
        if came {
            return Self::NEW;
        }
        if self.short > 0 {
            return Self {
                short: self.short - 1,
                ..self
            };
        }
        let failures = if self.failures < Self::MOST_FAILURES {
            self.failures + 1
        } else {
            self.failures
        };
        Self {
            failures,
            short: (1 << failures) - 1,
        }
    }
}

/// True as soon as `is_there`; false if it is not there in a short time.
pub fn linger(is_there: impl Fn() -> bool) -> bool {
    if MODELLED {
        return false;
    }
    let patience = patience();
    let came = look(patience.yields(), is_there);
    let _ = PATIENCE.try_with(|kept| kept.set(patience.after(came)));
    came
}

fn patience() -> Patience {
    PATIENCE.try_with(Cell::get).unwrap_or(Patience::NEW)
}

fn look(yields: u32, is_there: impl Fn() -> bool) -> bool {
    for pauses in (0..STEADY).map(|_| 1).chain((0..SLOWER).map(|n| 1 << n)) {
        if is_there() {
            return true;
        }
        pause(pauses);
    }
    let mut left = Instant::now();
    for _ in 0..yields {
        if is_there() {
            return true;
        }
        yield_now();
        let back = Instant::now();
        if back.duration_since(left) > AWAY {
            break;
        }
        left = back;
    }
    is_there()
}

/// As [`before_sleep`], for one who has found a buffer full. `for_some`: first looks when there may be room for some values.
/// Who comes for each place as it becomes free is in the taker's way all the time, and has to come again after each.
/// (A message of eight threads with a channel each, over which one selects: 390 ns, and 190 with this; of a thread
/// through a block to a thread 400, and 300.)
pub(crate) fn for_room(for_some: bool, is_there: impl Fn() -> bool) -> bool {
    if !may_linger() {
        return false;
    }
    if for_some && patience().yields() == YIELDS {
        let full = Instant::now();
        yield_now();
        while full.elapsed() < SOME {
            // (To yield all the time costs as much, and on a full machine nearly twice the time.)
            pause(4);
        }
    }
    before_sleep(is_there)
}

/// Not in a block's turn, since others wait for its thread; nor in a simulation, where nothing comes before the thread says
/// that it waits; nor again before it has slept.
pub(crate) fn may_linger() -> bool {
    !MODELLED
        && context::current_block().is_none()
        && !context::is_any_simulated()
        && !IN_VAIN.try_with(Cell::get).unwrap_or(true)
}

/// As [`linger`], once before each sleep, where one [may](may_linger).
pub(crate) fn before_sleep(is_there: impl Fn() -> bool) -> bool {
    if !may_linger() {
        return false;
    }
    let came = linger(is_there);
    let _ = IN_VAIN.try_with(|in_vain| in_vain.set(!came));
    came
}

/// The thread has waited: it may linger again.
pub(crate) fn slept() {
    let _ = IN_VAIN.try_with(|in_vain| in_vain.set(false));
}

#[cfg(all(test, not(any(csp_loom, csp_shuttle))))]
mod tests {
    use std::{cell::Cell, time::Instant};

    use super::{
        FEW_YIELDS, Patience, SLOWER, SOME, STEADY, YIELDS, before_sleep, for_room, look, slept,
    };

    /// It looks so often and then ends (or sooner, if a yield took long); and at once if what it looks for is there.
    #[test]
    fn it_ends() {
        let looks = Cell::new(0);
        let look_till = |last: u32| {
            looks.set(0);
            look(FEW_YIELDS, || {
                looks.set(looks.get() + 1);
                looks.get() == last
            })
        };
        assert!(!look_till(0));
        assert!((STEADY + SLOWER + 2..=STEADY + SLOWER + FEW_YIELDS + 1).contains(&looks.get()));
        for last in 1..=STEADY + SLOWER + 1 {
            assert!(look_till(last));
            assert_eq!(looks.get(), last);
        }
    }

    /// What is seldom there in time is looked for long only once in sixteen times; and always again as soon as it is.
    #[test]
    fn patience() {
        let mut patience = Patience::NEW;
        let mut long = Vec::new();
        for at in 0..60 {
            if patience.yields() == YIELDS {
                long.push(at);
            }
            patience = patience.after(false);
        }
        assert_eq!(long, [0, 2, 6, 14, 30, 46]);
        assert_eq!(patience.after(true).yields(), YIELDS);
    }

    #[test]
    fn one_who_waits_for_room_looks_later_but_looks() {
        let start = Instant::now();
        assert!(for_room(true, || {
            assert!(start.elapsed() >= SOME);
            true
        }));
        assert!(for_room(false, || true));
        assert!(!for_room(true, || false));
        assert!(!for_room(true, || unreachable!("it has not slept")));
        slept();
        assert!(for_room(true, || true));
    }

    /// Who has lingered in vain sleeps, before it lingers again; who was lucky may at once.
    #[test]
    fn once_before_each_sleep() {
        assert!(before_sleep(|| true));
        assert!(before_sleep(|| true));
        assert!(!before_sleep(|| false));
        assert!(!before_sleep(|| unreachable!("it has not slept")));
        slept();
        assert!(before_sleep(|| true));
    }
}
