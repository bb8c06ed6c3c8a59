//! Two channels as one end of a conversation.

use csp::{Duplex, prelude::*};

use crate::util::blocks::{Stage, failure, is_over};

/// EV-022: the halves take distinct messages, and the close of one end is seen on the other, in every way.
#[test]
fn ev_022_closing_one_end_is_seen_on_the_other() {
    for how in ["close", "fail", "drop"] {
        let stage = Stage::new();
        let (here, there): (Duplex<u32, &str>, _) = csp::duplex_pair(2);
        stage.put(&here.tx, ["a", "b"]);
        stage.put(&there.tx, [1, 2]);
        assert_eq!(there.rx.try_take(), Ok("a"));
        let mut kept = Some(here);
        match how {
            "close" => assert!(kept.as_ref().unwrap().close()),
            "fail" => assert!(kept.as_ref().unwrap().fail("bad line")),
            _ => drop(kept.take()),
        }
        assert_eq!(there.rx.try_take(), Ok("b"));
        assert!(is_over(&there.rx));
        assert_eq!(failure(&there.rx).is_some(), how == "fail");
        assert!(there.tx.try_put(3).is_err());
        if let Some(here) = kept {
            assert_eq!(stage.take_all(&here.rx), [1, 2]);
            assert!(is_over(&here.rx));
            assert!(!here.close(), "it is closed");
        }
    }
}

/// The directions end one by one, with what parks in them.
#[test]
fn the_directions_end_one_by_one() {
    let stage = Stage::new();
    let (here, there): (Duplex<u32>, Duplex<u32>) = csp::duplex_pair(0);
    let parked = stage.offer(&there.tx, [1]);
    drop(here.tx);
    assert!(is_over(&there.rx));
    assert_eq!(here.rx.try_take(), Ok(1));
    stage.idle();
    assert!(parked.is_finished());
    drop(here.rx);
    assert!(there.tx.is_closed());
}

/// A splice of any two channels is only that: what is put into one is not taken from the other. A put that
/// is refused gives its value back.
#[test]
fn a_splice_is_two_channels() {
    let (tx, out) = chan(1);
    let (input, rx) = chan::<&str>(1);
    let spliced = csp::splice(tx, rx);
    spliced.tx.try_put(1).unwrap();
    assert!(spliced.rx.try_take().is_err());
    assert_eq!(out.try_take(), Ok(1));
    input.try_put("in").unwrap();
    let other = spliced.clone();
    assert_eq!(other.rx.try_take(), Ok("in"));
    drop(spliced);
    assert!(!input.is_closed());
    let (rx, tx) = other.split();
    drop(rx);
    assert_eq!(input.put_blocking("late"), Err(Closed("late")));
    assert!(!tx.is_closed());
}

/// Two conversations joined: a proxy. When one side goes, so does the other.
#[test]
fn two_duplexes_joined_are_a_proxy() {
    let stage = Stage::new();
    let (client, front): (Duplex<u32>, Duplex<u32>) = csp::duplex_pair(0);
    let (back, server): (Duplex<u32>, Duplex<u32>) = csp::duplex_pair(0);
    drop(stage.start(|| (csp::join(front.rx, back.tx), csp::join(back.rx, front.tx))));
    let asked = stage.offer(&client.tx, [20]);
    assert_eq!(stage.take_all(&server.rx), [20]);
    stage.idle();
    assert!(asked.is_finished());
    stage.offer(&server.tx, [21]);
    assert_eq!(stage.take_all(&client.rx), [21]);
    drop(server);
    stage.idle();
    assert!(is_over(&client.rx) && client.tx.is_closed());
    assert_eq!(stage.live(), 0);
}
