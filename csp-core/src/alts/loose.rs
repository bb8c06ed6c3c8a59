//! The arms of a set that are in no queue.

use std::{cmp::Reverse, collections::BinaryHeap, mem};

use super::Order;

/// Some of the arms, by their indices. Each has a place, as long as nothing is inserted or removed.
#[derive(Debug, Default)]
pub(super) struct Loose {
    arms: Arms,
    /// Which of all arms are in `arms`.
    has: Vec<bool>,
}

#[derive(Debug)]
enum Arms {
    InAnyOrder(Vec<Reverse<u32>>),
    /// With the first at place 0. (To sort them took as long as there are arms, for each choice; to insert into what is
    /// sorted moves half of them.)
    FirstFirst(BinaryHeap<Reverse<u32>>),
}

impl Default for Arms {
    fn default() -> Self {
        Self::InAnyOrder(Vec::new())
    }
}

impl Arms {
    #[inline]
    fn as_slice(&self) -> &[Reverse<u32>] {
        match self {
            Self::InAnyOrder(arms) => arms,
            Self::FirstFirst(arms) => arms.as_slice(),
        }
    }
}

impl Loose {
    /// The set has one arm more, which is not among them.
    pub(super) fn know_one_more(&mut self) {
        self.has.push(false);
    }

    pub(super) fn insert(&mut self, arm: u32) {
        if mem::replace(&mut self.has[arm as usize], true) {
            return;
        }
        match &mut self.arms {
            Arms::InAnyOrder(arms) => arms.push(Reverse(arm)),
            Arms::FirstFirst(arms) => arms.push(Reverse(arm)),
        }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.arms.as_slice().len()
    }

    #[inline]
    pub(super) fn get(&self, place: usize) -> Option<u32> {
        self.arms.as_slice().get(place).map(|arm| arm.0)
    }

    /// Where the one is that costs least to remove; by priority it is the first.
    #[inline]
    pub(super) fn next(&self) -> Option<usize> {
        match &self.arms {
            Arms::InAnyOrder(arms) => arms.len().checked_sub(1),
            Arms::FirstFirst(arms) => (!arms.is_empty()).then_some(0),
        }
    }

    /// From now on they are chosen from in this order. (It takes a look at each if another was asked for before.)
    #[inline]
    pub(super) fn set_order(&mut self, order: Order) {
        match (&mut self.arms, order) {
            (Arms::InAnyOrder(arms), Order::Priority) => {
                self.arms = Arms::FirstFirst(mem::take(arms).into());
            }
            (Arms::FirstFirst(arms), Order::Random) => {
                self.arms = Arms::InAnyOrder(mem::take(arms).into_vec());
            }
            _ => {}
        }
    }

    /// The one at `place`, which by priority is [`next`](Self::next), is loose no more.
    #[inline]
    pub(super) fn remove(&mut self, place: usize) {
        let arm = match &mut self.arms {
            Arms::InAnyOrder(arms) => arms.swap_remove(place),
            Arms::FirstFirst(arms) => {
                debug_assert!(place == 0);
                arms.pop().expect("there is one at the place")
            }
        };
        self.has[arm.0 as usize] = false;
    }
}

#[cfg(all(test, not(any(csp_loom, csp_shuttle))))]
mod tests {
    use super::{Loose, Order};

    fn of(order: Order, arms: &[u32]) -> Loose {
        let mut loose = Loose::default();
        (0..8).for_each(|_| loose.know_one_more());
        loose.set_order(order);
        for arm in arms {
            loose.insert(*arm);
        }
        loose
    }

    /// All of them, as they come.
    fn all(mut loose: Loose) -> Vec<u32> {
        std::iter::from_fn(|| {
            let place = loose.next()?;
            let arm = loose.get(place);
            loose.remove(place);
            arm
        })
        .collect()
    }

    #[test]
    fn each_is_there_once() {
        let mut loose = of(Order::Random, &[3, 1, 3, 5, 1]);
        assert_eq!(loose.len(), 3);
        assert_eq!(loose.get(0), Some(3));
        loose.remove(0);
        assert_eq!(loose.get(0), Some(5));
        loose.insert(3);
        loose.insert(3);
        assert_eq!(all(loose), [3, 1, 5]);
    }

    #[test]
    fn by_priority_the_first_is_next() {
        let mut loose = of(Order::Priority, &[3, 1, 5, 3]);
        loose.insert(0);
        loose.remove(0);
        loose.insert(7);
        loose.insert(4);
        assert_eq!(all(loose), [1, 3, 4, 5, 7]);
    }

    /// The same set may be asked for either, in turn.
    #[test]
    fn the_order_changes() {
        let mut loose = of(Order::Random, &[5, 1, 3]);
        loose.set_order(Order::Priority);
        loose.remove(0);
        loose.set_order(Order::Random);
        loose.insert(6);
        loose.remove(0);
        loose.insert(2);
        loose.set_order(Order::Priority);
        assert_eq!(all(loose), [2, 5, 6]);
    }
}
