//! The client, against servers written by hand.

use std::{
    io::{Read, Write},
    net::TcpListener,
};

use csp::prelude::*;
use csp_net::http::{self, Body, Client, HttpError, Limits, Request};

use crate::util::{on_runtime, polled};

/// A server that accepts one connection, reads a head, writes `answer` as `write` does, and gives what it
/// read. (The body that it reads is what came with the head.)
fn once(answer: &str, step: usize) -> (String, Go<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/path?q", listener.local_addr().unwrap());
    let answer = answer.to_owned();
    let served = thread(move || {
        let (mut raw, _) = listener.accept().unwrap();
        raw.set_nodelay(true).unwrap();
        let mut read = Vec::new();
        while !read.windows(4).any(|four| four == b"\r\n\r\n") {
            let mut bytes = [0; 1000];
            match raw.read(&mut bytes) {
                Ok(n @ 1..) => read.extend_from_slice(&bytes[..n]),
                _ => break,
            }
        }
        for bytes in answer.as_bytes().chunks(step) {
            // The client may have had enough.
            if raw.write_all(bytes).is_err() {
                break;
            }
        }
        String::from_utf8(read).unwrap()
    });
    (url, served)
}

async fn get(answer: &str, step: usize) -> Result<(u16, String), HttpError> {
    let (url, served) = once(answer, step);
    let response = http::get(url).await;
    let outcome = match response {
        Ok(response) => {
            let status = response.status;
            response.body.text(100_000).await.map(|text| (status, text))
        }
        Err(error) => Err(error),
    };
    served.await.unwrap();
    outcome
}

#[test]
fn any_framing_in_any_pieces() {
    let answers = [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            200,
            "hello",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more",
            200,
            "hello",
        ),
        ("HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", 404, ""),
        ("HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, "until the end"),
        ("HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, "until the end"),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        (
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
            304,
            "",
        ),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n\
             HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
            200,
            "ok",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
             5\r\nhello\r\n7;a=b\r\n, world\r\n0\r\nT: t\r\n\r\n",
            200,
            "hello, world",
        ),
    ];
    on_runtime(async move {
        for (answer, status, body) in answers {
            for step in [1, 2, 3, 1000] {
                let got = get(answer, step).await.unwrap();
                assert_eq!(got, (status, body.to_owned()), "{answer:?} by {step}");
            }
        }
    });
}

#[test]
fn what_is_no_response_is_an_error_that_names_it() {
    let answers = [
        ("", "in the middle of the response: it has none"),
        ("HTTP/1.1 200", "in the middle of the head"),
        ("no http\r\n\r\n", "malformed: invalid HTTP version"),
        ("HTTP/1.1 2000 OK\r\n\r\n", "malformed: "),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "malformed: Content-Length: x",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
            "not supported: Transfer-Encoding: gzip",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
            "in the middle of the body",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
            "in the middle of the body",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nabc\r\n",
            "malformed: the size of a chunk",
        ),
    ];
    on_runtime(async move {
        for (answer, named) in answers {
            let error = get(answer, 7).await.unwrap_err().to_string();
            assert!(
                error.contains(named),
                "{answer:?} gave {error:?}, not {named}"
            );
        }
        let endless = "HTTP/1.1 100 Continue\r\n\r\n".repeat(100);
        let error = get(&endless, 1000).await.unwrap_err().to_string();
        assert!(
            error.contains("interim responses: over the limit of 16"),
            "{error}"
        );
    });
}

#[test]
fn the_request_is_written_as_it_should() {
    on_runtime(async {
        let (url, served) = once("HTTP/1.1 204 No Content\r\n\r\n", 1000);
        let host = url
            .trim_start_matches("http://")
            .trim_end_matches("/path?q")
            .to_owned();
        http::get(&*url).await.unwrap();
        assert_eq!(
            served.await.unwrap(),
            format!("GET /path?q HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
        );
        let (url, served) = once("HTTP/1.1 201 Created\r\nLocation: /1\r\n\r\n", 1000);
        let request = Request::new("PUT", url)
            .with_header("host", "other")
            .with_header("Content-Length", "77")
            .with_header("Accept", "*/*")
            .with_body("body");
        let response = Client::default().send(request).await.unwrap();
        assert_eq!(response.headers.get("location"), Some("/1"));
        assert_eq!(
            served.await.unwrap(),
            "PUT /path?q HTTP/1.1\r\nhost: other\r\nAccept: */*\r\nContent-Length: 4\r\n\
             Connection: close\r\n\r\nbody"
        );
        drop(response);
        let (url, served) = once("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 1000);
        let response = http::send(Request::new("HEAD", url)).await.unwrap();
        assert_eq!(response.headers.get("content-length"), Some("9"));
        assert_eq!(response.body.text(9).await.unwrap(), "");
        assert!(
            served
                .await
                .unwrap()
                .starts_with("HEAD /path?q HTTP/1.1\r\n")
        );
    });
}

#[test]
fn errors_before_the_request() {
    on_runtime(async {
        let error = http::get("https://x/").await.unwrap_err();
        assert!(matches!(error, HttpError::Url(_)), "{error}");
        let error = http::send(Request::new("GE T", "http://x/"))
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), "malformed: \"GE T\" is no method");
        let addr = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let error = http::get(format!("http://{addr}/")).await.unwrap_err();
        assert!(matches!(error, HttpError::Connect(_)), "{error}");
        assert!(error.to_string().contains(&addr.to_string()), "{error}");
    });
}

#[test]
fn limits_hold_against_a_server() {
    on_runtime(async {
        let within = |limits| async {
            let (url, served) = once("HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n\r\n0123456789", 1000);
            let response = Client::within(limits).send(Request::new("GET", url)).await;
            let outcome = match response {
                Ok(response) => response.body.collect(5).await,
                Err(error) => Err(error),
            };
            served.await.unwrap();
            outcome.unwrap_err().to_string()
        };
        let limits = Limits::default;
        assert_eq!(within(limits()).await, "the body: over the limit of 5");
        let error = within(Limits {
            headers: 1,
            ..limits()
        })
        .await;
        assert_eq!(error, "the number of headers: over the limit of 1");
        let error = within(Limits {
            head: 30,
            ..limits()
        })
        .await;
        assert_eq!(error, "the head: over the limit of 30");
        let error = within(Limits {
            body: 4,
            ..limits()
        })
        .await;
        assert_eq!(error, "the body: over the limit of 4");
    });
}

#[test]
fn a_silent_server_is_left_after_the_idle_limit() {
    on_runtime(async {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let client = Client::within(Limits {
            idle: ms(5),
            ..Limits::default()
        });
        let error = client.send(Request::new("GET", url)).await.unwrap_err();
        assert_eq!(error.to_string(), "the head: did not come within 5ms");
    });
}

#[test]
fn a_body_that_fails_fails_the_request() {
    on_runtime(async {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (tx, rx) = chan(1);
        tx.try_put(b"a part".to_vec()).unwrap();
        tx.fail("the disk is gone");
        let error = http::post(url, Body::stream(rx))
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("the source of the body failed: the disk is gone"),
            "{error}"
        );
        let (mut raw, _) = listener.accept().unwrap();
        let mut read = String::new();
        raw.read_to_string(&mut read).unwrap();
        assert!(
            !read.contains("0\r\n\r\n"),
            "it must not look whole: {read}"
        );
    });
}

#[test]
fn cancelled_at_any_await_leaves_nothing() {
    on_runtime(async {
        let server = crate::util::serving(Limits::default());
        let url = format!("{}/echo", server.url());
        let mut done = 0;
        for times in 0.. {
            let url = url.clone();
            let asking = async {
                let (tx, rx) = chan(0);
                go!({
                    for n in 0..3_u8 {
                        if put!(tx, vec![n; 10]).is_err() {
                            break;
                        }
                    }
                });
                let response = http::post(url, Body::stream(rx)).await.unwrap();
                assert_eq!(response.body.collect(100).await.unwrap().len(), 30);
            };
            done += usize::from(polled(times, asking).await);
            if done == 5 {
                break;
            }
        }
        assert_eq!(server.shutdown(secs(60)).await, 0);
    });
}
