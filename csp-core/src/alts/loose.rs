//! The arms of a set that are in no queue.

/// Some of the arms, by their indices, in any order or with the first last.
#[derive(Debug, Default)]
pub(super) struct Loose {
    arms: Vec<u32>,
    /// Which of all arms are in `arms`.
    has: Vec<bool>,
    /// From the last arm to the first. It stays so as long as the last of `arms` are taken away: what comes in between
    /// finds its place.
    is_sorted: bool,
}

impl Loose {
    /// The set has one arm more, which is not among them.
    pub(super) fn know_one_more(&mut self) {
        self.has.push(false);
    }

    pub(super) fn insert(&mut self, arm: u32) {
        if std::mem::replace(&mut self.has[arm as usize], true) {
            return;
        }
        if self.is_sorted {
            let at = self.arms.partition_point(|other| *other > arm);
            self.arms.insert(at, arm);
        } else {
            self.arms.push(arm);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.arms.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<u32> {
        self.arms.get(at).copied()
    }

    pub(super) fn last(&self) -> Option<u32> {
        self.arms.last().copied()
    }

    /// Puts the first arm last. (To sort what is sorted takes a look at each: a set whose arms are all ready does not.)
    pub(super) fn sort(&mut self) {
        if !self.is_sorted {
            self.arms.sort_unstable_by(|a, b| b.cmp(a));
            self.is_sorted = true;
        }
    }

    /// The one at `at` is loose no more. The last takes its place.
    #[inline]
    pub(super) fn swap_remove(&mut self, at: usize) {
        self.is_sorted &= at + 1 == self.arms.len();
        let arm = self.arms.swap_remove(at);
        self.has[arm as usize] = false;
    }
}

#[cfg(all(test, not(any(csp_loom, csp_shuttle))))]
mod tests {
    use super::Loose;

    fn of(arms: &[u32]) -> Loose {
        let mut loose = Loose::default();
        (0..8).for_each(|_| loose.know_one_more());
        for arm in arms {
            loose.insert(*arm);
        }
        loose
    }

    #[test]
    fn each_is_there_once() {
        let mut loose = of(&[3, 1, 3, 5, 1]);
        assert_eq!(loose.arms, [3, 1, 5]);
        loose.swap_remove(0);
        assert_eq!(loose.arms, [5, 1]);
        loose.insert(3);
        assert_eq!(loose.arms, [5, 1, 3]);
    }

    /// Once sorted it stays so, whatever comes; and is sorted anew when another than the last was taken away.
    #[test]
    fn the_first_is_last() {
        let mut loose = of(&[3, 1, 5]);
        loose.sort();
        assert_eq!(loose.arms, [5, 3, 1]);
        for (arm, arms) in [
            (4, &[5, 4, 3, 1][..]),
            (0, &[5, 4, 3, 1, 0]),
            (7, &[7, 5, 4, 3, 1, 0]),
        ] {
            loose.insert(arm);
            assert_eq!(loose.arms, arms);
        }
        loose.swap_remove(5);
        loose.insert(2);
        assert_eq!(loose.arms, [7, 5, 4, 3, 2, 1]);
        loose.swap_remove(1);
        assert_eq!(loose.arms, [7, 1, 4, 3, 2]);
        loose.insert(0);
        loose.insert(6);
        loose.sort();
        assert_eq!(loose.arms, [7, 6, 4, 3, 2, 1, 0]);
    }
}
