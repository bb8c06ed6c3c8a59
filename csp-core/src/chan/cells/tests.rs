use std::{collections::HashSet, ptr::NonNull, thread};

use super::{BATCH, Batch, CELL, KEPT, free, place};
use crate::chan::Chan;

fn new() -> NonNull<Chan<u64>> {
    place(Chan::new(None))
}

/// A channel's address, which other threads may know.
fn address(chan: NonNull<Chan<u64>>) -> usize {
    chan.expose_provenance().get()
}

fn free_at(address: usize) {
    let chan = NonNull::new(std::ptr::with_exposed_provenance_mut::<Chan<u64>>(address));
    // SAFETY: each test frees what it placed, once.
    unsafe { free(chan.expect("a cell has an address")) };
}

/// Runs `f` on a thread of its own, with nothing kept yet.
fn apart<R: Send + 'static>(f: impl FnOnce() -> R + Send + 'static) -> R {
    thread::spawn(f).join().expect("it ends well")
}

#[test]
fn each_channel_has_a_line_of_its_own() {
    let all: Vec<usize> = (0..3 * BATCH).map(|_| address(new())).collect();
    assert!(all.iter().all(|at| at % CELL == 0));
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    all.into_iter().for_each(free_at);
}

#[test]
fn the_cell_freed_last_is_used_next() {
    apart(|| {
        let first = address(new());
        free_at(first);
        let second = address(new());
        assert_eq!(first, second);
        free_at(second);
    });
}

/// Whatever is freed, a thread keeps two batches at most.
#[test]
fn a_thread_keeps_little() {
    apart(|| {
        let all: Vec<usize> = (0..10 * BATCH).map(|_| address(new())).collect();
        for at in all {
            free_at(at);
            KEPT.with(|kept| {
                let counts = [&kept.used, &kept.other].map(|batch| {
                    let inside = batch.replace(Batch::EMPTY);
                    let count = inside.count;
                    batch.set(inside);
                    count
                });
                assert!(counts.iter().all(|count| *count <= BATCH), "{counts:?}");
            });
        }
    });
}

/// Cells that one thread frees come to another: a stream of channels from thread to thread needs no new slabs. (Other tests
/// run beside this one, and use some of the cells as well: so it is a part that comes again, not each.)
#[test]
fn cells_go_from_thread_to_thread() {
    let made: Vec<usize> = apart(|| (0..20 * BATCH).map(|_| address(new())).collect());
    let known: HashSet<usize> = made.iter().copied().collect();
    apart(move || made.into_iter().for_each(free_at));
    let again: Vec<usize> = apart(|| (0..20 * BATCH).map(|_| address(new())).collect());
    let came_again = again.iter().filter(|at| known.contains(at)).count();
    assert!(came_again >= 10 * BATCH, "{came_again}");
    again.into_iter().for_each(free_at);
}

/// A channel that is made, or dropped, when the thread's locals are gone.
#[test]
fn at_the_end_of_a_thread() {
    struct Late(Option<usize>);
    impl Drop for Late {
        fn drop(&mut self) {
            self.0.take().into_iter().for_each(free_at);
            free_at(address(new()));
        }
    }
    std::thread_local! {
        static LATE: std::cell::RefCell<Late> = const { std::cell::RefCell::new(Late(None)) };
    }
    apart(|| {
        // (Locals are dropped in no certain order: one that is used before the cells, and one after.)
        LATE.with(|late| late.borrow_mut().0 = None);
        let chan = address(new());
        LATE.with(|late| late.borrow_mut().0 = Some(chan));
    });
    apart(|| {
        let chan = address(new());
        LATE.with(|late| late.borrow_mut().0 = Some(chan));
    });
}
