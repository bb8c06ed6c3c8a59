//! What this process has used: CPU time to the nanosecond, memory. From Linux's /proc.

#![allow(dead_code, reason = "each bench uses some of it")]

pub(crate) mod measurement;

use std::{fs, thread, time::Duration};

/// The CPU time, of system and user, of the threads that are alive. `None` where /proc does not tell.
pub(crate) fn cpu_time() -> Option<Duration> {
    // A switch brings the own thread's account up to date.
    thread::yield_now();
    let mut nanos = 0_u64;
    for task in fs::read_dir("/proc/self/task").ok()? {
        // A thread that has just ended is not there any more.
        let Ok(line) = fs::read_to_string(task.ok()?.path().join("schedstat")) else {
            continue;
        };
        nanos += line.split(' ').next()?.parse::<u64>().ok()?;
    }
    Some(Duration::from_nanos(nanos))
}

/// The memory now in use, in bytes.
pub(crate) fn resident() -> Option<u64> {
    status("VmRSS:")
}

/// The most memory that was ever in use, in bytes.
pub(crate) fn peak_resident() -> Option<u64> {
    status("VmHWM:")
}

fn status(key: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024)
}
