//! A system that has no more memory for threads, in a process of its own.

use std::process::Command;

use csp::prelude::*;

use crate::cases;

/// Set in the process that has little memory.
const INSIDE: &str = "CSP_TEST_LITTLE_MEMORY";
const JOBS: u64 = 1000;

/// Jobs that find no thread wait for one, and all are done in the end.
#[test]
#[cfg(target_os = "linux")]
fn jobs_are_done_though_the_system_refuses_threads() {
    if std::env::var_os(INSIDE).is_some() {
        return inside();
    }
    let me = std::env::current_exe().expect("a test has a path");
    let output = Command::new("sh")
        .arg("-c")
        // Room for a hundred stacks. (They are big, so that it is a stack that there is no room for: a thread that
        // finds no room for its signal stack dies inside std, before it comes to us.)
        .arg("ulimit -v 8000000; exec \"$0\" --exact refused::jobs_are_done_though_the_system_refuses_threads --nocapture")
        .arg(me)
        .env(INSIDE, "1")
        .env("RUST_MIN_STACK", "67108864")
        .output()
        .expect("the process starts");
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{out}\n{err}");
    assert!(
        err.contains("cannot start a thread"),
        "no thread was refused:\n{err}"
    );
    cases::held("nothing is lost", "the system refuses threads", JOBS);
}

/// More jobs than there can be threads. Those that have one wait for all to be started.
#[cfg(target_os = "linux")]
fn inside() {
    let (all_started, started) = chan::<u64>(0);
    let jobs: Vec<_> = (0..JOBS)
        .map(|n| {
            let started = started.clone();
            thread(move || {
                started.take_blocking(); // it is never put: it closes
                n
            })
        })
        .collect();
    drop((all_started, started));
    let done: u64 = jobs
        .into_iter()
        .map(|job| crate::outcome(job).expect("a job that waits is done in the end"))
        .sum();
    assert_eq!(done, (0..JOBS).sum());
}
