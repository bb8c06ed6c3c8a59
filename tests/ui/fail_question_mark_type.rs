//! `?` needs a block whose value is a Result.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<String>(0);
    go!({
        let n: u64 = take!(rx).unwrap_or_default().parse()?;
        println!("{n}");
    });
}
