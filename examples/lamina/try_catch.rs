//! AX-06: try and catch around what is asynchronous, from Zach Tellman's talk on Lamina.
//!
//! An error need not be handled where it happens: the history's service fails, the catch arm supplies an
//! empty one, and the answer is made all the same. In Rust try and catch are a `match`.
//!
//! `cargo run --example ax_06_try_catch`

use std::{error::Error, io::Write};

use csp::prelude::*;

/// A server that does not answer.
#[derive(Debug)]
struct Down(&'static str);

async fn get_history(user: &str) -> Result<Vec<&'static str>, Down> {
    yield_now().await; // asks a server, say
    match user {
        "alice" => Ok(vec!["tea", "cake"]),
        _ => Err(Down("the history's server is down")),
    }
}

async fn get_name(user: &str) -> Result<String, Down> {
    yield_now().await;
    Ok(user.to_uppercase())
}

async fn handler(user: &'static str, log: Sender<String>) -> Result<String, Down> {
    flow! {
        let history = match get_history(user).await {
            Ok(history) => history,
            Err(Down(why)) => {
                // To catch may take its time as well.
                put!(log, format!("{user}: {why}")).ok();
                vec![]
            }
        };
        let name = get_name(user).await?; // meanwhile; this one would end the flow
        Ok(format!("{name} bought {history:?}"))
    }
    .await
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let (log_tx, log) = chan(1);
    for user in ["alice", "bob"] {
        let response = go(handler(user, log_tx.clone()));
        match response.wait()? {
            Ok(response) => writeln!(out, "{response}")?,
            Err(Down(why)) => writeln!(out, "no response: {why}")?,
        }
        if let Ok(caught) = log.try_take() {
            writeln!(out, "caught: {caught}")?;
        }
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
