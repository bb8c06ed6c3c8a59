//! Links: who closes whom.

use csp::{Connect, LinkReason, Runtime, prelude::*};

use crate::util::blocks::{Stage, failure, is_over, value};

/// EV-023, EV-024, EV-050, EV-217: every rule of the table, before and after the link was made, at once, with nothing ever
/// put.
#[test]
fn ev_217_closing_goes_both_ways_at_once() {
    for (upstream, downstream) in [(true, true), (true, false), (false, true), (false, false)] {
        for late in [false, true] {
            for end in ["close rx", "drop rx", "close tx", "drop tx", "fail"] {
                let what = format!("{upstream} {downstream} {late} {end}");
                let stage = Stage::new();
                let (tx, src) = chan::<u32>(0);
                let (dst, rx) = chan(0);
                let (mut tx, mut rx) = (Some(tx), Some(rx));
                let how = Connect {
                    upstream,
                    downstream,
                    ..Connect::default()
                };
                let mut ends = Some((src, dst));
                let mut link = None;
                let mut connect = || {
                    let (src, dst) = ends.take().unwrap();
                    link = Some(stage.start(|| csp::connect(src, dst, how.clone())));
                    stage.idle();
                };
                if late {
                    connect();
                }
                match end {
                    "close rx" => drop(rx.as_ref().unwrap().close()),
                    "drop rx" => drop(rx.take()),
                    "close tx" => drop(tx.as_ref().unwrap().close()),
                    "drop tx" => drop(tx.take()),
                    _ => drop(tx.as_ref().unwrap().fail("bad")),
                }
                if !late {
                    connect();
                }
                stage.idle();
                let link = link.unwrap();
                assert!(link.is_finished(), "{what}");
                // While the handle keeps both ends.
                let from_below = end.ends_with("rx");
                if let Some(tx) = &tx {
                    assert_eq!(tx.is_closed(), !from_below || upstream, "{what}");
                }
                if let Some(rx) = &rx {
                    assert_eq!(rx.is_closed(), from_below || downstream, "{what}");
                    let fails = end == "fail" && downstream;
                    assert_eq!(failure(rx).is_some(), fails, "{what}");
                }
                let end_of_link = link.wait().unwrap();
                let expected = match end_of_link.reason {
                    LinkReason::TargetClosed => from_below,
                    LinkReason::SourceFailed(_) => end == "fail",
                    LinkReason::SourceClosed => !from_below && end != "fail",
                    _ => false,
                };
                assert!(expected, "{what}");
                assert_eq!(stage.live(), 0);
            }
        }
    }
}

/// EV-050: a siphon's target closes its source; a chain of them closes to the head.
#[test]
fn ev_050_a_chain_of_siphons_closes_to_the_head() {
    let stage = Stage::new();
    let (head, mut rx) = chan::<u32>(0);
    for _ in 0..3 {
        let (dst, next) = chan(0);
        drop(stage.start(|| csp::siphon(rx, dst)));
        rx = next;
    }
    stage.idle();
    assert!(!head.is_closed());
    rx.close();
    stage.idle();
    assert!(head.is_closed());
}

/// A source that somebody else takes from stays open, until the last of them goes.
#[test]
fn a_source_with_another_consumer_stays_open() {
    let stage = Stage::new();
    let (tx, src) = chan(3);
    let (dst, rx) = chan::<u32>(0);
    let other = src.clone();
    let link = stage.start(|| csp::join(src, dst));
    stage.idle();
    drop(rx);
    stage.idle();
    assert!(!tx.is_closed());
    // Also while the handle is kept: the link has let go.
    drop(other);
    assert!(tx.is_closed());
    assert!(link.wait().unwrap().src.is_none());
}

/// The target closes while a value waits for room, from either end of it.
#[test]
fn a_target_that_closes_gives_the_value_back() {
    for from_below in [true, false] {
        let stage = Stage::new();
        let (tx, src) = chan(3);
        let (dst, rx) = chan(0);
        let other = dst.clone();
        let link = stage.start(|| csp::join(src, dst));
        stage.put(&tx, [1, 2]);
        if from_below {
            rx.close();
        } else {
            // A put that was there before the close of the putting side is delivered.
            other.close();
            stage.idle();
            assert!(!link.is_finished());
            assert_eq!(rx.try_take(), Ok(1));
        }
        stage.idle();
        let end = link.wait().unwrap();
        assert!(matches!(end.reason, LinkReason::TargetClosed));
        assert_eq!(end.value, from_below.then_some(1));
        assert!(tx.is_closed());
        let left = stage.take_all(&end.src.unwrap());
        assert_eq!(left, [2]);
    }
}

/// Two edges into one target: `join` closes it for both, `siphon` does not.
#[test]
fn a_target_with_two_sources() {
    for joins in [true, false] {
        let stage = Stage::new();
        let (a, a_src) = chan(0);
        let (b, b_src) = chan(0);
        let (dst, rx) = chan(9);
        let (one, two) = stage.start(|| {
            let connect = if joins { csp::join } else { csp::siphon };
            (connect(a_src, dst.clone()), connect(b_src, dst))
        });
        stage.put(&a, [1]);
        drop(a);
        stage.idle();
        assert_eq!(b.is_closed(), joins);
        if joins {
            assert_eq!(stage.take_all(&rx), [1]);
        } else {
            stage.put(&b, [2]);
            drop(b);
            stage.idle();
            assert!(!rx.is_closed(), "the ends are kept");
            drop((one, two));
            assert_eq!(stage.take_all(&rx), [1, 2]);
        }
        assert!(is_over(&rx));
    }
}

/// The runtime goes: the link says so.
#[test]
fn a_shutdown_ends_a_link() {
    let stage = Stage::new();
    let (_tx, src) = chan::<u32>(0);
    let (dst, rx) = chan(0);
    let link = stage.start(|| csp::join(src, dst));
    drop(stage);
    assert!(matches!(link.wait(), Err(Failure::Cancelled)));
    assert_eq!(rx.take_blocking(), None);
}

#[test]
#[should_panic(expected = "a connection with a timeout of zero")]
fn a_timeout_of_zero_is_refused() {
    let (_tx, src) = chan::<u32>(0);
    let (dst, _rx) = chan(0);
    let how = Connect {
        timeout: Some(secs(0)),
        ..Connect::default()
    };
    drop(csp::connect(src, dst, how));
}

/// EV-052: a promise of the close that races with the close: fulfilled exactly once, 1,000 times.
#[test]
fn ev_052_closed_tells_once_when_it_races() {
    let rt = Runtime::builder().workers(2).build();
    let _entered = rt.enter();
    for round in 0..1000 {
        let (tx, rx) = chan::<u32>(0);
        let closer = {
            let tx = tx.clone();
            go!({
                if round % 2 == 0 {
                    assert!(tx.close());
                } else {
                    drop(rx);
                }
            })
        };
        let (told, hears) = chan(9);
        let once = csp::closed(tx).map(move |()| told.try_put(()).unwrap());
        once.wait().unwrap();
        value(closer);
        assert!(hears.into_iter().eq([()]));
    }
}

/// EV-049: drained is told when the last value was taken, and not before; a failure is one.
#[test]
fn drained_is_told_after_the_last_value() {
    for fails in [false, true] {
        let stage = Stage::new();
        let (tx, rx) = chan(9);
        let (rx, drained) = stage.start(|| csp::drained(rx));
        stage.put(&tx, [1, 2]);
        if fails {
            tx.fail("bad");
        } else {
            tx.close();
        }
        stage.idle();
        for n in 1..=2 {
            assert!(!drained.is_finished());
            assert_eq!(rx.try_take(), Ok(n));
            stage.idle();
        }
        assert!(is_over(&rx));
        let reason = drained.wait().unwrap().reason;
        assert_eq!(matches!(reason, LinkReason::SourceFailed(_)), fails);
        assert_eq!(matches!(reason, LinkReason::SourceClosed), !fails);
    }
}

/// Who leaves before the end closes the source; what nobody took comes back.
#[test]
fn drained_gives_back_what_was_not_taken() {
    let stage = Stage::new();
    let (tx, rx) = chan(9);
    let (rx, drained) = stage.start(|| csp::drained(rx));
    stage.put(&tx, [1, 2]);
    drop(rx);
    stage.idle();
    assert!(tx.is_closed());
    let end = drained.wait().unwrap();
    assert!(matches!(end.reason, LinkReason::TargetClosed));
    assert_eq!(end.value, Some(1));
    assert_eq!(stage.take_all(&end.src.unwrap()), [2]);
}
