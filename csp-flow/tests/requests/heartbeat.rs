//! Heartbeats.

use csp::{
    prelude::*,
    requests::{GivenUp, Heartbeat, Why},
};

use crate::util::{Line, error, is_lost, run, settle, told, with_events};

const BEAT: u32 = 999;

fn beat() -> Heartbeat<u32, u32> {
    Heartbeat::new(|| BEAT).every(secs(10)).within(secs(5))
}

#[test]
fn a_heartbeat_is_sent_after_each_pause_and_nobody_else_sees_its_answer() {
    run(async {
        let line = Line::new(8);
        let client = line.client().heartbeat(beat()).start();
        let start = csp::now();
        // It connects without a request.
        let peer = line.peer().await;
        for _ in 0..3 {
            assert_eq!(take!(peer.rx), Some(BEAT));
            sleep(secs(1)).await;
            put!(peer.tx, 0).unwrap();
        }
        assert_eq!(csp::now() - start, secs(10 + 11 + 11 + 1));
        let answer = client.call(1);
        peer.echo(1).await;
        assert_eq!(answer.await.unwrap(), 10);
    });
}

#[test]
fn ev_044_a_silent_peer_is_given_up_and_the_client_reconnects() {
    run(async {
        let line = Line::new(8);
        let (client, events) = with_events(line.client().heartbeat(beat()));
        let start = csp::now();
        let peer = line.peer().await;
        assert_eq!(take!(peer.rx), Some(BEAT));
        let second = line.peer().await;
        // 10 s of pause, 5 s of silence, and 4 ms since nothing had been answered.
        assert_eq!(csp::now() - start, secs(15) + ms(4));
        assert!(peer.tx.is_closed() && peer.rx.is_closed());
        assert_eq!(
            told(&events),
            [
                "Connecting",
                "Connected",
                "Lost(Some(Silent(5s)))",
                "Pausing(4ms)",
                "Connecting",
                "Connected"
            ]
        );
        let answer = client.call(1);
        second.echo(1).await;
        assert_eq!(answer.await.unwrap(), 10);
    });
}

#[test]
fn ev_044_a_wrong_reply_is_given_up_and_the_client_reconnects() {
    run(async {
        let line = Line::new(8);
        let expected = beat().expected(|answer| *answer == 7);
        let (client, events) = with_events(line.client().heartbeat(expected));
        let peer = line.peer().await;
        assert_eq!(take!(peer.rx), Some(BEAT));
        put!(peer.tx, 7).unwrap();
        assert_eq!(take!(peer.rx), Some(BEAT));
        put!(peer.tx, 8).unwrap();
        let second = line.peer().await;
        assert!(told(&events).contains(&"Lost(Some(WrongBeat))".to_owned()));
        let answer = client.call(1);
        second.echo(1).await;
        assert_eq!(answer.await.unwrap(), 10);
    });
}

/// A peer that works through many requests is not silent, even if the heartbeat's turn has not come.
#[test]
fn answers_to_others_are_a_sign_of_life() {
    run(async {
        let line = Line::new(64);
        let (client, events) = with_events(line.client().pipelined(32).heartbeat(beat()));
        let answers: Vec<_> = (0..30).map(|n| client.call(n)).collect();
        let peer = line.peer().await;
        for n in 0..30 {
            sleep(secs(4)).await;
            peer.echo(n).await;
        }
        for answer in answers {
            assert!(answer.await.is_ok());
        }
        assert_eq!(told(&events), ["Connecting", "Connected"]);
        assert_eq!(take!(peer.rx), Some(BEAT));
        // Now it is silent.
        line.peer().await;
        assert!(told(&events).contains(&"Lost(Some(Silent(5s)))".to_owned()));
    });
}

/// One at a time, and the peer has forgotten a request whose caller has given up: only the heartbeat, which
/// cannot even be sent, tells.
#[test]
fn a_peer_that_never_answers_the_last_request_is_given_up() {
    run(async {
        let line = Line::new(8);
        let client = line.client().heartbeat(beat()).start();
        let under_way = client.call(1);
        let peer = line.peer().await;
        assert_eq!(take!(peer.rx), Some(1));
        let waiting = client.call(2);
        let second = line.peer().await;
        let lost = error(under_way.await);
        assert!(is_lost(&lost));
        let Why::Lost(Some(cause)) = lost.why() else {
            panic!("{lost:?}")
        };
        let why = cause.downcast_ref::<GivenUp>();
        assert_eq!(why, Some(&GivenUp::Silent(secs(5))));
        second.echo(2).await;
        assert_eq!(waiting.await.unwrap(), 20);
    });
}

#[test]
fn a_panic_in_a_heartbeat_is_a_failed_heartbeat() {
    run(async {
        let line = Line::new(8);
        let mut beats = 0;
        let heartbeat = Heartbeat::new(move || {
            beats += 1;
            assert!(beats != 2, "no beat");
            BEAT
        });
        let heartbeat = heartbeat.expected(|answer| {
            assert!(*answer != 13, "unlucky");
            true
        });
        let (client, events) = with_events(line.client().heartbeat(heartbeat));
        let first = line.peer().await;
        first.echo(BEAT).await;
        let second = line.peer().await;
        assert_eq!(take!(second.rx), Some(BEAT));
        put!(second.tx, 13).unwrap();
        let third = line.peer().await;
        let told = told(&events);
        assert!(told.contains(&"Lost(Some(Panicked(\"no beat\")))".to_owned()));
        assert!(told.contains(&"Lost(Some(Panicked(\"unlucky\")))".to_owned()));
        let answer = client.call(1);
        third.echo(1).await;
        assert_eq!(answer.await.unwrap(), 10);
    });
}

#[test]
fn a_heartbeat_that_waits_to_be_taken_is_withdrawn_when_a_request_comes_and_sent_first() {
    run(async {
        let line = Line::new(0);
        let client = line.client().pipelined(2).heartbeat(beat()).start();
        let peer = line.peer().await;
        sleep(secs(11)).await;
        let answer = client.call(1);
        settle().await;
        assert_eq!(take!(peer.rx), Some(BEAT));
        put!(peer.tx, 0).unwrap();
        peer.echo(1).await;
        assert_eq!(answer.await.unwrap(), 10);
    });
}
