//! Named channels.

use std::panic::{AssertUnwindSafe, catch_unwind};

use csp::{Registry, Runtime, prelude::*};

use crate::util::blocks::{Ledger, Stage, is_over};

/// EV-046: the same key gives the same channel, made and told of once; after a close a new one.
#[test]
fn ev_046_same_key_same_channel_until_it_closes() {
    let registry = Registry::new();
    let mut made = 0;
    let first = registry.named("a", 2, |_| made += 1);
    let same = registry.named("a", 0, |_| made += 1);
    let other = registry.named("b", 0, |_| made += 1);
    assert!(first.tx.same_channel(&same.tx) && first.rx.same_channel(&same.rx));
    assert!(!first.tx.same_channel(&other.tx));
    assert_eq!((made, registry.len()), (2, 2));
    assert!(registry.get("a").is_some() && registry.get("c").is_none());
    first.tx.try_put(1).unwrap();
    for close in [0, 1] {
        let old = registry.named("a", 2, |_| made += 1);
        if close == 0 {
            old.tx.close();
        } else {
            old.rx.close();
        }
        assert!(registry.get("a").is_none());
        let new = registry.named("a", 2, |_| made += 1);
        assert!(!new.tx.same_channel(&old.tx));
        assert_eq!(made, 3 + close);
    }
    assert_eq!(same.rx.try_take(), Ok(1));
    assert!(is_over(&same.rx));
    assert_eq!(format!("{registry:?}"), "Registry { channels: 2 }");
}

/// A named channel that nobody has keeps its values, until it is released, or the registry goes.
#[test]
fn a_named_channel_keeps_its_values() {
    let ledger = Ledger::default();
    let registry = Registry::new();
    let channel = registry.named(1, 9, |_| {});
    channel.tx.try_put(ledger.value(1)).unwrap();
    drop(channel);
    let released = registry.clone().release(&1).unwrap();
    assert!(registry.release(&1).is_none());
    assert!(!released.tx.is_closed(), "it is not closed");
    assert_eq!(released.rx.try_take().ok().map(|value| value.n), Some(1));
    let again = registry.named(1, 9, |_| {});
    assert!(!again.tx.same_channel(&released.tx));
    again.tx.try_put(ledger.value(2)).unwrap();
    let rx = again.rx.clone();
    drop((again, registry));
    assert_eq!(rx.try_take().ok().map(|value| value.n), Some(2));
    assert!(is_over(&rx));
    assert_eq!(ledger.live(), 0);
}

/// EV-047: what makes a channel also connects it; when it closes, what fed it ends.
#[test]
fn ev_047_the_callback_connects_what_feeds_the_channel() {
    let stage = Stage::new();
    let (feed, source) = chan(0);
    let registry = Registry::new();
    let channel = stage.start(|| {
        registry.named("prices", 9, |channel| {
            drop(csp::join(source, channel.tx.clone()));
        })
    });
    stage.put(&feed, [1, 2]);
    assert_eq!(stage.take_all(&channel.rx), [1, 2]);
    channel.rx.close();
    stage.idle();
    assert!(feed.is_closed());
    assert!(registry.is_empty());
}

/// A callback that panics, or asks for the same name, finds the channel there.
#[test]
fn the_callback_runs_without_a_lock() {
    let registry = Registry::<_, u32>::new();
    let inner = registry.clone();
    let outer = registry.named("a", 0, |channel| {
        let same = inner.named("a", 0, |_| panic!("it is there"));
        assert!(same.tx.same_channel(&channel.tx));
    });
    assert!(
        registry
            .named("a", 0, |_| panic!("it is there"))
            .tx
            .same_channel(&outer.tx)
    );
    let panics = catch_unwind(AssertUnwindSafe(|| {
        drop(registry.named("b", 0, |_| panic!("no")));
    }));
    assert!(panics.is_err());
    assert!(registry.get("b").is_some());
}

/// Channels that were closed go when others come.
#[test]
fn closed_channels_leave_nothing_behind() {
    let ledger = Ledger::default();
    let registry = Registry::new();
    for n in 0..10_000 {
        let channel = registry.named(n, 1, |_| {});
        channel.tx.try_put(ledger.value(n)).unwrap();
        channel.rx.close();
        drop(channel);
        assert!(ledger.live() <= 200, "{}", ledger.live());
    }
    assert!(registry.is_empty());
}

/// Many ask for the same names at the same time: one channel each, made once, through all of its lives.
#[test]
fn stress_one_channel_for_all_who_ask() {
    let rt = Runtime::builder().workers(3).build();
    let registry = Registry::new();
    let made = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let rounds = 500;
    let (tx, total) = chan(64);
    let blocks: Vec<_> = (0..8)
        .map(|_| {
            let (registry, made, tx) = (registry.clone(), made.clone(), tx.clone());
            rt.go(async move {
                for name in 0..rounds {
                    let channel = registry.named(name, 8, |_| {
                        made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    });
                    put!(channel.tx, name).unwrap();
                    put!(tx, ()).unwrap();
                    yield_now().await;
                }
            })
        })
        .collect();
    drop(tx);
    assert_eq!(total.into_iter().count(), 8 * rounds);
    for block in blocks {
        block.wait().unwrap();
    }
    assert_eq!(made.load(std::sync::atomic::Ordering::Relaxed), rounds);
    for name in 0..rounds {
        assert_eq!(registry.get(&name).unwrap().rx.len(), 8);
    }
}
