//! `?` in a flow, and nothing that says what its error is.
use csp::prelude::*;

async fn fetch(n: u32) -> Result<u32, String> {
    Ok(n)
}

fn main() {
    go!({
        let sum = flow! {
            let a = fetch(1).await?;
            let b = fetch(2).await?;
            Ok(a + b)
        };
        drop(sum.await);
    });
}
