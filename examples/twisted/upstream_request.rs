//! AX-23: a handler that asks another server, from Dave King's talk on Twisted, with its slips mended.
//!
//! ```text
//! GET /, Cookie: sessionId=7 ─▸ look up the account ─▸ GET /v1/42 upstream ─▸ 204: count, 204
//!                               on a thread           │
//!                                                     ╰──── any failure ────▸ log, count, 500
//! ```
//! The lookup blocks, so it runs on a thread: Twisted's `deferToThread`. The rest is a chain of steps.
//!
//! `cargo run --example ax_23_upstream_request`

use std::{
    error::Error,
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use csp::{Promise, prelude::*, promise::go_try};
use csp_net::http::{self, Request, Response};

struct App {
    /// Where the upstream server is.
    upstream: String,
    log: Sender<String>,
    successes: AtomicUsize,
    failures: AtomicUsize,
}

/// A session's account, from a database that blocks.
fn account_of(session: &str) -> Result<u32, csp::Error> {
    std::thread::sleep(ms(5));
    match session {
        "7" => Ok(42),
        other => Err(format!("no session {other:?}").into()),
    }
}

fn session_id(request: &Request) -> String {
    let cookies = request.headers.get("cookie").unwrap_or_default();
    let session = cookies
        .split("; ")
        .find_map(|cookie| cookie.strip_prefix("sessionId="));
    session.unwrap_or_default().to_owned()
}

impl App {
    fn success(&self, answer: &Response) -> Response {
        self.successes.fetch_add(1, Ordering::Relaxed);
        Response::new(answer.status)
    }

    fn failure(&self, why: &Failure<csp::Error>) -> Response {
        self.failures.fetch_add(1, Ordering::Relaxed);
        // A log that is full loses the line, and holds nobody up.
        self.log
            .try_put(format!("upstream request failed: {why}"))
            .ok();
        Response::new(500)
    }

    fn respond(self: Arc<Self>, request: &Request) -> Promise<Response> {
        let (app, session) = (Arc::clone(&self), session_id(request));
        Promise::from(thread(move || account_of(&session)))
            .and_then(|account| account)
            .and_then(move |account| {
                let url = format!("{}/v1/{account}", app.upstream);
                go_try(async { Ok(http::get(url).await?) })
            })
            .then(move |outcome| {
                Ok(match outcome {
                    Ok(answer) => self.success(&answer),
                    Err(why) => self.failure(&why),
                })
            })
    }
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let upstream = http::serve("127.0.0.1:0", async |request: Request| {
        Response::new(if request.path() == "/v1/42" { 204 } else { 404 })
    })?;
    let (log_tx, log) = chan(8);
    let app = Arc::new(App {
        upstream: upstream.url(),
        log: log_tx,
        successes: AtomicUsize::new(0),
        failures: AtomicUsize::new(0),
    });
    let serving = Arc::clone(&app);
    let server = http::serve("127.0.0.1:0", move |request| {
        let response = Arc::clone(&serving).respond(&request);
        async { response.await.unwrap_or_else(|_| Response::new(500)) }
    })?;

    let url = server.url();
    let ask = || {
        let request = Request::new("GET", &url).with_header("Cookie", "theme=dark; sessionId=7");
        csp::block_on(http::send(request))
    };
    writeln!(out, "status {}", ask()?.status)?;
    csp::block_on(upstream.shutdown(secs(10)));
    writeln!(out, "the upstream server is down")?;
    writeln!(out, "status {}", ask()?.status)?;
    while let Ok(line) = log.try_take() {
        writeln!(out, "log: {line}")?;
    }
    let counts = (&app.successes, &app.failures);
    writeln!(out, "successes and failures: {counts:?}")?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
