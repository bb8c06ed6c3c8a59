//! AX-31: whichever comes first of a promise, a channel and the time.
//!
//! Lamina's `poll` and `:timeout`, core.async's `alts!`: one `alt!` waits for all three, and exactly one
//! arm is done. What the others wait for is untouched.
//!
//! `cargo run --example ax_31_deadline`

use std::{error::Error, io::Write};

use csp::{Promise, prelude::*};

async fn first(answer: Promise<u32>, news: Receiver<&'static str>) -> String {
    alt! {
        answer = park!(answer) => match answer {
            Ok(n) => format!("the answer is {n}"),
            Err(failure) => format!("no answer: {failure}"),
        },
        Some(item) = take!(news) => format!("news: {item}"),
        _ = take!(timeout(ms(100))) => "timeout".to_owned(),
        else None => "closed".to_owned(),
    }
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let (news_tx, news) = chan(1);

    // The answer takes longer than the limit, and the news stay silent.
    let late = go(first(Promise::pending(), news.clone()));
    writeln!(out, "{}", late.wait()?)?;

    let fast = go(first(Promise::ready(42), news.clone()));
    writeln!(out, "{}", fast.wait()?)?;

    news_tx.put_blocking("rain")?;
    let told = go(first(Promise::pending(), news.clone()));
    writeln!(out, "{}", told.wait()?)?;

    drop(news_tx);
    let ended = go(first(Promise::pending(), news));
    writeln!(out, "{}", ended.wait()?)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
