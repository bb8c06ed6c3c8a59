//! Chains of a million links, on a stack of 256 KiB: built, settled, cancelled and dropped link by link.
#![allow(
    clippy::async_yields_async,
    reason = "an executor makes promises for later"
)]

use csp::{Completer, Error, Failure, Local, Outcome, Promise, promise};

use crate::util::{
    blocks::runtime,
    promises::{on_small_stack, outcome},
};

const LINKS: usize = 1_000_000;

type Chain = Promise<usize, Error>;

fn link(chain: Chain) -> Chain {
    chain.map(|n| n + 1)
}

/// Runs blocks on this thread, whose stack is the one that must not overflow.
fn on_this_thread(local: &Local, chain: Chain) -> Outcome<usize, Error> {
    local.run_until(chain)
}

/// A chain of links, whose blocks are of `local`.
fn chain(local: &Local, source: Chain, links: usize) -> Chain {
    local.run_until(async { (0..links).fold(source, |chain, _| link(chain)) })
}

/// EV-020, EV-103, EV-212, EV-213: settled after it was built.
#[test]
fn ev_213_a_million_links_settle_after_they_were_built() {
    on_small_stack(|| {
        let local = Local::new();
        let (resolver, source) = promise();
        let chain = chain(&local, source, LINKS);
        local.run_until_idle(); // every block waits for the one before
        assert!(!chain.is_settled());
        resolver.fulfill(0).unwrap();
        assert_eq!(on_this_thread(&local, chain).unwrap(), LINKS);
    });
}

/// EV-213: settled before it is built.
#[test]
fn ev_213_a_million_links_on_a_settled_promise() {
    on_small_stack(|| {
        let local = Local::new();
        let chain = chain(&local, Promise::ready(0), LINKS);
        assert_eq!(on_this_thread(&local, chain).unwrap(), LINKS);
    });
}

/// EV-144: settled by another thread while it is being built.
#[test]
fn ev_144_links_settle_while_being_built_stress() {
    const LINKS: usize = 200_000;
    for after in [0, 1, 1000, 100_000] {
        on_small_stack(move || {
            let rt = runtime(2);
            let _entered = rt.enter();
            let (resolver, source) = promise::<usize, Error>();
            let (tx, rx) = csp::chan::<()>(1);
            let settler = std::thread::spawn(move || {
                rx.take_blocking();
                resolver.fulfill(0).unwrap();
            });
            let mut chain = source;
            for n in 0..LINKS {
                if n == after {
                    tx.try_put(()).unwrap();
                }
                chain = link(chain);
            }
            assert_eq!(outcome(chain).unwrap(), LINKS);
            settler.join().unwrap();
        });
    }
}

/// A failure runs through as a value does, past the closures.
#[test]
fn a_million_links_fail() {
    on_small_stack(|| {
        let local = Local::new();
        let (resolver, source) = promise::<usize, Error>();
        let chain = chain(&local, source, LINKS);
        drop(resolver);
        let outcome = on_this_thread(&local, chain);
        assert!(matches!(outcome, Err(Failure::Abandoned)));
    });
}

/// Trap 5: an unresolved chain is dropped, then its resolver.
#[test]
fn trap_5_a_million_links_dropped_unresolved() {
    on_small_stack(|| {
        let local = Local::new();
        let (resolver, source) = promise::<usize, Error>();
        let chain = chain(&local, source, LINKS);
        local.run_until_idle();
        chain.ignore(); // the blocks go on: steps may be there for their effect
        assert!(resolver.is_wanted());
        drop(resolver);
        local.run_until_idle();
        assert_eq!(local.live(), 0);
    });
}

/// Trap 5: the executor goes, with all blocks of an unresolved chain.
#[test]
fn trap_5_a_million_links_dropped_with_their_executor() {
    on_small_stack(|| {
        let local = Local::new();
        let (resolver, source) = promise::<usize, Error>();
        let chain = chain(&local, source, LINKS);
        local.run_until_idle();
        drop(local);
        assert!(chain.is_cancelled());
        drop(chain);
        assert!(!resolver.is_wanted());
    });
}

/// Trap 9: a cancel goes all the way up to the resolver.
#[test]
fn trap_9_a_cancel_runs_up_a_million_links() {
    on_small_stack(|| {
        let local = Local::new();
        let (resolver, source) = promise::<usize, Error>();
        let chain = chain(&local, source, LINKS);
        local.run_until_idle();
        assert!(chain.cancel());
        assert!(resolver.is_wanted(), "a turn for each link, not a call");
        local.run_until_idle();
        assert!(!resolver.is_wanted());
        assert_eq!(local.live(), 0);
        assert!(chain.is_cancelled());
    });
}

/// A chain of eventual values in each other: each step waits for the promise that the next one gives.
#[test]
fn a_million_promises_in_each_other() {
    fn descend(left: usize) -> Promise<usize, Error> {
        if left == 0 {
            return Promise::ready(0);
        }
        Promise::ready(left).and_then(|left| descend(left - 1))
    }
    on_small_stack(|| {
        let local = Local::new();
        let bottom = local.run_until(async { descend(LINKS) });
        assert_eq!(on_this_thread(&local, bottom).unwrap(), 0);
    });
}

/// Promises that adaptors of the user's own link: each canceller holds the promise before.
#[test]
fn a_million_promises_linked_by_their_cancellers_are_dropped() {
    on_small_stack(|| {
        let (first, mut last) = promise::<usize, Error>();
        let mut completers: Vec<Completer<usize, Error>> = vec![first.into_completer()];
        for _ in 0..LINKS {
            let (resolver, promise) = promise::<usize, Error>();
            let before = std::mem::replace(&mut last, promise);
            resolver.on_cancel(move || assert!(before.cancel()));
            completers.push(resolver.into_completer());
        }
        drop(last);
        assert!(!completers[0].is_wanted());
    });
}

/// Readers of readers of … a shared value are readers of that.
#[test]
fn a_million_readers_of_readers() {
    on_small_stack(|| {
        for settle in [true, false] {
            let (resolver, mut last) = promise::<usize, Error>();
            for _ in 0..LINKS {
                last = last.shared().promise();
            }
            if settle {
                resolver.fulfill(1).unwrap();
                assert_eq!(last.now().unwrap().unwrap(), 1);
            } else {
                drop(last);
                assert!(!resolver.is_wanted());
            }
        }
    });
}

/// Shared at every link: settled, cancelled, and dropped.
#[test]
fn links_that_are_all_shared() {
    const LINKS: usize = 200_000;
    let shared_chain = |local: &Local, source: Chain| {
        let links = async { (0..LINKS).fold(source, |chain, _| chain.shared().map(|n| n + 1)) };
        let chain = local.run_until(links);
        local.run_until_idle();
        chain
    };
    on_small_stack(move || {
        let local = Local::new();
        let (resolver, source) = promise();
        let chain = shared_chain(&local, source);
        resolver.fulfill(0).unwrap();
        assert_eq!(on_this_thread(&local, chain).unwrap(), LINKS);

        let (resolver, source) = promise();
        let chain = shared_chain(&local, source);
        assert!(chain.cancel());
        local.run_until_idle();
        assert!(!resolver.is_wanted());
        assert_eq!(local.live(), 0);

        let (resolver, source) = promise();
        let chain = shared_chain(&local, source);
        chain.ignore();
        drop(resolver);
        local.run_until_idle();
        assert_eq!(local.live(), 0);
    });
}

/// The time for a link does not grow with the number of links.
#[test]
fn links_cost_the_same_however_many_there_are() {
    // Counted in turns of the executor, not by the clock.
    let turns = |links: usize| {
        let local = Local::new();
        let (resolver, source) = promise::<usize, Error>();
        let chain = chain(&local, source, links);
        local.run_until_idle();
        resolver.fulfill(0).unwrap();
        let mut turns = 0;
        while local.turn() {
            turns += 1;
        }
        assert!(chain.is_settled());
        turns
    };
    // A turn of a `Local` is at most 1024 tasks.
    assert!(turns(1024 * 100) <= 101, "each link is more than one task");
}
