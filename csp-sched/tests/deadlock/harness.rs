//! A harness that understands what cargo and nextest ask for; and runs programs in children.

use std::{
    io::Read,
    panic::{AssertUnwindSafe, catch_unwind},
    process::{Command, Stdio, exit},
    thread,
    time::{Duration, Instant},
};

pub(crate) type Tests = &'static [(&'static str, fn())];
pub(crate) type Programs = &'static [(&'static str, fn())];

/// A test by its name.
#[macro_export]
macro_rules! test {
    ($name:ident) => {
        (stringify!($name), $name as fn())
    };
}

const CHILD: &str = "CSP_TEST_PROGRAM";
/// When a program has hung.
pub(crate) const LIMIT: Duration = Duration::from_secs(40);
/// How long a program that is to sleep for ever is watched.
pub(crate) const SLEEPS_ON: Duration = Duration::from_millis(1500);

/// How a child ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// By itself, with success.
    pub(crate) in_time_alone: bool,
    pub(crate) aborted: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs one of the programs in a process of its own, with `CSP_DEADLOCK` as given. If it does not end soon it is
/// killed.
pub(crate) fn run(program: &str, deadlock: &str, limit: Duration) -> Ended {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env(CHILD, program)
        .env("CSP_DEADLOCK", deadlock)
        .env("CSP_WORKERS", "2")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let until = Instant::now() + limit;
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if Instant::now() > until => break None,
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    child.kill().ok();
    child.wait().unwrap();
    let (mut stdout, mut stderr) = (String::new(), String::new());
    child.stdout.unwrap().read_to_string(&mut stdout).unwrap();
    child.stderr.unwrap().read_to_string(&mut stderr).unwrap();
    Ended {
        in_time_alone: status.is_some_and(|status| status.success()),
        aborted: status.is_some_and(|status| status.code().is_none()),
        stdout,
        stderr,
    }
}

pub(crate) fn main(tests: Tests, programs: Programs, limit: Duration) {
    if let Ok(name) = std::env::var(CHILD) {
        let program = programs.iter().find(|(program, _)| *program == name);
        let (_, program) = program.unwrap_or_else(|| panic!("there is no program {name}"));
        program();
        return;
    }
    let args: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| args.iter().any(|arg| arg == word);
    let filters: Vec<&String> = args.iter().filter(|arg| !arg.starts_with('-')).collect();
    let matches = |name: &str| {
        let exact = has("--exact");
        filters.is_empty()
            || filters.iter().any(|filter| {
                if exact {
                    name == *filter
                } else {
                    name.contains(*filter)
                }
            })
    };
    // Threads are counted on Linux alone.
    let ignored = has("--ignored") || !cfg!(target_os = "linux");
    let chosen = tests.iter().filter(|(name, _)| !ignored && matches(name));
    if has("--list") {
        chosen.for_each(|(name, _)| println!("{name}: test"));
        return;
    }
    let mut failed = 0;
    for (name, test) in chosen {
        let before = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(test));
        let verdict = if result.is_ok() { "ok" } else { "FAILED" };
        println!("test {name} ... {verdict} ({:?})", before.elapsed());
        assert!(before.elapsed() < limit, "{name} took too long");
        failed += u32::from(result.is_err());
    }
    if failed > 0 {
        println!("{failed} tests failed");
        exit(101);
    }
}
