//! Whether the other workers get on: what a worker has to know before it [rests](super::rest).
//!
//! To read what another core writes all the time costs a cache miss, so a look reads the turns of *one* other worker as
//! long as that one gets on. Only when it stands still the look goes on to the others, up to the first that has got on.
//! That is the one to look at from then on.
//!
//! What it says is true: it never takes for progress what was before the last look. What it knows of those whom the
//! last look passed over may be older than that, so if one stands still that had got on until then, it reads all anew
//! and says that none gets on: once, and whoever judges by it does not rest at this look, but perhaps at the next.
//! After that each reading is as old as the last look, until one is found that gets on. (To read one that stands still,
//! again and again, costs no miss.)

/// How far the others had got when last looked at.
#[derive(Debug, Default)]
pub(super) struct Others {
    /// The turns of each worker when last read.
    seen: Vec<u32>,
    /// Who got on at the last look, or was the first to be read.
    at: usize,
    /// Not all were read at the last look.
    stale: bool,
    /// At how many looks one had got on, wrapping.
    progress: u32,
}

impl Others {
    /// A number that is another than at the last look if some worker but `me` has begun a turn since. `turns` tells
    /// how many turns each of `workers` has begun.
    pub(super) fn look(&mut self, me: usize, workers: usize, turns: impl Fn(usize) -> u32) -> u32 {
        self.seen.resize(workers, 0);
        if workers > 1 && self.find(me, turns) {
            self.progress = self.progress.wrapping_add(1);
        }
        self.progress
    }

    /// Whether one is known to have got on since the last look.
    fn find(&mut self, me: usize, turns: impl Fn(usize) -> u32) -> bool {
        let workers = self.seen.len();
        let first = self.at;
        for at in (first..workers).chain(0..first).filter(|&at| at != me) {
            let turns = turns(at);
            let gets_on = std::mem::replace(&mut self.seen[at], turns) != turns;
            if gets_on && (at == first || !self.stale) {
                self.at = at;
                // Of two there is one other.
                self.stale = workers > 2;
                return true;
            }
        }
        self.stale = false;
        false
    }
}

#[cfg(all(test, not(any(csp_loom, csp_shuttle))))]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    const ME: usize = 3;

    /// The turns of some workers, and how many were read.
    struct Workers {
        turns: RefCell<Vec<u32>>,
        read: Cell<usize>,
        others: RefCell<Others>,
        last: Cell<u32>,
    }

    impl Workers {
        fn new(workers: usize) -> Self {
            Self {
                turns: RefCell::new(vec![0; workers]),
                read: Cell::new(0),
                others: RefCell::default(),
                last: Cell::new(0),
            }
        }

        fn get_on(&self, which: impl IntoIterator<Item = usize>) {
            let mut turns = self.turns.borrow_mut();
            which.into_iter().for_each(|at| turns[at] += 61);
        }

        /// Whether some get on, and how many were read for that.
        fn look(&self) -> (bool, usize) {
            let turns = self.turns.borrow();
            let read = |at: usize| {
                assert_ne!(at, ME, "a worker is no other");
                self.read.set(self.read.get() + 1);
                turns[at]
            };
            let now = self.others.borrow_mut().look(ME, turns.len(), read);
            (self.last.replace(now) != now, self.read.take())
        }
    }

    #[test]
    fn beside_one_that_gets_on_a_look_reads_one() {
        let workers = Workers::new(64);
        for round in 0..100 {
            workers.get_on(0..64);
            assert_eq!(workers.look(), (true, 1), "round {round}");
        }
        workers.get_on([10]);
        assert_eq!(workers.look(), (false, 63), "it looks for another");
        for round in 0..100 {
            workers.get_on([10]);
            let (gets_on, read) = workers.look();
            assert!(
                gets_on && (read == 1 || round == 0),
                "round {round}: {read}"
            );
        }
    }

    #[test]
    fn what_was_before_the_last_look_is_no_progress() {
        let workers = Workers::new(64);
        for _ in 0..5 {
            workers.get_on(0..64);
            workers.look();
            assert!(!workers.look().0, "all stand still since");
            assert!(!workers.look().0);
        }
    }

    /// Whoever gets on, as chance has it: never more is said than is true, and what is true is said at the next look
    /// but one.
    #[test]
    fn it_says_what_is_true() {
        let mut random = 0x9E37_79B9_u32;
        let mut below = |bound: usize| {
            random ^= random << 13;
            random ^= random >> 17;
            random ^= random << 5;
            random as usize % bound
        };
        for number in [1, 2, 3, 8, 64] {
            let workers = Workers::new(number.max(ME + 1));
            let others: Vec<_> = (0..workers.turns.borrow().len())
                .filter(|&at| at != ME)
                .collect();
            let mut missed = 0;
            for look in 0..10_000 {
                let some = [0, 0, 1, 1, 2, 40][below(6)];
                let some: Vec<_> = (0..some).map(|_| others[below(others.len())]).collect();
                workers.get_on(some.iter().copied());
                let (gets_on, _) = workers.look();
                assert!(!gets_on || !some.is_empty(), "look {look}: none has got on");
                missed = if gets_on || some.is_empty() {
                    0
                } else {
                    missed + 1
                };
                assert!(missed < 2, "look {look}: {some:?} had got on");
            }
        }
    }

    #[test]
    fn alone_there_are_no_others() {
        let mut others = Others::default();
        for _ in 0..3 {
            let none = |_| unreachable!("there is none to be read");
            assert_eq!(others.look(0, 1, none), 0);
        }
    }

    /// With one other it is as exact as can be.
    #[test]
    fn of_two_nothing_is_missed() {
        let mut others = Others::default();
        let mut look = |turns| others.look(0, 2, |_| turns);
        assert_eq!([1, 2, 2, 3, 3, 3, 4].map(&mut look), [1, 2, 2, 3, 3, 3, 4]);
    }
}
