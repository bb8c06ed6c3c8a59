//! Park points in the statements of a flow are the block's, and checked as its others are.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u32>(0);
    go!({
        flow! {
            let a = Some(1).map(|n| n + take!(rx).unwrap());
            detach rx.take_blocking();
            a
        }
        .await
    });
}
