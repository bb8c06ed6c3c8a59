//! How a hub ends, and what ends with it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use csp::{Buffer, BufferPolicy, HubOptions, Local, Runtime, prelude::*};

use crate::util::blocks::{Counted, Ledger, Stage, failure, is_over, value};

fn closing() -> HubOptions {
    HubOptions {
        close_on_last: true,
        ..HubOptions::default()
    }
}

/// The source ends: subscribers and taps close after all was delivered, and who comes later at once.
#[test]
fn the_end_of_the_source_closes_everybody_after_delivery() {
    let stage = Stage::new();
    let (tx, rx) = chan(3);
    let hub = stage.start(|| csp::hub(rx));
    let (sub, tap) = (hub.subscribe(0), hub.tap(0));
    stage.put(&tx, 1..=3);
    drop(tx);
    let all = stage.go(async move { (sub.take().await, tap.take().await, sub, tap) });
    let (one, same, sub, tap) = all.wait().unwrap();
    assert_eq!((one, same), (Some(1), Some(1)));
    assert!(!sub.is_closed());
    let rest = stage.go(async move {
        let mut sum = 0;
        while let (Some(a), Some(b)) = (tap.take().await, sub.take().await) {
            sum += a + b;
        }
        assert!(is_over(&sub) && is_over(&tap));
        sum
    });
    assert_eq!(rest.wait(), Ok(10));
    assert!(hub.is_ended());
    assert!(is_over(&hub.subscribe(1)) && is_over(&hub.tap(1)));
    assert_eq!(stage.live(), 0);
}

/// EV-202: a source that fails: all fail with the cause, after delivery, also those who wait, and those who
/// come after it.
#[test]
fn ev_202_a_failure_reaches_everybody_after_delivery() {
    let stage = Stage::new();
    let (tx, rx) = chan(3);
    let hub = stage.start(|| csp::hub(rx));
    let (sub, waits) = (hub.subscribe(9), hub.subscribe(9));
    let waiting = stage.go(async move {
        assert_eq!(waits.take().await, Some(1));
        (waits.take().await, failure(&waits))
    });
    stage.put(&tx, [1]);
    assert!(!waiting.is_finished());
    tx.fail("out of paper");
    stage.idle();
    assert_eq!(waiting.wait(), Ok((None, Some("out of paper".to_owned()))));
    assert_eq!(stage.take_all(&sub), [1]);
    assert_eq!(failure(&sub).as_deref(), Some("out of paper"));
    assert_eq!(failure(&hub.subscribe(0)).as_deref(), Some("out of paper"));
}

/// The same without any subscriber: taps learn at once.
#[test]
fn a_tap_alone_learns_of_the_end() {
    for fails in [false, true] {
        let stage = Stage::new();
        let (tx, rx) = chan::<u32>(3);
        let hub = stage.start(|| csp::hub(rx));
        let tap = hub.tap(0);
        stage.idle();
        if fails {
            tx.fail("no more");
        } else {
            drop(tx);
        }
        stage.idle();
        assert!(is_over(&tap) && hub.is_ended());
        assert_eq!(failure(&tap).is_some(), fails);
    }
}

/// A tap is no reason to take; but for one value, which goes to the first subscriber, and to the tap.
#[test]
fn a_tap_alone_takes_nothing_away() {
    let stage = Stage::new();
    let (tx, rx) = chan(5);
    let hub = stage.start(|| csp::hub(rx));
    let tap = hub.tap(9);
    stage.put(&tx, 1..=5);
    assert!(tap.try_take().is_err());
    assert_eq!(tx.len(), 4);
    let sub = hub.subscribe(9);
    assert_eq!(stage.take_all(&sub), [1, 2, 3, 4, 5]);
    assert_eq!(stage.take_all(&tap), [1, 2, 3, 4, 5]);
}

/// EV-028: the last subscriber closes: source and taps close, at once; if that was asked for.
#[test]
fn ev_028_the_last_subscriber_closes_source_and_taps() {
    let stage = Stage::new();
    let (tx, rx) = chan::<u32>(0);
    let hub = stage.start(|| csp::hub_with(rx, closing()));
    let tap = hub.tap(9);
    let (a, b) = (hub.subscribe(9), hub.subscribe(9));
    stage.put(&tx, [1]);
    drop(a);
    stage.idle();
    assert!(!tx.is_closed());
    assert!(b.close());
    stage.idle();
    assert!(tx.is_closed() && hub.is_ended());
    assert_eq!(stage.take_all(&tap), [1]);
    assert!(is_over(&tap));
    assert_eq!(stage.live(), 0);
}

/// One that came and went before the hub ran its first turn was there, too; taps do not count, nor does a
/// hub end that nobody has come to yet.
#[test]
fn close_on_last_waits_for_somebody_to_leave() {
    let stage = Stage::new();
    let (tx, rx) = chan::<u32>(0);
    let hub = stage.start(|| csp::hub_with(rx, closing()));
    drop(hub.tap(0));
    stage.idle();
    assert!(!tx.is_closed());
    drop(hub.subscribe(0));
    stage.idle();
    assert!(tx.is_closed());
}

/// The same while it has not begun, since too few are there.
#[test]
fn close_on_last_holds_before_enough_have_come() {
    let stage = Stage::new();
    let (tx, rx) = chan::<u32>(0);
    let options = HubOptions {
        begin_with: 2,
        ..closing()
    };
    let hub = stage.start(|| csp::hub_with(rx, options));
    let only = hub.subscribe(0);
    stage.idle();
    assert!(!tx.is_closed());
    drop(only);
    stage.idle();
    assert!(tx.is_closed() && hub.is_ended());
}

/// One of too few learns that the source has ended.
#[test]
fn who_waits_for_others_learns_of_the_end() {
    let stage = Stage::new();
    let (tx, rx) = chan::<u32>(0);
    let options = HubOptions {
        begin_with: 2,
        ..HubOptions::default()
    };
    let hub = stage.start(|| csp::hub_with(rx, options));
    let only = hub.subscribe(0);
    stage.idle();
    tx.fail("gone");
    stage.idle();
    assert!(is_over(&only) && hub.is_ended());
    assert_eq!(failure(&only).as_deref(), Some("gone"));
}

/// A source that others take from does not close with its hub.
#[test]
fn a_hub_only_lets_go_of_its_source() {
    let stage = Stage::new();
    let (tx, rx) = chan(1);
    let hub = stage.start(|| csp::hub_with(rx.clone(), closing()));
    drop(hub.subscribe(0));
    stage.idle();
    assert!(hub.is_ended() && !tx.is_closed());
    stage.put(&tx, [1]);
    assert_eq!(rx.try_take(), Ok(1));
}

/// With `close_on_last`, the value that was on its way comes back.
#[test]
fn the_value_on_its_way_comes_back_when_the_hub_ends() {
    let ledger = Ledger::default();
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub_with(rx, closing()));
    let (a, b) = (hub.subscribe(0), hub.subscribe(0));
    stage.put(&tx, [ledger.value(1)]);
    drop((a, b));
    stage.idle();
    assert!(hub.is_ended());
    let rest = hub.take_rest();
    assert_eq!(rest.iter().map(|value| value.n).collect::<Vec<_>>(), [1]);
    assert!(hub.take_rest().is_empty());
    drop(rest);
    assert_eq!(ledger.live(), 0);
}

/// The last handle goes: the hub serves those who are there, and ends with the last of them.
#[test]
fn without_handles_it_goes_on_for_those_who_are_there() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub(rx));
    let (a, b, tap) = (hub.subscribe(9), hub.subscribe(9), hub.tap(9));
    drop(hub);
    stage.put(&tx, [1]);
    drop(a);
    stage.put(&tx, [2]);
    assert_eq!(stage.take_all(&b), [1, 2]);
    assert!(!tx.is_closed());
    drop(b);
    stage.idle();
    assert!(tx.is_closed());
    assert_eq!(stage.take_all(&tap), [1, 2]);
    assert!(is_over(&tap));
    assert_eq!(stage.live(), 0);
}

/// A hub that nobody has, and nobody listens to, ends at once.
#[test]
fn a_hub_without_anybody_ends() {
    let stage = Stage::new();
    let (tx, rx) = chan::<u32>(0);
    drop(stage.start(|| csp::hub(rx)));
    stage.idle();
    assert!(tx.is_closed());
    assert_eq!(stage.live(), 0);
}

/// A clone that panics: everybody fails with the message, the source is let go, nobody is unwound.
#[test]
fn a_clone_that_panics_fails_everybody() {
    csp::set_panic_hook(|_| {});
    let ledger = Ledger::default();
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub(rx));
    let subs = [hub.subscribe(9), hub.subscribe(9)];
    stage.put(&tx, [ledger.value(12), ledger.value(13)]);
    for sub in &subs {
        assert_eq!(sub.try_take().ok().map(|value| value.n), Some(12));
        assert!(is_over(sub));
        assert!(failure(sub).unwrap().starts_with("the hub panicked"));
    }
    assert!(tx.is_closed() && hub.is_ended());
    assert!(failure(&hub.subscribe(0)).is_some());
    assert_eq!(ledger.live(), 0);
}

/// The same while it replays: also the newcomer, and who came after it, fail.
#[test]
fn a_clone_that_panics_in_a_replay_fails_everybody() {
    #[derive(Debug)]
    struct Once(std::sync::Arc<std::sync::atomic::AtomicU32>);
    impl Clone for Once {
        fn clone(&self) -> Self {
            let before = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            assert_eq!(before, 0, "once is enough");
            Self(self.0.clone())
        }
    }
    csp::set_panic_hook(|_| {});
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let options = HubOptions {
        replay: 1,
        ..HubOptions::default()
    };
    let hub = stage.start(|| csp::hub_with(rx, options));
    let first = hub.subscribe(9);
    stage.put(&tx, [Once(std::sync::Arc::default())]);
    let (second, third) = (hub.subscribe(9), hub.subscribe(9));
    stage.idle();
    assert_eq!(stage.take_all(&first).len(), 1);
    for sub in [first, second, third] {
        assert!(failure(&sub).unwrap().contains("once is enough"));
    }
}

/// A subscriber whose own buffer panics fails alone.
#[test]
fn a_buffer_that_panics_is_its_owners_own_affair() {
    struct Bad;
    impl BufferPolicy<u32> for Bad {
        fn len(&self) -> usize {
            0
        }
        fn is_full(&self) -> bool {
            false
        }
        fn add(&mut self, _value: u32) -> Option<u32> {
            panic!("no room, ever")
        }
        fn remove(&mut self) -> Option<u32> {
            None
        }
    }
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let hub = stage.start(|| csp::hub(rx));
    let (bad, good) = (hub.subscribe(Buffer::custom(Bad)), hub.subscribe(9));
    stage.put(&tx, 1..=3);
    assert_eq!(stage.take_all(&good), [1, 2, 3]);
    assert!(failure(&bad).unwrap().contains("no room, ever"));
}

/// Its runtime goes: everybody fails, who comes later too.
#[test]
fn a_shutdown_fails_everybody() {
    let stage = Stage::new();
    let (_tx, rx) = chan::<u32>(0);
    let hub = stage.start(|| csp::hub(rx));
    let (sub, tap) = (hub.subscribe(0), hub.tap(0));
    drop(stage);
    for rx in [sub, tap, hub.subscribe(0)] {
        assert_eq!(rx.take_blocking(), None);
        assert_eq!(failure(&rx).as_deref(), Some("the hub was cancelled"));
    }
}

/// EV-049: the last message, then the end, in this order, for everybody who listens in a loop.
#[test]
fn ev_049_the_end_comes_after_the_last_message() {
    for _ in 0..100 {
        let rt = Runtime::builder().workers(2).build();
        let _entered = rt.enter();
        let (tx, rx) = chan(0);
        let hub = csp::hub(rx);
        let loops: Vec<_> = (0..3)
            .map(|n| {
                let sub = hub.subscribe(n);
                go!({
                    let mut heard = Vec::new();
                    loop {
                        let value = take!(sub);
                        heard.push(value);
                        if value.is_none() {
                            return heard;
                        }
                    }
                })
            })
            .collect();
        for n in 1..=3 {
            tx.put_blocking(n).unwrap();
        }
        drop(tx);
        for heard in loops {
            assert_eq!(value(heard), [Some(1), Some(2), Some(3), None]);
        }
    }
}

/// Bad options say what to write instead.
#[test]
fn bad_options_are_refused() {
    let local = Local::new();
    local.run_until(async {
        let (_tx, rx) = chan::<Counted>(0);
        let hub = csp::hub(rx);
        for slow in [
            csp::SlowConsumer::Drop,
            csp::SlowConsumer::Slide,
            csp::SlowConsumer::Sever(secs(0)),
        ] {
            let refused = catch_unwind(AssertUnwindSafe(|| drop(hub.subscribe_with(0, slow))));
            assert!(refused.is_err(), "{slow:?}");
        }
    });
}
