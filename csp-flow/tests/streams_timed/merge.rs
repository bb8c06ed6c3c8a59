//! merge, `priority_merge`, aggregate.

use std::collections::HashMap;

use csp::{
    prelude::*,
    stream::{merge, priority_merge},
};

use crate::util::{failure, run, seen, source};

#[test]
fn a_merge_ends_when_all_have_ended() {
    let (seen, end) = run(async {
        let a = source([(0, 1), (20, 3)], 30);
        let b = source([(10, 2), (40, 4)], 50);
        seen(&stream(a).merge(b).receiver()).await
    });
    assert_eq!((seen, end), (vec![(0, 1), (10, 2), (20, 3), (40, 4)], 50));
}

#[test]
fn a_merge_fails_when_one_fails() {
    run(async {
        let (other, open) = chan::<u32>(0);
        let (tx, fails) = chan(0);
        let all = merge([open, fails]).receiver();
        tx.fail("boom");
        assert_eq!(take!(all), None);
        assert_eq!(failure(&all).unwrap(), "boom");
        assert!(other.is_closed());
    });
}

/// EV-057: in order of priority, and the end when all have ended.
#[test]
fn ev_057_the_first_source_that_has_a_value_is_served() {
    run(async {
        let (urgent_tx, urgent) = chan(8);
        let (others_tx, others) = chan(8);
        for n in 1..=4 {
            urgent_tx.try_put(n * 10).unwrap();
            others_tx.try_put(n).unwrap();
        }
        let all = priority_merge([urgent, others]).receiver();
        for n in [10, 20, 30, 40, 1] {
            assert_eq!(take!(all), Some(n));
        }
        // 2 is on its way already.
        sleep(ms(1)).await;
        urgent_tx.try_put(50).unwrap();
        drop(urgent_tx);
        for n in [2, 50, 3, 4] {
            assert_eq!(take!(all), Some(n));
        }
        assert!(!all.is_closed(), "one is still open");
        drop(others_tx);
        assert_eq!(take!(all), None);
        assert!(all.failure().is_none());
    });
}

#[test]
fn a_priority_merge_fails_when_one_fails() {
    run(async {
        let (other, open) = chan::<u32>(0);
        let (tx, fails) = chan(8);
        let all = priority_merge([open, fails]).receiver();
        tx.try_put(1).unwrap();
        tx.fail("boom");
        assert_eq!((take!(all), take!(all)), (Some(1), None));
        assert_eq!(failure(&all).unwrap(), "boom");
        assert!(other.is_closed());
    });
}

#[test]
fn nothing_to_merge_is_closed() {
    run(async {
        assert_eq!(take!(merge::<u32>([]).receiver()), None);
        assert_eq!(take!(priority_merge::<u32>([]).receiver()), None);
    });
}

/// EV-040: a map each time a key repeats, or all are filled. Lamina's own example.
#[test]
fn ev_040_maps_of_what_came_with_each_key() {
    let maps = run(async {
        let all = to_chan([1, 3, 2, 1, 1, 2, 3]);
        seen(&stream(all).aggregate(|&n| n).receiver()).await.0
    });
    let all = HashMap::from([(1, 1), (2, 2), (3, 3)]);
    assert_eq!(
        maps,
        [(0, HashMap::from([(1, 1)])), (0, all.clone()), (0, all)]
    );
}

#[test]
fn ev_040_a_key_that_repeats_begins_another_map() {
    let maps = run(async {
        let all = to_chan(["a1", "b1", "c1", "b2", "c2", "c3", "a9"]);
        seen(&stream(all).aggregate(|text| text.as_bytes()[0]).receiver())
            .await
            .0
    });
    let maps: Vec<_> = maps
        .into_iter()
        .map(|(_, map)| {
            let mut values: Vec<_> = map.into_values().collect();
            values.sort_unstable();
            values.join(" ")
        })
        .collect();
    // With `c1` there are three keys; `b2` and `c3` repeat.
    assert_eq!(maps, ["a1", "b1 c1", "b2 c2", "a9 c3"]);
}
