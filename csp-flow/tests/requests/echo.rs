//! Requests and their answers.

use csp::{
    Error,
    prelude::*,
    requests::{Conversation, client, serve},
};

use crate::util::{Line, run};

/// Whether clients and servers are pipelined: all four kinds of pairs.
const KINDS: [(usize, usize); 4] = [(1, 1), (1, 8), (8, 1), (8, 8)];

#[test]
fn ev_044_ev_045_clients_and_servers_of_all_kinds_echo() {
    for (client_window, at_once) in KINDS {
        for buffer in [0, 1, 8] {
            run(async move {
                let connect = move || async move {
                    let (requests, to_serve) = chan(buffer);
                    let (to, answers) = chan(buffer);
                    let echo = |n: u32| async move {
                        // Later ones are quicker.
                        sleep(ms(100 - u64::from(n))).await;
                        Ok::<_, Error>(n)
                    };
                    serve(to_serve, to, echo).pipelined(at_once).start();
                    Ok::<_, Error>((requests, answers))
                };
                let client = client(connect).pipelined(client_window).start();
                let answers: Vec<_> = (0..50).map(|n| client.call(n)).collect();
                for (n, answer) in answers.into_iter().enumerate() {
                    assert_eq!(answer.await.unwrap(), u32::try_from(n).unwrap());
                }
            });
        }
    }
}

#[test]
fn one_at_a_time_sends_the_next_when_the_last_is_answered() {
    run(async {
        let line = Line::new(8);
        let client = line.client().start();
        let (a, b) = (client.call(1), client.call(2));
        let peer = line.peer().await;
        assert_eq!(take!(peer.rx), Some(1));
        sleep(secs(1)).await;
        assert_eq!(peer.rx.try_take(), Err(TryTakeError::Empty));
        put!(peer.tx, 10).unwrap();
        peer.echo(2).await;
        assert_eq!((a.await.unwrap(), b.await.unwrap()), (10, 20));
    });
}

#[test]
fn a_pipelined_client_has_that_many_under_way() {
    run(async {
        let line = Line::new(8);
        let client = line.client().pipelined(3).start();
        let answers: Vec<_> = (1..=5).map(|n| client.call(n)).collect();
        let peer = line.peer().await;
        sleep(secs(1)).await;
        assert_eq!(peer.rx.len(), 3);
        for n in 1..=3 {
            assert_eq!(take!(peer.rx), Some(n));
        }
        sleep(secs(1)).await;
        assert_eq!(peer.rx.try_take(), Err(TryTakeError::Empty));
        put!(peer.tx, 10).unwrap();
        assert_eq!(take!(peer.rx), Some(4));
        for n in [20, 30, 40] {
            put!(peer.tx, n).unwrap();
        }
        peer.echo(5).await;
        for (n, answer) in answers.into_iter().enumerate() {
            assert_eq!(answer.await.unwrap() as usize, 10 * (n + 1));
        }
    });
}

/// With rendezvous both ways, a client that only waited to put would never take the answer that its peer
/// waits to put.
#[test]
fn answers_are_taken_while_a_request_waits_for_room() {
    run(async {
        let line = Line::new(0);
        let client = line.client().pipelined(4).start();
        let answers: Vec<_> = (0..100).map(|n| client.call(n)).collect();
        let peer = line.peer().await;
        go!({
            while let Some(n) = take!(peer.rx) {
                put!(peer.tx, n).unwrap();
            }
        });
        for (n, answer) in answers.into_iter().enumerate() {
            assert_eq!(answer.await.unwrap() as usize, n);
        }
    });
}

#[test]
fn a_client_does_not_connect_before_there_is_a_request() {
    run(async {
        let line = Line::new(1);
        let client = line.client().start();
        sleep(secs(10)).await;
        assert!(line.peers.try_take().is_err());
        let answer = client.call(1);
        line.peer().await.echo(1).await;
        assert_eq!(answer.await.unwrap(), 10);
    });
}

/// A dropped promise says that the answer is not wanted, and not that the request is not.
#[test]
fn a_call_whose_promise_is_dropped_is_still_sent() {
    run(async {
        let line = Line::new(1);
        let client = line.client().start();
        client.call(1).ignore();
        let answer = client.call(2);
        drop(client);
        let peer = line.peer().await;
        peer.echo(1).await;
        peer.echo(2).await;
        assert_eq!(answer.await.unwrap(), 20);
    });
}

/// A type of the user's, as the connection of some crate would be.
struct Own {
    rx: Receiver<u32>,
    tx: Sender<u32>,
}

impl From<Own> for Conversation<u32, u32> {
    fn from(own: Own) -> Self {
        (own.tx, own.rx)
    }
}

#[test]
fn connect_gives_anything_that_turns_into_a_conversation() {
    run(async {
        let client = client(|| async {
            let (tx, to_serve) = chan(0);
            let (to, rx) = chan(0);
            serve(to_serve, to, |n: u32| async move { Ok::<_, Error>(n + 1) }).start();
            Ok::<_, Error>(Own { rx, tx })
        });
        assert_eq!(client.start().call(1).await.unwrap(), 2);
    });
}
