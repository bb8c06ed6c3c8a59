//! Which takers are served: for each channel as many as it needs, and no alts twice.
//!
//! First come, first served, as far as that goes. Where an alts waits on several of the channels it may have to
//! leave one to the takers behind it, so that all have enough: a matching in a bipartite graph, found by
//! augmenting paths. If there is none, the search that failed has reached a set of channels all of whose
//! takers are promised to one another: only a taker or room more on one of *these* can help.

use std::{collections::HashMap, ptr::NonNull};

use crate::{
    alts::AltCell,
    waiter::{Kind, List, Waiter},
};

/// What a channel needs of its takers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// So many it must have.
    pub(super) needed: usize,
    /// Takers who wait are served before the buffer.
    pub(super) direct: bool,
    /// So many values there are.
    pub(super) puts: usize,
}

/// The takers that are to be served.
pub(super) struct Partners {
    choices: Vec<Choice>,
}

struct Choice {
    list: usize,
    taker: NonNull<Waiter>,
    /// Where the taker stands in the list: so many are before it.
    rank: usize,
    alt: Option<NonNull<AltCell>>,
}

/// A taker that can be chosen.
#[derive(Clone, Copy)]
struct Free {
    taker: NonNull<Waiter>,
    rank: usize,
    alt: Option<NonNull<AltCell>>,
}

struct Search<'a, 'l> {
    lists: &'a mut [&'l mut List],
    /// Where to look on in each list: those before are chosen, or their alts is.
    next: Vec<Option<NonNull<Waiter>>>,
    /// How many that is in each list.
    passed: Vec<usize>,
    choices: Vec<Choice>,
    /// The choice of each alts.
    alts: HashMap<NonNull<AltCell>, usize>,
}

/// How a search came to a list: its `choice` may go over to `to`, where the same alts waits as `taker`.
struct Via {
    to: usize,
    choice: usize,
    taker: NonNull<Waiter>,
    rank: usize,
}

impl Partners {
    /// Chooses takers. `Err`: these lists together have not enough.
    ///
    /// # Safety
    /// The locks of all lists are held.
    pub(super) unsafe fn find(
        lists: &mut [&mut List],
        wanted: &[Wanted],
    ) -> Result<Self, Vec<usize>> {
        let mut search = Search {
            next: lists.iter().map(|list| list.first()).collect(),
            passed: vec![0; lists.len()],
            lists,
            choices: Vec::new(),
            alts: HashMap::new(),
        };
        for (list, wanted) in wanted.iter().enumerate() {
            if wanted.needed > 0 && !wanted.direct {
                return Err(vec![list]);
            }
            for _ in 0..wanted.needed {
                // SAFETY: promised by the caller.
                unsafe { search.augment(list) }?;
            }
        }
        // Those who wait are served before a buffer, if nothing else needs them.
        for (list, wanted) in wanted
            .iter()
            .enumerate()
            .filter(|(_, wanted)| wanted.direct)
        {
            for _ in wanted.needed..wanted.puts {
                // SAFETY: promised by the caller.
                let Some(free) = (unsafe { search.free(list) }) else {
                    break;
                };
                search.choose(list, free);
            }
        }
        Ok(Self {
            choices: search.choices,
        })
    }

    /// Wins the words of all alts among them at one instant. False: one of them has been ended elsewhere.
    ///
    /// # Safety
    /// The locks of all lists have been held since [`find`](Self::find).
    pub(super) unsafe fn win(&mut self) -> bool {
        let mut words: Vec<_> = self
            .choices
            .iter()
            .filter_map(|choice| Some((choice.alt?, choice.taker)))
            .map(|(cell, taker)| {
                // SAFETY: what is queued is live.
                let taker = unsafe { taker.as_ref() };
                // SAFETY: the lock is held.
                (cell, unsafe { taker.index() })
            })
            .collect();
        words.sort_by_key(|(cell, _)| cell.addr());
        // SAFETY: sorted, and each alts is chosen once; its waiter is in a list whose lock is held.
        unsafe { AltCell::win_all(&words) }.is_ok()
    }

    /// The takers of each list, in their order there.
    pub(super) fn by_list(mut self, lists: usize) -> Vec<Vec<NonNull<Waiter>>> {
        let mut takers = vec![Vec::new(); lists];
        self.choices.sort_by_key(|choice| choice.rank);
        for choice in self.choices {
            takers[choice.list].push(choice.taker);
        }
        takers
    }
}

impl Search<'_, '_> {
    /// The next taker of a list who can be chosen. Takes out the dead on the way.
    ///
    /// # Safety
    /// The lock is held.
    unsafe fn free(&mut self, list: usize) -> Option<Free> {
        while let Some(at) = self.next[list] {
            // SAFETY: it is in this list, whose lock is held.
            self.next[list] = unsafe { self.lists[list].after(at) };
            // SAFETY: what is queued is live.
            let waiter = unsafe { at.as_ref() };
            // SAFETY: the lock is held.
            let alt = match unsafe { waiter.owner() }.kind() {
                Kind::Alt(cell) => Some(cell),
                _ => None,
            };
            // SAFETY: it is in this list, whose lock is held.
            if alt.is_some() && unsafe { self.lists[list].take_out_dead(at) } {
                continue;
            }
            let rank = self.passed[list];
            self.passed[list] += 1;
            if alt.is_none_or(|cell| !self.alts.contains_key(&cell)) {
                return Some(Free {
                    taker: at,
                    rank,
                    alt,
                });
            }
        }
        None
    }

    fn choose(&mut self, list: usize, free: Free) {
        let Free { taker, rank, alt } = free;
        if let Some(cell) = alt {
            self.alts.insert(cell, self.choices.len());
        }
        self.choices.push(Choice {
            list,
            taker,
            rank,
            alt,
        });
    }

    /// One taker more for a list, perhaps by giving takers of others to it. `Err`: there is none in all these.
    ///
    /// # Safety
    /// The locks are held.
    unsafe fn augment(&mut self, start: usize) -> Result<(), Vec<usize>> {
        let mut reached = vec![start];
        let mut via: HashMap<usize, Via> = HashMap::new();
        let mut at = 0;
        while let Some(&list) = reached.get(at) {
            at += 1;
            // SAFETY: promised by the caller.
            if let Some(free) = unsafe { self.free(list) } {
                self.choose(list, free);
                self.shift(list, &via);
                return Ok(());
            }
            let mut next = self.lists[list].first();
            // All have been passed, so these are the ranks that they were given.
            for rank in 0.. {
                let Some(taker) = next else { break };
                // SAFETY: it is in this list, whose lock is held.
                next = unsafe { self.lists[list].after(taker) };
                // SAFETY: as above.
                let Some(choice) = (unsafe { self.choice_of(taker) }) else {
                    continue;
                };
                let from = self.choices[choice].list;
                if from != start && !via.contains_key(&from) {
                    reached.push(from);
                    let to = list;
                    via.insert(
                        from,
                        Via {
                            to,
                            choice,
                            taker,
                            rank,
                        },
                    );
                }
            }
        }
        Err(reached)
    }

    /// Gives each list on the way to this one the choice of the next.
    fn shift(&mut self, mut list: usize, via: &HashMap<usize, Via>) {
        while let Some(via) = via.get(&list) {
            let choice = &mut self.choices[via.choice];
            choice.list = via.to;
            choice.taker = via.taker;
            choice.rank = via.rank;
            list = via.to;
        }
    }

    /// The choice of the alts that this taker is an arm of.
    ///
    /// # Safety
    /// It is queued, and the lock is held.
    unsafe fn choice_of(&self, taker: NonNull<Waiter>) -> Option<usize> {
        // SAFETY: what is queued is live.
        let taker = unsafe { taker.as_ref() };
        // SAFETY: the lock is held.
        match unsafe { taker.owner() }.kind() {
            Kind::Alt(cell) => self.alts.get(&cell).copied(),
            _ => None,
        }
    }
}
