use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
    sync::Arc,
};

use csp::{Receiver, prelude::*};

use crate::util::{Start, failure, run, seen, source};

type Group = (u32, Receiver<u32>);

fn by_ten(rx: Receiver<u32>) -> Receiver<Group> {
    stream(rx).group_by(|n| n / 10).receiver()
}

#[test]
fn each_value_comes_to_its_group_in_order() {
    let mut all = run(async {
        let groups = by_ten(to_chan((0..1000).map(|n| n * 7 % 100)));
        let mut takers = vec![];
        while let Some((key, group)) = take!(groups) {
            takers.push(go!({ (key, seen(&group).await.0) }));
        }
        let mut all = HashMap::new();
        for taker in takers {
            let (key, seen) = taker.await.unwrap();
            let values: Vec<_> = seen.into_iter().map(|(_, n)| n).collect();
            assert!(all.insert(key, values).is_none());
        }
        all
    });
    for key in 0..10 {
        let wanted = (0..1000).map(|n| n * 7 % 100).filter(|n| n / 10 == key);
        assert!(all.remove(&key).unwrap().into_iter().eq(wanted));
    }
    assert!(all.is_empty());
}

#[test]
fn a_slow_group_holds_the_others_back_unless_it_has_room() {
    run(async {
        let (_, none) = take_first(by_ten(to_chan([1, 2, 11]))).await;
        assert_eq!(none.len(), 1, "11 waits behind 2");
        let with = stream(to_chan([1, 2, 11])).group_by_with(|n| n / 10, |_| sliding(1));
        let (first, rest) = take_first(with.receiver()).await;
        assert_eq!(rest.len(), 2, "the group of 11, and the end");
        assert_eq!((take!(first), take!(first)), (Some(2), None));
    });
}

/// Takes all groups that come within a second, and nothing from them. The first, and for each take what it
/// gave.
async fn take_first(groups: Receiver<Group>) -> (Receiver<u32>, Vec<Option<Group>>) {
    let (_, first) = take!(groups).unwrap();
    let mut rest = vec![];
    loop {
        alt! {
            group = take!(groups) => {
                let last = group.is_none();
                rest.push(group);
                if last { break; }
            }
            _ = take!(timeout(secs(1))) => {
                rest.push(None);
                break;
            }
        }
    }
    (first, rest)
}

#[test]
fn a_group_that_was_closed_is_made_anew() {
    run(async {
        let (tx, rx) = chan(0);
        let groups = by_ten(rx);
        go!({
            for n in [1, 2, 3, 11, 4] {
                put!(tx, n).ok();
            }
        });
        let (key, ones) = take!(groups).unwrap();
        assert_eq!((key, take!(ones)), (0, Some(1)));
        sleep(ms(1)).await;
        // 2 waits in it, and makes a new one.
        drop(ones);
        let (key, again) = take!(groups).unwrap();
        assert_eq!((key, take!(again), take!(again)), (0, Some(2), Some(3)));
        let (key, tens) = take!(groups).unwrap();
        assert_eq!((key, take!(tens), take!(again)), (1, Some(11), Some(4)));
        assert!(take!(groups).is_none());
    });
}

#[test]
fn a_group_that_is_idle_may_close_itself() {
    let (seen, _) = run(async {
        let groups = by_ten(source([(0, 1), (5, 2), (50, 3)], 100));
        let (tx, rx) = chan(8);
        go!({
            while let Some((key, group)) = take!(groups) {
                let (group, tx) = (stream(group).close_on_idle(ms(20)).receiver(), tx.clone());
                go!({
                    let (seen, _) = seen(&group).await;
                    let values: Vec<_> = seen.into_iter().map(|(_, n)| n).collect();
                    tx.put((key, values)).await.unwrap();
                });
            }
        });
        seen(&rx).await
    });
    assert_eq!(seen, [(25, (0, vec![1, 2])), (70, (0, vec![3]))]);
}

/// A taker that wants no group at all does not stop the stream.
#[test]
fn a_group_that_is_declined_drops_the_value_it_was_made_for() {
    run(async {
        let groups = by_ten(to_chan([1, 11, 2, 12, 3]));
        let mut keys = vec![];
        while let Some((key, group)) = take!(groups) {
            keys.push(key);
            drop(group);
        }
        assert_eq!(keys, [0, 1, 0, 1, 0]);
    });
}

#[test]
fn all_groups_close_with_the_source() {
    run(async {
        let groups = by_ten(source([(0, 1), (0, 11)], 20));
        let (_, ones) = take!(groups).unwrap();
        assert_eq!(take!(ones), Some(1));
        let (_, tens) = take!(groups).unwrap();
        assert_eq!(take!(tens), Some(11));
        let start = Start::now();
        assert!(take!(groups).is_none());
        assert_eq!((take!(ones), take!(tens)), (None, None));
        assert_eq!(start.passed(), 20);
        assert!(ones.failure().is_none() && groups.failure().is_none());
    });
}

#[test]
fn all_groups_fail_with_the_source() {
    run(async {
        let (tx, rx) = chan(8);
        let groups = by_ten(rx);
        tx.try_put(1).unwrap();
        let (_, ones) = take!(groups).unwrap();
        assert_eq!(take!(ones), Some(1));
        tx.fail("boom");
        assert!(take!(groups).is_none());
        assert_eq!(take!(ones), None);
        assert_eq!(
            (failure(&groups).unwrap(), failure(&ones).unwrap()),
            ("boom".into(), "boom".into())
        );
    });
}

#[test]
fn groups_go_on_when_nobody_takes_new_ones() {
    run(async {
        let (tx, rx) = chan(0);
        let groups = by_ten(rx);
        let put = go!({
            for n in [1, 11, 21, 2, 12, 3] {
                put!(tx, n).unwrap();
            }
            tx
        });
        let (_, ones) = take!(groups).unwrap();
        assert_eq!(take!(ones), Some(1));
        let (_, tens) = take!(groups).unwrap();
        assert_eq!(take!(tens), Some(11));
        drop(groups);
        // 21 is dropped; 12 too, as its group is closed.
        assert_eq!(take!(ones), Some(2));
        drop(tens);
        assert_eq!(take!(ones), Some(3));
        let tx = put.await.unwrap();
        let start = Start::now();
        let gone = go!({
            tx.closed().await;
            start.passed()
        });
        sleep(ms(5)).await;
        assert!(!gone.is_finished(), "a group is still open");
        drop(ones);
        assert_eq!(gone.await, Ok(5), "at once, though the source is silent");
    });
}

/// The groups of keys that are gone for good cost nothing for ever.
#[test]
fn closed_groups_are_forgotten() {
    run(async {
        let alive = Arc::new(());
        let key = Arc::clone(&alive);
        let groups = stream(to_chan(0..10_000)).group_by(move |&n| Key(n, Arc::clone(&key)));
        let groups = groups.receiver();
        let mut most = 0;
        while let Some((key, group)) = take!(groups) {
            assert_eq!(take!(group), Some(key.0));
            drop((key, group));
            most = most.max(Arc::strong_count(&alive));
        }
        assert!(most < 200, "{most} keys at once");
        assert_eq!(Arc::strong_count(&alive), 1, "all are gone with the stream");
    });
}

/// A key whose copies can be counted.
#[derive(Clone)]
struct Key(u32, #[expect(dead_code, reason = "counted")] Arc<()>);

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
