//! SIGQUIT, in a process of its own: this test binary, which runs one of the programs below.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use csp::prelude::*;

const ROLE: &str = "CSP_TEST_INSPECT_ROLE";

/// No test: what the child processes run. It hangs until its stdin ends.
#[test]
fn program_of_the_child() {
    let Ok(role) = env::var(ROLE) else { return };
    // Made before anything else of csp's runs.
    let (tx, rx) = chan::<u32>(0);
    let rx = rx.named("never put to");
    if role == "handler" {
        csp::inspect::install_signal_handler().unwrap();
        csp::inspect::install_signal_handler().unwrap();
    }
    let worker = go!({ take!(rx) }).named("hangs");
    while worker.parked_at().is_none() {
        std::thread::yield_now();
    }
    say("ready");
    let mut rest = String::new();
    std::io::stdin().read_to_string(&mut rest).unwrap();
    drop(tx);
    worker.wait().unwrap();
    say("came to its end");
}

/// To whoever started this process.
#[expect(clippy::print_stderr, reason = "it is how the two processes talk")]
fn say(what: &str) {
    eprintln!("{what}");
}

fn child(role: &str, variables: &[(&str, &str)]) -> (Child, BufReader<impl Read + use<>>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "signal::program_of_the_child", "--nocapture"])
        .env(ROLE, role)
        .env_remove("CSP_DUMP")
        .env_remove("CSP_INSPECT")
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    read_until(&mut stderr, "ready");
    (child, stderr)
}

/// The lines up to one with this in it.
#[track_caller]
fn read_until(stderr: &mut impl BufRead, what: &str) -> String {
    let mut all = String::new();
    loop {
        let before = all.len();
        assert!(
            stderr.read_line(&mut all).unwrap() > 0,
            "no {what:?} in\n{all}"
        );
        if all[before..].contains(what) {
            return all;
        }
    }
}

fn quit(child: &Child) {
    let done = Command::new("kill")
        .args(["-QUIT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(done.success());
}

/// The program goes on after all this.
fn end(mut child: Child, mut stderr: impl BufRead) {
    drop(child.stdin.take());
    read_until(&mut stderr, "came to its end");
    assert!(child.wait().unwrap().success());
}

#[test]
fn sigquit_prints_a_dump_to_stderr() {
    let (child, mut stderr) = child("handler", &[("CSP_INSPECT", "1")]);
    for _ in 0..2 {
        quit(&child);
        let text = read_until(&mut stderr, "made at ");
        assert!(
            text.contains("\"hangs\" [parked at take!(rx) for "),
            "{text}"
        );
        assert!(text.contains("\"never put to\""), "{text}");
        assert!(!text.contains("Inspection is off"), "{text}");
    }
    end(child, stderr);
}

/// Without inspection the blocks are there at least.
#[test]
fn sigquit_without_inspection() {
    let (child, mut stderr) = child("handler", &[]);
    quit(&child);
    let text = read_until(&mut stderr, "started at ");
    assert!(text.contains("Inspection is off"), "{text}");
    assert!(
        text.contains("\"hangs\" [parked at take!(rx), state 0 of 1]"),
        "{text}"
    );
    end(child, stderr);
}

fn file(name: &str) -> PathBuf {
    env::temp_dir().join(format!("csp-inspect-{}-{name}", std::process::id()))
}

/// `CSP_DUMP` alone does it all: it switches on, installs, and names the file; its ending asks for a format.
#[test]
fn csp_dump_names_a_file() {
    for (name, begins) in [
        ("a.txt", "csp dump:"),
        ("a.json", "{\"enabled\":true"),
        ("a.dot", "digraph csp {"),
    ] {
        let path = file(name);
        fs::write(&path, "what was there before").unwrap();
        let (child, stderr) = child("plain", &[("CSP_DUMP", path.to_str().unwrap())]);
        quit(&child);
        let text = loop {
            let text = fs::read_to_string(&path).unwrap();
            if text != "what was there before" {
                break text;
            }
            std::thread::yield_now();
        };
        // It is there as a whole, or not at all.
        assert!(text.starts_with(begins), "{text}");
        assert!(
            text.contains("never put to") && text.contains("hangs"),
            "{text}"
        );
        assert!(text.ends_with('\n'), "{text}");
        end(child, stderr);
        fs::remove_file(&path).unwrap();
    }
}
