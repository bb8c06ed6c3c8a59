//! The operators that are transducers: each equals its twin among iterators (EV-037, EV-149, EV-152), and
//! keeps the rules.

use csp::{Receiver, Transducer, chan, stream, xf};

use crate::{
    rules::{Rules, boom, collect, panics},
    util::blocks::{Stage, all, cause, drain, failing, ready},
};

fn chunks(values: impl Iterator<Item = u32>, n: usize) -> Vec<Vec<u32>> {
    let values: Vec<_> = values.collect();
    values.chunks(n).map(<[u32]>::to_vec).collect()
}

/// EV-025.
#[test]
fn ev_025_map_and_map_indexed() {
    Rules::of("map").check(
        |s| s.map(|n| n + 1).receiver(),
        |v| v.map(|n| n + 1).collect(),
    );
    Rules::of("map_indexed").check(
        |s| s.map_indexed(|i, n| (i, n)).receiver(),
        |v| v.enumerate().collect(),
    );
    Rules::of("inspect").check(
        |s| s.inspect(|n| assert!(*n > 0)).receiver(),
        Iterator::collect,
    );
}

/// EV-026: and fused it is one block.
#[test]
fn ev_026_filter_after_map_keeps_the_order() {
    Rules::of("filter").in_hand(2).check(
        |s| s.filter(|n| n % 2 == 0).receiver(),
        |v| v.filter(|n| n % 2 == 0).collect(),
    );
    Rules::of("remove").check(
        |s| s.remove(|n| n % 2 == 0).receiver(),
        |v| v.filter(|n| n % 2 == 1).collect(),
    );
    Rules::of("map, filter").check(
        |s| s.map(|n| n + 1).filter(|n| n % 2 == 0).chan(0),
        |v| v.map(|n| n + 1).filter(|n| n % 2 == 0).collect(),
    );
    Rules::of("keep").in_hand(2).check(
        |s| s.keep(|n| (n % 2 == 0).then_some(n * 10)).receiver(),
        |v| v.filter(|n| n % 2 == 0).map(|n| n * 10).collect(),
    );
    Rules::of("keep_indexed").in_hand(2).check(
        |s| s.keep_indexed(|i, n| (i % 2 == 1).then_some(n)).receiver(),
        |v| v.skip(1).step_by(2).collect(),
    );
}

#[test]
fn ev_152_mapcat_and_scan() {
    Rules::of("mapcat").check(
        |s| s.mapcat(|n| 0..n).receiver(),
        |v| v.flat_map(|n| 0..n).collect(),
    );
    Rules::of("mapcat of nothing")
        .in_hand(13)
        .check(|s| s.mapcat(|_| None::<u32>).receiver(), |_| Vec::new());
    Rules::of("cat").check(
        |s| s.map(|n| vec![n; 2]).cat().receiver(),
        |v| v.flat_map(|n| [n; 2]).collect(),
    );
    Rules::of("scan").check(
        |s| s.scan(0, |sum, n| sum + n).receiver(),
        |v| {
            let mut sum = 0;
            v.map(|n| {
                sum += n;
                sum
            })
            .collect()
        },
    );
    Rules::of("interpose").check(
        |s| s.interpose(0).receiver(),
        |v| v.flat_map(|n| [0, n]).skip(1).collect(),
    );
}

#[test]
fn ev_037_take_and_its_kin() {
    // It takes nothing, and does not wait for a value (Lamina's `take* 0`).
    Rules::of("take(0)")
        .in_hand(0)
        .takes(0)
        .check(|s| s.take(0).receiver(), |v| v.take(0).collect());
    Rules::of("take(1)")
        .takes(1)
        .check(|s| s.take(1).receiver(), |v| v.take(1).collect());
    Rules::of("take(3)")
        .takes(3)
        .check(|s| s.take(3).receiver(), |v| v.take(3).collect());
    Rules::of("take_while").takes(4).check(
        |s| s.take_while(|n| *n < 4).receiver(),
        |v| v.take_while(|n| *n < 4).collect(),
    );
    Rules::of("take_nth").check(|s| s.take_nth(3).receiver(), |v| v.step_by(3).collect());
}

#[test]
fn ev_037_skip_and_its_kin() {
    Rules::of("skip(0)").check(|s| s.skip(0).receiver(), Iterator::collect);
    Rules::of("skip(3)")
        .in_hand(4)
        .check(|s| s.skip(3).receiver(), |v| v.skip(3).collect());
    Rules::of("skip_while").in_hand(4).check(
        |s| s.skip_while(|n| *n < 4).receiver(),
        |v| v.skip_while(|n| *n < 4).collect(),
    );
}

/// Lamina's `transitions`.
#[test]
fn ev_037_dedupe_and_distinct() {
    Rules::of("dedupe").check(
        |s| s.map(|n| n / 3).dedupe().receiver(),
        |v| {
            let mut v: Vec<_> = v.map(|n| n / 3).collect();
            v.dedup();
            v
        },
    );
    Rules::of("distinct").check(
        |s| s.map(|n| n % 3).distinct().receiver(),
        |v| v.map(|n| n % 3).take(3).collect(),
    );
    Rules::of("random_sample").check(|s| s.random_sample(1.0).receiver(), Iterator::collect);
    Rules::of("random_sample_seeded").in_hand(13).check(
        |s| s.random_sample_seeded(0.0, 7).receiver(),
        |_| Vec::new(),
    );
}

/// The tail is dropped or flushed; a group that is not complete is in hand.
#[test]
fn ev_037_partition_and_its_kin() {
    for n in [1, 3] {
        Rules::of("partition_all")
            .in_hand(n)
            .check(|s| s.partition_all(n).receiver(), |v| chunks(v, n));
        Rules::of("partition").in_hand(n).check(
            |s| s.partition(n).receiver(),
            |v| chunks(v, n).into_iter().filter(|c| c.len() == n).collect(),
        );
        Rules::of("window").in_hand(n).check(
            |s| s.window(n).receiver(),
            |v| {
                let all: Vec<_> = v.collect();
                all.windows(n).map(<[u32]>::to_vec).collect()
            },
        );
    }
    Rules::of("partition_by").in_hand(3).check(
        |s| s.partition_by(|n| n / 3).receiver(),
        |v| {
            let all: Vec<_> = v.collect();
            all.chunk_by(|a, b| a / 3 == b / 3)
                .map(<[u32]>::to_vec)
                .collect()
        },
    );
}

#[test]
fn ev_149_a_transducer_of_ones_own() {
    let xf = || xf::map(|n: u32| n * 2).partition_all(2).take(2);
    Rules::of("apply")
        .in_hand(2)
        .takes(4)
        .check(|s| s.apply(xf()).receiver(), |v| xf().iter(v).collect());
    // What is held back goes to one of those who wait, at the end.
    let stage = Stage::new();
    let (tx, rx) = chan(4);
    let out = stage.with(|| stream(rx).partition_all(2).chan(0));
    let takers: Vec<_> = (0..2)
        .map(|_| {
            let out = out.clone();
            stage.with(|| csp::go(async move { out.take().await }))
        })
        .collect();
    tx.try_put(1).unwrap();
    drop(tx);
    stage.idle();
    let got: Vec<_> = takers
        .into_iter()
        .map(|taker| taker.wait().unwrap())
        .collect();
    assert_eq!(got, [Some(vec![1]), None]);
}

/// A long chain of operators without blocks is as one.
#[test]
fn a_run_keeps_the_rules_as_one() {
    Rules::of("a run").in_hand(6).takes(12).check(
        |s| {
            s.skip(1)
                .map(|n| n - 1)
                .filter(|n| n % 2 == 1)
                .partition_all(3)
                .map(|group| group.into_iter().sum::<u32>())
                .take(2)
                .receiver()
        },
        |v| {
            let odd: Vec<_> = v.skip(1).map(|n| n - 1).filter(|n| n % 2 == 1).collect();
            odd.chunks(3)
                .map(|group| group.iter().sum())
                .take(2)
                .collect()
        },
    );
}

/// Nothing to be done: no block, and the source itself.
#[test]
fn a_stream_of_no_operators_is_its_source() {
    let (_tx, rx) = chan::<u32>(3);
    let same = stream(rx.clone()).receiver();
    assert!(same.same_channel(&rx));
    // A channel that is asked for is another one: to close it is not to close the source for others.
    let other = stream(rx.clone()).chan(0);
    assert!(!other.same_channel(&rx));
    other.close();
    assert!(!rx.is_closed());
}

#[test]
fn ev_155_a_panic_fails_the_derived_channel_and_lets_the_source_go() {
    panics("map", |s| s.map(boom).receiver(), &[1, 2]);
    panics(
        "inspect",
        |s| s.inspect(|n| assert!(boom(*n) > 0)).receiver(),
        &[1, 2],
    );
    panics("filter", |s| s.filter(|n| boom(*n) > 1).receiver(), &[2]);
    panics("remove", |s| s.remove(|n| boom(*n) > 1).receiver(), &[1]);
    panics("keep", |s| s.keep(|n| Some(boom(n))).receiver(), &[1, 2]);
    panics(
        "mapcat",
        |s| s.mapcat(|n| [n, boom(n)]).receiver(),
        &[1, 1, 2, 2],
    );
    panics(
        "mapcat, in the middle",
        |s| {
            s.mapcat(|n| [1, n].map(move |m| (n, m)))
                .map(|(n, m)| (n, boom(m)))
                .receiver()
        },
        &[(1, 1), (1, 1), (2, 1), (2, 2), (3, 1)],
    );
    panics(
        "scan",
        |s| s.scan(0, |sum, n| sum + boom(n)).receiver(),
        &[1, 3],
    );
    panics(
        "take_while",
        |s| s.take_while(|n| boom(*n) > 0).receiver(),
        &[1, 2],
    );
    panics(
        "skip_while",
        |s| s.skip_while(|n| boom(*n) < 9).receiver(),
        &[],
    );
    panics(
        "partition_by",
        |s| s.partition_by(|n| boom(*n) > 1).receiver(),
        &[vec![1]],
    );
    panics("chan(8)", |s| s.map(boom).chan(8), &[1, 2]);
}

#[test]
fn on_panic_gives_something_in_its_place() {
    let quiet = |s: crate::rules::Source| {
        s.map(boom)
            .on_panic(|p| (p.message() == "boom").then_some(0))
    };
    Rules::of("on_panic").check(
        |s| quiet(s).receiver(),
        |v| v.map(|n| if n == 3 { 0 } else { n }).collect(),
    );
}

/// The panic of a function does not lose what it was not given.
#[test]
fn what_a_panic_did_not_reach_stays_in_the_source() {
    let stage = Stage::new();
    let (tx, rx) = chan(8);
    for n in 1..=5 {
        tx.try_put(n).unwrap();
    }
    let others = rx.clone();
    let out = stage.with(|| stream(rx).map(boom).chan(8));
    assert_eq!(collect(&stage, &out), [1, 2]);
    assert_eq!(drain(&others), [4, 5]);
    assert!(!tx.is_closed());
}

/// The closure's argument needs no type, in any of them.
#[test]
fn types_are_inferred() {
    let out: Receiver<(usize, String)> = stream(ready([1_u8, 2]))
        .map(|n| n + 1)
        .filter(|n| n % 2 == 0)
        .mapcat(|n| [n, n])
        .scan(0, |sum, n| sum + u32::from(n))
        .take_while(|sum| *sum < 100)
        .partition_by(|n| *n)
        .keep(|group| group.first().copied())
        .map(|n| n.to_string())
        .map_indexed(|i, text| (i, text))
        .chan(0);
    assert_eq!(all(&out), [(0, "2".to_owned()), (1, "4".to_owned())]);
}

/// What it did not come to is nothing to it; also if nothing is asked for at all.
#[test]
fn take_does_not_fail_with_what_it_leaves() {
    for n in [0, 2] {
        let out = stream(failing(1..=5, "no disk")).take(n).chan(0);
        assert_eq!(all(&out).len(), n);
        assert!(out.failure().is_none());
    }
    let out = stream(failing(1..=5, "no disk")).take(6).chan(0);
    assert_eq!(all(&out).len(), 5);
    assert_eq!(cause(&out), "no disk");
}

/// The source is let go when the last value is taken, not when it is accepted.
#[test]
fn take_lets_the_source_go_while_its_last_value_waits() {
    let stage = Stage::new();
    let (tx, rx) = chan(8);
    for n in 1..=3 {
        tx.try_put(n).unwrap();
    }
    let out = stage.with(|| stream(rx).take(1).chan(0));
    assert!(tx.is_closed());
    assert_eq!(collect(&stage, &out), [1]);
}
