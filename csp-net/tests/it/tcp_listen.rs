//! Listening, connecting, many at once, shutting down.

use std::{
    io::{ErrorKind, Read},
    net::{TcpListener, TcpStream},
};

use csp::prelude::*;
use csp_net::{Duplex, Lines, tcp};

use crate::util::on_runtime;

const MANY: usize = 500;

#[test]
fn many_connections_at_once() {
    on_runtime(async {
        let listener = tcp::listen("127.0.0.1:0").unwrap();
        let addr = listener.local_addr();
        let connections = listener.connections.clone();
        let server = go!({
            let mut blocks = Vec::new();
            for _ in 0..MANY {
                let connection = take!(connections).unwrap();
                blocks.push(go!({
                    let lines = connection.frames(Lines::new());
                    while let Some(line) = take!(lines.rx) {
                        put!(lines.tx, line).unwrap();
                    }
                }));
            }
            for block in blocks {
                block.await.unwrap();
            }
        });
        let clients: Vec<_> = (0..MANY)
            .map(|n| {
                go!({
                    let lines = tcp::connect(addr).await.unwrap().frames(Lines::new());
                    for m in 0..5 {
                        let text = format!("{n}: {m}");
                        put!(lines.tx, text.clone()).unwrap();
                        assert_eq!(take!(lines.rx), Some(text));
                    }
                    lines
                })
            })
            .collect();
        let mut open = Vec::new();
        for client in clients {
            open.push(client.await.unwrap());
        }
        assert_eq!(listener.open(), MANY);
        drop(open);
        server.await.unwrap();
        assert_eq!(listener.shutdown(secs(60)).await, 0);
        assert_eq!(listener.open(), 0);
    });
}

#[test]
fn a_hub_with_many_peers_outlives_each() {
    on_runtime(async {
        let (hub_tx, hub) = chan::<(usize, String)>(0);
        let mut ends = Vec::new();
        let mut peers: Vec<Sender<String>> = Vec::new();
        for n in 0..3 {
            let (here, there) = crate::util::both().await;
            let Duplex { rx, tx } = there.frames(Lines::new());
            peers.push(tx);
            let hub_tx = hub_tx.clone();
            go!({
                while let Some(line) = take!(rx) {
                    put!(hub_tx, (n, line)).unwrap();
                }
            });
            ends.push(here.frames(Lines::new()));
        }
        let talk = go!({
            while let Some((from, line)) = take!(hub) {
                for peer in &peers {
                    put!(peer, format!("{from}: {line}")).ok();
                }
            }
        });
        put!(ends[1].tx, "x".into()).unwrap();
        for end in &ends {
            assert_eq!(take!(end.rx).as_deref(), Some("1: x"));
        }
        drop(ends.remove(1));
        put!(ends[1].tx, "y".into()).unwrap();
        for end in &ends {
            assert_eq!(take!(end.rx).as_deref(), Some("2: y"));
        }
        drop((ends, hub_tx));
        talk.await.unwrap();
    });
}

#[test]
fn a_shutdown_waits_for_connections_that_end() {
    on_runtime(async {
        let listener = tcp::listen("127.0.0.1:0").unwrap();
        let addr = listener.local_addr();
        let caller = tcp::connect(addr).await.unwrap().frames(Lines::new());
        let connections = listener.connections.clone();
        let (serving_tx, is_serving) = chan::<()>(0);
        let (stopping_tx, stopping) = chan::<()>(0);
        let serving = go!({
            let peer = take!(connections).unwrap().frames(Lines::new());
            drop(serving_tx);
            // No more come: the listener is shutting down.
            assert!(take!(connections).is_none());
            drop(stopping_tx);
            let asked = take!(peer.rx).unwrap();
            put!(peer.tx, format!("{asked}, and bye")).unwrap();
        });
        assert_eq!(take!(is_serving), None);
        let down = go!({ listener.shutdown(secs(60)).await });
        assert_eq!(take!(stopping), None);
        put!(caller.tx, "late".into()).unwrap();
        assert_eq!(take!(caller.rx).as_deref(), Some("late, and bye"));
        assert_eq!(take!(caller.rx), None);
        assert_eq!(down.await, Ok(0));
        serving.await.unwrap();
        let refused = tcp::connect(addr).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        assert!(
            refused
                .to_string()
                .starts_with(&format!("connecting to {addr}: ")),
            "{refused}"
        );
        TcpListener::bind(addr).expect("the address is free");
    });
}

#[test]
fn a_shutdown_cuts_those_that_do_not_end() {
    on_runtime(async {
        let listener = tcp::listen("127.0.0.1:0").unwrap();
        let mut raws = Vec::new();
        let mut serving = Vec::new();
        for _ in 0..3 {
            raws.push(TcpStream::connect(listener.local_addr()).unwrap());
            let connection = take!(listener.connections).unwrap();
            serving.push(connection.frames(Lines::new()));
        }
        assert_eq!(listener.open(), 3);
        assert_eq!(listener.shutdown(ms(1)).await, 3);
        for (mut raw, peer) in raws.into_iter().zip(serving) {
            assert_eq!(take!(peer.rx), None);
            assert!(peer.rx.failure().is_some());
            assert_eq!(raw.read(&mut [0; 9]).unwrap(), 0);
        }
    });
}

#[test]
fn closing_the_connections_stops_accepting() {
    on_runtime(async {
        let listener = tcp::listen("127.0.0.1:0").unwrap();
        let addr = listener.local_addr();
        // One is accepted and not taken: it is closed.
        let mut raw = TcpStream::connect(addr).unwrap();
        listener.connections.close();
        let end = raw.read(&mut [0; 9]);
        assert!(matches!(end, Ok(0)) || end.is_err(), "{end:?}");
        assert_eq!(listener.shutdown(secs(60)).await, 0);
        assert!(TcpStream::connect(addr).is_err());
    });
}

#[test]
fn dropping_the_listener_stops_accepting_and_connections_live_on() {
    on_runtime(async {
        let listener = tcp::listen("127.0.0.1:0").unwrap();
        let addr = listener.local_addr();
        let here = tcp::connect(addr).await.unwrap().frames(Lines::new());
        let there = take!(listener.connections).unwrap().frames(Lines::new());
        drop(listener);
        while TcpStream::connect(addr).is_ok() {
            yield_now().await;
        }
        put!(here.tx, "still".into()).unwrap();
        assert_eq!(take!(there.rx).as_deref(), Some("still"));
    });
}

#[test]
fn names_are_looked_up_and_errors_name_the_address() {
    on_runtime(async {
        let taken = tcp::listen("127.0.0.1:0").unwrap();
        let port = taken.local_addr().port();
        let connection = tcp::connect(("localhost", port)).await.unwrap();
        assert_eq!(connection.peer_addr().port(), port);
        let connection = tcp::connect_within(format!("localhost:{port}"), secs(60)).await;
        assert!(connection.is_ok());

        let error = tcp::listen(taken.local_addr()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(
            error
                .to_string()
                .starts_with(&format!("listening on 127.0.0.1:{port}: "))
        );
        let error = tcp::connect("no port here").await.unwrap_err();
        assert!(error.to_string().contains("`no port here`"), "{error}");
        let error = tcp::listen("").unwrap_err();
        assert!(error.to_string().contains("``"), "{error}");
    });
}
