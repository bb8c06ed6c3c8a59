//! Buffers of one's own: a line that loses values at random, and a mailbox that loses a few values to a
//! slow reader before it makes the writer wait.
//!
//! `cargo run --example custom_buffer`
#![allow(clippy::print_stdout, reason = "it talks to its user")]

use std::collections::VecDeque;

use csp::{BufferPolicy, prelude::*};

/// Loses one value in `odds` or so. What gets through waits in line; a put parks when that is full.
struct Lossy<T> {
    line: VecDeque<T>,
    room: usize,
    odds: u64,
    dice: u64,
}

impl<T: Send> BufferPolicy<T> for Lossy<T> {
    fn len(&self) -> usize {
        self.line.len()
    }

    fn is_full(&self) -> bool {
        self.line.len() >= self.room
    }

    fn add(&mut self, value: T) -> Option<T> {
        // xorshift64: the same losses at every run
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        if self.dice.is_multiple_of(self.odds) {
            return Some(value); // what is given out here is dropped
        }
        self.line.push_back(value);
        None
    }

    fn remove(&mut self) -> Option<T> {
        self.line.pop_front()
    }
}

/// Drops the oldest value when it is full, but only `patience` times. Then puts park.
struct Patient<T> {
    line: VecDeque<T>,
    room: usize,
    patience: usize,
}

impl<T: Send> BufferPolicy<T> for Patient<T> {
    fn len(&self) -> usize {
        self.line.len()
    }

    fn capacity(&self) -> Option<usize> {
        Some(self.room)
    }

    fn is_full(&self) -> bool {
        self.line.len() >= self.room && self.patience == 0
    }

    fn add(&mut self, value: T) -> Option<T> {
        self.line.push_back(value);
        if self.line.len() <= self.room {
            return None;
        }
        self.patience -= 1;
        self.line.pop_front()
    }

    fn remove(&mut self) -> Option<T> {
        self.line.pop_front()
    }
}

/// Puts 1 to 20 and shows what comes through.
fn demonstrate(name: &str, buffer: Buffer<u32>) {
    let (tx, rx) = chan(buffer);
    let mut numbers = (1..21).peekable();
    while numbers.next_if(|&n| tx.try_put(n).is_ok()).is_some() {}
    let puts = 20 - numbers.len();
    println!(
        "{name}: {puts} puts without waiting left {} values",
        rx.len()
    );
    go!({
        // The others park until somebody takes.
        for n in numbers {
            put!(tx, n).ok();
        }
    });
    let came: Vec<u32> = rx.into_iter().collect();
    println!("  {} came through: {came:?}", came.len());
}

fn main() {
    let (line, dice) = (VecDeque::new(), 0x00C0_FFEE);
    demonstrate(
        "lossy",
        Buffer::custom(Lossy {
            line,
            room: 100,
            odds: 4,
            dice,
        }),
    );
    let line = VecDeque::new();
    demonstrate(
        "patient",
        Buffer::custom(Patient {
            line,
            room: 5,
            patience: 7,
        }),
    );
}
