//! Links: what they move, and what they give back.

use csp::{Connect, HubOptions, Link, LinkReason, Local, prelude::*};

use crate::util::blocks::{Ledger, Stage, failure, is_over};

fn limited(limit: std::time::Duration) -> Connect {
    Connect {
        timeout: Some(limit),
        ..Connect::default()
    }
}

/// EV-019, EV-023: what was queued moves in order when the link is made, also out of a closed source.
#[test]
fn ev_019_queued_values_move_in_order() {
    for closed in [false, true] {
        let stage = Stage::new();
        let (tx, src) = chan(3);
        let (dst, rx) = chan(9);
        stage.put(&tx, [Some(1), None, Some(3)]);
        if closed {
            tx.close();
        }
        let link = stage.start(|| csp::join(src, dst));
        assert_eq!(stage.take_all(&rx), [Some(1), None, Some(3)]);
        assert_eq!(link.moved(), 3);
        assert_eq!(link.is_finished(), closed);
        assert_eq!(is_over(&rx), closed);
    }
}

/// EV-020: a chain of 10,000 links moves a message, closes from the tail to the head, and fails from the
/// head to the tail, at once and without recursion.
#[test]
fn ev_020_a_long_chain_moves_closes_and_fails() {
    let chain = |stage: &Stage| {
        let (head, mut rx) = chan::<u32>(0);
        for _ in 0..10_000 {
            let (dst, next) = chan(0);
            drop(stage.start(|| csp::join(rx, dst)));
            rx = next;
        }
        (head, rx)
    };
    let stage = Stage::new();
    let (head, tail) = chain(&stage);
    stage.put(&head, [7]);
    assert_eq!(tail.try_take(), Ok(7));
    drop(tail);
    stage.idle();
    assert!(head.is_closed());
    assert_eq!(stage.live(), 0);

    let (head, tail) = chain(&stage);
    head.fail("cut");
    stage.idle();
    assert!(is_over(&tail));
    assert_eq!(failure(&tail).as_deref(), Some("cut"));
    assert_eq!(stage.live(), 0);
}

/// EV-156: a value waits too long: the edge is severed, the value comes back, sink and (sole) source close.
#[test]
fn ev_156_a_timeout_severs_the_edge_and_gives_the_value_back() {
    let stage = Stage::new();
    let (tx, src) = chan(3);
    let (dst, rx) = chan(1);
    let link = stage.start(|| csp::connect(src, dst, limited(secs(5))));
    stage.put(&tx, [1, 2, 3]);
    stage.pass(ms(4_999));
    assert!(!link.is_finished() && !tx.is_closed());
    stage.pass(ms(1));
    assert!(link.is_finished());
    assert!(tx.is_closed());
    assert_eq!(stage.take_all(&rx), [1]);
    assert_eq!(
        failure(&rx).as_deref(),
        Some("cut off: it took nothing for 5s")
    );
    let end = link.wait().unwrap();
    assert!(matches!(end.reason, LinkReason::Severed(after) if after == secs(5)));
    assert_eq!(end.value, Some(2));
    assert_eq!(stage.take_all(&end.src.unwrap()), [3]);
    assert!(end.dst.is_none());
}

/// The same with both ends left open, and with another consumer of the source, which goes on.
#[test]
fn severing_leaves_open_what_it_is_told_to() {
    let stage = Stage::new();
    let (tx, src) = chan(3);
    let (dst, rx) = chan(0);
    let how = Connect {
        upstream: false,
        downstream: false,
        ..limited(secs(1))
    };
    let link = stage.start(|| csp::connect(src, dst, how));
    stage.put(&tx, [1]);
    stage.pass(secs(1));
    let end = link.wait().unwrap();
    assert_eq!(end.value, Some(1));
    assert!(!tx.is_closed() && !rx.is_closed());
    let (src, dst) = (end.src.unwrap(), end.dst.unwrap());

    let link = stage.start(|| csp::connect(src.clone(), dst, limited(secs(1))));
    stage.put(&tx, [2, 3]);
    stage.pass(secs(1));
    let end = link.wait().unwrap();
    assert!(end.src.is_none(), "others take from it");
    assert!(is_over(&rx) && !tx.is_closed());
    assert_eq!(end.value, Some(2));
    assert_eq!(stage.take_all(&src), [3]);
}

/// A value that is taken in time starts the time anew for the next; waiting for a value takes none.
#[test]
fn the_timeout_is_for_each_value() {
    let stage = Stage::new();
    let (tx, src) = chan(0);
    let (dst, rx) = chan(0);
    let link = stage.start(|| csp::connect(src, dst, limited(secs(5))));
    for n in 0..10 {
        stage.pass(secs(60));
        stage.put(&tx, [n]);
        stage.pass(secs(4));
        assert_eq!(rx.try_take(), Ok(n));
    }
    assert!(!link.is_finished());
}

/// A disconnect leaves both ends open, wherever the link was, and gives back what it had.
#[test]
fn a_disconnect_leaves_both_ends_open() {
    let stage = Stage::new();
    // It waits for a value.
    let (tx, src) = chan(2);
    let (dst, rx) = chan(0);
    let link = stage.start(|| csp::join(src, dst));
    stage.idle();
    assert!(link.disconnect());
    assert!(!link.disconnect());
    stage.idle();
    assert!(link.is_finished());
    let end = link.wait().unwrap();
    assert!(matches!(end.reason, LinkReason::Disconnected));
    assert!(end.value.is_none());
    let (src, dst) = (end.src.unwrap(), end.dst.unwrap());
    assert!(!src.is_closed() && !dst.is_closed());
    // It waits for room.
    let link = stage.start(|| csp::join(src, dst));
    stage.put(&tx, [1, 2]);
    link.disconnect();
    stage.idle();
    let end = link.wait().unwrap();
    assert_eq!(end.value, Some(1));
    let (src, dst) = (end.src.unwrap(), end.dst.unwrap());
    assert!(!tx.is_closed() && !rx.is_closed());
    // What it had not taken is there for the next.
    let link = stage.start(|| csp::join(src, dst));
    assert_eq!(stage.take_all(&rx), [2]);
    drop(link);
    stage.put(&tx, [3]);
    assert_eq!(stage.take_all(&rx), [3], "without its handle it runs on");
}

/// Any number of links between the same two channels, made and cut; nothing is lost.
#[test]
fn links_made_and_cut_lose_nothing() {
    let local = Local::new();
    let (tx, src) = chan(4);
    let (dst, rx) = chan(1);
    let put = local.go(async move {
        for n in 0..1000_u32 {
            put!(tx, n).unwrap();
        }
    });
    let taken = local.go(async move {
        let mut all = Vec::new();
        while let Some(n) = take!(rx) {
            all.push(n);
        }
        all
    });
    let cut = local.go(async move {
        let (mut src, mut dst, mut count) = (src, dst, 0);
        loop {
            let link = csp::join(src, dst);
            for _ in 0..count % 7 {
                yield_now().await;
            }
            count += 1;
            link.disconnect();
            let end = link.await.unwrap();
            if matches!(end.reason, LinkReason::SourceClosed) {
                return count;
            }
            (src, dst) = (end.src.unwrap(), end.dst.unwrap());
            if let Some(value) = end.value {
                put!(dst, value).unwrap();
            }
        }
    });
    let taken = local.run_until(taken).unwrap();
    assert!(taken.into_iter().eq(0..1000));
    assert!(local.run_until(cut).unwrap() > 10);
    local.run_until(put).unwrap();
}

/// EV-021: a source with three siphoned sinks: each has its message until that is taken, and when all three
/// have closed, so has the source.
#[test]
fn ev_021_three_sinks_of_one_source() {
    let stage = Stage::new();
    let (tx, source) = chan(0);
    let options = HubOptions {
        close_on_last: true,
        ..HubOptions::default()
    };
    let hub = stage.start(|| csp::hub_with(source, options));
    let sinks: Vec<_> = (0..3)
        .map(|_| {
            let (dst, rx) = chan(1);
            drop(stage.start(|| csp::siphon(hub.subscribe(0), dst)));
            rx
        })
        .collect();
    stage.put(&tx, ["message"]);
    for (n, sink) in sinks.iter().enumerate() {
        assert!(!tx.is_closed(), "{n} have closed");
        assert!(sink.close());
        assert!(!is_over(sink) || sink.try_take().is_ok());
        stage.idle();
    }
    assert!(tx.is_closed());
    assert_eq!(stage.live(), 0);
    // Closed, and not drained until now. (`is_over` above took the message.)
    assert!(sinks.iter().all(is_over));
}

/// EV-055: many links of one hub made while it runs: each moves all from then on, without a gap.
#[test]
fn ev_055_links_made_midway_have_no_gap() {
    let stage = Stage::new();
    let (tx, source) = chan(0);
    let hub = stage.start(|| csp::hub(source));
    let mut heard = vec![hub.subscribe(99)];
    for n in 0..10 {
        stage.put(&tx, [n]);
        let (dst, rx) = chan(99);
        drop(stage.start(|| csp::join(hub.subscribe(0), dst)));
        heard.push(rx);
    }
    stage.put(&tx, [10]);
    for (n, rx) in heard.iter().enumerate() {
        let first = u32::try_from(n).unwrap();
        assert!(stage.take_all(rx).into_iter().eq(first..=10));
    }
}

/// Values are moved, and neither cloned nor leaked, however it ends.
#[test]
fn every_value_is_accounted_for() {
    let ledger = Ledger::default();
    let stage = Stage::new();
    let (tx, src) = chan(9);
    let (dst, rx) = chan(1);
    let link = stage.start(|| csp::join(src, dst));
    // To clone them would panic.
    stage.put(&tx, [13; 5].map(|n| ledger.value(n)));
    assert_eq!(ledger.live(), 5);
    drop(rx);
    stage.idle();
    let end = link.wait().unwrap();
    assert!(end.value.is_some());
    // One had been in the buffer of the target, which nobody took.
    assert_eq!(ledger.live(), 4);
    assert_eq!(stage.take_all(&end.src.unwrap()).len(), 3);
    drop(end.value);
    assert_eq!(ledger.live(), 0);
}

/// A link as an arm of `alt!`; and what it says of itself.
#[test]
fn a_link_can_be_waited_for_in_an_alt() {
    let local = Local::virtual_time();
    local.run_until(async {
        let (tx, src) = chan(0);
        let (dst, rx) = chan::<u32>(0);
        let how = Connect {
            name: Some("a to b".into()),
            ..Connect::default()
        };
        let mut link: Link<u32> = csp::connect(src, dst, how);
        assert_eq!(
            format!("{link:?}"),
            r#"Link { name: "a to b", moved: 0, finished: false, .. }"#
        );
        assert_eq!(link.name().as_deref(), Some("a to b"));
        let first = alt! {
            _ = park!(&mut link) => "link",
            _ = take!(timeout(secs(1))) => "time",
        };
        assert_eq!(first, "time");
        drop(tx);
        let end = alt! {
            end = park!(&mut link) => end.unwrap(),
            _ = take!(timeout(secs(1))) => panic!("hung"),
        };
        assert!(format!("{end:?}").starts_with("LinkEnd { reason: SourceClosed, value: None"));
        assert_eq!(end.reason.to_string(), "the source channel has ended");
        assert!(is_over(&rx));
    });
}
