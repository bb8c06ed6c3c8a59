//! Two statements change one variable: they run at the same time.
use csp::prelude::*;

async fn next(n: &mut u32) -> u32 {
    *n += 1;
    *n
}

fn main() {
    go!({
        let mut n = 0;
        flow! {
            let a = next(&mut n).await;
            let b = next(&mut n).await + a;
            b
        }
        .await
    });
}
