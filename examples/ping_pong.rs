//! Two go blocks and two channels: a ball goes to and fro.
//!
//! `cargo run --release --example ping_pong -- 1000000`
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it talks to its user"
)]

use std::time::Instant;

use csp::prelude::*;

fn main() {
    let rounds: u64 = match std::env::args().nth(1).map(|arg| arg.parse()) {
        None => 100_000,
        Some(Ok(rounds)) => rounds,
        Some(Err(error)) => {
            eprintln!("ping_pong: the number of rounds: {error}");
            std::process::exit(2);
        }
    };

    let (ping_tx, ping_rx) = chan(0);
    let (pong_tx, pong_rx) = chan(0);
    let start = Instant::now();

    go!({
        // Ends when the other block drops its end.
        while let Some(ball) = take!(ping_rx) {
            put!(pong_tx, ball + 1).ok();
        }
    });

    let score = go!({
        let mut ball = 0_u64;
        for _ in 0..rounds {
            put!(ping_tx, ball).ok();
            ball = take!(pong_rx).unwrap_or(0);
        }
        ball
    })
    .wait();

    let time = start.elapsed();
    assert_eq!(score, Ok(rounds), "every ball comes back");
    println!(
        "{rounds} round trips in {time:.2?}: {:?} each",
        time / u32::try_from(rounds.max(1)).unwrap_or(u32::MAX)
    );
}
