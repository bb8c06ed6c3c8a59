//! Operations that stop a thread stop a worker, and every block on it.
use csp::prelude::*;

fn main() {
    let (tx, rx) = chan::<u64>(0);
    go!({
        rx.take_blocking();
        let _ = rx.take_blocking_for(ms(1));
        tx.put_blocking(1).ok();
        let _ = tx.put_blocking_for(1, ms(1));
        for v in rx.iter_blocking() {
            println!("{v}");
        }
    });
}
