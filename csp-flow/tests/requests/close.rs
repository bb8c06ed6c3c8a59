//! How clients end.

use csp::{Failure, Local, prelude::*, requests::Why};

use crate::util::{Line, error, run, settle, told, with_events};

#[test]
fn close_gives_back_what_was_not_sent_and_waits_for_what_is_under_way() {
    run(async {
        let line = Line::new(8);
        let (client, events) = with_events(line.client().pipelined(2));
        let mut answers: Vec<_> = (1..=4).map(|n| client.call(n)).collect();
        let peer = line.peer().await;
        assert_eq!(take!(peer.rx), Some(1));
        settle().await;
        client.close();
        client.close();
        for (call, n) in answers.drain(2..).zip(3..) {
            let error = error(call.await);
            assert!(matches!(error.why(), Why::Closed(None)));
            assert_eq!(error.to_string(), "the client is closed");
            assert_eq!((error.was_sent(), error.into_request()), (false, Some(n)));
        }
        let refused = error(client.call(5).await);
        assert_eq!(refused.into_request(), Some(5));
        settle().await;
        assert!(!client.is_closed());
        put!(peer.tx, 10).unwrap();
        peer.echo(2).await;
        client.closed().await;
        for (n, answer) in (1..).zip(answers) {
            assert_eq!(answer.await.unwrap(), 10 * n);
        }
        // It tells the peer.
        assert_eq!(take!(peer.rx), None);
        assert!(peer.tx.is_closed());
        // After the end.
        assert_eq!(error(client.call(6).await).into_request(), Some(6));
        assert_eq!(
            error(client.call_when_room(7).await.await).into_request(),
            Some(7)
        );
        assert_eq!(told(&events), ["Connecting", "Connected", "Ended"]);
    });
}

#[test]
fn close_while_there_is_no_conversation_ends_at_once() {
    run(async {
        let line = Line::new(8);
        line.client().start().close();
        let client = line.client().start();
        client.close();
        client.closed().await;

        line.fail_next(u32::MAX);
        let client = line.client().waiting(1).start();
        let answer = client.call(1);
        let other = client.clone();
        let parked = go!({ other.call_when_room(2).await.await });
        sleep(secs(10)).await;
        let before = csp::now();
        client.close();
        client.closed().await;
        assert_eq!(csp::now(), before);
        assert_eq!(error(answer.await).into_request(), Some(1));
        assert_eq!(error(parked.await.unwrap()).into_request(), Some(2));
    });
}

#[test]
fn close_gives_up_an_attempt_to_connect() {
    run(async {
        let connect = std::future::pending::<Result<(Sender<u32>, Receiver<u32>), csp::Error>>;
        let client = csp::requests::client(connect).start();
        let answer = client.call(1);
        settle().await;
        client.close();
        client.closed().await;
        assert_eq!(error(answer.await).into_request(), Some(1));
    });
}

#[test]
fn a_conversation_that_is_lost_while_closing_is_not_made_again() {
    for repeat in [false, true] {
        run(async move {
            let line = Line::new(8);
            let setup = line.client();
            let setup = if repeat { setup.repeat_lost() } else { setup };
            let client = setup.start();
            let answer = client.call(1);
            let peer = line.peer().await;
            client.close();
            settle().await;
            drop(peer);
            let error = error(answer.await);
            assert!(error.was_sent());
            assert_eq!(error.into_request(), repeat.then_some(1));
            client.closed().await;
            assert!(line.peers.try_take().is_err());
        });
    }
}

#[test]
fn without_handles_it_goes_on_until_all_is_answered_and_then_ends() {
    run(async {
        let line = Line::new(8);
        let client = line.client().start();
        let other = client.clone();
        let (a, b) = (client.call(1), other.call(2));
        drop((client, other));
        let peer = line.peer().await;
        peer.echo(1).await;
        drop(peer);
        let peer = line.peer().await;
        peer.echo(2).await;
        assert_eq!((a.await.unwrap(), b.await.unwrap()), (10, 20));
        assert_eq!(take!(peer.rx), None);
        assert!(peer.tx.is_closed());
    });
}

#[test]
fn without_handles_it_ends_when_the_last_call_is_given_up() {
    run(async {
        let line = Line::new(8);
        let client = line.client().start();
        let (cancelled, late) = (client.call(1), client.call_within(2, secs(1)));
        drop(client);
        let peer = line.peer().await;
        assert_eq!(take!(peer.rx), Some(1));
        error(late.await);
        settle().await;
        assert!(!peer.tx.is_closed());
        cancelled.cancel();
        peer.tx.closed().await;
        assert!(cancelled.await.is_err());
    });
}

#[test]
fn an_unused_client_without_handles_ends() {
    run(async {
        let line = Line::new(8);
        drop(line.client().start());
        settle().await;
        assert!(line.peers.try_take().is_err());
    });
}

#[test]
fn when_the_executor_goes_all_calls_fail_and_requests_come_back() {
    let line = Line::new(8);
    let local = Local::virtual_time();
    let (client, sent, waiting, peer) = local.run_until(async {
        let client = line.client().start();
        let (sent, waiting) = (client.call(1), client.call(2));
        let peer = line.peer().await;
        assert_eq!(take!(peer.rx), Some(1));
        (client, sent, waiting, peer)
    });
    drop(local);
    let sent = error(sent.wait());
    assert!(sent.was_sent() && matches!(sent.why(), Why::Closed(Some(_))));
    let waiting = error(waiting.wait());
    assert_eq!(
        waiting.to_string(),
        "the client is closed: the client was cancelled"
    );
    assert_eq!(
        (waiting.was_sent(), waiting.into_request()),
        (false, Some(2))
    );
    assert_eq!(error(client.call(3).wait()).into_request(), Some(3));
    assert!(peer.tx.is_closed() && client.is_closed());
}

/// A clone of the user's that panics ends the client, and nothing else.
#[test]
fn a_panic_in_a_clone_of_a_request_fails_all_calls() {
    struct Bomb(u32);
    impl Clone for Bomb {
        fn clone(&self) -> Self {
            assert!(self.0 != 2, "no copy");
            Self(self.0)
        }
    }
    run(async {
        let client = csp::requests::client(|| async {
            let (requests, rx) = chan::<Bomb>(0);
            let (tx, answers) = chan::<u32>(0);
            go!({
                while let Some(Bomb(n)) = take!(rx) {
                    put!(tx, n).ok();
                }
            });
            Ok::<_, csp::Error>((requests, answers))
        });
        let client = client.repeat_lost().start();
        assert_eq!(client.call(Bomb(1)).await.unwrap(), 1);
        let calls: Vec<_> = (2..=4).map(|n| client.call(Bomb(n))).collect();
        for (n, call) in (2..).zip(calls) {
            let Err(Failure::Error(error)) = call.await else {
                panic!("call {n}")
            };
            assert_eq!(
                error.to_string(),
                "the client is closed: the client panicked: no copy"
            );
            assert_eq!(error.into_request().map(|bomb| bomb.0), Some(n));
        }
    });
}
