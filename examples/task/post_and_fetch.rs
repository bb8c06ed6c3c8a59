//! AX-25: create something on a server, then fetch it, from Task's README.
//!
//! The second request needs the first one's answer, so it is a step that gives another promise:
//! `and_then`, Task's `compose`. When the first fails, the second is never made.
//!
//! `cargo run --example ax_25_post_and_fetch`

use std::{
    error::Error,
    io::Write,
    sync::{Arc, Mutex},
};

use csp::{Promise, promise::go_try};
use csp_net::http::{self, Request, Response, Server};

/// Keeps what is posted to `/posts`, and notes every request.
#[derive(Default)]
struct Posts {
    all: Mutex<Vec<String>>,
    asked: Mutex<Vec<String>>,
}

impl Posts {
    async fn answer(&self, request: Request) -> Response {
        let line = format!("{} {}", request.method, request.path());
        lock(&self.asked).push(line.clone());
        if line == "POST /posts" {
            let Ok(post) = request.body.text(1000).await else {
                return Response::new(400);
            };
            let mut all = lock(&self.all);
            all.push(post);
            return Response::new(201).with_header("Location", format!("/posts/{}", all.len()));
        }
        let id = line
            .strip_prefix("GET /posts/")
            .and_then(|id| id.parse().ok());
        match id.and_then(|id: usize| lock(&self.all).get(id.checked_sub(1)?).cloned()) {
            Some(post) => Response::text(post),
            None => Response::new(404),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().expect("no panic under the lock")
}

/// Posts, and gives where the server says that it has put it.
fn post(url: String, text: &'static str) -> Promise<String> {
    go_try(async move {
        let answer = http::post(url, text).await?;
        match (answer.status, answer.headers.get("location")) {
            (201, Some(location)) => Ok(location.to_owned()),
            (status, _) => Err(format!("the server answers {status}").into()),
        }
    })
}

fn get(url: String) -> Promise<String> {
    go_try(async { Ok(http::get(url).await?.body.text(1 << 20).await?) })
}

fn post_and_fetch(server: &Server, path: &str, text: &'static str) -> Promise<String> {
    let base = server.url();
    post(format!("{base}{path}"), text).and_then(move |location| get(format!("{base}{location}")))
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let posts = Arc::new(Posts::default());
    let serving = Arc::clone(&posts);
    let server = http::serve("127.0.0.1:0", move |request| {
        let posts = Arc::clone(&serving);
        async move { posts.answer(request).await }
    })?;

    let created = post_and_fetch(&server, "/posts", "hello from csp");
    writeln!(out, "fetched: {}", created.wait()?)?;
    match post_and_fetch(&server, "/nowhere", "lost").wait() {
        Ok(text) => writeln!(out, "fetched: {text}")?,
        Err(failure) => writeln!(out, "not posted: {failure}")?,
    }
    writeln!(
        out,
        "the server was asked: {}",
        lock(&posts.asked).join(", ")
    )?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
