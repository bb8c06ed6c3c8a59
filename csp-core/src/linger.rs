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
/// So many searches begin with a yield once one was ended by its first: who it waits for is on the same core, as it seems. (The system
/// moves one of them in the end, but a message costs the whole search until then. In CPU time, without and with: a message of
/// eight threads to one that selects 820 and 690 ns, of a thread through a block to a thread 370 and 230.)
const BESIDE: u32 = 16;
/// Looks with the core given to others between them: in a long search, and in a short one.
const YIELDS: u32 = 64;
const FEW_YIELDS: u32 = 4;
/// Who was away for longer than this gave the core to somebody: on a full machine one that yields is away for long,
/// where one that sleeps is woken.
const AWAY: Duration = Duration::from_micros(10);
/// In this time a taker who is at it takes some fifty values.
const SOME: Duration = Duration::from_micros(5);
/// So many values are worth a wait without a yield; and the time in which takers at the front of a divided buffer take half of them.
const MANY: usize = 512;
const TIME_OF_MANY: Duration = Duration::from_nanos(2500);

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
    /// How many are to begin with a yield.
    beside: u32,
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    Something,
    /// It came as soon as others had the core.
    Beside,
}

impl Patience {
    const NEW: Self = Self {
        failures: 0,
        short: 0,
        beside: 0,
    };
    const MOST_FAILURES: u32 = 4;

    const fn yields(self) -> u32 {
        if self.short == 0 { YIELDS } else { FEW_YIELDS }
    }

    const fn after(self, found: Found) -> Self {
        match found {
            Found::Something => return Self::NEW,
            Found::Beside => {
                let beside = match self.beside {
                    0 => BESIDE,
                    left => left - 1,
                };
                return Self {
                    beside,
                    ..Self::NEW
                };
            }
            Found::Nothing => {}
        }
        if self.short > 0 {
            return Self {
                short: self.short - 1,
                beside: 0,
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
            beside: 0,
        }
    }
}

/// True as soon as `is_there`; false if it is not there in a short time.
pub fn linger(is_there: impl Fn() -> bool) -> bool {
    if MODELLED {
        return false;
    }
    let patience = patience();
    let found = look(patience, is_there);
    let _ = PATIENCE.try_with(|kept| kept.set(patience.after(found)));
    found != Found::Nothing
}

fn patience() -> Patience {
    PATIENCE.try_with(Cell::get).unwrap_or(Patience::NEW)
}

fn look(patience: Patience, is_there: impl Fn() -> bool) -> Found {
    if patience.beside > 0 && (is_there() || after_yield(&is_there)) {
        return Found::Beside;
    }
    for pauses in (0..STEADY).map(|_| 1).chain((0..SLOWER).map(|n| 1 << n)) {
        if is_there() {
            return Found::Something;
        }
        pause(pauses);
    }
    let mut left = Instant::now();
    for yields in 0..patience.yields() {
        if is_there() {
            return match yields {
                1 => Found::Beside,
                _ => Found::Something,
            };
        }
        yield_now();
        let back = Instant::now();
        if back.duration_since(left) > AWAY {
            break;
        }
        left = back;
    }
    if is_there() {
        Found::Something
    } else {
        Found::Nothing
    }
}

fn after_yield(is_there: impl Fn() -> bool) -> bool {
    yield_now();
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
        yield_and_pause(SOME);
    }
    before_sleep(is_there)
}

/// What one does first who has found a [divided](crate::chan) buffer full: takers who are at it are not met while they take many
/// values. Then it is to try again. False: it has not waited, or may not. (A message of four threads to four: 28 ns of CPU time
/// without, 33 if it yields first, 23 so. Where eight threads put, with room for 128, and one selects: 51, 47, 75.)
pub(crate) fn for_many(room: usize) -> bool {
    if !may_linger() || patience().yields() != YIELDS {
        return false;
    }
    if room < MANY {
        yield_and_pause(SOME);
    } else {
        pause_till(Instant::now() + TIME_OF_MANY);
    }
    true
}

fn yield_and_pause(time: Duration) {
    let end = Instant::now() + time;
    yield_now();
    pause_till(end);
}

/// (To yield all the time costs as much, and on a full machine nearly twice the time.)
fn pause_till(end: Instant) {
    while Instant::now() < end {
        pause(4);
    }
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
        BESIDE, FEW_YIELDS, Found, MANY, Patience, SLOWER, SOME, STEADY, TIME_OF_MANY, YIELDS,
        before_sleep, for_many, for_room, look, slept,
    };

    /// It looks so often and then ends (or sooner, if a yield took long); and at once if what it looks for is there.
    #[test]
    fn it_ends() {
        let looks = Cell::new(0);
        let look_till = |patience: Patience, last: u32| {
            looks.set(0);
            look(patience, || {
                looks.set(looks.get() + 1);
                looks.get() == last
            })
        };
        let short = Patience {
            short: 1,
            ..Patience::NEW
        };
        assert_eq!(look_till(short, 0), Found::Nothing);
        assert!((STEADY + SLOWER + 2..=STEADY + SLOWER + FEW_YIELDS + 1).contains(&looks.get()));
        for last in 1..=STEADY + SLOWER + 1 {
            assert_eq!(look_till(short, last), Found::Something);
            assert_eq!(looks.get(), last);
        }
        let beside = Patience { beside: 1, ..short };
        for last in 1..=2 {
            assert_eq!(look_till(beside, last), Found::Beside);
        }
        assert_eq!(look_till(beside, 3), Found::Something);
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
            patience = patience.after(Found::Nothing);
        }
        assert_eq!(long, [0, 2, 6, 14, 30, 46]);
        assert_eq!(patience.after(Found::Something).yields(), YIELDS);
    }

    /// Searches begin with a yield as long as that brings what they look for; but one of some looks first, for the other may
    /// be on another core after all.
    #[test]
    fn one_beside_it() {
        let mut patience = Patience::NEW.after(Found::Beside);
        assert_eq!(patience.beside, BESIDE);
        assert_eq!(patience.yields(), YIELDS);
        for _ in 0..BESIDE {
            assert_ne!(patience.beside, 0);
            assert_eq!(patience.after(Found::Something).beside, 0);
            assert_eq!(patience.after(Found::Nothing).beside, 0);
            patience = patience.after(Found::Beside);
        }
        assert_eq!(patience.beside, 0);
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

    #[test]
    fn one_who_waits_for_much_room_waits_once_before_each_sleep() {
        for (room, time) in [(MANY, TIME_OF_MANY), (MANY - 1, SOME)] {
            let start = Instant::now();
            assert!(for_many(room));
            assert!(start.elapsed() >= time);
        }
        assert!(!before_sleep(|| false));
        assert!(!for_many(MANY), "it has not slept");
        slept();
        assert!(!for_many(MANY), "its next search is short");
        assert!(before_sleep(|| true));
        assert!(for_many(MANY));
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
