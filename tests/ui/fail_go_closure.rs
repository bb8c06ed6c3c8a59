//! A closure as the block would be its value, and never run.
use csp::prelude::*;

fn main() {
    go!(|| println!("never"));
    go!(move |n: u64| n);
    go!(async move || 1);
}
