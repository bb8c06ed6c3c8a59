//! One put into several channels.

use std::pin::pin;

use csp::{AtEnd, Receiver, Sender, prelude::*};

use crate::util::blocks::{Ledger, Stage, failure, is_over, value};

fn ports<T>(count: usize, buffer: usize) -> (Vec<Sender<T>>, Vec<Receiver<T>>) {
    (0..count).map(|_| chan(buffer)).unzip()
}

#[test]
fn ca_175_one_put_reaches_every_port() {
    let stage = Stage::new();
    let (txs, rxs) = ports(5, 1);
    let all = stage.start(|| csp::broadcast(txs));
    stage.put(&all, ["foo"]);
    for rx in &rxs {
        assert_eq!(stage.take_all(rx), ["foo"]);
    }
}

#[test]
fn ca_176_the_next_put_waits_for_the_last_port_in_any_order() {
    for last in 0..5 {
        let stage = Stage::new();
        let (txs, rxs) = ports(5, 0);
        let all = stage.start(|| csp::broadcast(txs));
        stage.put(&all, ["foo"]);
        let second = stage.offer(&all, ["bar"]);
        for (at, rx) in rxs.iter().enumerate() {
            if at != last {
                assert_eq!(stage.take_all(rx), ["foo"]);
            }
        }
        assert!(!second.is_finished(), "port {last} has not taken the first");
        assert_eq!(rxs[last].try_take(), Ok("foo"));
        stage.idle();
        assert!(second.is_finished());
        for rx in &rxs {
            assert_eq!(stage.take_all(rx), ["bar"]);
        }
    }
}

#[test]
fn ca_177_ports_with_room_are_not_throttled_by_the_others() {
    let stage = Stage::new();
    let (txs, rxs) = ports(5, 100);
    let all = stage.start(|| csp::broadcast(txs));
    let puts = stage.offer(&all, 0..100);
    assert!(puts.is_finished());
    assert!(stage.take_all(&rxs[0]).into_iter().eq(0..100));
    assert!(rxs[1..].iter().all(|rx| rx.len() == 100));
}

#[test]
fn a_closed_port_is_left_out_and_the_last_one_closes_the_sender() {
    let stage = Stage::new();
    let (txs, mut rxs) = ports(3, 0);
    let all = stage.start(|| csp::broadcast(txs));
    stage.put(&all, [1]);
    let second = stage.offer(&all, [2]);
    drop(rxs.pop());
    rxs[1].close();
    assert_eq!(stage.take_all(&rxs[0]), [1, 2]);
    assert!(second.is_finished() && !all.is_closed());
    drop(rxs);
    assert_eq!(stage.live(), 0);
    assert_eq!(all.try_put(3), Err(TryPutError::Closed(3)));
    let none = stage.start(|| csp::broadcast([]));
    stage.idle();
    assert_eq!(none.try_put(1), Err(TryPutError::Closed(1)));
}

#[test]
fn the_end_of_the_sender_is_that_of_the_ports() {
    for (at_end, fails) in [
        (AtEnd::Close, false),
        (AtEnd::Close, true),
        (AtEnd::KeepOpen, false),
        (AtEnd::KeepOpen, true),
    ] {
        let stage = Stage::new();
        let (txs, rxs) = ports(2, 2);
        let all = stage.start(|| csp::broadcast_with(txs.clone(), at_end));
        stage.put(&all, [1]);
        if fails {
            all.fail("broken");
        }
        drop(all);
        assert_eq!(stage.live(), 0);
        for rx in &rxs {
            assert_eq!(stage.take_all(rx), [1]);
            assert_eq!(is_over(rx), at_end == AtEnd::Close);
            let said = (fails && at_end == AtEnd::Close).then_some("broken");
            assert_eq!(failure(rx).as_deref(), said);
        }
        drop(txs);
    }
}

/// A put that is given up has not been put into any port.
#[test]
fn a_put_that_is_given_up_reaches_no_port() {
    let stage = Stage::new();
    let (txs, rxs) = ports(2, 0);
    let all = stage.start(|| csp::broadcast(txs));
    stage.put(&all, [1]);
    let mut put = Box::pin(all.put(2));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(put.as_mut().poll(&mut cx).is_pending());
    assert_eq!(put.as_mut().withdraw(), Some(2));
    for rx in &rxs {
        assert_eq!(stage.take_all(rx), [1]);
    }
}

#[test]
fn put_all_is_done_when_every_port_has_the_value() {
    let rt = csp::Runtime::builder().workers(2).build();
    let _entered = rt.enter();
    for count in [0, 1, 2, 300_usize] {
        let (txs, rxs) = ports(count, 0);
        let done = go!({ csp::put_all(&txs, "value").await });
        for rx in rxs.iter().rev() {
            assert!(!done.is_finished());
            assert_eq!(rx.take_blocking(), Some("value"));
        }
        assert_eq!(value(done), count);
    }
}

/// CA-198 for `put_all`: ports that close, from either end, are not waited for.
#[test]
fn put_all_tells_how_many_ports_have_the_value() {
    let stage = Stage::new();
    let (txs, mut rxs) = ports(5, 0);
    let (senders, done) = (txs.clone(), chan(1));
    rxs[0].close();
    let (done_tx, done) = done;
    stage.start(|| go!({ put!(done_tx, csp::put_all(&senders, 7).await).unwrap() }));
    assert_eq!(stage.take_all(&rxs[3]), [7]);
    assert!(done.is_empty());
    txs[1].close();
    drop(rxs.pop());
    stage.idle();
    assert!(done.is_empty());
    assert_eq!(rxs[2].try_take(), Ok(7));
    assert_eq!(stage.take_all(&done), [2]);
    assert_eq!(stage.take_all(&rxs[1]), []);
}

/// Given up, it takes the value back from those that have not accepted it. Any executor may poll it.
#[test]
fn put_all_that_is_dropped_withdraws() {
    let ledger = Ledger::default();
    let (txs, rxs) = ports(3, 0);
    {
        let mut put = pin!(csp::put_all(&txs, ledger.value(1)));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(put.as_mut().poll(&mut cx).is_pending());
        assert_eq!(rxs[1].try_take().map(|value| value.n), Ok(1));
        assert!(put.as_mut().poll(&mut cx).is_pending());
    }
    assert!(rxs.iter().all(|rx| rx.try_take().is_err()));
    assert_eq!(ledger.live(), 0);
    assert!(!txs.iter().any(Sender::is_closed));
}
