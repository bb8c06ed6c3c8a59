//! Conversations that are lost, and made again.

use std::time::Duration;

use csp::{
    prelude::*,
    requests::{GivenUp, Why, persistent},
};

use crate::util::{Line, error, is_lost, run, settle, told, with_events};

/// The same over TCP is in csp-net.
#[test]
fn ev_071_the_client_reconnects_when_the_peer_stops_and_starts_twice() {
    run(async {
        let line = Line::new(1);
        let client = line.client().start();
        for n in 1..=3 {
            let answer = client.call(n);
            let peer = line.peer().await;
            peer.echo(n).await;
            assert_eq!(answer.await.unwrap(), 10 * n);
            line.fail_next(5);
            drop(peer);
            settle().await;
        }
    });
}

#[test]
fn ev_072_requests_of_the_time_without_a_conversation_are_answered_in_order() {
    for window in [1, 4] {
        run(async move {
            let line = Line::new(8);
            let client = line.client().pipelined(window).start();
            client.call(0).ignore();
            let peer = line.peer().await;
            peer.echo(0).await;
            settle().await;
            line.fail_next(20);
            drop(peer);
            settle().await;
            let mut answers = Vec::new();
            for n in 1..=20 {
                answers.push(client.call(n));
                sleep(secs(1)).await;
            }
            let peer = line.peer().await;
            for n in 1..=20 {
                peer.echo(n).await;
            }
            for (n, answer) in (1..).zip(answers) {
                assert_eq!(answer.await.unwrap(), 10 * n);
            }
        });
    }
}

#[test]
fn pauses_double_up_to_the_longest_and_start_anew_after_a_conversation_of_use() {
    run(async {
        let line = Line::new(1);
        line.fail_next(12);
        let (client, events) = with_events(line.client());
        let start = csp::now();
        let answer = client.call(1);
        let peer = line.peer().await;
        let pauses = [4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4000, 4000];
        assert_eq!(csp::now() - start, ms(pauses.iter().sum()));
        let pausing = |told: Vec<String>| {
            told.into_iter()
                .filter_map(|event| {
                    event
                        .strip_prefix("Pausing(")?
                        .strip_suffix(')')
                        .map(str::to_owned)
                })
                .collect::<Vec<_>>()
        };
        let expected: Vec<_> = pauses.iter().map(|n| format!("{:?}", ms(*n))).collect();
        assert_eq!(pausing(told(&events)), expected);

        peer.echo(1).await;
        answer.await.unwrap();
        line.fail_next(1);
        drop(peer);
        line.peer().await;
        // It was of use, so the first attempt comes at once. The one that was made now is not, so far.
        let next = line.peer().await;
        assert_eq!(pausing(told(&events)), ["4ms", "8ms"]);
        drop((next, client));
    });
}

#[test]
fn pauses_can_be_chosen() {
    run(async {
        let line = Line::new(1);
        line.fail_next(4);
        let client = line.client().backoff(secs(1), secs(3)).start();
        let start = csp::now();
        let answer = client.call(1);
        line.peer().await.echo(1).await;
        assert_eq!(csp::now() - start, secs(1 + 2 + 3 + 3));
        assert_eq!(answer.await.unwrap(), 10);
    });
}

#[test]
fn what_was_sent_and_not_answered_is_lost_and_what_was_not_sent_is_sent_to_the_next() {
    run(async {
        let line = Line::new(8);
        let client = line.client().pipelined(2).start();
        let answers: Vec<_> = (1..=4).map(|n| client.call(n)).collect();
        let peer = line.peer().await;
        peer.echo(1).await;
        assert_eq!(take!(peer.rx), Some(2));
        settle().await;
        peer.tx.fail("the cable is cut");
        drop(peer);
        let peer = line.peer().await;
        peer.echo(4).await;
        let mut answers = answers.into_iter();
        let mut next = async || answers.next().unwrap().await;
        assert_eq!(next().await.unwrap(), 10);
        for _ in 2..=3 {
            let error = error(next().await);
            assert!(is_lost(&error));
            assert_eq!(
                error.to_string(),
                "the conversation broke before the answer came: the cable is cut"
            );
        }
        assert_eq!(next().await.unwrap(), 40);
    });
}

#[test]
fn lost_requests_are_repeated_in_order_if_asked_for() {
    run(async {
        let line = Line::new(8);
        let client = line.client().pipelined(3).repeat_lost().start();
        let answers: Vec<_> = (1..=5).map(|n| client.call(n)).collect();
        for _ in 0..3 {
            let peer = line.peer().await;
            assert_eq!(take!(peer.rx), Some(1));
            settle().await;
        }
        let peer = line.peer().await;
        for n in 1..=5 {
            peer.echo(n).await;
        }
        for (n, answer) in (1..).zip(answers) {
            assert_eq!(answer.await.unwrap(), 10 * n);
        }
    });
}

/// It keeps a copy, and gives it back.
#[test]
fn a_request_that_is_repeated_and_then_given_up_was_sent_and_comes_back() {
    run(async {
        let line = Line::new(8);
        let client = line.client().repeat_lost().start();
        let (late, cancelled) = (client.call_within(1, secs(1)), client.call(2));
        drop(line.peer().await);
        let second = line.peer().await;
        line.fail_next(u32::MAX);
        drop(second);
        let error = error(late.await);
        assert_eq!((error.was_sent(), error.into_request()), (true, Some(1)));
        cancelled.cancel();
        assert!(cancelled.await.is_err());
    });
}

#[test]
fn a_request_that_the_peer_did_not_take_is_not_lost() {
    run(async {
        let line = Line::new(0);
        let client = line.client().start();
        let answer = client.call(1);
        let peer = line.peer().await;
        settle().await;
        drop(peer);
        line.peer().await.echo(1).await;
        assert_eq!(answer.await.unwrap(), 10);
    });
}

#[test]
fn a_peer_that_takes_no_more_requests_still_answers_those_under_way() {
    run(async {
        let line = Line::new(8);
        let client = line.client().pipelined(2).start();
        let (a, b, c) = (client.call(1), client.call(2), client.call(3));
        let peer = line.peer().await;
        assert_eq!(take!(peer.rx), Some(1));
        assert_eq!(take!(peer.rx), Some(2));
        drop(peer.rx);
        settle().await;
        assert!(line.peers.try_take().is_err());
        put!(peer.tx, 10).unwrap();
        put!(peer.tx, 20).unwrap();
        assert_eq!((a.await.unwrap(), b.await.unwrap()), (10, 20));
        line.peer().await.echo(3).await;
        assert_eq!(c.await.unwrap(), 30);
        assert!(peer.tx.is_closed());
    });
}

/// Idle, or with nothing under way but what nobody wants.
#[test]
fn a_peer_that_takes_no_more_requests_is_left_when_nothing_is_under_way() {
    run(async {
        let line = Line::new(8);
        let client = line.client().start();
        let answer = client.call(1);
        let first = line.peer().await;
        first.echo(1).await;
        answer.await.unwrap();
        settle().await;
        first.rx.close();
        let second = line.peer().await;
        let late = client.call_within(2, secs(1));
        assert_eq!(take!(second.rx), Some(2));
        second.rx.close();
        error(late.await);
        let third = line.peer().await;
        let answer = client.call(3);
        third.echo(3).await;
        assert_eq!(answer.await.unwrap(), 30);
    });
}

#[test]
fn answers_that_came_before_the_end_are_given_out() {
    run(async {
        let line = Line::new(8);
        let client = line.client().pipelined(3).start();
        let answers: Vec<_> = (1..=3).map(|n| client.call(n)).collect();
        let peer = line.peer().await;
        for n in 1..=3 {
            peer.echo(n).await;
        }
        drop(peer);
        for (n, answer) in (1..).zip(answers) {
            assert_eq!(answer.await.unwrap(), 10 * n);
        }
    });
}

#[test]
fn an_answer_that_nobody_asked_for_ends_the_conversation_and_goes_to_nobody() {
    run(async {
        let line = Line::new(8);
        let (client, events) = with_events(line.client());
        let answer = client.call(1);
        let peer = line.peer().await;
        peer.echo(1).await;
        put!(peer.tx, 666).unwrap();
        assert_eq!(answer.await.unwrap(), 10);
        let second = line.peer().await;
        assert!(told(&events).contains(&"Lost(Some(Unasked))".to_owned()));
        let answer = client.call(2);
        second.echo(2).await;
        assert_eq!(answer.await.unwrap(), 20);
    });
}

#[test]
fn a_reset_makes_another_conversation() {
    run(async {
        let line = Line::new(8);
        let client = line.client().start();
        client.reset(); // there is none
        let under_way = client.call(1);
        let peer = line.peer().await;
        assert_eq!(take!(peer.rx), Some(1));
        client.reset();
        let second = line.peer().await;
        let lost = error(under_way.await);
        let Why::Lost(Some(cause)) = lost.why() else {
            panic!("{lost:?}")
        };
        assert_eq!(cause.downcast_ref(), Some(&GivenUp::Reset));
        let answer = client.call(2);
        second.echo(2).await;
        assert_eq!(answer.await.unwrap(), 20);
    });
}

#[test]
fn a_panic_in_connect_is_a_failed_attempt() {
    run(async {
        let (peers_tx, peers) = chan(1);
        let mut attempts = 0;
        let client = csp::requests::client(move || {
            attempts += 1;
            let (n, peers) = (attempts, peers_tx.clone());
            assert!(n != 1, "at once");
            async move {
                yield_now().await;
                assert!(n != 2, "later");
                let (requests, rx) = chan::<u32>(1);
                let (tx, answers) = chan::<u32>(1);
                peers.put((rx, tx)).await.unwrap();
                Ok::<_, csp::Error>((requests, answers))
            }
        });
        let (client, events) = with_events(client);
        let answer = client.call(1);
        let (rx, tx) = take!(peers).unwrap();
        assert_eq!(take!(rx), Some(1));
        put!(tx, 10).unwrap();
        assert_eq!(answer.await.unwrap(), 10);
        let told = told(&events);
        assert!(
            told.contains(&"NotConnected(\"connect panicked: at once\")".to_owned()),
            "{told:?}"
        );
        assert!(
            told.contains(&"NotConnected(\"connect panicked: later\")".to_owned()),
            "{told:?}"
        );
    });
}

/// EV-071, without requests.
#[test]
fn ev_071_a_persistent_conversation_pauses_until_one_is_of_use() {
    run(async {
        let mut attempts = 0;
        let mut line = persistent(move || {
            attempts += 1;
            let n = attempts;
            async move {
                if n % 3 != 0 {
                    return Err("not now");
                }
                Ok((chan::<()>(0).0, chan::<u32>(0).1))
            }
        });
        let took = async |line: &mut csp::requests::Persistent<(), u32>| {
            let before = csp::now();
            line.connect().await;
            csp::now() - before
        };
        assert_eq!(took(&mut line).await, ms(4 + 8));
        assert_eq!(took(&mut line).await, ms(16 + 32 + 64));
        line.was_of_use();
        assert_eq!(took(&mut line).await, Duration::ZERO + ms(4 + 8));
    });
}

/// No stack grows, and nothing gets slower.
#[test]
fn twenty_thousand_reconnects_are_a_loop() {
    run(async {
        let client = csp::requests::client(|| async {
            let (requests, rx) = chan::<u32>(1);
            let (tx, answers) = chan::<u32>(1);
            go!({
                // One request each.
                if let Some(n) = take!(rx) {
                    put!(tx, n).ok();
                }
            });
            Ok::<_, csp::Error>((requests, answers))
        });
        let client = client.start();
        for n in 0..20_000 {
            assert_eq!(client.call(n).await.unwrap(), n);
        }
    });
}
