//! `?` in a flow whose value is no `Result`.
use csp::prelude::*;

async fn fetch(n: u32) -> Result<u32, String> {
    Ok(n)
}

fn main() {
    go!({
        flow! {
            let a = fetch(1).await?;
            let b = fetch(2).await?;
            a + b
        }
        .await
    });
}
