//! Closing: each direction by itself, resets, cuts, cancelled blocks.

use std::{
    io::{Read, Write},
    net::Shutdown,
};

use csp::prelude::*;
use csp_net::{Bytes, ConnectionError, Lines, Reason, tcp};

use crate::util::{both, on_runtime, polled, runtime, with_raw_peer};

#[test]
fn the_peer_ends_its_direction_and_still_gets_answers() {
    on_runtime(async {
        let (ours, mut raw) = with_raw_peer().await;
        let link = ours.link();
        let lines = ours.frames(Lines::new());
        raw.write_all(b"the last\n").unwrap();
        raw.shutdown(Shutdown::Write).unwrap();
        assert_eq!(take!(lines.rx).as_deref(), Some("the last"));
        assert_eq!(take!(lines.rx), None);
        assert!(lines.rx.failure().is_none());
        put!(lines.tx, "an answer".into()).unwrap();
        drop(lines);
        let mut text = String::new();
        raw.read_to_string(&mut text).unwrap();
        assert_eq!(text, "an answer\n");
        assert!(link.finished().await.is_ok());
        assert_eq!(link.unwritten(), 0);
    });
}

#[test]
fn dropping_tx_ends_our_direction_after_what_was_put_and_rx_goes_on() {
    on_runtime(async {
        let (ours, mut raw) = with_raw_peer().await;
        let (rx, tx) = ours.buffer(100).frames(Lines::new()).split();
        for n in 0..100 {
            tx.try_put(n.to_string()).unwrap();
        }
        drop(tx);
        let mut text = String::new();
        raw.read_to_string(&mut text).unwrap();
        assert_eq!(text.lines().count(), 100);
        raw.write_all(b"still here\n").unwrap();
        assert_eq!(take!(rx).as_deref(), Some("still here"));
        drop(raw);
        assert_eq!(take!(rx), None);
        assert!(rx.failure().is_none());
    });
}

#[test]
fn closing_tx_is_as_dropping_it() {
    on_runtime(async {
        let (ours, mut raw) = with_raw_peer().await;
        let lines = ours.frames(Lines::new());
        put!(lines.tx, "bye".into()).unwrap();
        lines.tx.close();
        assert_eq!(raw.read(&mut [0; 4]).unwrap(), 4);
        assert_eq!(raw.read(&mut [0; 4]).unwrap(), 0);
        drop(lines);
    });
}

#[test]
fn dropping_rx_stops_reading_and_tx_goes_on() {
    on_runtime(async {
        let (ours, mut raw) = with_raw_peer().await;
        let (rx, tx) = ours.frames(Lines::new()).split();
        drop(rx);
        put!(tx, "more".into()).unwrap();
        assert_eq!(raw.read(&mut [0; 9]).unwrap(), 5);
        put!(tx, "and more".into()).unwrap();
        assert_eq!(raw.read(&mut [0; 9]).unwrap(), 9);
    });
}

/// A peer that closes with bytes unread resets the connection.
fn reset(raw: std::net::TcpStream) {
    assert!(raw.peek(&mut [0]).unwrap() > 0);
    drop(raw);
}

#[test]
fn a_reset_fails_rx_with_the_cause_and_puts_give_values_back() {
    on_runtime(async {
        let (ours, raw) = with_raw_peer().await;
        let link = ours.link();
        let lines = ours.frames(Lines::new());
        put!(lines.tx, "unread".into()).unwrap();
        reset(raw);
        assert_eq!(take!(lines.rx), None);
        let cause = lines.rx.failure().expect("it was reset");
        let error = cause.downcast_ref::<ConnectionError>().unwrap();
        let Reason::Io(io) = error.reason() else {
            panic!("{error}");
        };
        assert_eq!(io.kind(), std::io::ErrorKind::ConnectionReset);
        assert!(error.to_string().contains(&link.peer_addr().to_string()));
        assert!(link.finished().await.is_err());
        assert_eq!(
            put!(lines.tx, "back".into()),
            Err(Closed("back".to_owned()))
        );
    });
}

#[test]
fn what_was_put_and_not_written_is_counted() {
    on_runtime(async {
        let (ours, raw) = with_raw_peer().await;
        let link = ours.link();
        let pieces = ours.buffer(4).frames(Bytes::new());
        // The first is never written whole.
        put!(pieces.tx, vec![0; 64 << 20]).unwrap();
        let mut accepted = 1;
        while pieces.tx.try_put(vec![0; 9]).is_ok() {
            accepted += 1;
        }
        let parked = go!({
            let rest = pieces.tx.clone();
            drop(pieces.tx);
            (put!(rest, vec![1]), pieces.rx)
        });
        reset(raw);
        let error = link.finished().await.unwrap_err();
        assert!(matches!(error.reason(), Reason::Io(_)), "{error}");
        let (put, rx) = parked.await.unwrap();
        // The writer may have made room for the parked one before the reset.
        accepted += usize::from(put.is_ok());
        assert_eq!(link.unwritten(), accepted);
        assert_eq!(take!(rx), None);
        assert!(rx.failure().is_some());
    });
}

#[test]
fn a_cut_ends_both_sides() {
    on_runtime(async {
        let (ours, mut raw) = with_raw_peer().await;
        let link = ours.link();
        let lines = ours.frames(Lines::new());
        assert!(link.failure().is_none());
        assert!(link.cut());
        assert!(!link.cut());
        assert_eq!(take!(lines.rx), None);
        let failure = lines.rx.failure().unwrap().to_string();
        assert!(failure.ends_with("cut on this side"), "{failure}");
        assert_eq!(raw.read(&mut [0; 9]).unwrap(), 0);
        assert!(matches!(
            link.finished().await.unwrap_err().reason(),
            Reason::Cut
        ));
        assert!(!link.cut(), "it has ended");
    });
}

#[test]
fn a_dropped_connection_closes() {
    on_runtime(async {
        let (ours, mut raw) = with_raw_peer().await;
        drop(ours);
        assert_eq!(raw.read(&mut [0; 9]).unwrap(), 0);
    });
}

#[test]
fn a_silent_peer_is_cut_after_the_idle_limit() {
    on_runtime(async {
        let (ours, mut raw) = with_raw_peer().await;
        let lines = ours.idle_limit(ms(5)).frames(Lines::new());
        raw.write_all(b"not silent at first\n").unwrap();
        assert!(take!(lines.rx).is_some());
        assert_eq!(take!(lines.rx), None);
        let failure = lines.rx.failure().unwrap().to_string();
        assert!(
            failure.ends_with("nothing was read or written for 5ms"),
            "{failure}"
        );
        assert_eq!(raw.read(&mut [0; 9]).unwrap(), 0);
    });
}

#[test]
fn a_peer_that_reads_nothing_is_cut_after_the_write_limit() {
    on_runtime(async {
        let (ours, _raw) = with_raw_peer().await;
        let link = ours.link();
        let pieces = ours.write_limit(ms(5)).frames(Bytes::new());
        put!(pieces.tx, vec![0; 64 << 20]).unwrap();
        let error = link.finished().await.unwrap_err();
        assert!(matches!(error.reason(), Reason::Stalled(_)), "{error}");
        assert_eq!(link.unwritten(), 1);
        assert_eq!(take!(pieces.rx), None);
        assert!(pieces.rx.failure().is_some());
    });
}

#[test]
fn a_cancelled_block_ends_its_connection_in_order() {
    on_runtime(async {
        let (ours, mut raw) = with_raw_peer().await;
        let link = ours.link();
        let serving = go!({
            let lines = ours.frames(Lines::new());
            put!(lines.tx, "one".into()).unwrap();
            while take!(lines.rx).is_some() {}
        });
        assert_eq!(raw.read(&mut [0; 9]).unwrap(), 4);
        serving.cancel();
        assert!(link.finished().await.is_ok());
        assert_eq!(raw.read(&mut [0; 9]).unwrap(), 0);
    });
}

#[test]
fn cancelled_at_any_await_leaves_nothing() {
    on_runtime(async {
        let listener = tcp::listen("127.0.0.1:0").unwrap();
        let addr = listener.local_addr();
        let connections = listener.connections.clone();
        let server = go!({
            while let Some(connection) = take!(connections) {
                go!({
                    let lines = connection.frames(Lines::new());
                    while let Some(line) = take!(lines.rx) {
                        if put!(lines.tx, line).is_err() {
                            break;
                        }
                    }
                });
            }
        });
        let mut done = 0;
        for times in 0.. {
            let session = async {
                let lines = tcp::connect(addr)
                    .await
                    .unwrap()
                    .buffer(0)
                    .frames(Lines::new());
                for n in 0..3 {
                    put!(lines.tx, n.to_string()).unwrap();
                    assert_eq!(take!(lines.rx), Some(n.to_string()));
                }
                drop(lines.tx);
                assert_eq!(take!(lines.rx), None);
            };
            done += usize::from(polled(times, session).await);
            if done == 10 {
                break;
            }
        }
        // Each connection, whole or given up, ends by itself.
        assert_eq!(listener.shutdown(secs(60)).await, 0);
        assert_eq!(listener.open(), 0);
        server.await.unwrap();
    });
}

#[test]
fn both_ends_in_one_block_talk_without_a_buffer() {
    on_runtime(async {
        let (here, there) = both().await;
        let here = here.buffer(0).frames(Lines::new());
        let there = there.buffer(0).frames(Lines::new());
        put!(here.tx, "over".into()).unwrap();
        assert_eq!(take!(there.rx).as_deref(), Some("over"));
        put!(there.tx, "out".into()).unwrap();
        assert_eq!(take!(here.rx).as_deref(), Some("out"));
    });
}

#[test]
fn a_runtime_that_ends_is_no_end_of_the_peer_s() {
    let rt = runtime();
    let (here, there) = rt.go(both()).wait().unwrap();
    // On another runtime: an end that is given up ends the bytes in order, and if the other end hears of that
    // before it is given up itself, it takes it for the peer's end.
    let here = here.frames(Lines::new());
    let entered = rt.enter();
    let (link, there) = (there.link(), there.frames(Lines::new()));
    here.tx.put_blocking("one".into()).unwrap();
    assert_eq!(there.rx.take_blocking().as_deref(), Some("one"));
    drop(entered);
    rt.shutdown(ms(0)).unwrap();
    assert_eq!(there.rx.take_blocking(), None);
    assert!(there.rx.failure().is_some());
    assert!(matches!(
        link.failure().unwrap().reason(),
        Reason::Abandoned | Reason::Io(_)
    ));
    assert!(there.tx.put_blocking("two".into()).is_err());
    assert_eq!(here.rx.take_blocking(), None);
}
