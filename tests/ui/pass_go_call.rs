//! A call alone: what an `async fn` gives is run, and any other value is the block's.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    rust_2018_idioms,
    unused_qualifications
)]
use csp::prelude::*;

async fn double(n: u32) -> u32 {
    sleep(ms(1)).await;
    2 * n
}

fn plain(n: u32) -> Result<u32, String> {
    Ok(n)
}

fn boxed() -> std::pin::Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(double(4))
}

struct Server(u32);

impl Server {
    async fn run(self) -> u32 {
        double(self.0).await
    }

    fn port(&self) -> u32 {
        self.0
    }
}

fn generic<T: Default + Send + 'static>() -> T {
    T::default()
}

mod deep {
    pub(crate) async fn f() -> &'static str {
        "deep"
    }
}

fn main() {
    assert_eq!(go!(double(21)).wait(), Ok(42));
    assert_eq!(go! { double(1) }.wait(), Ok(2));
    assert_eq!(go!(plain(7)).wait(), Ok(Ok(7)));
    assert_eq!(go!(Some(3)).wait(), Ok(Some(3)));
    assert_eq!(go!(boxed()).wait(), Ok(8));
    assert_eq!(go!(deep::f()).wait(), Ok("deep"));
    let server = Server(80);
    assert_eq!(go!({ server.port() }).wait(), Ok(80));
    let server = Server(80);
    assert_eq!(go!(server.run()).wait(), Ok(160));
    let zero: Go<u64> = go!({ generic() });
    assert_eq!(zero.wait(), Ok(0));
    let unit = go!(drop(String::new()));
    assert_eq!(unit.wait(), Ok(()));
    let zero = go!(generic::<u8>());
    assert_eq!(zero.wait(), Ok(0));
}
