//! Calls that are given up, by time or by their callers.

use csp::{Failure, prelude::*, requests::Why};

use crate::util::{Line, error, run, settle};

/// Lamina's test: a peer that takes 100 ms is given 50, then 500.
#[test]
fn ev_044_after_a_timeout_the_client_works_again() {
    for window in [1, 4] {
        run(async move {
            let line = Line::new(8);
            let client = line.client().pipelined(window).start();
            let late = client.call_within(1, ms(50));
            let peer = line.peer().await;
            go!({
                while let Some(n) = take!(peer.rx) {
                    sleep(ms(100)).await;
                    put!(peer.tx, 10 * n).ok();
                }
            });
            let before = csp::now();
            let error = error(late.await);
            assert_eq!(csp::now() - before, ms(50));
            assert_eq!(error.to_string(), "no answer within 50ms");
            assert!(error.was_sent() && matches!(error.why(), Why::TimedOut { .. }));
            assert_eq!(client.call_within(2, ms(500)).await.unwrap(), 20);
        });
    }
}

/// Answers are told apart by their order alone.
#[test]
fn ev_073_the_late_answer_is_dropped_and_not_given_to_the_next_call() {
    for window in [1, 3] {
        run(async move {
            let line = Line::new(8);
            let client = line.client().pipelined(window).start();
            let late = client.call_within(1, ms(10));
            let peer = line.peer().await;
            assert_eq!(take!(peer.rx), Some(1));
            error(late.await);
            let next = client.call(2);
            settle().await;
            put!(peer.tx, 10).unwrap(); // too late
            settle().await;
            assert!(!next.is_settled());
            peer.echo(2).await;
            assert_eq!(next.await.unwrap(), 20);
        });
    }
}

#[test]
fn a_call_that_was_not_sent_in_time_is_not_sent_and_comes_back() {
    run(async {
        let line = Line::new(8);
        let client = line.client().timeout(ms(30)).start();
        let first = client.call_within(1, secs(1));
        let (late, last) = (client.call(2), client.call_within(3, secs(1)));
        let peer = line.peer().await;
        let error = error(late.await);
        assert_eq!(error.to_string(), "not sent within 30ms");
        assert!(!error.was_sent());
        assert_eq!(error.into_request(), Some(2));
        peer.echo(1).await;
        peer.echo(3).await;
        assert_eq!((first.await.unwrap(), last.await.unwrap()), (10, 30));
    });
}

/// A request that waits for room in the conversation is withdrawn from there.
#[test]
fn a_request_that_waits_to_be_taken_is_withdrawn_in_time() {
    run(async {
        let line = Line::new(0);
        let client = line.client().pipelined(2).start();
        let late = client.call_within(1, ms(30));
        let peer = line.peer().await;
        let error = error(late.await);
        assert_eq!((error.was_sent(), error.into_request()), (false, Some(1)));
        let next = client.call(2);
        peer.echo(2).await;
        assert_eq!(next.await.unwrap(), 20);
    });
}

#[test]
fn the_time_runs_while_there_is_no_conversation() {
    run(async {
        let line = Line::new(8);
        line.fail_next(u32::MAX);
        let client = line.client().start();
        let before = csp::now();
        let error = error(client.call_within(1, secs(60)).await);
        assert_eq!(csp::now() - before, secs(60));
        assert_eq!(
            error.to_string(),
            "not sent within 60s: not connected: nobody listens"
        );
        assert_eq!(error.into_request(), Some(1));
    });
}

#[test]
fn a_limit_of_zero_is_over_at_once_and_an_endless_one_never() {
    run(async {
        let line = Line::new(8);
        let client = line.client().start();
        let forever = client.call_within(1, std::time::Duration::MAX);
        let peer = line.peer().await;
        error(client.call_within(2, ms(0)).await);
        sleep(secs(1_000_000)).await;
        peer.echo(1).await;
        assert_eq!(forever.await.unwrap(), 10);
        // A given up call is not sent.
        assert!(peer.rx.is_empty());
    });
}

#[test]
fn a_cancelled_call_is_not_sent_and_if_it_was_its_answer_is_dropped() {
    for window in [1, 3] {
        run(async move {
            let line = Line::new(8);
            let client = line.client().pipelined(window).start();
            let under_way = client.call(1);
            let peer = line.peer().await;
            assert_eq!(take!(peer.rx), Some(1));
            assert!(under_way.cancel());
            assert!(matches!(under_way.await, Err(Failure::Cancelled)));

            if window == 1 {
                let waiting = client.call(2);
                settle().await;
                assert!(waiting.cancel());
                assert!(matches!(waiting.await, Err(Failure::Cancelled)));
            }
            let next = client.call(3);
            settle().await;
            put!(peer.tx, 10).unwrap();
            peer.echo(3).await;
            assert_eq!(next.await.unwrap(), 30);
        });
    }
}

#[test]
fn a_promise_s_own_timeout_is_a_cancel() {
    run(async {
        let line = Line::new(8);
        let client = line.client().start();
        let late = client.call(1).timeout(ms(5));
        let peer = line.peer().await;
        assert!(matches!(late.await, Err(Failure::TimedOut)));
        let next = client.call(2);
        peer.echo(1).await;
        peer.echo(2).await;
        assert_eq!(next.await.unwrap(), 20);
    });
}
