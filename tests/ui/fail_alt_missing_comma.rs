//! Two arms without a comma between them.
use csp::prelude::*;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        alt! {
            v = take!(rx) => v
            _ = take!(timeout(ms(5))) => None,
        };
    });
}
