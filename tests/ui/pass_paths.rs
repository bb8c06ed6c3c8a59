//! No import is needed but for what is named without a path.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    rust_2018_idioms,
    unused_qualifications
)]

fn main() {
    let (tx, rx) = csp::chan::<u64>(0);
    csp::go!({
        csp::put!(tx, 1).ok();
    });
    let block = csp::go!({
        csp::alt! {
            v = csp::take!(rx) => v,
            _ = csp::take!(csp::timeout(csp::ms(10_000))) => None,
        }
    });
    assert_eq!(block.wait().unwrap(), Some(1));
}
