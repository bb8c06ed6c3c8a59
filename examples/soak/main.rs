//! Random topologies under random cancellation, for as long as you like, with every value counted:
//!
//! ```sh
//! cargo run --release --example soak -- --minutes 5 --seed 1 --chaos
//! ```
//!
//! Each round builds one topology on a runtime, runs it, and waits for its end. Then no block is left, and each value
//! that was made was delivered, given back, or dropped where a rule says so: by a buffer that drops, or with
//! what was cancelled. Memory must be flat over the second half. `--seconds 20` is the short form for CI.

mod book;
mod memory;
mod topologies;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use csp::Runtime;

use crate::{
    book::{Book, Dice},
    memory::Memory,
    topologies::TOPOLOGIES,
};

/// How long the blocks of a round may take to end before it counts as hung.
const LIMIT: Duration = Duration::from_secs(30);
const TELL_EVERY: Duration = Duration::from_secs(10);
/// With `CSP_CHAOS` as with `--chaos`, the seed of the dice goes on with the rounds.
const WORKERS: usize = 4;

struct Options {
    time: Duration,
    seed: u64,
    chaos: bool,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        time: Duration::from_mins(1),
        seed: 1,
        chaos: false,
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut number = || -> Result<u64, String> {
            let text = args.next().unwrap_or_default();
            text.parse()
                .map_err(|_| format!("{arg} needs a whole number, not {text:?}"))
        };
        match arg.as_str() {
            "--minutes" => options.time = Duration::from_secs(60 * number()?),
            "--seconds" => options.time = Duration::from_secs(number()?),
            "--seed" => options.seed = number()?,
            "--chaos" => options.chaos = true,
            _ => {
                return Err(format!(
                    "{arg}: there are --minutes N, --seconds N, --seed N, --chaos"
                ));
            }
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    let end = options().and_then(|options| soak(&options));
    match end {
        Ok(summary) => {
            tell(&summary);
            ExitCode::SUCCESS
        }
        Err(problem) => {
            tell(&format!("FAILED: {problem}"));
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "a program that reports its progress")]
fn tell(text: &str) {
    println!("{text}");
}

fn soak(options: &Options) -> Result<String, String> {
    csp::promise::set_unhandled_hook(|_| ());
    let mut builder = Runtime::builder()
        .workers(WORKERS)
        .tick(Duration::from_millis(1))
        .name("soak");
    if options.chaos {
        builder = builder.chaos(options.seed);
    }
    let rt = builder.build();
    let begun = Instant::now();
    let mut memory = Memory::default();
    let mut told = begun;
    let mut total = book::Sum::default();
    let mut rounds = 0_u64;
    while begun.elapsed() < options.time {
        let seed = options.seed.wrapping_mul(1_000_003).wrapping_add(rounds);
        total += round(&rt, seed)?;
        rounds += 1;
        memory.look(begun.elapsed());
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            tell(&format!(
                "{:5.0} s  {rounds} rounds  {total}  {memory}",
                begun.elapsed().as_secs_f64()
            ));
        }
    }
    memory.is_flat()?;
    rt.shutdown(LIMIT).map_err(|error| error.to_string())?;
    Ok(format!(
        "ok: {:.0} s, seed {}, {rounds} rounds, {total}, {memory}",
        begun.elapsed().as_secs_f64(),
        options.seed
    ))
}

/// One topology, from beginning to end.
fn round(rt: &Runtime, seed: u64) -> Result<book::Sum, String> {
    let mut dice = Dice::new(seed);
    let (name, build) = TOPOLOGIES[dice.index(TOPOLOGIES.len())];
    let book = Book::default();
    let failed = |what: String| format!("{name}, seed {seed}: {what}");
    let lossless = {
        let _entered = rt.enter();
        build(&book, &mut dice)
    };
    let begun = Instant::now();
    while rt.live() > 0 {
        if begun.elapsed() > LIMIT {
            return Err(failed(format!("{} blocks do not end", rt.live())));
        }
        std::thread::sleep(Duration::from_micros(100));
    }
    // What a block returned is dropped with its last handle, a moment after the block has ended.
    while book.sum().open() != 0 && begun.elapsed() < LIMIT {
        std::thread::sleep(Duration::from_micros(100));
    }
    let sum = book.sum();
    if sum.open() != 0 {
        return Err(failed(format!("the count is off: {sum}")));
    }
    if sum.dropped > lossless {
        return Err(failed(format!(
            "{} dropped, where at most {lossless} may be: {sum}",
            sum.dropped
        )));
    }
    Ok(sum)
}
