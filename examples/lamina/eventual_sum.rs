//! AX-03: a sum that is not there yet, from Zach Tellman's talk on Lamina.
//!
//! `2 + request()` is a number only if somebody blocks until the request is answered. Here the sum is a
//! promise, as the number is, and nobody blocks: the program asks, goes on, and answers its own request.
//!
//! `cargo run --example ax_03_eventual_sum`

use std::{error::Error, io::Write};

use csp::{Promise, Resolver, prelude::*, promise};

/// Asks for a number; whoever has the resolver answers.
fn request_a_number() -> (Resolver<u32>, Promise<u32>) {
    promise()
}

/// The program; what it has to say goes to `out`.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    // As a step that runs when the number is there.
    let (request, number) = request_a_number();
    let sum = number.map(|n| 2 + n);
    writeln!(out, "is the sum there? {}", sum.is_settled())?;
    request.fulfill(40).expect("the sum wants it");
    writeln!(out, "2 + 40 = {}", sum.wait()?)?;

    // As a go block, which parks and holds no thread. Lamina writes `(async (+ 2 (request-a-number)))`.
    let (request, number) = request_a_number();
    let sum = go!({ number.await.map(|n| 2 + n) });
    request.fulfill(40).expect("the sum wants it");
    writeln!(out, "2 + 40 = {}", sum.wait()??)?;

    // As a flow, whose bindings wait for what they name.
    let (request, number) = request_a_number();
    let sum = go!({
        flow! {
            let n = number.await?;
            Ok::<u32, csp::Error>(2 + n)
        }
        .await
    });
    request.fulfill(40).expect("the sum wants it");
    writeln!(out, "2 + 40 = {}", sum.wait()??)?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut std::io::stdout())
}
