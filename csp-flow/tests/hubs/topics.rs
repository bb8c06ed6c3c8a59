//! The event bus.

use std::{
    hash::{Hash, Hasher},
    panic::{AssertUnwindSafe, catch_unwind},
};

use csp::{Runtime, Topics, prelude::*};

use crate::util::blocks::{Ledger, Stage, failure, is_over, value};

/// EV-158: none without subscribers, the number after all have accepted, those who left are forgotten, topics are
/// equal by value.
#[test]
fn ev_158_publish_tells_how_many_accepted() {
    let bus = Topics::<String, u32>::new();
    assert_eq!(bus.publish_blocking("a", 1), 0);
    let (one, two) = (bus.subscribe("a".into(), 9), bus.subscribe("a".into(), 9));
    let other = bus.subscribe("b".into(), 9);
    assert_eq!(bus.publish_blocking("a", 2), 2);
    assert_eq!(bus.publish_blocking(&String::from("a"), 3), 2);
    drop(one);
    assert_eq!(bus.publish_blocking("a", 4), 1);
    assert!(other.try_take().is_err());
    assert_eq!(bus.len(), 2);
    drop(two);
    assert_eq!(bus.publish_blocking("a", 5), 0);
    assert_eq!(bus.len(), 1);
    drop(bus);
    assert!(is_over(&other));
}

/// It settles when every subscriber has accepted, in any order, or has left.
#[test]
fn publish_settles_when_all_have_accepted_or_left() {
    let stage = Stage::new();
    let bus = Topics::new();
    let [a, b, c] = [0; 3].map(|n| bus.subscribe("t", n));
    let there = bus.clone();
    let done = stage.go(async move { there.publish("t", 1).await });
    assert_eq!(c.try_take(), Ok(1));
    stage.idle();
    assert!(!done.is_finished());
    drop(b);
    stage.idle();
    assert!(!done.is_finished());
    assert_eq!(a.try_take(), Ok(1));
    stage.idle();
    assert_eq!(done.wait(), Ok(2));
}

/// A publisher that is dropped withdraws the value from those who have not accepted it.
#[test]
fn a_publish_that_is_dropped_withdraws() {
    let ledger = Ledger::default();
    let stage = Stage::new();
    let bus = Topics::new();
    let (has, waits) = (bus.subscribe("t", 1), bus.subscribe("t", 0));
    let (there, one) = (bus.clone(), ledger.value(1));
    let publishing = stage.go(async move { there.publish("t", one).await });
    assert_eq!(ledger.live(), 2);
    publishing.cancel();
    stage.idle();
    assert!(waits.try_take().is_err());
    assert_eq!(has.try_take().ok().map(|value| value.n), Some(1));
    assert_eq!(ledger.live(), 0);
}

/// A slow subscriber of one topic does not hold another up.
#[test]
fn topics_do_not_wait_for_each_other() {
    let stage = Stage::new();
    let bus = Topics::new();
    let (slow, quick) = (bus.subscribe(1, 0), bus.subscribe(2, 9));
    let there = bus.clone();
    let waits = stage.go(async move { there.publish(&1, "x").await });
    let there = bus.clone();
    let done = stage.go(async move { there.publish(&2, "y").await });
    assert!(!waits.is_finished() && done.is_finished());
    assert_eq!((quick.try_take(), slow.try_take()), (Ok("y"), Ok("x")));
}

/// What one publishes arrives in order.
#[test]
fn one_publisher_is_heard_in_order() {
    let bus = Topics::new();
    let subs = [0, 1, 9].map(|n| bus.subscribe((), n));
    let there = bus.clone();
    let done = go!({
        for n in 0..1000 {
            assert_eq!(there.publish(&(), n).await, 3);
        }
    });
    let heard = subs.map(|sub| {
        go!({
            for n in 0..1000 {
                assert_eq!(take!(sub), Some(n));
            }
        })
    });
    value(done);
    for block in heard {
        value(block);
    }
}

/// A topic that is closed: its subscribers end after what was published; it may be used again.
#[test]
fn a_closed_topic_can_be_used_again() {
    let bus = Topics::new();
    let old = bus.subscribe("t", 9);
    bus.publish_blocking("t", 1);
    assert_eq!(bus.close("t"), 1);
    assert_eq!(bus.close("t"), 0);
    assert_eq!(bus.publish_blocking("t", 2), 0);
    let new = bus.subscribe("t", 9);
    assert_eq!(bus.publish_blocking("t", 3), 1);
    assert!(old.into_iter().eq([1]));
    assert_eq!(new.try_take(), Ok(3));
}

/// A million topics, each used and left, leave nothing behind.
#[test]
fn a_million_topics_leave_nothing_behind() {
    /// A key that counts itself.
    struct Key(
        u32,
        #[expect(dead_code, reason = "it is dropped")] crate::util::blocks::Counted,
    );
    impl PartialEq for Key {
        fn eq(&self, other: &Self) -> bool {
            self.0 == other.0
        }
    }
    impl Eq for Key {}
    impl Hash for Key {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }
    let ledger = Ledger::default();
    let bus = Topics::new();
    let count = if cfg!(debug_assertions) {
        200_000
    } else {
        1_000_000
    };
    let stays = bus.subscribe(Key(u32::MAX, ledger.value(0)), 9);
    for n in 0..count {
        let sub = bus.subscribe(Key(n, ledger.value(n)), 1);
        if n % 2 == 0 {
            let key = Key(n, ledger.value(n));
            assert_eq!(bus.publish_blocking(&key, ()), 1);
        }
        drop(sub);
        assert!(ledger.live() <= 200, "{} keys", ledger.live());
    }
    assert_eq!(bus.len(), 1);
    drop(stays);
    assert!(bus.is_empty());
}

/// Subscribers of one topic that come and go leave nothing behind, without a single value.
#[test]
fn subscribers_that_leave_leave_nothing_behind() {
    let ledger = Ledger::default();
    let bus = Topics::new();
    let stays = bus.subscribe("t", 1);
    for n in 0..10_000 {
        let sub = bus.subscribe("t", 1);
        if n % 100 == 0 {
            assert_eq!(bus.publish_blocking("t", ledger.value(n)), 2);
            drop(stays.try_take());
        }
        drop(sub);
    }
    assert_eq!(ledger.live(), 0);
    assert!(format!("{bus:?}").contains("topics: 1, subscribers: 1"));
}

/// Keys whose hashes are all the same are still told apart.
#[test]
fn keys_of_one_hash_are_told_apart() {
    #[derive(PartialEq, Eq)]
    struct Same(u32);
    impl Hash for Same {
        fn hash<H: Hasher>(&self, state: &mut H) {
            0_u32.hash(state);
        }
    }
    let bus = Topics::new();
    let subs: Vec<_> = (0..100).map(|n| bus.subscribe(Same(n), 1)).collect();
    for n in 0..100 {
        assert_eq!(bus.publish_blocking(&Same(n), n), 1);
    }
    for (n, sub) in (0..).zip(&subs) {
        assert_eq!(sub.try_take(), Ok(n));
    }
    for n in 0..50 {
        bus.close(&Same(n));
    }
    assert_eq!(bus.len(), 50);
}

/// A key that panics, or that uses the bus itself, in `eq` or `hash`, harms nobody.
#[test]
fn a_key_may_panic_and_use_the_bus() {
    thread_local! {
        static BUS: std::cell::RefCell<Option<Topics<Odd, u32>>> = const { std::cell::RefCell::new(None) };
    }
    #[derive(Debug)]
    struct Odd(u32);
    impl PartialEq for Odd {
        fn eq(&self, other: &Self) -> bool {
            assert!(self.0 != 13 && other.0 != 13, "unlucky");
            let bus = BUS.with_borrow(Clone::clone);
            // It would hang if a lock were held.
            assert!(bus.is_none_or(|bus| bus.len() < 9));
            self.0 == other.0
        }
    }
    impl Eq for Odd {}
    impl Hash for Odd {
        fn hash<H: Hasher>(&self, _state: &mut H) {}
    }
    let bus = Topics::new();
    BUS.set(Some(bus.clone()));
    let sub = bus.subscribe(Odd(1), 9);
    let panics = catch_unwind(AssertUnwindSafe(|| bus.publish_blocking(&Odd(13), 0)));
    assert!(panics.is_err());
    assert_eq!(bus.publish_blocking(&Odd(1), 1), 1);
    assert_eq!(sub.try_take(), Ok(1));
    BUS.set(None);
}

/// A clone that panics unwinds into the publisher alone.
#[test]
fn a_clone_that_panics_is_the_publishers_own_affair() {
    let ledger = Ledger::default();
    let bus = Topics::new();
    let (a, b) = (bus.subscribe("t", 9), bus.subscribe("t", 9));
    let unlucky = ledger.value(13);
    let panics = catch_unwind(AssertUnwindSafe(|| bus.publish_blocking("t", unlucky)));
    assert!(panics.is_err());
    assert_eq!(bus.publish_blocking("t", ledger.value(1)), 2);
    for rx in [a, b] {
        assert_eq!(rx.try_take().ok().map(|value| value.n), Some(1));
        assert!(failure(&rx).is_none());
    }
    assert_eq!(ledger.live(), 0);
}

/// A block that publishes without end lets others run.
#[test]
fn a_publisher_lets_others_run() {
    let rt = Runtime::builder().workers(1).build();
    let bus = Topics::new();
    let sub = bus.subscribe((), sliding(1));
    let (stop, stopped) = chan::<()>(0);
    let there = bus.clone();
    let publishing = rt.go(async move {
        while !stopped.is_closed() {
            there.publish(&(), 1).await;
        }
    });
    let other = rt.go(async move {
        drop(stop);
    });
    value(other);
    value(publishing);
    assert!(sub.try_take().is_ok());
}
