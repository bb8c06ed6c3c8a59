use std::{
    cell::RefCell,
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};

use super::{Ring, grown};

/// Pushes and pops at random, beside a `VecDeque`: every length, every place of the head, and growth on the way.
#[test]
fn it_is_a_queue() {
    let mut dice = 1_u32;
    let mut below = |bound: u32| {
        dice ^= dice << 13;
        dice ^= dice >> 17;
        dice ^= dice << 5;
        dice % bound
    };
    for slots in 0..9 {
        let (mut ring, mut twin) = (Ring::with_capacity(slots), VecDeque::new());
        for n in 0..4_000 {
            // (Fuller and emptier by turns.)
            let likely = if n / 50 % 2 == 0 { 2 } else { 1 };
            if below(3) < likely {
                let value = Box::new(n);
                ring.push_back(value.clone());
                twin.push_back(value);
            } else {
                assert_eq!(ring.pop_front(), twin.pop_front());
            }
            assert_eq!((ring.len(), ring.is_empty()), (twin.len(), twin.is_empty()));
        }
        while let Some(value) = twin.pop_front() {
            assert_eq!(ring.pop_front(), Some(value));
        }
        assert!(ring.pop_front().is_none());
    }
}

#[test]
fn values_without_size_are_counted() {
    let mut ring = Ring::with_capacity(1);
    for _ in 0..100 {
        ring.push_back(());
    }
    assert_eq!(std::iter::from_fn(|| ring.pop_front()).count(), 100);
}

/// Notes its number when it is dropped, and panics if it is 3.
struct Noted<'a>(u32, &'a RefCell<Vec<u32>>);

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0);
        assert!(self.0 != 3, "value 3 does not want to go");
    }
}

#[test]
fn each_value_is_dropped_once_in_order() {
    let dropped = RefCell::new(Vec::new());
    let mut ring = Ring::with_capacity(3);
    for n in 10..14 {
        ring.push_back(Noted(n, &dropped));
    }
    drop(ring.pop_front());
    ring.push_back(Noted(14, &dropped));
    drop(ring);
    assert_eq!(*dropped.borrow(), [10, 11, 12, 13, 14]);
}

#[test]
fn a_drop_that_panics_does_not_stop_the_others() {
    let dropped = RefCell::new(Vec::new());
    let mut ring = Ring::default();
    for n in 1..6 {
        ring.push_back(Noted(n, &dropped));
    }
    assert!(catch_unwind(AssertUnwindSafe(|| drop(ring))).is_err());
    assert_eq!(*dropped.borrow(), [1, 2, 3, 4, 5]);
}

#[test]
fn what_is_taken_out_leaves_an_empty_ring() {
    let value = Rc::new(());
    let mut ring = Ring::default();
    ring.push_back(Rc::clone(&value));
    let taken = std::mem::take(&mut ring);
    assert!(ring.is_empty());
    assert_eq!(Rc::strong_count(&value), 2);
    drop(taken);
    assert_eq!(Rc::strong_count(&value), 1);
}

/// A ring grows as long as there can be more, and no further.
#[test]
fn a_ring_grows_to_what_addresses_allow() {
    let bytes = isize::MAX as usize;
    assert_eq!((grown(0, 8), grown(3, 8), grown(4, 8)), (4, 6, 8));
    assert_eq!(grown(0, 0), 4);
    for size in [0, 1, 2, 3, 24, 4096, bytes / 5] {
        let most = bytes / size.max(1);
        assert_eq!(grown(most / 2, size), most / 2 * 2);
        assert_eq!(grown(most / 2 + 1, size), most);
        assert_eq!(grown(most - 1, size), most);
        assert_eq!(grown(most, size), most);
    }
    // Where there can be fewer than it would begin with.
    assert_eq!(grown(0, bytes), 1);
    assert_eq!(grown(1, bytes / 3), 3);
}
