//! How many requests may wait.

use csp::{prelude::*, requests::Why};

use crate::util::{Line, error, run, settle};

#[test]
fn one_more_than_may_wait_is_refused_with_the_limit_and_comes_back() {
    run(async {
        let line = Line::new(8);
        let client = line.client().waiting(3).start();
        let waiting: Vec<_> = (1..=3).map(|n| client.call(n)).collect();
        let refused = error(client.call(4).await);
        assert!(matches!(refused.why(), Why::Full { limit: 3 }));
        assert_eq!(
            refused.to_string(),
            "3 requests wait already, the client's limit"
        );
        assert_eq!(
            (refused.was_sent(), refused.into_request()),
            (false, Some(4))
        );
        // What is under way does not wait.
        let peer = line.peer().await;
        settle().await;
        let fourth = client.call(5);
        error(client.call(6).await);
        for n in [1, 2, 3, 5] {
            peer.echo(n).await;
        }
        for (n, answer) in (1..).zip(waiting) {
            assert_eq!(answer.await.unwrap(), 10 * n);
        }
        assert_eq!(fourth.await.unwrap(), 50);
    });
}

#[test]
fn call_when_room_parks_until_a_request_is_sent_first_come_first_served() {
    run(async {
        let line = Line::new(8);
        let client = line.client().waiting(1).start();
        let first = client.call(1);
        let callers: Vec<_> = (2..=5)
            .map(|n| {
                let client = client.clone();
                go!({ client.call_when_room(n).await.await })
            })
            .collect();
        let peer = line.peer().await;
        for n in 1..=5 {
            peer.echo(n).await;
        }
        assert_eq!(first.await.unwrap(), 10);
        for (n, caller) in (2..).zip(callers) {
            assert_eq!(caller.await.unwrap().unwrap(), 10 * n);
        }
    });
}

#[test]
fn who_gives_up_while_waiting_for_room_leaves_it_to_the_next() {
    run(async {
        let line = Line::new(8);
        line.fail_next(u32::MAX);
        let client = line.client().waiting(1).start();
        let first = client.call(1);
        let other = client.clone();
        let parked = go!({ other.call_when_room(2).await.await });
        settle().await;
        parked.cancel();
        let last = go!({ client.call_when_room(3).await.await });
        settle().await;
        line.fail_next(0);
        let peer = line.peer().await;
        peer.echo(1).await;
        peer.echo(3).await;
        assert_eq!(first.await.unwrap(), 10);
        assert_eq!(last.await.unwrap().unwrap(), 30);
    });
}

#[test]
fn a_call_that_is_cancelled_or_timed_out_makes_room() {
    run(async {
        let line = Line::new(8);
        line.fail_next(u32::MAX);
        let client = line.client().waiting(2).start();
        let (cancelled, late) = (client.call(1), client.call_within(2, secs(1)));
        error(client.call(3).await);
        cancelled.cancel();
        settle().await;
        let third = client.call(3);
        error(client.call(4).await);
        error(late.await);
        let fifth = client.call(5);
        line.fail_next(0);
        let peer = line.peer().await;
        peer.echo(3).await;
        peer.echo(5).await;
        assert_eq!((third.await.unwrap(), fifth.await.unwrap()), (30, 50));
    });
}

/// Many calls that are made and cancelled without a conversation leave nothing behind, in linear time.
#[test]
fn many_calls_are_cancelled_in_linear_time() {
    run(async {
        let line = Line::new(8);
        line.fail_next(u32::MAX);
        let client = line.client().waiting(100_000).start();
        let mut calls = std::collections::VecDeque::new();
        for n in 0..100_000 {
            calls.push_back(client.call(n));
        }
        error(client.call(0).await);
        while let Some(call) = calls.pop_back() {
            call.cancel();
            assert!(call.await.is_err());
        }
        let answer = client.call(1);
        line.fail_next(0);
        line.peer().await.echo(1).await;
        assert_eq!(answer.await.unwrap(), 10);
    });
}

#[test]
#[should_panic(expected = "let 1 or more wait to be sent")]
fn nothing_may_wait() {
    drop(Line::new(0).client().waiting(0));
}

#[test]
#[should_panic(expected = "let 1 request or more be under way")]
fn nothing_may_be_under_way() {
    drop(Line::new(0).client().pipelined(0));
}

#[test]
#[should_panic(expected = "the first pause is to be above zero")]
fn no_pause_at_all() {
    drop(Line::new(0).client().backoff(ms(0), ms(1)));
}

#[test]
#[should_panic(expected = "give it a pause above zero")]
fn a_heartbeat_without_pause() {
    drop(csp::requests::Heartbeat::<u32, u32>::new(|| 1).every(ms(0)));
}
