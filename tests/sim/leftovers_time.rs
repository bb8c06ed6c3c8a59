//! Whatever looks at the time sees the simulation's.

use std::cell::RefCell;

use csp::{
    Local,
    prelude::*,
    sim::{FailureKind, Sim},
};

fn quiet() -> Sim {
    Sim::random(1).progress(false)
}

/// By the system's clock it is not over for an hour.
#[test]
fn a_timeout_from_outside_is_over() {
    let outer = timeout(secs(3600));
    quiet().schedules(10).explore(|| {
        assert!(outer.is_over());
        outer.wait();
        let inner = timeout(secs(3600));
        assert!(!inner.is_over());
        inner.wait();
        assert!(inner.is_over());
    });
}

/// Nobody lets its time pass while its thread waits; it is not over in a hundred years of somebody else's.
#[test]
fn the_time_of_a_local_of_its_own_does_not_pass_by_itself() {
    let report = quiet().run(|| {
        let local = Local::virtual_time();
        local.run_until(async {
            let over = timeout(secs(1));
            csp::allow_blocking!(over.wait());
        });
    });
    let failure = report.failure.expect("it waits for ever");
    assert_eq!(failure.kind(), FailureKind::Deadlock, "{failure}");
}

/// Two clocks of a program go on from the same beginnings in each run.
#[test]
fn a_clock_begins_where_it_did_before() {
    let seen = RefCell::new(Vec::new());
    quiet().schedules(10).explore(|| {
        std::thread::sleep(std::time::Duration::from_millis(1));
        let local = Local::virtual_time();
        seen.borrow_mut().push(local.now() - csp::now());
    });
    let seen = seen.into_inner();
    assert!(seen.iter().all(|ahead| *ahead == seen[0]), "{seen:?}");
}

/// A dump in a simulation shows its blocks, and for how long they wait by its clock.
#[test]
fn a_dump_tells_for_how_long_by_the_virtual_clock() {
    csp::inspect::enable();
    let ages = RefCell::new(Vec::new());
    quiet().schedules(3).allow_leaks().explore(|| {
        let (tx, rx) = chan::<u32>(0);
        let waits = go!({ take!(rx) });
        timeout(secs(3600)).wait();
        let dump = csp::inspect::dump();
        let block = dump.blocks.iter().find(|block| block.id == waits.id());
        let block = block.expect("it is in the dump");
        let executor = &dump.executors[block.executor];
        assert_eq!(
            (executor.name.as_str(), executor.is_virtual),
            ("simulation", true)
        );
        ages.borrow_mut().push((block.age, block.waiting));
        drop(tx);
    });
    let hour = Some(secs(3600));
    assert!(
        ages.borrow().iter().all(|seen| *seen == (hour, hour)),
        "{ages:?}"
    );
}
