//! The examples of pipelines.

use crate::output;

#[path = "../../examples/lamina/collatz.rs"]
mod collatz;
#[path = "../../examples/lamina/count_to_five.rs"]
mod count_to_five;
#[path = "../../examples/lamina/error_redirect.rs"]
mod error_redirect;
#[path = "../../examples/lamina/nested_pipelines.rs"]
mod nested_pipelines;
#[path = "../../examples/lamina/query_handler.rs"]
mod query_handler;
#[path = "../../examples/lamina/read_channel.rs"]
mod read_channel;
#[path = "../../examples/lamina/retry.rs"]
mod retry;

#[test]
fn ax_09_query_handler() {
    let expected = ["synchronous", "callbacks", "pipeline"].map(|version| {
        format!(
            "{version}, q: rows [\"ANN\", \"BOB\"], log []\n\
             {version}, x: rows [], log [\"no such query: x\"]\n"
        )
    });
    assert_eq!(output(query_handler::run), expected.concat());
}

#[test]
fn ax_10_read_channel() {
    assert_eq!(output(read_channel::run), "3\n3\n(success, 3)\n");
}

#[test]
fn ax_11_nested_pipelines() {
    assert_eq!(
        output(nested_pipelines::run),
        "100 of 100 inputs give equal outputs\n"
    );
}

#[test]
fn ax_13_collatz() {
    assert_eq!(
        output(collatz::run),
        "27: 1 after 111 hops\n1: 1 after 0 hops\n837799: 1 after 524 hops\n"
    );
}

#[test]
fn ax_14_count_to_five() {
    assert_eq!(output(count_to_five::run), "5\n5\n");
}

#[test]
fn ax_15_retry() {
    assert_eq!(
        output(retry::run),
        "0 failures: 1 after 1 attempts\n\
         3 failures: 1 after 4 attempts\n\
         10000 failures: 1 after 10001 attempts\n\
         at most 3 restarts: attempt 3 failed, after 4 attempts\n"
    );
}

#[test]
fn ax_16_error_redirect() {
    assert_eq!(
        output(error_redirect::run),
        "output: logged\nlog: something risky failed: something sure to fail\n"
    );
}
