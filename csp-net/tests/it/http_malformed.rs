//! What is no request: which status, and what the text names.

use csp_net::http::Limits;

use crate::util::{asking, text};

fn small() -> Limits {
    Limits {
        head: 300,
        headers: 4,
        body: 20,
        ..Limits::default()
    }
}

/// A request of HTTP/1.1 with these lines after its host.
fn post(rest: &str) -> String {
    format!("POST /text HTTP/1.1\r\nHost: x\r\n{rest}")
}

#[test]
fn bad_heads_are_answered_with_what_is_wrong() {
    let cases = [
        ("GET\r\n\r\n".to_owned(), 400, "invalid token"),
        ("GET / \r\n\r\n".to_owned(), 400, "invalid HTTP version"),
        (
            "GET / HTTP/2.0\r\n\r\n".to_owned(),
            400,
            "invalid HTTP version",
        ),
        ("\u{16}\u{3}\u{1}\r\n\r\n".to_owned(), 400, "invalid token"),
        ("GET /".to_owned(), 400, "in the middle of the head"),
        (
            "GET /hello HTTP/1.1\r\n\r\n".to_owned(),
            400,
            "exactly one Host header",
        ),
        (post("Host: y\r\n\r\n"), 400, "exactly one Host header"),
        (post("A b: c\r\n\r\n"), 400, "invalid header name"),
        (post("A : c\r\n\r\n"), 400, "invalid header name"),
        (post("no colon\r\n\r\n"), 400, "invalid header name"),
        (post("A: b\u{0}c\r\n\r\n"), 400, "invalid header value"),
        (post("A: 1\r\n folded\r\n\r\n"), 400, "invalid header name"),
    ];
    check(&cases);
}

#[test]
fn bad_lengths_and_long_ones_are_answered_with_what_is_wrong() {
    let long = "x".repeat(400);
    let cases = [
        (
            post("Content-Length: many\r\n\r\n"),
            400,
            "Content-Length: many",
        ),
        (
            post("Content-Length: -1\r\n\r\n"),
            400,
            "Content-Length: -1",
        ),
        (
            post("Content-Length: +1\r\n\r\nx"),
            400,
            "Content-Length: +1",
        ),
        (
            post("Content-Length: 1, 1\r\n\r\nx"),
            400,
            "Content-Length: 1, 1",
        ),
        (
            post("Content-Length: 1\r\nContent-Length: 2\r\n\r\nx"),
            400,
            "Content-Length: 1, 2",
        ),
        (
            post("Content-Length: 99999999999999999999\r\n\r\n"),
            400,
            "Content-Length: 999",
        ),
        (post("Content-Length:\r\n\r\n"), 400, "Content-Length: "),
        (
            post("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\nx"),
            400,
            "both Transfer-Encoding and Content-Length",
        ),
        (
            "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
            400,
            "in HTTP/1.0",
        ),
        (
            post("Transfer-Encoding: gzip, chunked\r\n\r\n"),
            501,
            "Transfer-Encoding: gzip, chunked",
        ),
        (
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"),
            501,
            "Transfer-Encoding: chunked, chunked",
        ),
        (
            post("Content-Length: 21\r\n\r\n"),
            413,
            "the body: over the limit of 20",
        ),
        (
            post("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n"),
            431,
            "headers: over the limit of 4",
        ),
        (
            post(&format!("A: {long}\r\n\r\n")),
            431,
            "the head: over the limit of 300",
        ),
        (
            post(&format!("A: {long}")),
            431,
            "the head: over the limit of 300",
        ),
        (
            format!("GET /{long}"),
            431,
            "the head: over the limit of 300",
        ),
    ];
    check(&cases);
}

/// Requests, with the status and a part of the text that they are answered with.
fn check(cases: &[(String, u16, &str)]) {
    asking(small(), |server| {
        for (request, status, named) in cases {
            let answer = text(server, request);
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")) && answer.contains(named),
                "{request:?} was answered with {answer:?}, not {status} and {named}"
            );
            assert!(answer.contains("\r\nConnection: close\r\n"));
            let incident = server.incidents.take_blocking().unwrap();
            assert!(
                incident.error.to_string().contains(named),
                "{}",
                incident.error
            );
        }
    });
}

#[test]
fn a_bad_chunk_fails_the_body() {
    let trailers = format!("0\r\nT: {}\r\n\r\n", "x".repeat(10_000));
    let extension = format!("1;{}\r\nx\r\n0\r\n\r\n", "x".repeat(2_000));
    let cases = [
        ("zz\r\nx\r\n0\r\n\r\n", "the size of a chunk"),
        ("\r\n", "the size of a chunk"),
        ("-1\r\nx\r\n0\r\n\r\n", "the size of a chunk"),
        ("11111111111111111\r\n", "the size of a chunk"),
        (&extension, "the size of a chunk"),
        ("2\r\nabc\r\n0\r\n\r\n", "a chunk is longer than its size"),
        ("1\r\nx\n0\r\n\r\n", "a chunk is longer than its size"),
        (&trailers, "the trailers are too long"),
        ("3\r\nabc\r\n", "in the middle of the body"),
        ("3\r\nabc\r\n0\r\n", "in the middle of the body"),
        (
            "15\r\n123456789012345678901\r\n0\r\n\r\n",
            "the body: over the limit of 20",
        ),
    ];
    asking(small(), |server| {
        for (body, named) in cases {
            let answer = text(
                server,
                post(&format!("Transfer-Encoding: chunked\r\n\r\n{body}")),
            );
            assert!(
                answer.starts_with("HTTP/1.1 422 ") && answer.contains(named),
                "{body:?} was answered with {answer:?}, not {named}"
            );
            assert_eq!(answer.matches("HTTP/1.1").count(), 1);
        }
    });
}
