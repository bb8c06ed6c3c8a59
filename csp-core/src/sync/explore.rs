//! How the models of csp's crates are run, and counted.

use std::{
    env,
    fs::OpenOptions,
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Explores all interleavings of `scenario` with at most so many preemptions, or more if `LOOM_MAX_PREEMPTIONS` says so.
///
/// How many there were is added to the file that `CSP_MODEL_COUNTS` names: see `ci/models.sh`.
///
/// # Panics
/// If `scenario` does in one of them, deadlocks, leaks, or races; or if that file cannot be written.
pub fn explore(package: &str, preemptions: usize, scenario: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    let bound = builder
        .preemption_bound
        .unwrap_or(preemptions)
        .max(preemptions);
    builder.preemption_bound = Some(bound);
    builder.max_branches = 20_000;
    let executions = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&executions);
    builder.check(move || {
        // Ordering: a count.
        count.fetch_add(1, Ordering::Relaxed);
        scenario();
    });
    let Some(path) = env::var_os("CSP_MODEL_COUNTS") else {
        return;
    };
    let current = thread::current();
    let name = current.name().expect("tests have a thread of their name");
    // Ordering: as above.
    let executions = executions.load(Ordering::Relaxed);
    // One write, since the models run in several processes.
    let line = format!("{package} {name} {bound} {executions}\n");
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .and_then(|mut file| file.write_all(line.as_bytes()))
        .expect("the counts can be written");
}
