//! Servers.

use csp::{
    Error, Go,
    prelude::*,
    requests::{Server, Unserved, WhyUnserved, serve},
};

use crate::util::{run, settle};

type Served = Result<(), Unserved<u32>>;

/// A server in a conversation with the test.
struct Peer {
    tx: Sender<u32>,
    rx: Receiver<u32>,
    server: Go<Served>,
}

/// What handlers do: 1 fails, 2 panics, 3 panics at once, 4 never ends, others take so many seconds.
fn served(at_once: usize, buffer: usize, on_failure: bool, begun: &Sender<u32>) -> Peer {
    let (tx, requests) = chan(buffer);
    let (answers, rx) = chan(buffer);
    let begun = begun.clone();
    let server: Server<_, _, _> = serve(requests, answers, move |n: u32| {
        begun.try_put(n).unwrap();
        assert!(n != 3, "at once");
        async move {
            match n {
                1 => return Err::<u32, Error>("no".into()),
                2 => panic!("later"),
                4 => std::future::pending().await,
                _ => sleep(secs(u64::from(n))).await,
            }
            Ok(10 * n)
        }
    });
    let server = server.pipelined(at_once).limit(secs(1000));
    let server = if on_failure {
        server.on_failure(|failure| match failure {
            Failure::Error(_) => 1,
            Failure::Panicked(panic) => panic.message().len().try_into().unwrap(),
            Failure::TimedOut => 4,
            other => panic!("{other}"),
        })
    } else {
        server
    };
    let server = server.start();
    Peer { tx, rx, server }
}

fn counting() -> (Sender<u32>, Receiver<u32>) {
    chan(1000)
}

#[test]
fn ev_045_answers_come_in_the_order_of_the_requests() {
    for (at_once, expected) in [(1, 60), (3, 30), (8, 30)] {
        run(async move {
            let (begun, _count) = counting();
            let Peer { tx, rx, server } = served(at_once, 8, true, &begun);
            let start = csp::now();
            for n in [30, 20, 10] {
                put!(tx, n).unwrap();
            }
            drop(tx);
            for n in [300, 200, 100] {
                assert_eq!(take!(rx), Some(n));
            }
            assert_eq!(take!(rx), None);
            assert_eq!(csp::now() - start, secs(expected));
            assert!(rx.failure().is_none());
            assert!(server.await.unwrap().is_ok());
        });
    }
}

/// Back pressure: no more are begun than may be, also while answers wait to be taken.
#[test]
fn no_more_requests_are_begun_than_may_be() {
    for at_once in [1, 3] {
        run(async move {
            let (begun, count) = counting();
            let Peer { tx, rx, server } = served(at_once, 0, true, &begun);
            let putter = go!({
                for n in 0..10 {
                    put!(tx, 5 + n).unwrap();
                }
            });
            sleep(secs(1)).await;
            assert_eq!(count.len(), at_once);
            sleep(secs(500)).await;
            // One answer waits to be taken.
            assert_eq!(count.len(), at_once);
            for n in 0..10 {
                assert_eq!(take!(rx), Some(10 * (5 + n)));
            }
            putter.await.unwrap();
            assert_eq!(take!(rx), None);
            assert!(server.await.unwrap().is_ok());
        });
    }
}

#[test]
fn failures_become_answers_if_there_is_something_to_make_them() {
    for at_once in [1, 2, 8] {
        run(async move {
            let (begun, _count) = counting();
            let Peer { tx, rx, server } = served(at_once, 8, true, &begun);
            for n in [10, 1, 2, 3, 4, 20] {
                put!(tx, n).unwrap();
            }
            drop(tx);
            let (later, at_once) = ("later".len(), "at once".len());
            for n in [100, 1, later, at_once, 4, 200] {
                assert_eq!(take!(rx), Some(u32::try_from(n).unwrap()));
            }
            assert_eq!(take!(rx), None);
            assert!(server.await.unwrap().is_ok());
        });
    }
}

#[test]
fn a_failure_without_an_answer_ends_the_conversation_with_its_cause_after_the_answers_before_it() {
    let cases = [
        (1, "no"),
        (2, "panicked: later"),
        (3, "panicked: at once"),
        (4, "timed out"),
    ];
    for (request, text) in cases {
        for at_once in [1, 8] {
            run(async move {
                let (begun, _count) = counting();
                let Peer { tx, rx, server } = served(at_once, 8, false, &begun);
                for n in [10, request, 5, 2000] {
                    put!(tx, n).unwrap();
                }
                assert_eq!(take!(rx), Some(100));
                assert_eq!(take!(rx), None);
                assert_eq!(rx.failure().unwrap().to_string(), text);
                let unserved = server.await.unwrap().unwrap_err();
                assert!(matches!(unserved.why, WhyUnserved::Handler(_)));
                assert!(tx.is_closed());
                // Those begun later are not lost in silence.
                if at_once == 1 {
                    assert_eq!((unserved.answers.len(), unserved.unfinished), (0, 1));
                } else {
                    let (answers, unfinished) = (unserved.answers, unserved.unfinished);
                    assert_eq!(answers.len() + unfinished, 3, "{answers:?}");
                    assert_eq!(answers, vec![50; answers.len()]);
                    // The one that fails after 10 s.
                    assert!(request != 1 || answers.len() == 1);
                }
            });
        }
    }
}

#[test]
fn when_nobody_takes_answers_the_server_ends_at_once() {
    for at_once in [1, 3] {
        run(async move {
            let (begun, count) = counting();
            let Peer { tx, rx, server } = served(at_once, 8, false, &begun);
            // While it waits for a request.
            settle().await;
            drop(rx);
            assert!(matches!(
                server.await.unwrap().unwrap_err().why,
                WhyUnserved::Closed
            ));
            assert!(tx.is_closed());

            // While handlers run: they are dropped.
            let Peer { tx, rx, server } = served(at_once, 8, false, &begun);
            for _ in 0..3 {
                put!(tx, 4).unwrap();
            }
            while count.len() < at_once {
                yield_now().await;
            }
            rx.close();
            let unserved = server.await.unwrap().unwrap_err();
            assert_eq!(unserved.unfinished, at_once);
            assert_eq!(
                unserved.to_string(),
                format!("nobody takes answers any more; {at_once} requests were not answered")
            );
        });
    }
}

#[test]
fn answers_that_cannot_be_delivered_come_back() {
    for at_once in [1, 3] {
        run(async move {
            let (begun, _count) = counting();
            let Peer { tx, rx, server } = served(at_once, 0, false, &begun);
            let putter = go!({
                for n in [5, 6, 7] {
                    put!(tx, n).ok();
                }
            });
            sleep(secs(100)).await;
            drop(rx);
            let unserved = server.await.unwrap().unwrap_err();
            let expected: &[u32] = if at_once == 1 { &[50] } else { &[50, 60, 70] };
            assert_eq!((&*unserved.answers, unserved.unfinished), (expected, 0));
            putter.await.unwrap();
        });
    }
}

#[test]
fn a_failure_of_the_requests_goes_on_to_the_answers() {
    for at_once in [1, 3] {
        run(async move {
            let (begun, _count) = counting();
            let Peer { tx, rx, server } = served(at_once, 8, false, &begun);
            put!(tx, 5).unwrap();
            tx.fail("the cable is cut");
            assert_eq!((take!(rx), take!(rx)), (Some(50), None));
            assert_eq!(rx.failure().unwrap().to_string(), "the cable is cut");
            let unserved = server.await.unwrap().unwrap_err();
            assert_eq!(
                unserved.to_string(),
                "the requests failed: the cable is cut"
            );
        });
    }
}

#[test]
fn a_cancelled_server_fails_the_answers_and_drops_what_runs() {
    for at_once in [1, 3] {
        run(async move {
            let (begun, count) = counting();
            let Peer { tx, rx, server } = served(at_once, 8, false, &begun);
            put!(tx, 4).unwrap();
            while count.is_empty() {
                yield_now().await;
            }
            server.cancel();
            assert_eq!(take!(rx), None);
            assert_eq!(
                rx.failure().unwrap().to_string(),
                "the server was cancelled"
            );
            assert!(tx.is_closed());
        });
    }
}

#[test]
fn a_panic_in_on_failure_ends_the_conversation() {
    run(async {
        let (tx, requests) = chan(1);
        let (answers, rx) = chan::<u32>(1);
        let server = serve(requests, answers, |()| async { Err::<u32, _>("no") });
        let server = server.on_failure(|_| panic!("no answer to that")).start();
        put!(tx, ()).unwrap();
        assert_eq!(take!(rx), None);
        let cause = rx.failure().unwrap().to_string();
        assert_eq!(cause, "on_failure panicked: no answer to that");
        assert!(server.await.unwrap().is_err());
    });
}

#[test]
#[should_panic(expected = "let 1 request or more be handled")]
fn nothing_may_be_handled() {
    let (_tx, requests) = chan::<u32>(0);
    let (answers, _rx) = chan::<u32>(0);
    drop(serve(requests, answers, |n| async move { Ok::<_, Error>(n) }).pipelined(0));
}
