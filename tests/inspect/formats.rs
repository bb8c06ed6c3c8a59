//! The graph, and JSON.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use csp::{
    Local,
    inspect::{Dump, dump},
    prelude::*,
    promise::promise,
};

use crate::util::on;

/// A dump with one of everything, and names that want escaping.
fn with_everything(check: impl FnOnce(Dump)) {
    let _on = on();
    let local = Local::virtual_time();
    let (tx, rx) = chan::<u32>(0);
    let tx =
        tx.named("a \"quoted\" \\name\\ with\nlines, tab\t, bell \u{7} and ünï¢ode → \u{1F980}");
    let (resolver, answer) = promise::<u32, csp::Error>();
    let (put_tx, _put_rx) = chan::<u32>(0);
    let (close_tx, _close_rx) = chan::<u32>(2);
    let taker = local
        .go(async move {
            alt! { v = take!(rx) => v, _ = take!(timeout(secs(1))) => None }
        })
        .named("\"}];\\");
    let joins = local.go(async move { park!(taker) });
    let _rest = [
        local.go(async move { park!(answer).is_ok() }),
        local.go(async move { put!(put_tx, 1).is_ok() }),
        local.go(async move {
            close_tx.closed().await;
            true
        }),
    ];
    local.run_until_idle();
    check(dump());
    drop((tx, resolver, joins));
}

/// A program's exit code, given this on stdin; `None` if there is no such program.
fn accepts(program: &str, args: &[&str], input: &str) -> Option<bool> {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take()?;
    stdin.write_all(input.as_bytes()).ok()?;
    drop(stdin);
    Some(child.wait().ok()?.success())
}

#[test]
fn json_is_parsed_by_python() {
    with_everything(|dump| {
        let json = dump.json().to_string();
        let program = r#"
import json, sys
d = json.load(sys.stdin)
assert d["enabled"] is True
assert list(d) == ["enabled", "executors", "blocks", "channels", "promises", "timers", "threads"]
names = [b["name"] for b in d["blocks"]]
assert "\"}];\\" in names, names
names = [c["name"] for c in d["channels"]]
assert "a \"quoted\" \\name\\ with\nlines, tab\t, bell \x07 and \u00fc\u006e\u00ef\u00a2ode \u2192 \U0001F980" in names, names
on = sorted(w["on"] for b in d["blocks"] for w in b["waits_for"])
assert on == ["block", "close", "promise", "put", "take", "timer"], on
assert all(b["parked_at"] is None or b["parked_at"]["op"].endswith("!") for b in d["blocks"])
assert d["timers"][0]["due"] == 1.0
"#;
        assert_eq!(
            accepts("python3", &["-c", program], &json),
            Some(true),
            "{json}"
        );
    });
}

/// Tokens of the DOT language: enough to see that strings end where they should and braces match.
fn check_dot(text: &str) -> (usize, usize) {
    let (mut depth, mut nodes, mut edges) = (0_i32, 0, 0);
    let mut bare = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => loop {
                match chars.next().expect("the string ends") {
                    '\\' => assert!(matches!(chars.next(), Some('n' | '"' | '\\'))),
                    '"' => break,
                    c => assert!(!c.is_control(), "{c:?} in a string"),
                }
            },
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            '\n' => {
                if bare.contains("->") {
                    edges += 1;
                } else if bare.contains("shape") {
                    nodes += 1;
                }
                bare.clear();
                continue;
            }
            _ => {}
        }
        if c != '"' {
            assert!(c.is_ascii(), "{c:?} outside a string");
            bare.push(c);
        }
        assert!(depth >= 0);
    }
    assert_eq!(depth, 0);
    (nodes, edges)
}

#[test]
fn the_graph_is_well_formed() {
    with_everything(|dump| {
        let dot = dump.dot().to_string();
        let (nodes, edges) = check_dot(&dot);
        let things = dump.blocks.len() + dump.channels.len() + dump.promises.len();
        assert_eq!(nodes, things + dump.timers.len(), "{dot}");
        assert_eq!(edges, 6, "{dot}");
        // Only where Graphviz is installed.
        assert_ne!(accepts("dot", &["-Tsvg"], &dot), Some(false), "{dot}");
    });
}
