//! What the compiler says to wrong programs, and that the right ones compile without a word.
//!
//! `TRYBUILD=overwrite cargo test --test ui` writes the messages anew: read every one as a newcomer would.

use std::process::Command;

/// The messages are this compiler's: rustc words some of them, and words them anew from time to time.
const RUSTC: &str = "rustc 1.95.";

#[test]
fn ui() {
    let version = Command::new("rustc")
        .arg("--version")
        .output()
        .expect("rustc is there");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    if !version.starts_with(RUSTC) {
        #[expect(clippy::print_stderr, reason = "a skipped test should say so")]
        {
            eprintln!(
                "skipped: the expected messages are those of {RUSTC}x, and this is {version}"
            );
        }
        return;
    }
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass_*.rs");
    cases.compile_fail("tests/ui/fail_*.rs");
}
