use super::*;

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, GRAIN).unwrap()
}

/// Frees what `allocate` gave for this size.
fn give_back(at: NonNull<u8>, size: usize) {
    // SAFETY: the tests give back what they got, once.
    unsafe { free(at, layout(size)) };
}

fn kept() -> usize {
    KEPT.with(|kept| kept.bytes.get())
}

/// On a thread that has freed nothing yet.
fn alone(test: fn()) {
    std::thread::spawn(test).join().unwrap();
}

#[test]
fn what_was_freed_last_is_used_first() {
    alone(|| {
        if !REUSES {
            return;
        }
        let [a, b] = [(); 2].map(|()| allocate(layout(96)));
        give_back(a, 96);
        give_back(b, 96);
        assert_eq!(kept(), 192);
        assert_eq!(allocate(layout(96)), b);
        assert_eq!(allocate(layout(96)), a);
        let c = allocate(layout(96));
        assert!(c != a && c != b);
        for at in [a, b, c] {
            give_back(at, 96);
        }
    });
}

#[test]
fn each_size_has_its_list() {
    alone(|| {
        let sizes: Vec<usize> = (80..=LARGEST + 64).step_by(GRAIN).collect();
        let cells: Vec<_> = sizes.iter().map(|&size| allocate(layout(size))).collect();
        for (&at, &size) in cells.iter().zip(&sizes) {
            // SAFETY: it is ours, and so large.
            unsafe { at.write_bytes(0xAA, size) };
            give_back(at, size);
        }
        let is_kept = |&&size: &&usize| size <= LARGEST && REUSES;
        assert_eq!(kept(), sizes.iter().filter(is_kept).sum::<usize>());
        for (&at, &size) in cells.iter().zip(&sizes).filter(|(_, size)| is_kept(size)) {
            assert_eq!(allocate(layout(size)), at);
            give_back(at, size);
        }
    });
}

#[test]
fn a_thread_keeps_a_limited_amount() {
    alone(|| {
        let cells: Vec<_> = (0..LIMIT / 80).map(|_| allocate(layout(160))).collect();
        for at in cells {
            give_back(at, 160);
            assert!(kept() <= LIMIT);
        }
        assert_eq!(kept() > LIMIT - 160, REUSES);
    });
}

#[test]
fn other_alignments_are_the_allocators() {
    alone(|| {
        let wide = Layout::from_size_align(128, 64).unwrap();
        let at = allocate(wide);
        assert!(at.addr().get().is_multiple_of(64));
        // SAFETY: as above.
        unsafe { free(at, wide) };
        assert_eq!(kept(), 0);
    });
}

#[test]
fn what_another_thread_freed_stays_there() {
    alone(|| {
        struct Cell(NonNull<u8>);
        // SAFETY: memory that nobody uses.
        unsafe impl Send for Cell {}
        let cell = Cell(allocate(layout(96)));
        let other = std::thread::spawn(move || {
            let cell = cell;
            give_back(cell.0, 96);
            kept()
        });
        assert_eq!(other.join().unwrap(), if REUSES { 96 } else { 0 });
        assert_eq!(kept(), 0);
    });
}
