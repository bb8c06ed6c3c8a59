//! What a test may give: what std's may.

use std::process::ExitCode;

use csp::prelude::*;

#[csp::test(schedules = 3)]
#[should_panic(expected = "never comes back")]
fn nothing_ever() -> ! {
    panic!("never comes back")
}

#[csp::test(schedules = 3)]
#[should_panic(expected = "never comes back")]
async fn nothing_ever_async() -> ! {
    loop {
        yield_now().await;
        assert!(csp::now() < csp::now(), "never comes back");
    }
}

#[csp::test(schedules = 3)]
fn an_exit_code() -> ExitCode {
    ExitCode::SUCCESS
}

#[csp::test(schedules = 3)]
#[should_panic(expected = "the test gave ExitCode")]
async fn an_exit_code_of_failure() -> ExitCode {
    yield_now().await;
    ExitCode::FAILURE
}

#[csp::test(schedules = 3)]
#[should_panic(expected = "the test gave ExitCode")]
async fn an_exit_code_in_a_result() -> Result<ExitCode, String> {
    Ok(ExitCode::from(3))
}

#[csp::test(workers = 1)]
#[should_panic(expected = "never comes back")]
fn nothing_ever_on_threads() -> ! {
    panic!("never comes back")
}

/// Blocks that csp starts for the test have the place of the test.
#[csp::test(workers = 1)]
#[should_panic(expected = "(tests/csp_test/gives.rs:")]
fn a_deadlock_on_threads_shows_the_test() {
    let (_tx, rx) = chan::<u32>(0);
    rx.take_blocking();
}
