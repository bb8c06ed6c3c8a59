//! Bodies that stream, through server, client and proxy.

use std::{
    io::Write,
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use csp::prelude::*;
use csp_net::http::{self, Body, HttpError, Limits, Request, Response, Server};

use crate::util::{on_runtime, runtime, serving};

/// A body of `pieces` pieces of `len` bytes, and how many were taken of it.
fn counted(pieces: usize, len: usize) -> (Body, Arc<AtomicUsize>) {
    let (tx, rx) = chan(0);
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    go!({
        for n in 0..pieces {
            if put!(tx, vec![u8::try_from(n % 251).unwrap(); len]).is_err() {
                break;
            }
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    (Body::stream(rx), taken)
}

/// Checks the bytes of [`counted`], and gives how many there are.
async fn check(body: &Body, len: usize) -> usize {
    let mut at = 0;
    while let Some(chunk) = body.chunk().await.unwrap() {
        for byte in chunk {
            assert_eq!(usize::from(byte), at / len % 251, "at {at}");
            at += 1;
        }
    }
    at
}

#[test]
fn a_big_body_goes_there_and_back_in_chunks() {
    on_runtime(async {
        let server = serving(Limits::default());
        let (body, _) = counted(300, 10_000);
        let response = http::post(format!("{}/echo", server.url()), body)
            .await
            .unwrap();
        assert_eq!(response.headers.get("transfer-encoding"), Some("chunked"));
        assert_eq!(check(&response.body, 10_000).await, 3_000_000);
    });
}

#[test]
fn a_slow_consumer_holds_back_the_handler_s_stream() {
    const PIECES: usize = 640;
    const LEN: usize = 64 * 1024;
    on_runtime(async {
        let (taken_tx, takens) = chan(1);
        let server = http::serve("127.0.0.1:0", move |_| {
            let (body, taken) = counted(PIECES, LEN);
            taken_tx.try_put(taken).unwrap();
            async { Response::new(200).with_body(body) }
        })
        .unwrap();
        let response = http::get(server.url()).await.unwrap();
        let taken = take!(takens).unwrap();
        // It stops while nobody reads here: the same count for a good while.
        let (mut count, mut same) = (0, 0);
        while same < 5_000 {
            let now = taken.load(Ordering::Relaxed);
            (count, same) = if now == count {
                (now, same + 1)
            } else {
                (now, 0)
            };
            yield_now().await;
        }
        assert!(
            count < PIECES,
            "nobody reads, and the handler's stream ended"
        );
        assert_eq!(check(&response.body, LEN).await, PIECES * LEN);
    });
}

#[test]
fn dropping_a_response_s_body_ends_the_handler_s_stream() {
    on_runtime(async {
        let (taken_tx, takens) = chan(1);
        let server = http::serve("127.0.0.1:0", move |_| {
            let (tx, rx) = chan(0);
            let ended = go!({ while put!(tx, vec![0; 64 * 1024]).is_ok() {} });
            taken_tx.try_put(ended).unwrap();
            async { Response::new(200).with_body(Body::stream(rx)) }
        })
        .unwrap();
        let response = http::get(server.url()).await.unwrap();
        assert!(response.body.chunk().await.unwrap().is_some());
        drop(response);
        take!(takens).unwrap().await.unwrap();
    });
}

#[test]
fn a_stream_that_fails_is_not_taken_for_whole() {
    on_runtime(async {
        let server = http::serve("127.0.0.1:0", |_| async {
            let (tx, rx) = chan(1);
            tx.try_put(b"a part".to_vec()).unwrap();
            tx.fail("the database is gone");
            Response::new(200).with_body(Body::stream(rx))
        })
        .unwrap();
        let response = http::get(server.url()).await.unwrap();
        let error = response.body.collect(100).await.unwrap_err();
        assert!(
            matches!(error, HttpError::Ended(_) | HttpError::Connection(_)),
            "{error}"
        );
        let told = take!(server.incidents).unwrap().error.to_string();
        assert_eq!(told, "the source of the body failed: the database is gone");
    });
}

#[test]
fn a_sized_stream_has_to_keep_its_word() {
    on_runtime(async {
        let server = http::serve("127.0.0.1:0", |request: Request| async move {
            let len = request.query().unwrap().parse().unwrap();
            let (tx, rx) = chan(1);
            tx.try_put(b"12345".to_vec()).unwrap();
            Response::new(200).with_body(Body::sized(rx, len))
        })
        .unwrap();
        let get = |len: u64| http::get(format!("{}/?{len}", server.url()));
        assert_eq!(get(5).await.unwrap().body.text(9).await.unwrap(), "12345");
        for (len, told) in [(6, "1 bytes less"), (4, "more bytes")] {
            let whole = match get(len).await {
                Ok(response) => response.body.collect(9).await,
                Err(error) => Err(error),
            };
            assert!(whole.is_err(), "{len}: {whole:?}");
            let incident = take!(server.incidents).unwrap().error.to_string();
            assert!(incident.contains(told), "{incident}");
        }
    });
}

#[test]
fn an_early_answer_ends_the_upload() {
    on_runtime(async {
        let server = serving(Limits::default());
        let (tx, rx) = chan(0);
        let endless = go!({ while put!(tx, vec![0; 64 * 1024]).is_ok() {} });
        let url = format!("{}/unread", server.url());
        let response = http::post(url, Body::stream(rx)).await.unwrap();
        assert_eq!(response.body.text(100).await.unwrap(), "not read");
        endless.await.unwrap();
    });
}

#[test]
fn a_request_s_body_is_read_only_as_it_is_taken() {
    const MOST: usize = 256 << 20;
    on_runtime(async {
        let (bodies_tx, bodies) = chan(1);
        let server = http::serve_on(
            csp_net::tcp::listen("127.0.0.1:0").unwrap(),
            Limits::default(),
            move |request: Request| {
                bodies_tx.try_put(request.body).unwrap();
                async { Response::new(204) }
            },
        );
        let mut raw = TcpStream::connect(server.local_addr()).unwrap();
        write!(
            raw,
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {MOST}\r\n\r\n"
        )
        .unwrap();
        let body = take!(bodies).unwrap();
        raw.set_nonblocking(true).unwrap();
        let (mut written, mut refused) = (0, 0);
        while refused < 5_000 && written < MOST {
            match raw.write(&[0; 8 * 1024]) {
                Ok(n) => (written, refused) = (written + n, 0),
                Err(_) => refused += 1,
            }
            yield_now().await;
        }
        assert!(written < MOST, "nobody takes, and the peer could go on");
        // Not a close: that would be a reset, since the answer is unread.
        raw.shutdown(std::net::Shutdown::Write).unwrap();
        let mut read = 0;
        let error = loop {
            match body.chunk().await {
                Ok(chunk) => read += chunk.expect("it is cut short").len(),
                Err(error) => break error,
            }
        };
        assert_eq!(read, written);
        assert!(matches!(error, HttpError::Ended("the body")), "{error}");
    });
}

/// AX-01 in small: asks `origin` unless the path is evil, and streams both ways.
fn proxy(origin: String) -> Server {
    let proxied = move |request: Request| {
        let url = format!("{origin}{}", request.target);
        async move {
            if request.path() == "/evil" {
                return Response::new(403);
            }
            let asked = Request::new(request.method, url).with_body(request.body);
            match http::send(asked).await {
                Ok(answer) => Response::new(answer.status).with_body(answer.body),
                Err(error) => Response::new(502).with_body(error.to_string()),
            }
        }
    };
    http::serve("127.0.0.1:0", proxied).unwrap()
}

#[test]
fn a_proxy_streams_both_ways_at_once() {
    on_runtime(async {
        let origin = serving(Limits::default());
        let proxy = proxy(origin.url());
        let (tx, rx) = chan(0);
        let response = http::post(format!("{}/echo", proxy.url()), Body::stream(rx)).await;
        let body = response.unwrap().body;
        // Each piece comes back before the next is written.
        for n in 0..20 {
            let piece = format!("piece {n}").into_bytes();
            put!(tx, piece.clone()).unwrap();
            assert_eq!(body.chunk().await.unwrap(), Some(piece));
        }
        drop(tx);
        assert_eq!(body.chunk().await.unwrap(), None);

        let evil = http::get(format!("{}/evil", proxy.url())).await.unwrap();
        assert_eq!(evil.status, 403);
        assert_eq!(origin.shutdown(secs(60)).await, 0);
        let gone = http::get(format!("{}/hello", proxy.url())).await.unwrap();
        assert_eq!(gone.status, 502);
    });
}

#[test]
fn headers_keep_to_their_rules() {
    let panics = |name: &'static str, value: &'static str| {
        std::panic::catch_unwind(|| Response::new(200).with_header(name, value)).is_err()
    };
    assert!(panics("", "x") && panics("a b", "x") && panics("a\r\n", "x"));
    assert!(panics("a", "x\r\nb: c") && panics("a", "\0"));
    assert!(!panics("X-Fine", "tabs\tand ünï"));
}

#[test]
fn a_runtime_that_ends_cuts_bodies_short() {
    let rt = runtime();
    let body = rt.go(async {
        let server = serving(Limits::default());
        let (tx, rx) = chan(0);
        let response = http::post(format!("{}/echo", server.url()), Body::stream(rx)).await;
        put!(tx, b"a part".to_vec()).unwrap();
        let body = response.unwrap().body;
        assert_eq!(body.chunk().await.unwrap(), Some(b"a part".to_vec()));
        (body, tx, server)
    });
    let (body, _tx, _server) = body.wait().unwrap();
    rt.shutdown(ms(0)).unwrap();
    assert!(csp::block_on(body.chunk()).is_err(), "it seems whole");
}
