use std::{env, ffi::OsString, path::Path, process::Command};

use super::{SOURCES, succeed};

/// The program with csp and all Rust peers, optimised if this one is.
pub(super) fn program(build: &Path) -> Result<Vec<OsString>, String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = build.join("rust");
    let mut command = Command::new(cargo);
    command
        .args(["build", "--manifest-path"])
        .arg(Path::new(SOURCES).join("rust/Cargo.toml"))
        .arg("--target-dir")
        .arg(&target);
    let profile = if cfg!(debug_assertions) {
        "debug"
    } else {
        command.arg("--release");
        "release"
    };
    succeed(&mut command)?;
    Ok(vec![target.join(profile).join("csp-peers-rust").into()])
}
