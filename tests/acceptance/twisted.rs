//! Twisted's programs.

use crate::{assert_says, output};

#[path = "../../examples/twisted/basic_deferred.rs"]
mod basic_deferred;
#[path = "../../examples/twisted/callback.rs"]
mod callback;
#[path = "../../examples/twisted/factorial.rs"]
mod factorial;
#[path = "../../examples/twisted/upstream_request.rs"]
mod upstream_request;

/// AX-20
#[test]
fn ax_20_basic_deferred() {
    assert_says(&output(basic_deferred::run), &["All done! Value is 6"]);
}

/// AX-21: also 100,000 links deep, on a small stack.
#[test]
fn ax_21_factorial() {
    assert_says(
        &output(factorial::run),
        &[
            "All done! Value is 120",
            "All done! Value is 2432902008176640000",
            "100000 steps on a stack of 256 KiB",
        ],
    );
}

/// AX-22: called back at once, from another thread, and never.
#[test]
fn ax_22_callback() {
    assert_says(
        &output(callback::run),
        &[
            "All done! Value is 5",
            "All done! Value is 5",
            "Not done: abandoned by its settler",
        ],
    );
}

/// AX-23: 204 through both servers, then 500 and one line in the log.
#[test]
fn ax_23_upstream_request() {
    let output = output(upstream_request::run);
    let lines: Vec<_> = output.lines().collect();
    let [first, down, second, log, counts] = lines[..] else {
        panic!("five lines, and not {lines:#?}");
    };
    assert_eq!(
        [first, down, second, counts],
        [
            "status 204",
            "the upstream server is down",
            "status 500",
            "successes and failures: (1, 1)",
        ]
    );
    assert!(
        log.starts_with("log: upstream request failed: connecting to 127.0.0.1:"),
        "{log}"
    );
}
