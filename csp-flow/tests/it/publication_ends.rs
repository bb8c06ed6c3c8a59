//! How a publication ends, and how its subscribers do.

use std::hash::{Hash, Hasher};

use csp::{AtEnd, Local, Publication, prelude::*};

use crate::{
    publication::{by_parity, parity},
    util::blocks::{Stage, failure, is_over, value},
};

/// What was in the topic's own buffer comes before the end.
#[test]
fn the_end_and_a_failure_come_after_what_stands_in_a_topic() {
    for (own_buffer, fails) in [(0, false), (0, true), (4, false), (4, true)] {
        let stage = Stage::new();
        let (tx, publication) = by_parity(&stage, own_buffer);
        let odd = publication.subscribe(1, 0);
        let (kept, kept_rx) = chan(9);
        publication.sub_with(1, kept.clone(), AtEnd::KeepOpen);
        let puts = stage.offer(&tx, [1, 3, 5]);
        if own_buffer > 0 {
            assert!(puts.is_finished());
            assert!(if fails { tx.fail("cut") } else { tx.close() });
            stage.idle();
        }
        assert_eq!(stage.take_all(&odd), [1, 3, 5]);
        if own_buffer == 0 {
            assert!(if fails { tx.fail("cut") } else { tx.close() });
        }
        assert_eq!(stage.live(), 0);
        assert!(is_over(&odd));
        assert_eq!(failure(&odd).as_deref(), fails.then_some("cut"));
        assert_eq!(stage.take_all(&kept_rx), [1, 3, 5]);
        assert!(!kept.is_closed());
        let late = publication.subscribe(0, 0);
        assert!(is_over(&late));
        assert_eq!(failure(&late).as_deref(), fails.then_some("cut"));
        publication.sub_with(0, kept.clone(), AtEnd::KeepOpen);
        publication.unsub(0, &kept);
        assert!(!kept.is_closed());
    }
}

type Leave = fn(&Publication<u32, u32>, &Sender<u32>, Receiver<u32>) -> Option<Receiver<u32>>;

/// CA-198 for a subscriber, also behind a full buffer of its topic.
#[test]
fn ca_198_a_subscriber_that_goes_with_a_put_pending_releases_all() {
    let ways: [(&str, Leave); 6] = [
        ("dropped", |_, _, rx| {
            drop(rx);
            None
        }),
        ("closed by the receiver", |_, _, rx| {
            rx.close();
            Some(rx)
        }),
        ("closed by a sender", |_, tx, rx| {
            tx.close();
            Some(rx)
        }),
        ("unsub", |publication, tx, rx| {
            publication.unsub(1, tx);
            Some(rx)
        }),
        ("unsub_topic", |publication, _, rx| {
            publication.unsub_topic(1);
            Some(rx)
        }),
        ("unsub_all", |publication, _, rx| {
            publication.unsub_all();
            Some(rx)
        }),
    ];
    for own_buffer in [0, 1] {
        for (how, leave) in ways {
            let stage = Stage::new();
            let (tx, publication) = by_parity(&stage, own_buffer);
            let (slow_tx, slow) = chan(0);
            publication.sub(1, slow_tx.clone());
            let (even, other) = (publication.subscribe(0, 8), publication.subscribe(1, 8));
            let puts = stage.offer(&tx, [1, 3, 5, 7, 2, 4]);
            assert!(!puts.is_finished(), "{how}: all is stalled");
            let slow = leave(&publication, &slow_tx, slow);
            stage.idle();
            assert!(puts.is_finished(), "{how}, buffer {own_buffer}");
            if how != "unsub_all" {
                assert_eq!(stage.take_all(&even), [2, 4], "{how}");
            }
            if how != "unsub_all" && how != "unsub_topic" {
                assert_eq!(stage.take_all(&other), [1, 3, 5, 7], "{how}");
            }
            if let Some(slow) = slow {
                assert_eq!(stage.take_all(&slow), [], "{how}: the put was taken back");
                assert_eq!(slow.is_closed(), how.starts_with("closed"), "{how}");
            }
        }
    }
}

#[test]
fn a_topic_fn_that_panics_fails_every_subscriber() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let topic_of = |n: &u32| {
        assert!(*n != 13, "13 has no topic");
        n % 2
    };
    let own = |topic: &u32| if *topic == 1 { fixed(4) } else { fixed(0) };
    let publication = stage.start(|| csp::publish(rx, topic_of, own));
    let (odd, even) = (publication.subscribe(1, 0), publication.subscribe(0, 4));
    let puts = stage.offer(&tx, [1, 2, 3, 13]);
    assert!(puts.is_finished());
    assert_eq!(stage.take_all(&odd), [1, 3]);
    assert_eq!(stage.take_all(&even), [2]);
    for sub in [odd, even, publication.subscribe(7, 0)] {
        assert!(is_over(&sub));
        let said = "the publication panicked: 13 has no topic";
        assert_eq!(failure(&sub).as_deref(), Some(said));
    }
    assert!(tx.is_closed());
    assert_eq!(stage.live(), 0);
}

#[test]
fn a_buffer_fn_that_panics_fails_every_subscriber() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let own = |topic: &u32| -> usize {
        assert!(*topic != 1, "no buffer for 1");
        0
    };
    let publication = stage.start(|| csp::publish(rx, parity, own));
    let even = publication.subscribe(0, 4);
    stage.put(&tx, [2]);
    let (odd, later) = (publication.subscribe(1, 4), publication.subscribe(0, 4));
    assert_eq!(stage.live(), 0);
    assert_eq!(stage.take_all(&even), [2]);
    for sub in [even, odd, later] {
        let said = "the publication panicked: no buffer for 1";
        assert_eq!(failure(&sub).as_deref(), Some(said));
    }
}

/// A topic whose hash panics.
#[derive(PartialEq, Eq)]
struct Bad(u32);

impl Hash for Bad {
    fn hash<H: Hasher>(&self, state: &mut H) {
        assert!(self.0 != 13, "13 has no hash");
        self.0.hash(state);
    }
}

#[test]
fn a_hash_that_panics_fails_every_subscriber() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let publication = stage.start(|| csp::publish(rx, |n: &u32| Bad(*n), |_| 0));
    let one = publication.subscribe(Bad(1), 4);
    stage.put(&tx, [1, 13]);
    assert_eq!(stage.live(), 0);
    assert_eq!(stage.take_all(&one), [1]);
    let said = "the publication panicked: 13 has no hash";
    assert_eq!(failure(&one).as_deref(), Some(said));
    // The handle does not touch it.
    assert_eq!(
        failure(&publication.subscribe(Bad(13), 0)).as_deref(),
        Some(said)
    );
}

/// A clone that panics ends the publication, or the one topic whose mult it happens in.
#[test]
fn a_clone_that_panics_leaves_nobody_waiting() {
    struct Fragile(u32);
    impl Clone for Fragile {
        fn clone(&self) -> Self {
            assert!(self.0 != 13, "13 cannot be cloned");
            Self(self.0)
        }
    }
    for own_buffer in [0, 4] {
        let stage = Stage::new();
        let (tx, rx) = chan(0);
        let topic = |value: &Fragile| value.0 % 2;
        let publication = stage.start(|| csp::publish(rx, topic, move |_| own_buffer));
        let odd = [4, 4].map(|buffer| publication.subscribe(1, buffer));
        let even = publication.subscribe(0, 4);
        let (kept, _kept_rx) = chan(9);
        publication.sub_with(1, kept.clone(), AtEnd::KeepOpen);
        stage.put(&tx, [1, 13].map(Fragile));
        assert!(!kept.is_closed());
        for sub in &odd {
            assert!(stage.take_all(sub).len() <= 1 && is_over(sub));
            assert!(failure(sub).unwrap().ends_with("13 cannot be cloned"));
        }
        if own_buffer == 0 {
            assert!(is_over(&even) && stage.live() == 0);
            continue;
        }
        // The next value of the topic finds its mult gone; then the topic can begin anew.
        stage.put(&tx, [3].map(Fragile));
        let again = publication.subscribe(1, 4);
        stage.put(&tx, [5, 2].map(Fragile));
        assert_eq!(stage.take_all(&again).len(), 1);
        assert_eq!(stage.take_all(&even).len(), 1);
    }
}

#[test]
fn when_the_executor_goes_the_subscribers_fail() {
    for own_buffer in [0, 4] {
        let stage = Stage::new();
        let (tx, publication) = by_parity(&stage, own_buffer);
        let odd = publication.subscribe(1, 0);
        stage.put(&tx, [1]);
        drop(stage);
        let late = publication.subscribe(1, 0);
        for sub in [odd, late] {
            assert!(is_over(&sub));
            assert!(failure(&sub).unwrap().ends_with("was cancelled"));
        }
        assert!(tx.is_closed());
    }
}

#[test]
fn when_handles_and_subscribers_are_gone_the_source_is_dropped() {
    for own_buffer in [0, 2] {
        let stage = Stage::new();
        let (tx, publication) = by_parity(&stage, own_buffer);
        let (odd, even) = (publication.subscribe(1, 8), publication.subscribe(0, 8));
        drop(publication);
        stage.put(&tx, [1, 2]);
        assert_eq!(stage.take_all(&odd), [1]);
        drop(odd);
        stage.put(&tx, [3, 4]);
        assert_eq!(stage.take_all(&even), [2, 4]);
        drop(even);
        assert_eq!(stage.live(), 0);
        assert!(tx.is_closed());
    }
}

/// A busy publication lets others run, and sees that nobody wants its values any more though its source
/// never runs dry.
#[test]
fn a_publication_that_never_parks_yields_and_ends() {
    let local = Local::new();
    let (tx, rx) = chan(100_000);
    for n in 0..100_000 {
        tx.try_put(n).unwrap();
    }
    let (left, source) = (rx.clone(), rx.clone());
    let sub = local.run_until(async { csp::publish(rx, parity, |_| 0).subscribe(7, 0) });
    let seen = local.go(async move {
        drop(sub);
        left.len()
    });
    local.run_until_idle();
    let at_drop = value(seen);
    assert!((1..100_000).contains(&at_drop), "{at_drop}");
    assert_eq!(local.live(), 0);
    assert!(source.len() > 90_000, "{} were left", source.len());
}
