//! A process that takes a CPU for itself, while a workload runs beside it.

use std::{
    env, hint,
    io::{self, Read},
    process::{self, Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Longer than any workload: if all else fails, it ends then.
const LIMIT: Duration = Duration::from_secs(120);

/// A hog that is there until this is dropped. (A process and not a thread, so that its CPU time is not the
/// workload's.)
pub(crate) struct Hog(Child);

impl Hog {
    pub(crate) fn start() -> Self {
        let program = env::current_exe().expect("this program has a path");
        let child = Command::new(program)
            .arg("spin")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn();
        Self(child.expect("this program can be started again"))
    }
}

impl Drop for Hog {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// What the hog does: spins until whoever started it is gone.
pub(crate) fn spin() -> ! {
    thread::spawn(|| {
        io::stdin().read_to_end(&mut Vec::new()).ok();
        process::exit(0)
    });
    let begun = Instant::now();
    let mut x = 0_u64;
    while begun.elapsed() < LIMIT {
        for _ in 0..1_000_000 {
            x = hint::black_box(x.wrapping_add(1));
        }
    }
    process::exit(0)
}
