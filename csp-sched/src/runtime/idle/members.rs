//! Some of the workers: each comes and goes in a moment, however many there are.

/// No place: it is no member.
const NOWHERE: usize = usize::MAX;

#[derive(Debug)]
pub(super) struct Members {
    all: Vec<usize>,
    /// Where in `all` each worker is.
    places: Box<[usize]>,
}

impl Members {
    /// None of so many workers.
    pub(super) fn new(workers: usize) -> Self {
        Self {
            all: Vec::with_capacity(workers),
            places: vec![NOWHERE; workers].into(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Who came last.
    pub(super) fn last(&self) -> Option<usize> {
        self.all.last().copied()
    }

    /// Takes a worker in, who is no member.
    pub(super) fn push(&mut self, worker: usize) {
        self.places[worker] = self.all.len();
        self.all.push(worker);
    }

    /// Takes out who came last.
    pub(super) fn pop(&mut self) -> Option<usize> {
        let worker = self.all.pop()?;
        self.places[worker] = NOWHERE;
        Some(worker)
    }

    /// Takes a worker out; who came last has its place then. False: it is no member.
    pub(super) fn remove(&mut self, worker: usize) -> bool {
        let place = std::mem::replace(&mut self.places[worker], NOWHERE);
        if place == NOWHERE {
            return false;
        }
        self.all.swap_remove(place);
        if let Some(&moved) = self.all.get(place) {
            self.places[moved] = place;
        }
        true
    }

    /// Takes out all.
    pub(super) fn take(&mut self) -> Vec<usize> {
        self.places.fill(NOWHERE);
        std::mem::take(&mut self.all)
    }
}

#[cfg(all(test, not(any(csp_loom, csp_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_whoever_left_before() {
        let mut members = Members::new(5);
        (0..5).for_each(|worker| members.push(worker));
        assert!(members.remove(1), "from the middle");
        assert!(!members.remove(1), "it is gone");
        assert!(members.remove(4), "whoever took its place");
        assert_eq!(members.pop(), Some(2));
        members.push(1);
        assert_eq!((members.len(), members.last()), (3, Some(1)));
        assert!(members.remove(1) && !members.remove(2));
        assert_eq!(members.take(), [0, 3]);
        assert!(members.is_empty() && !members.remove(0));
        members.push(2);
        assert!(members.remove(2) && members.pop().is_none());
    }
}
