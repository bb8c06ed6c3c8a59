//! One channel to many subscribers, by topic.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use csp::{AtEnd, Publication, prelude::*};

use crate::util::blocks::{Stage, is_over};

/// What the topic of a number is in most of these tests.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "that is what a `topic_fn` takes"
)]
pub(crate) fn parity(n: &u32) -> u32 {
    n % 2
}

pub(crate) fn by_parity(stage: &Stage, own_buffer: usize) -> (Sender<u32>, Publication<u32, u32>) {
    let (tx, rx) = chan(0);
    let publication = stage.start(|| csp::publish(rx, parity, move |_| own_buffer));
    (tx, publication)
}

#[test]
fn ca_054_each_subscriber_gets_the_values_of_its_topic_in_order_and_closes() {
    #[derive(PartialEq, Eq, Hash)]
    enum Kind {
        Text,
        Number,
    }
    #[derive(Clone, Debug, PartialEq)]
    enum Value {
        Text(&'static str),
        Number(i32),
    }
    use Value::{Number, Text};
    for own_buffer in [0, 5] {
        let stage = Stage::new();
        let (tx, rx) = chan(0);
        let kind = |value: &Value| match value {
            Text(_) => Kind::Text,
            Number(_) => Kind::Number,
        };
        let publication = stage.start(|| csp::publish(rx, kind, move |_| own_buffer));
        let texts = [5, 5].map(|buffer| publication.subscribe(Kind::Text, buffer));
        let numbers = [5, 5].map(|buffer| publication.subscribe(Kind::Number, buffer));
        stage.put(
            &tx,
            [
                Text("a"),
                Number(1),
                Text("b"),
                Number(2),
                Text("c"),
                Text("d"),
            ],
        );
        drop(tx);
        for rx in &texts {
            assert_eq!(stage.take_all(rx), ["a", "b", "c", "d"].map(Text));
        }
        for rx in &numbers {
            assert_eq!(stage.take_all(rx), [1, 2].map(Number));
        }
        assert!(texts.iter().chain(&numbers).all(is_over));
        assert_eq!(stage.live(), 0);
    }
}

#[test]
fn values_without_a_subscriber_are_dropped() {
    let stage = Stage::new();
    let (tx, publication) = by_parity(&stage, 0);
    stage.put(&tx, 1..=5000);
    let odd = publication.subscribe(1, 2);
    stage.put(&tx, 5001..=5003);
    assert_eq!(stage.take_all(&odd), [5001, 5003]);
}

/// As in core.async: a topic without a buffer stalls the others; one with a buffer only when it is full.
#[test]
fn a_slow_subscriber_stalls_other_topics_unless_its_topic_has_a_buffer() {
    let stage = Stage::new();
    for own_buffer in [0, 2] {
        let (tx, publication) = by_parity(&stage, own_buffer);
        let (odd, even) = (publication.subscribe(1, 0), publication.subscribe(0, 9));
        // One waits in `odd` itself; the topic's mult has it in hand.
        stage.put(&tx, [1]);
        let more = stage.offer(&tx, [3, 5, 2, 4, 6]);
        if own_buffer == 0 {
            assert!(!more.is_finished());
            assert_eq!(even.try_take(), Err(TryTakeError::Empty));
        } else {
            assert!(
                more.is_finished(),
                "3 and 5 stand in the topic's own buffer"
            );
            assert_eq!(stage.take_all(&even), [2, 4, 6]);
        }
        assert_eq!(stage.take_all(&odd), [1, 3, 5]);
        if own_buffer == 0 {
            assert_eq!(stage.take_all(&even), [2, 4, 6]);
        }
    }
    let (tx, rx) = chan(0);
    let publication = stage.start(|| csp::publish(rx, parity, |_| sliding(1)));
    let (odd, even) = (publication.subscribe(1, 0), publication.subscribe(0, 0));
    stage.put(&tx, 1..=100);
    assert_eq!(stage.take_all(&odd), [1, 99]);
    assert_eq!(stage.take_all(&even), [2, 100]);
}

/// Unsubscribed and subscribed again while a value waits: the mult behind the topic is another one.
#[test]
fn a_topic_can_be_left_and_entered_while_a_value_waits() {
    for own_buffer in [0, 1] {
        let stage = Stage::new();
        let (tx, publication) = by_parity(&stage, own_buffer);
        let (sub_tx, sub) = chan(0);
        publication.sub(1, sub_tx.clone());
        let puts = stage.offer(&tx, [1, 3, 5, 7]);
        assert!(!puts.is_finished());
        publication.unsub_topic(1);
        publication.sub(1, sub_tx.clone());
        publication.unsub(1, &sub_tx);
        publication.sub(1, sub_tx.clone());
        let got = stage.take_all(&sub);
        assert!(puts.is_finished());
        assert!(got.is_sorted() && got.last() == Some(&7), "{got:?}");
        drop((tx, publication, sub_tx));
        assert!(stage.live() == 0 && is_over(&sub));
    }
}

/// A topic that nobody is subscribed to any more is gone: its next subscriber makes it anew.
#[test]
fn topics_without_subscribers_are_forgotten() {
    let stage = Stage::new();
    let (tx, rx) = chan(0);
    let made = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&made);
    let own = move |topic: &u32| {
        count.fetch_add(1, Ordering::Relaxed);
        if *topic == 1 { 2 } else { 0 }
    };
    let publication = stage.start(|| csp::publish(rx, parity, own));
    for topic in [0, 1] {
        let made = || made.swap(0, Ordering::Relaxed);
        let (sub_tx, sub) = chan(4);
        let blocks = 1 + usize::try_from(topic).unwrap();
        for leaves in ["unsub", "unsub_topic", "unsub_all", "dropped"] {
            publication.sub(topic, sub_tx.clone());
            publication.sub(topic, sub_tx.clone());
            let other = publication.subscribe(topic, 4);
            assert_eq!((stage.live(), made()), (blocks, 1), "{leaves}");
            drop(other);
            match leaves {
                "unsub" => publication.unsub(topic, &sub_tx),
                "unsub_topic" => publication.unsub_topic(topic),
                "unsub_all" => publication.unsub_all(),
                _ => drop(sub_tx.clone().close()),
            }
            if leaves == "dropped" {
                // It is noticed by the next value.
                stage.put(&tx, [2, 1]);
            }
            assert_eq!(stage.live(), 1, "{leaves}: the topic's mult has gone");
        }
        assert!(stage.take_all(&sub).is_empty());
    }
}

/// Topics that are subscribed to once, and that no value ever comes for, do not pile up.
#[test]
fn abandoned_topics_do_not_pile_up() {
    let stage = Stage::new();
    let (_tx, rx) = chan(0);
    let topic = Arc::new(0_u32);
    let publication = stage.start(|| {
        csp::publish(
            rx,
            |n: &u32| (*n, Arc::new(0_u32)),
            |(n, _)| usize::try_from(n % 2).unwrap(),
        )
    });
    let lasting = publication.subscribe((0, Arc::clone(&topic)), 0);
    for n in 1..=10_000 {
        drop(publication.subscribe((n, Arc::clone(&topic)), 0));
        stage.idle();
    }
    let topics = Arc::strong_count(&topic) - 1;
    assert!(topics < 100, "{topics} topics are there");
    assert!(stage.live() < 100);
    drop((publication, lasting));
    assert_eq!(stage.live(), 0);
    assert_eq!(Arc::strong_count(&topic), 1);
}

#[test]
fn one_channel_may_have_several_topics_and_counts_once_in_each() {
    for own_buffer in [0, 4] {
        let stage = Stage::new();
        let (tx, publication) = by_parity(&stage, own_buffer);
        let (sub_tx, sub) = chan(9);
        for topic in [0, 1, 0, 1] {
            publication.sub(topic, sub_tx.clone());
        }
        stage.put(&tx, [1, 3, 2]);
        let mut got = stage.take_all(&sub);
        got.sort_unstable();
        assert_eq!(got, [1, 2, 3]);
        publication.sub_with(1, sub_tx.clone(), AtEnd::KeepOpen);
        publication.unsub(0, &sub_tx);
        stage.put(&tx, [4, 5]);
        drop(tx);
        assert_eq!(stage.take_all(&sub), [5]);
        assert!(!sub.is_closed(), "the last AtEnd counts");
        assert_eq!(stage.live(), 0);
    }
}

/// Subscribing counts from the next value on, though nothing has run in between.
#[test]
fn subscriptions_count_from_the_next_value_on() {
    let stage = Stage::new();
    let (tx, rx) = chan(8);
    let publication = stage.start(|| csp::publish(rx, parity, |_| 0));
    let (sub_tx, sub) = chan(8);
    publication.sub(1, sub_tx.clone());
    tx.try_put(1).unwrap();
    stage.idle();
    tx.try_put(3).unwrap();
    publication.unsub(1, &sub_tx);
    assert_eq!(stage.take_all(&sub), [1]);
    publication.sub(1, sub_tx.clone());
    tx.close();
    publication.unsub_topic(1);
    assert_eq!(stage.live(), 0);
    assert!(!sub.is_closed(), "it was unsubscribed before the end");
}
