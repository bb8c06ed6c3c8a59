//! Says how many cases a test has run, for docs/reliability.md: `ci/reliability.sh` has the lines collected in the
//! file that `CSP_CASES` names, and makes the table of them.

use std::{env, fs::OpenOptions, io::Write};

/// `cases` times `injected` was done to see whether `promise` holds, and it did.
#[track_caller]
pub(crate) fn held(promise: &str, injected: &str, cases: u64) {
    assert!(cases > 0, "nothing was tried: {promise}, {injected}");
    let Some(file) = env::var_os("CSP_CASES") else {
        return;
    };
    let test = std::thread::current().name().unwrap_or("?").to_owned();
    let binary = env::args().next().unwrap_or_default();
    let binary = binary.rsplit('/').next().unwrap_or_default();
    // Without the hash that cargo adds.
    let binary = binary.rsplit_once('-').map_or(binary, |(name, _)| name);
    let line = format!("{promise}\t{injected}\t{cases}\t{binary}\t{test}\n");
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .expect("CSP_CASES names a file that can be written");
    // One write, so that lines of several processes do not mix.
    file.write_all(line.as_bytes())
        .expect("the line is written");
}
