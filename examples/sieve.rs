//! The concurrent prime sieve: a chain of go blocks, one for each prime, each of which lets through what
//! its prime does not divide. Hoare's CSP paper has it, and Go's first tour.
//!
//! `cargo run --release --example sieve -- 20`
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it talks to its user"
)]

use csp::prelude::*;

/// Passes on what `prime` does not divide.
fn filter(prime: u64, numbers: Receiver<u64>) -> Receiver<u64> {
    let (tx, rx) = chan(0);
    go!({
        while let Some(n) = take!(numbers) {
            if n % prime != 0 && put!(tx, n).is_err() {
                break; // nobody wants more primes
            }
        }
    });
    rx
}

fn main() {
    let count: usize = match std::env::args().nth(1).map(|arg| arg.parse()) {
        None => 20,
        Some(Ok(count)) => count,
        Some(Err(error)) => {
            eprintln!("sieve: the number of primes: {error}");
            std::process::exit(2);
        }
    };

    let (tx, mut numbers) = chan(0);
    go!({
        for n in 2.. {
            if put!(tx, n).is_err() {
                break;
            }
        }
    });

    for _ in 0..count {
        // The first number that got through every filter is the next prime.
        let prime = numbers
            .take_blocking()
            .expect("there are always more primes");
        println!("{prime}");
        numbers = filter(prime, numbers);
    }
}
