//! AX-01: a whitelist proxy, the "simple example" of Zach Tellman's talk on Lamina.
//!
//! The proxy needs a request's head, the whitelist's verdict and the request's body. With callbacks every
//! order in which these may arrive is a case of its own ("but what if the body arrived first?"). Here each
//! is a channel that keeps what has come (a body is a channel of bytes), and the handler takes from them in
//! the order in which *it* needs them, so there is one case.
//!
//! `cargo run --example ax_01_whitelist_proxy`

use std::{error::Error, io::Write};

use csp::{Local, prelude::*};
use csp_net::http::{self, Body, HttpError, Request, Response, Server};

/// Forwards the request if it may, and streams the answer back. `head` is the request without its body.
async fn handle(
    head: Receiver<Request>,
    allowed: Receiver<bool>,
    body: Body,
    origin: String,
) -> Response {
    let Some(head) = take!(head) else {
        return Response::new(400);
    };
    match take!(allowed) {
        Some(true) => {}
        Some(false) => return Response::new(403),
        None => return Response::new(503), // the whitelist does not answer
    }
    let forward = Request::new(&head.method, format!("{origin}{}", head.target)).with_body(body);
    match http::send(forward).await {
        Ok(answer) => Response::new(answer.status).with_body(answer.body),
        Err(error) => Response::new(502).with_body(error.to_string()),
    }
}

/// Answers with what it is sent, and puts the path of every request into `asked`.
fn serve_origin(asked: Sender<String>) -> std::io::Result<Server> {
    http::serve("127.0.0.1:0", move |request: Request| {
        asked.try_put(request.path().to_owned()).ok();
        async { Response::new(200).with_body(request.body) }
    })
}

/// Answers 204 for what is allowed. Each answer waits for a value in `gate`.
fn serve_whitelist(gate: Receiver<()>) -> std::io::Result<Server> {
    http::serve("127.0.0.1:0", move |request: Request| {
        let gate = gate.clone();
        async move {
            take!(gate);
            Response::new(if request.path() == "/evil" { 403 } else { 204 })
        }
    })
}

/// The proxy itself: starts to ask the whitelist, and hands all three channels to the handler.
fn serve_proxy(origin: String, whitelist: String) -> std::io::Result<Server> {
    http::serve("127.0.0.1:0", move |mut request: Request| {
        let body = std::mem::take(&mut request.body);
        let question = format!("{whitelist}{}", request.path());
        let (allowed_tx, allowed) = chan(1);
        go!({
            if let Ok(answer) = http::get(question).await {
                allowed_tx.try_put(answer.is_ok()).ok();
            }
        });
        let head = to_chan([request]);
        handle(head, allowed, body, origin.clone())
    })
}

const PIECES: [&str; 3] = ["some bytes, ", "then more, ", "then the end"];

/// The handler's answer, when the three arrive in this order.
fn in_order(order: &[&str; 3], path: &str, origin: &Server) -> Result<String, HttpError> {
    let ((head_tx, head), (allowed_tx, allowed), (body_tx, body)) = (chan(1), chan(1), chan(3));
    let local = Local::new();
    let body = Body::stream(body);
    let response = local.go(handle(head, allowed, body, origin.url()));
    for arrival in order {
        match *arrival {
            "head" => head_tx
                .try_put(Request::new("POST", path))
                .expect("there is room"),
            "verdict" => allowed_tx.try_put(path != "/evil").expect("there is room"),
            _ => {
                for piece in PIECES {
                    // It fails if the handler has answered already and wants no body.
                    body_tx.try_put(piece.as_bytes().to_vec()).ok();
                }
                body_tx.close();
            }
        }
        local.run_until_idle(); // the handler goes on as far as it can
    }
    local.run_until(async { text_of(response.await.expect("it does not panic")).await })
}

async fn text_of(response: Response) -> Result<String, HttpError> {
    let status = response.status;
    Ok(format!("{status} {:?}", response.body.text(1000).await?))
}

/// The same through the proxy: three sockets, and a body that is sent before the verdict, or after it.
async fn over_sockets(
    path: &str,
    early: bool,
    proxy: &Server,
    gate: &Sender<()>,
) -> Result<String, HttpError> {
    let (body_tx, body) = chan(0);
    let request = Request::new("POST", format!("{}{path}", proxy.url()));
    let response = go(http::send(request.with_body(Body::stream(body))));
    if !early {
        put!(gate, ()).ok();
    }
    for piece in PIECES {
        // It fails if the proxy has answered and wants no body.
        put!(body_tx, piece.as_bytes().to_vec()).ok();
    }
    drop(body_tx);
    if early {
        put!(gate, ()).ok();
    }
    text_of(response.await.expect("it does not panic")?).await
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let (asked_tx, asked) = chan(100);
    let (gate_tx, gate) = chan(1);
    let origin = serve_origin(asked_tx)?;
    let whitelist = serve_whitelist(gate)?;
    let proxy = serve_proxy(origin.url(), whitelist.url())?;

    for order in [
        ["head", "verdict", "body"],
        ["head", "body", "verdict"],
        ["verdict", "head", "body"],
        ["verdict", "body", "head"],
        ["body", "head", "verdict"],
        ["body", "verdict", "head"],
    ] {
        writeln!(out, "{}:", order.join(", "))?;
        for path in ["/ok", "/evil"] {
            let answer = in_order(&order, path, &origin)?;
            writeln!(out, "  {path}: {answer}")?;
        }
    }
    for (early, when) in [(true, "before"), (false, "after")] {
        writeln!(out, "over sockets, body {when} verdict:")?;
        for path in ["/ok", "/evil"] {
            let answer = csp::block_on(over_sockets(path, early, &proxy, &gate_tx))?;
            writeln!(out, "  {path}: {answer}")?;
        }
    }
    drop((origin, proxy));
    let asked: Vec<String> = asked.into_iter().collect();
    writeln!(out, "the origin was asked for {}", asked.join(" "))?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
