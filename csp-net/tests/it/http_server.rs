//! The server, asked by plain sockets.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use csp::prelude::*;
use csp_net::http::{self, HttpError, Limits, Request, Response};

use crate::util::{asking, ended, on_runtime, runtime, serving, text};

const HELLO: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n";

/// Reads until what was read ends with `end`.
fn read_until(raw: &mut TcpStream, end: &str) -> String {
    let mut got = Vec::new();
    while !got.ends_with(end.as_bytes()) {
        let mut byte = [0];
        assert_eq!(raw.read(&mut byte).unwrap(), 1, "{got:?}");
        got.push(byte[0]);
    }
    String::from_utf8(got).unwrap()
}

#[test]
fn a_connection_is_kept_for_more_requests() {
    asking(Limits::default(), |server| {
        let mut raw = TcpStream::connect(server.local_addr()).unwrap();
        for _ in 0..3 {
            raw.write_all(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
                .unwrap();
            assert_eq!(read_until(&mut raw, "hello"), format!("{HELLO}\r\nhello"));
        }
        assert_eq!(server.open(), 1);
    });
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let answers = asking(Limits::default(), |server| {
        let mut requests = String::new();
        for n in 0..50 {
            requests += "POST /text HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n";
            requests += &["<", if n < 10 { "0" } else { "" }, &n.to_string(), ">"].concat();
            requests += "POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nGET";
            requests += "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
            requests += "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";
        }
        text(server, requests)
    });
    let mut rest = &*answers;
    for n in 0..50 {
        for part in [&*format!("<{n:02}>"), "not read", "{", "}"] {
            let at = rest
                .find(part)
                .unwrap_or_else(|| panic!("{part} of {n} in {rest}"));
            rest = &rest[at + part.len()..];
        }
    }
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 150);
}

#[test]
fn requests_may_come_byte_by_byte() {
    let answer = asking(Limits::default(), |server| {
        let mut raw = TcpStream::connect(server.local_addr()).unwrap();
        raw.set_nodelay(true).unwrap();
        let request = "\r\nPOST /text?q HTTP/1.1\r\nhost: x\r\ntransfer-encoding: Chunked\r\n\
            connection: close\r\n\r\n3;ext=1\r\nabc\r\n00a\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
        for byte in request.bytes() {
            raw.write_all(&[byte]).unwrap();
        }
        let mut answer = String::new();
        raw.read_to_string(&mut answer).unwrap();
        answer
    });
    assert!(
        answer.ends_with("Connection: close\r\n\r\nabc0123456789"),
        "{answer}"
    );
}

#[test]
fn the_connection_ends_when_either_side_says_so() {
    asking(Limits::default(), |server| {
        let answer = text(
            server,
            "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: foo, Close\r\n\r\n\
            GET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        );
        assert_eq!(answer, format!("{HELLO}Connection: close\r\n\r\nhello"));
        let answer = text(
            server,
            "GET /close HTTP/1.1\r\nHost: x\r\n\r\n\
            GET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
        );
        assert!(answer.ends_with("Connection: close\r\n\r\nbye"), "{answer}");
    });
}

#[test]
fn http_1_0_ends_unless_it_asks() {
    asking(Limits::default(), |server| {
        let answer = text(
            server,
            "GET /hello HTTP/1.0\r\n\r\nGET /hello HTTP/1.0\r\n\r\n",
        );
        assert_eq!(answer, format!("{HELLO}Connection: close\r\n\r\nhello"));
        let kept = "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
        let answer = text(server, [kept, kept].concat());
        assert_eq!(
            answer,
            format!("{HELLO}Connection: keep-alive\r\n\r\nhello").repeat(2)
        );
        // A body of unknown length ends with the connection: 1.0 has no chunks.
        let answer = asking_stream(server);
        assert_eq!(
            answer,
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\npiece 0, piece 1, "
        );
    });
}

fn asking_stream(_of_app: &http::Server) -> String {
    let server = http::serve("127.0.0.1:0", |_| async {
        let (tx, rx) = chan(0);
        go!({
            for n in 0..2 {
                put!(tx, format!("piece {n}, ").into_bytes()).unwrap();
            }
        });
        Response::new(200).with_body(http::Body::stream(rx))
    });
    text(
        &server.unwrap(),
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    )
}

#[test]
fn head_and_204_have_no_body() {
    asking(Limits::default(), |server| {
        let requests = "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n\
            GET /none HTTP/1.1\r\nHost: x\r\n\r\n\
            HEAD /none HTTP/1.1\r\nHost: x\r\n\r\n\
            GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
        let none = "HTTP/1.1 204 No Content\r\n\r\n";
        assert_eq!(
            text(server, requests),
            format!("{HELLO}\r\n{none}{none}{HELLO}\r\nhello")
        );
    });
}

#[test]
fn who_expects_100_is_told_to_go_on() {
    asking(Limits::default(), |server| {
        let mut raw = TcpStream::connect(server.local_addr()).unwrap();
        let head =
            "POST /text HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
        raw.write_all(head.as_bytes()).unwrap();
        assert_eq!(
            read_until(&mut raw, "\r\n\r\n"),
            "HTTP/1.1 100 Continue\r\n\r\n"
        );
        raw.write_all(b"then").unwrap();
        let answer = read_until(&mut raw, "then");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    });
}

#[test]
fn a_handler_that_panics_is_answered_for() {
    asking(Limits::default(), |server| {
        let answer = text(
            server,
            "POST /panic HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
        );
        assert_eq!(
            answer,
            "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        let incident = server.incidents.take_blocking().unwrap();
        assert_eq!(
            incident.error.to_string(),
            "the handler panicked: a handler's panic"
        );
        // The server goes on.
        assert!(text(server, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").ends_with("hello"));
    });
}

#[test]
fn a_handler_that_panics_before_its_future_is_answered_for_too() {
    let rt = runtime();
    let entered = rt.enter();
    let server = http::serve("127.0.0.1:0", |request: Request| {
        assert_ne!(request.target, "/", "no root");
        async { Response::new(204) }
    })
    .unwrap();
    let answer = text(&server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
    drop((server, entered));
    ended(rt);
}

#[test]
fn a_body_that_nobody_reads_costs_the_connection_only_if_it_is_long() {
    asking(Limits::default(), |server| {
        for (len, answers) in [(10_000, 2), (1_000_000, 1)] {
            let mut request =
                format!("POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: {len}\r\n\r\n");
            request += &"x".repeat(len);
            request += "GET /unread HTTP/1.1\r\nHost: x\r\n\r\n";
            let answer = text(server, request);
            assert_eq!(answer.matches("not read").count(), answers, "{answer}");
        }
    });
}

#[test]
fn time_limits_end_connections() {
    let limits = Limits {
        idle: ms(5),
        head_time: ms(5),
        ..Limits::default()
    };
    asking(limits, |server| {
        let silent = |bytes: &str| {
            let mut raw = TcpStream::connect(server.local_addr()).unwrap();
            raw.write_all(bytes.as_bytes()).unwrap();
            let mut answer = String::new();
            raw.read_to_string(&mut answer).unwrap();
            answer
        };
        assert_eq!(silent(""), "");
        let answer = silent("GET /hello HTTP/1.1\r\nHost");
        assert!(
            answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"),
            "{answer}"
        );
        assert!(
            answer.ends_with("the head: did not come within 5ms\n"),
            "{answer}"
        );
        let answer = silent("POST /text HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc");
        assert!(
            answer.ends_with("the body: did not come within 5ms"),
            "{answer}"
        );
        let answer = silent("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(answer.ends_with("hello"), "{answer}");
    });
}

#[test]
fn a_body_that_is_cut_short_is_told_to_the_handler() {
    asking(Limits::default(), |server| {
        let answer = text(
            server,
            "POST /text HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc",
        );
        assert!(answer.starts_with("HTTP/1.1 422 "), "{answer}");
        assert!(
            answer.ends_with("the peer ended in the middle of the body"),
            "{answer}"
        );
    });
}

#[test]
fn no_more_connections_than_places() {
    let limits = Limits {
        connections: 2,
        ..Limits::default()
    };
    asking(limits, |server| {
        let mut raws: Vec<_> = (0..3)
            .map(|_| TcpStream::connect(server.local_addr()).unwrap())
            .collect();
        for raw in &mut raws {
            raw.write_all(b"GET /hello HTTP/1.1\r\nHost: x\r\n\r\n")
                .unwrap();
        }
        read_until(&mut raws[0], "hello");
        read_until(&mut raws[1], "hello");
        // The third is served when one of the others has gone.
        raws[2].set_nonblocking(true).unwrap();
        for _ in 0..2_000 {
            assert!(raws[2].read(&mut [0]).is_err(), "it was served as a third");
            std::thread::yield_now();
        }
        raws[2].set_nonblocking(false).unwrap();
        drop(raws.remove(0));
        read_until(&mut raws[1], "hello");
    });
}

#[test]
fn a_shutdown_ends_idle_connections_and_lets_requests_finish() {
    on_runtime(async {
        let (go_on_tx, go_on) = chan::<()>(0);
        let (in_handler_tx, in_handler) = chan(0);
        let server = http::serve("127.0.0.1:0", move |_| {
            let (go_on, in_handler_tx) = (go_on.clone(), in_handler_tx.clone());
            async move {
                put!(in_handler_tx, ()).unwrap();
                take!(go_on);
                Response::text("finished")
            }
        })
        .unwrap();
        let mut idle = TcpStream::connect(server.local_addr()).unwrap();
        let mut busy = TcpStream::connect(server.local_addr()).unwrap();
        busy.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            .unwrap();
        take!(in_handler).unwrap();
        let addr = server.local_addr();
        let down = go!({ server.shutdown(secs(60)).await });
        let mut nothing = String::new();
        idle.read_to_string(&mut nothing).unwrap();
        assert_eq!(nothing, "");
        drop(go_on_tx);
        let mut answer = String::new();
        busy.read_to_string(&mut answer).unwrap();
        assert!(
            answer.ends_with("Connection: close\r\n\r\nfinished"),
            "{answer}"
        );
        drop(busy);
        assert_eq!(down.await, Ok(0));
        assert!(TcpStream::connect(addr).is_err());
    });
}

#[test]
fn a_shutdown_cuts_what_does_not_end() {
    on_runtime(async {
        let (in_handler_tx, in_handler) = chan(0);
        let (never_tx, never) = chan::<()>(0);
        let server = http::serve("127.0.0.1:0", move |_| {
            let (never, in_handler_tx) = (never.clone(), in_handler_tx.clone());
            async move {
                put!(in_handler_tx, ()).unwrap();
                take!(never);
                Response::text("late")
            }
        })
        .unwrap();
        let mut busy = TcpStream::connect(server.local_addr()).unwrap();
        busy.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            .unwrap();
        take!(in_handler).unwrap();
        assert_eq!(server.shutdown(ms(1)).await, 1);
        assert_eq!(busy.read(&mut [0]).unwrap(), 0);
        drop(never_tx);
        let incident = take!(server.incidents).unwrap();
        assert!(
            matches!(incident.error, HttpError::Connection(_)),
            "{}",
            incident.error
        );
    });
}

#[test]
fn a_dropped_server_frees_its_address() {
    let rt = runtime();
    let entered = rt.enter();
    let server = serving(Limits::default());
    let addr = server.local_addr();
    drop(server);
    while TcpStream::connect(addr).is_ok() {
        std::thread::yield_now();
    }
    drop(entered);
    ended(rt);
}
