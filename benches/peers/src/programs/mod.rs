//! The programs that contain the implementations, one for each language.

mod clojure;
mod go;
mod rust;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use crate::figures::Kind;

/// Where the sources are.
const SOURCES: &str = env!("CARGO_MANIFEST_DIR");

/// A program that is ready to run.
#[derive(Debug)]
pub struct Program {
    /// The command and its first arguments.
    pub command: Vec<OsString>,
    pub entries: Vec<Entry>,
    /// Versions, and what else it says of itself.
    pub about: Vec<String>,
}

/// One implementation of one workload.
#[derive(Debug)]
pub struct Entry {
    pub workload: String,
    pub name: String,
    pub kind: Kind,
}

/// Builds all programs whose toolchains are here. Gives what cannot be run too, and why.
pub fn all(build: &Path) -> (Vec<Program>, Vec<String>) {
    let mut programs = Vec::new();
    let mut skipped = Vec::new();
    for (name, make) in [
        (
            "Rust",
            rust::program as fn(&Path) -> Result<Vec<OsString>, String>,
        ),
        ("Go", go::program),
        ("core.async", clojure::program),
    ] {
        eprintln!("{name}: building");
        match make(build).and_then(listed) {
            Ok(program) => programs.push(program),
            Err(why) => skipped.push(format!("{name} is skipped: {why}")),
        }
    }
    (programs, skipped)
}

/// Asks a program what it can run: lines of workload, name, kind, and for some a reason, with tabs between;
/// or of a remark after `#`.
fn listed(command: Vec<OsString>) -> Result<Program, String> {
    let list = succeed(Command::new(&command[0]).args(&command[1..]).arg("list"))?;
    let mut about = Vec::new();
    let mut entries = Vec::new();
    for line in list.lines() {
        if let Some(remark) = line.strip_prefix('#') {
            about.push(remark.trim().to_owned());
        } else {
            entries.push(entry(line).ok_or_else(|| format!("it listed {line:?}"))?);
        }
    }
    Ok(Program {
        command,
        entries,
        about,
    })
}

fn entry(line: &str) -> Option<Entry> {
    let fields: Vec<&str> = line.split('\t').collect();
    let (workload, name, kind) = match fields[..] {
        [workload, name, "ours"] => (workload, name, Kind::Ours),
        [workload, name, "variant"] => (workload, name, Kind::Variant),
        [workload, name, "peer"] => (workload, name, Kind::Peer),
        [workload, name, "less", why] => (workload, name, Kind::Less(why.to_owned())),
        _ => return None,
    };
    Some(Entry {
        workload: workload.to_owned(),
        name: name.to_owned(),
        kind,
    })
}

/// Runs a command to its end, and gives what it printed.
///
/// # Errors
/// If it cannot be started or does not succeed.
fn succeed(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| format!("{name}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name} ended with {}", output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{name}: {error}"))
}

/// A command on the search path.
fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
}
