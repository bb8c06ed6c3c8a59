#![cfg(unix)]

use std::{ffi::OsString, time::Duration};

use csp_peers::{figures::Sample, json, run};

/// Runs a shell script as if it were an implementation.
fn run(script: &str, limit: Duration) -> Result<Sample, String> {
    run::run(&["sh", "-c"].map(OsString::from), &[script], limit)
}

const LONG: Duration = Duration::from_mins(1);

#[test]
fn the_last_line_is_the_sample() {
    let sample = run(
        r#"echo hello; echo '{"operations":10,"cpu_ns":500,"wall_ns":1000,"peak_rss":4096,"lost":1,"right":false,"p99_us":2.5}'"#,
        LONG,
    )
    .expect("it is understood");
    assert_eq!(
        (sample.operations, sample.cpu_ns, sample.lost),
        (10.0, 500.0, 1.0)
    );
    assert!(!sample.right);
    assert_eq!(sample.extra, [("p99_us".to_owned(), 2.5)]);
}

#[test]
fn what_takes_too_long_is_ended() {
    let error = run("sleep 5; true", Duration::ZERO).expect_err("it takes too long");
    assert_eq!(error, "did not finish in 0 s");
}

#[test]
fn a_failure_is_told_with_what_was_said() {
    let error = run("echo 'out of memory' >&2; exit 3", LONG).expect_err("it fails");
    assert!(
        error.contains('3') && error.contains("out of memory"),
        "{error}"
    );
}

#[test]
fn much_output_does_not_block_it() {
    let error = run("seq 100000 >&2; seq 100000", LONG).expect_err("it is no sample");
    assert!(error.contains("not an object of numbers"), "{error}");
}

#[test]
fn a_line_without_a_field_is_an_error() {
    let error = run(r#"echo '{"operations":10}'"#, LONG).expect_err("a field is missing");
    assert!(error.contains("no cpu_ns"), "{error}");
}

#[test]
fn strings_are_quoted_as_json_has_it() {
    assert_eq!(json::string("a\"b\\c\n\u{1}"), r#""a\"b\\c\n\u0001""#);
    assert_eq!(json::number(f64::NAN), "null");
}
