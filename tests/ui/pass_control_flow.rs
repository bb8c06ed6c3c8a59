//! Labels, `let else`, `?` and early returns around park points.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    rust_2018_idioms,
    unused_qualifications
)]
use csp::prelude::*;

fn numbers(n: u64) -> Receiver<u64> {
    let (tx, rx) = chan(0);
    go!({
        for i in 0..n {
            if put!(tx, i).is_err() {
                return;
            }
        }
    });
    rx
}

fn main() {
    let (rows, columns) = (numbers(10), numbers(10));
    let sum = go!({
        let mut sum = 0;
        'rows: while let Some(row) = take!(rows) {
            loop {
                let Some(column) = take!(columns) else {
                    break 'rows;
                };
                if column % 2 == 0 {
                    continue 'rows;
                }
                sum += row * column;
            }
        }
        sum
    });
    assert!(sum.wait().is_ok());

    let text = numbers(1);
    let parsed = go!({
        let n: u64 = take!(text)
            .map_or_else(String::new, |n| n.to_string())
            .parse()?;
        Ok::<u64, std::num::ParseIntError>(n)
    });
    assert_eq!(parsed.wait().unwrap(), Ok(0));
}
