//! Total deadlock: what is reported, and what must not be. Each program runs in a process of its own, since
//! the check counts all threads of the process: this binary, called again.
#![expect(clippy::print_stdout, reason = "a harness and programs of its own")]

mod harness;
mod programs;
mod stress;

use std::time::Duration;

use harness::{LIMIT, SLEEPS_ON, Tests, run};

/// The report of a program that deadlocks. (It is made to abort after it.)
#[track_caller]
fn report_of(program: &str) -> String {
    let ended = run(program, "abort", LIMIT);
    assert!(!ended.in_time_alone, "{program} ended by itself: {ended:?}");
    assert!(ended.aborted, "{program} did not abort: {ended:?}");
    ended.stderr
}

#[track_caller]
fn ends_without_report(program: &str) {
    let ended = run(program, "abort", LIMIT);
    assert!(ended.in_time_alone, "{program}: {ended:?}");
    assert_eq!(ended.stderr, "", "{program}");
}

#[track_caller]
fn says(report: &str, parts: &[&str]) {
    for part in parts {
        assert!(report.contains(part), "{part:?} is not in:\n{report}");
    }
}

fn a_thread_and_a_block_that_wait_for_ever_are_named() {
    let report = report_of("main_takes_from_a_parked_block");
    says(
        &report,
        &[
            "csp: deadlock: the 1 block and 1 thread wait, and nothing can wake them\n",
            "thread \"main\"  csp-sched/tests/deadlock/programs.rs:",
            "parked at take!(never_put), state 0 of 2, channel ",
        ],
    );
}

fn two_blocks_that_cross_are_named() {
    let report = report_of("two_blocks_cross");
    says(
        &report,
        &[
            "deadlock: all 2 blocks and 1 thread wait",
            "parked at take!(a), state 0 of 2",
            "parked at take!(b), state 0 of 2",
            "parked at park!(..)",
        ],
    );
}

fn a_block_with_a_timer_is_none() {
    ends_without_report("a_timer_is_pending");
}

fn a_timer_of_another_runtime_counts() {
    ends_without_report("a_timer_of_another_runtime");
}

fn a_blocking_limit_is_an_alarm() {
    ends_without_report("main_waits_with_a_limit");
}

fn a_thread_that_is_unknown_may_act() {
    ends_without_report("a_std_thread_puts_late");
}

fn a_thread_that_is_unknown_and_ends_leaves_a_deadlock() {
    let report = report_of("a_std_thread_ends");
    says(&report, &["deadlock: 1 thread waits, and"]);
}

fn a_known_thread_that_ends_passes_the_watch_on() {
    let report = report_of("the_last_to_nap_ends");
    says(&report, &["deadlock: 1 thread waits, and"]);
}

fn threads_of_the_pool_that_block_are_counted() {
    let report = report_of("pool_threads_block");
    says(
        &report,
        &[
            "deadlock: all 3 blocks and 4 threads wait",
            "thread \"csp-thread-",
        ],
    );
}

fn a_block_that_blocks_its_worker_is_counted() {
    let report = report_of("a_block_blocks");
    says(&report, &["deadlock: the 1 block and 2 threads wait"]);
}

fn a_local_that_sleeps_is_counted() {
    let report = report_of("a_local_sleeps");
    says(&report, &["deadlock: the 1 block waits, and nothing"]);
}

fn a_local_whose_thread_blocks_runs_nothing() {
    let report = report_of("a_local_is_blocked");
    says(
        &report,
        &["the 1 block and 1 thread wait", "due, or in a turn"],
    );
}

fn a_local_with_a_timer_is_none() {
    ends_without_report("a_local_has_a_timer");
}

fn a_scope_that_waits_is_counted() {
    let report = report_of("a_scope_waits");
    says(
        &report,
        &[
            "deadlock: the 1 block and 1 thread wait",
            "programs.rs:",
            "parked at park!(..)",
        ],
    );
}

fn the_thread_that_writes_dumps_does_not_count() {
    let report = report_of("a_dump_can_be_asked_for");
    says(
        &report,
        &["deadlock: 1 thread waits, and nothing can wake it\n"],
    );
}

fn a_local_without_blocks_is_told_of() {
    let report = report_of("a_local_has_no_blocks");
    says(
        &report,
        &["deadlock: a `Local` waits for its main future, and"],
    );
}

fn an_alts_without_an_alarm_is_counted() {
    let report = report_of("an_alts_waits");
    says(&report, &["parked at alt!, state 0 of 3"]);
}

fn a_hook_is_called_instead_once_and_may_end_it() {
    let ended = run("a_hook_ends_it", "report", LIMIT);
    assert!(ended.in_time_alone, "{ended:?}");
    assert_eq!(ended.stderr, "");
    assert_eq!(
        ended.stdout,
        "deadlock 1 of 1 thread\nNone\ndeadlock 2 of 2 threads\nNone\n"
    );
}

fn a_worker_that_ends_passes_the_watch_on() {
    let report = report_of("the_last_worker_ends");
    says(&report, &["deadlock: 1 thread waits, and"]);
}

fn a_deadlock_is_the_same_when_an_idle_thread_has_left() {
    // Threads of the pool leave after 10 s; the last to look does so after 12.7 s.
    let ended = run("a_pool_thread_leaves", "report", Duration::from_secs(14));
    assert_eq!(
        ended.stderr.matches("csp: deadlock: ").count(),
        1,
        "{ended:?}"
    );
}

fn a_hook_may_wake_blocks_of_the_worker_that_looked() {
    let ended = run("a_hook_wakes_a_block", "report", LIMIT);
    assert!(ended.in_time_alone, "{ended:?}");
    assert_eq!(ended.stdout, "Ok(None)\n");
}

fn a_hook_may_wait_for_the_workers_that_sleep() {
    let ended = run("a_hook_waits_for_a_block", "report", LIMIT);
    assert!(ended.in_time_alone, "{ended:?}");
    assert_eq!(ended.stdout, "Ok(Some(1))\nOk(None)\n");
}

fn it_is_reported_once_and_the_program_sleeps_on() {
    let ended = run("main_takes_from_a_parked_block", "report", SLEEPS_ON);
    assert!(!ended.in_time_alone && !ended.aborted, "{ended:?}");
    assert_eq!(
        ended.stderr.matches("csp: deadlock: ").count(),
        1,
        "{ended:?}"
    );
}

fn it_can_be_switched_off() {
    let ended = run("main_takes_from_a_parked_block", "off", SLEEPS_ON);
    assert!(!ended.in_time_alone && !ended.aborted, "{ended:?}");
    assert_eq!(ended.stderr, "");
}

fn nonsense_in_the_environment_is_told() {
    let ended = run("a_timer_is_pending", "yes", LIMIT);
    says(
        &ended.stderr,
        &["CSP_DEADLOCK=yes makes no sense: say `report`"],
    );
}

fn a_busy_program_is_never_reported() {
    ends_without_report("stress");
}

fn two_of_whom_one_is_awake_are_never_reported() {
    ends_without_report("stress_two");
}

fn main() {
    let tests: Tests = &[
        test!(a_thread_and_a_block_that_wait_for_ever_are_named),
        test!(two_blocks_that_cross_are_named),
        test!(a_block_with_a_timer_is_none),
        test!(a_timer_of_another_runtime_counts),
        test!(a_blocking_limit_is_an_alarm),
        test!(a_thread_that_is_unknown_may_act),
        test!(a_thread_that_is_unknown_and_ends_leaves_a_deadlock),
        test!(a_known_thread_that_ends_passes_the_watch_on),
        test!(threads_of_the_pool_that_block_are_counted),
        test!(a_block_that_blocks_its_worker_is_counted),
        test!(a_local_that_sleeps_is_counted),
        test!(a_local_whose_thread_blocks_runs_nothing),
        test!(a_local_with_a_timer_is_none),
        test!(a_scope_that_waits_is_counted),
        test!(the_thread_that_writes_dumps_does_not_count),
        test!(a_local_without_blocks_is_told_of),
        test!(an_alts_without_an_alarm_is_counted),
        test!(a_hook_is_called_instead_once_and_may_end_it),
        test!(a_hook_may_wake_blocks_of_the_worker_that_looked),
        test!(a_hook_may_wait_for_the_workers_that_sleep),
        test!(a_worker_that_ends_passes_the_watch_on),
        test!(a_deadlock_is_the_same_when_an_idle_thread_has_left),
        test!(it_is_reported_once_and_the_program_sleeps_on),
        test!(it_can_be_switched_off),
        test!(nonsense_in_the_environment_is_told),
        test!(a_busy_program_is_never_reported),
        test!(two_of_whom_one_is_awake_are_never_reported),
    ];
    harness::main(tests, programs::ALL, Duration::from_secs(50));
}
