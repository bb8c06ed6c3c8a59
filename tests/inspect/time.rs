//! How long, by the executor's own clock.

use std::time::Duration;

use csp::{Local, inspect::dump, prelude::*, promise::promise};

use crate::util::{named, on};

#[test]
fn waits_grow_with_a_virtual_clock() {
    let _on = on();
    let local = Local::virtual_time();
    let (tx, rx) = chan::<u32>(0);
    let (tx2, rx2) = chan::<u32>(0);
    let _early = local.go(async move { take!(rx) }).named("early");
    let _late = local
        .go(async move {
            sleep(secs(100)).await;
            alt! { v = take!(rx2) => v, _ = park!(std::future::pending::<()>()) => None }
        })
        .named("late");
    local.run_until_idle();
    assert_eq!(named(&dump(), "early").waiting, Some(Duration::ZERO));
    local.advance(secs(160));
    let seen = dump();
    assert_eq!(named(&seen, "early").waiting, Some(secs(160)));
    assert_eq!(named(&seen, "late").waiting, Some(secs(60)));
    assert_eq!(named(&seen, "late").age, Some(secs(160)));
    local.advance(Duration::from_millis(500));
    assert_eq!(named(&dump(), "early").waiting, Some(ms(160_500)));
    drop((tx, tx2));
}

/// What was noted by a virtual clock is not compared with the system's.
#[test]
fn clocks_are_not_mixed_up() {
    let _on = on();
    let local = Local::virtual_time();
    let (resolver, answer) = promise::<u32, csp::Error>();
    let inner = local.go(async {
        let (tx, rx) = chan::<u32>(0);
        drop(go!({ take!(rx) }).named("inside"));
        tx
    });
    local.advance(secs(50));
    let tx = inner.wait().unwrap();
    let seen = dump();
    // Made outside: by the system's clock. Made inside: by none that the dump could ask.
    let outside = &seen.promises[0];
    assert!(outside.age.is_some_and(|age| age < secs(40)));
    assert_eq!(seen.channel(tx.id()).unwrap().age, None);
    assert_eq!(named(&seen, "inside").waiting, Some(secs(50)));
    drop((resolver, answer));
}

/// Nobody noted when it parked.
#[test]
fn a_wait_that_began_while_it_was_off() {
    let _on = on();
    csp::inspect::disable();
    let local = Local::virtual_time();
    let (tx, rx) = chan::<u32>(0);
    let _block = local.go(async move { take!(rx) }).named("block");
    local.run_until_idle();
    csp::inspect::enable();
    local.advance(secs(5));
    let dump = dump();
    let block = named(&dump, "block");
    assert_eq!((block.waiting, block.age), (None, None));
    // The channel is not known; but that it takes from it is.
    assert!(dump.channel(tx.id()).is_none());
    assert_eq!(block.waits_for[0].on, csp::inspect::On::Take(tx.id()));
}
