//! One to many, under random schedules.

use csp::{Topics, hub, prelude::*};

use crate::util::{explore, list, three};

#[test]
fn every_tap_gets_all() {
    explore(|| {
        let (tx, rx) = chan(0);
        let mult = csp::mult(rx);
        let taps = [0, 1].map(|n| {
            let (to, tap) = chan(n);
            mult.tap(to);
            list(tap)
        });
        for n in 1..=3 {
            tx.put_blocking(n).unwrap();
        }
        drop(tx);
        for tap in taps {
            assert_eq!(tap.wait().unwrap(), [1, 2, 3]);
        }
    });
}

/// One tap goes at any moment: the other misses nothing, and nobody is held up.
#[test]
fn a_tap_that_goes_holds_nobody_up() {
    explore(|| {
        let (tx, rx) = chan(0);
        let mult = csp::mult(rx);
        let (stay, stays) = chan(0);
        let (leave, leaves) = chan(0);
        mult.tap(stay);
        mult.tap(leave);
        let all = list(stays);
        let left = go!({ take!(leaves) });
        for n in 1..=3 {
            tx.put_blocking(n).unwrap();
        }
        drop(tx);
        assert_eq!(left.wait(), Ok(Some(1)));
        assert_eq!(all.wait().unwrap(), [1, 2, 3]);
    });
}

#[test]
fn a_publication_sorts_by_topic() {
    explore(|| {
        let (tx, rx) = chan(0);
        let publication = csp::publish(rx, |n: &u32| n % 2, |_| 0);
        let subs = [0, 1].map(|topic| {
            let (to, sub) = chan(1);
            publication.sub(topic, to);
            list(sub)
        });
        for n in 1..=4 {
            tx.put_blocking(n).unwrap();
        }
        drop(tx);
        let [even, odd] = subs.map(|sub| sub.wait().unwrap());
        assert_eq!((even, odd), (vec![2, 4], vec![1, 3]));
    });
}

#[test]
fn a_mix_of_two() {
    explore(|| {
        let (out, rx) = chan(0);
        let mix = csp::mix(out);
        mix.admix(three());
        mix.admix(three());
        let mut sum = 0;
        for _ in 0..6 {
            sum += rx.take_blocking().unwrap();
        }
        assert_eq!(sum, 12);
    });
}

#[test]
fn a_hub_keeps_what_nobody_hears() {
    explore(|| {
        let hub = hub(three());
        let first = hub.subscribe(0);
        let one = first.take_blocking();
        drop(first);
        // What was on its way when the last one left is for the next.
        let rest: Vec<_> = hub.subscribe(0).into_iter().collect();
        assert_eq!(one, Some(1));
        assert_eq!(rest, [2, 3]);
    });
}

#[test]
fn topics_deliver_to_who_is_there() {
    explore(|| {
        let bus = Topics::new();
        let subs: Vec<_> = ["a", "b", "a"]
            .iter()
            .map(|topic| list(bus.subscribe(*topic, 0)))
            .collect();
        let publishes = ["a", "b"].map(|topic| {
            let bus = bus.clone();
            go!({
                let mut told = 0;
                for n in 1..=2 {
                    told += bus.publish(topic, n).await;
                }
                told
            })
        });
        let told = publishes.map(|p| p.wait().unwrap());
        assert_eq!(told, [4, 2]);
        drop(bus);
        for sub in subs {
            assert_eq!(sub.wait().unwrap(), [1, 2]);
        }
    });
}

/// The order of the topics in a table differs from process to process, not from run to run: else this would not be
/// deterministic.
#[test]
fn many_topics_are_looked_at_in_the_same_order() {
    explore(|| {
        let bus = Topics::<u32, u32>::new();
        for n in 0..70 {
            drop(bus.subscribe(n, 0));
        }
        let kept: Vec<_> = (100..108).map(|n| bus.subscribe(n, 1)).collect();
        assert_eq!(bus.len(), 8);
        drop(bus);
        for rx in kept {
            assert_eq!(rx.take_blocking(), None);
        }
    });
}
