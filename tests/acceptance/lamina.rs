//! Lamina's programs, and what spans it and core.async.

use csp::ms;

use crate::{assert_says, output};

#[path = "../../examples/lamina/chat.rs"]
mod chat;
#[path = "../../examples/lamina/deadline.rs"]
mod deadline;
#[path = "../../examples/lamina/eventual_sum.rs"]
mod eventual_sum;
#[path = "../../examples/lamina/force.rs"]
mod force;
#[path = "../../examples/lamina/nested_tasks.rs"]
mod nested_tasks;
#[path = "../../examples/lamina/request_workflow.rs"]
mod request_workflow;
#[path = "../../examples/lamina/try_catch.rs"]
mod try_catch;
#[path = "../../examples/lamina/whitelist_proxy.rs"]
mod whitelist_proxy;

/// AX-01: in every order of arrival no byte is lost, and the origin never hears of what is forbidden.
#[test]
fn ax_01_whitelist_proxy() {
    let answers = [
        "  /ok: 200 \"some bytes, then more, then the end\"",
        "  /evil: 403 \"\"",
    ];
    let mut expected = Vec::new();
    for order in [
        "head, verdict, body:",
        "head, body, verdict:",
        "verdict, head, body:",
        "verdict, body, head:",
        "body, head, verdict:",
        "body, verdict, head:",
        "over sockets, body before verdict:",
        "over sockets, body after verdict:",
    ] {
        expected.push(order);
        expected.extend(answers);
    }
    expected.push("the origin was asked for /ok /ok /ok /ok /ok /ok /ok /ok");
    assert_says(&output(whitelist_proxy::run), &expected);
}

/// AX-02: what the session lacks is asked for at the same time, the rest not at all.
#[test]
fn ax_02_request_workflow() {
    let output = output(request_workflow::run);
    // The times are for the reader.
    let lines: Vec<_> = output
        .lines()
        .filter(|line| !line.ends_with(" ms"))
        .collect();
    assert_eq!(
        lines,
        [
            "a session empty: GET /offers: more tea in Paris",
            "  +session -session +history +location -history -location",
            "a session with history: GET /offers: more tea in Paris",
            "  +session -session +location -location",
            "a session with both: GET /offers: more tea in Paris",
            "  +session -session",
        ]
    );
}

/// AX-03: whoever asks for the sum goes on, and answers.
#[test]
fn ax_03_eventual_sum() {
    assert_says(
        &output(eventual_sum::run),
        &[
            "is the sum there? false",
            "2 + 40 = 42",
            "2 + 40 = 42",
            "2 + 40 = 42",
        ],
    );
}

/// AX-04: no deadlock on one worker, even by blocks that block.
#[test]
fn ax_04_nested_tasks() {
    assert_says(
        &output(nested_tasks::run),
        &[
            "1 workers, tasks park: (3, 21)",
            "1 workers, tasks block: (3, 21)",
            "1 workers, is pi 3? false",
            "2 workers, tasks park: (3, 21)",
            "2 workers, tasks block: (3, 21)",
            "2 workers, is pi 3? false",
        ],
    );
}

/// AX-05: what is not forced is told of, what is forced keeps the database from being asked.
#[test]
fn ax_05_force() {
    assert_says(
        &output(force::run),
        &[
            "unforced: Ok(\"three rows\"), 1 call",
            "  but nobody looked at: moon base: no answer",
            "detached: Ok(\"three rows\"), 1 call",
            "forced: Err(\"moon base: no answer\"), 0 calls",
            "told besides: None",
        ],
    );
}

/// AX-06: the response is made without the history.
#[test]
fn ax_06_try_catch() {
    assert_says(
        &output(try_catch::run),
        &[
            "ALICE bought [\"tea\", \"cake\"]",
            "BOB bought []",
            "caught: bob: the history's server is down",
        ],
    );
}

/// AX-12: rooms hear their own, who is silent is closed, and nothing is left.
#[test]
fn ax_12_chat() {
    // Long enough for the others on a busy machine; only the silent one waits for it.
    let output = output(|out| chat::run_with(out, ms(1000)));
    assert_says(
        &output,
        &[
            "A: welcome to lobby, alice",
            "B: welcome to lobby, bob",
            "E: welcome to library, erin",
            "A: alice: hi",
            "B: alice: hi",
            "E: erin: silence, please",
            "C: (closed)",
            "connections left: 0",
            "blocks left: 0",
        ],
    );
}

/// AX-31: whichever comes first.
#[test]
fn ax_31_deadline() {
    assert_says(
        &output(deadline::run),
        &["timeout", "the answer is 42", "news: rain", "closed"],
    );
}
