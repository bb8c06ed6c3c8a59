//! The programs of Task, a Clojure library.

use crate::{assert_says, output};

#[path = "../../examples/task/by_hand.rs"]
mod by_hand;
#[path = "../../examples/task/get_title.rs"]
mod get_title;
#[path = "../../examples/task/guide.rs"]
mod guide;
#[path = "../../examples/task/post_and_fetch.rs"]
mod post_and_fetch;
#[path = "../../examples/task/sequences.rs"]
mod sequences;
#[path = "../../examples/task/two_executors.rs"]
mod two_executors;
#[path = "../../examples/task/whoops.rs"]
mod whoops;

/// AX-24
#[test]
fn ax_24_get_title() {
    assert_says(
        &output(get_title::run),
        &["EA MOLESTIAS QUASI EXERCITATIONEM REPELLAT QUI IPSA SIT AUT"],
    );
}

/// AX-24: the string is that of the key, whatever else looks like it.
#[test]
fn ax_24_the_string_of_a_key() {
    let string_of = |json| get_title::string_of(json, "title");
    let found = |text: &str| Some(text.to_owned());
    assert_eq!(string_of(r#"{"title":"a"}"#), found("a"));
    assert_eq!(
        string_of(r#"{"a":"title","b":"x\"title\":","title" : "\u00e4\n\\\/"}"#),
        found("\u{e4}\n\\/")
    );
    assert_eq!(string_of(r#"{"a":"title","b":["title"]}"#), None);
    assert_eq!(string_of(r#"{"title":3}"#), None);
    assert_eq!(string_of(r#"{"title":"cut sho"#), None);
    assert_eq!(string_of(r#"{"title":"\u00"}"#), None);
    assert_eq!(string_of(""), None);
}

/// AX-25: a post that fails is not fetched.
#[test]
fn ax_25_post_and_fetch() {
    assert_says(
        &output(post_and_fetch::run),
        &[
            "fetched: hello from csp",
            "not posted: the server answers 404",
            "the server was asked: POST /posts, GET /posts/1, POST /nowhere",
        ],
    );
}

/// AX-26
#[test]
fn ax_26_guide() {
    assert_says(
        &output(guide::run),
        &[
            "run: 123",
            "now: 123",
            "then: ASDF",
            "then: 124",
            "then, of two: [3, 6]",
            "compose: 779",
            "compose, of two: [10, 11]",
            "a future: 10",
            "hello",
        ],
    );
}

/// AX-27: only the thread's number is open.
#[test]
fn ax_27_two_executors() {
    let output = output(two_executors::run);
    let lines: Vec<_> = output
        .lines()
        .map(|line| line.trim_end_matches(|c: char| c.is_ascii_digit()))
        .collect();
    assert_eq!(
        lines,
        [
            "we start in pool1-thread-",
            "...but we end in pool2-thread-",
            "entered, we run in pool1-thread-",
        ]
    );
}

/// AX-28
#[test]
fn ax_28_sequences() {
    assert_says(
        &output(sequences::run),
        &[
            "for: 250",
            "sequence: (123, 9, \"hello\")",
            "sequence: [123, 9]",
            "traverse: [2, 4, 6, 8, 10, 12]",
            "traverse: [2, 4, 6, 8, 10, 12]",
        ],
    );
}

/// AX-29
#[test]
fn ax_29_by_hand() {
    assert_says(
        &output(by_hand::run),
        &[
            "else: 2",
            "complete!: bar",
            "again: Err(\"baz\")",
            "did the slow task come first? false",
            "force!: hi",
            "fail!: failed true",
            "fail!: poop",
            "cancelled: true, Err(Cancelled)",
            "caught exception: Divide by zero",
            "recover: 123",
            "recover: hello",
        ],
    );
}

/// AX-30: what has nothing to do with the task that blocks goes on.
#[test]
fn ax_30_whoops() {
    assert_says(
        &output(whoops::run),
        &[
            "THE UNRELATED TASK has ended",
            "has the outer one? false",
            "the outer one: 5",
        ],
    );
}
