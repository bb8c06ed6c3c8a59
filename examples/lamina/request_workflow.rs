//! AX-02: a request workflow, from Zach Tellman's talk on Lamina.
//!
//! The answer needs the session, and the user's history and location. What the session has of these is not
//! asked for; what it has not is asked for at the same time, since neither names the other. `flow!` is
//! Lamina's `async`: the code is that of the synchronous program, and the expression of its dataflow.
//!
//! `cargo run --example ax_02_request_workflow`

use std::{
    error::Error,
    io::Write,
    sync::{Arc, Mutex},
    time::Instant,
};

use csp::{Runtime, prelude::*};

#[derive(Clone, Copy, Default)]
struct Session {
    history: Option<&'static str>,
    location: Option<&'static str>,
}

/// Three services, each of which answers after 50 ms, and a log of what they did.
#[derive(Clone, Default)]
struct Services {
    session: Session,
    log: Arc<Mutex<Vec<String>>>,
}

impl Services {
    async fn ask<T>(&self, service: &str, answer: T) -> Result<T, csp::Error> {
        self.note(format!("+{service}"));
        sleep(ms(50)).await;
        self.note(format!("-{service}"));
        Ok(answer)
    }

    fn note(&self, what: String) {
        self.log.lock().expect("no panic under the lock").push(what);
    }
}

async fn handler(request: &str, services: &Services) -> Result<String, csp::Error> {
    flow! {
        let session = services.ask("session", services.session).await?;
        let history = match session.history {
            Some(history) => history,
            None => services.ask("history", "tea").await?,
        };
        let location = match session.location {
            Some(location) => location,
            None => services.ask("location", "Paris").await?,
        };
        Ok(format!("{request}: more {history} in {location}"))
    }
    .await
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    // Timeouts end at the next tick: every millisecond, here.
    let rt = Runtime::builder().tick(ms(1)).build();
    let empty = Session::default();
    let with_history = Session {
        history: Some("tea"),
        ..empty
    };
    let with_both = Session {
        location: Some("Paris"),
        ..with_history
    };
    for (name, session) in [
        ("empty", empty),
        ("with history", with_history),
        ("with both", with_both),
    ] {
        let services = Services {
            session,
            ..Services::default()
        };
        let asked = services.clone();
        let start = Instant::now();
        let answer = rt.go(async move { handler("GET /offers", &asked).await });
        let answer = answer.wait()??;
        let time = start.elapsed().as_millis();
        let log = services
            .log
            .lock()
            .expect("no panic under the lock")
            .join(" ");
        writeln!(out, "a session {name}: {answer}")?;
        writeln!(out, "  {log}")?;
        writeln!(out, "  {time} ms")?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
