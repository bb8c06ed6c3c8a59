//! `cargo run --release -p csp-peers -- all`

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints tables"
)]

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

use csp_peers::{
    catalogue::WORKLOADS,
    options::{Options, USAGE},
    programs::{self, Program},
    report, rounds,
};

fn main() -> ExitCode {
    match Options::parse(env::args().skip(1)) {
        Ok(options) => match run(&options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("csp-peers: {error}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprintln!("{error}\n\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    let target = target_dir()?;
    let build = target.join("peers-build");
    let out = options.out.clone().unwrap_or_else(|| target.join("peers"));
    let (programs, skipped) = programs::all(&build);
    let about = report::About::new(&programs, &skipped, options);
    for line in &about.lines {
        eprintln!("{line}");
    }
    if options.list {
        list(&programs);
        return Ok(());
    }
    let mut tables = Vec::new();
    for workload in &options.workloads {
        let table = rounds::table(workload, &programs, options);
        println!("{}", report::table(&table));
        tables.push(table);
        // After each, so that a run that is broken off has its reports too.
        report::write(&out, &tables, &about)
            .map_err(|error| format!("{}: {error}", out.display()))?;
    }
    println!("{}", report::summary(&tables));
    println!("The reports are in {}.", out.display());
    let wrong = tables.iter().filter(|table| table.ours().is_none());
    let wrong: Vec<&str> = wrong.map(|table| table.workload.name).collect();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("csp has no right result for {}", wrong.join(", ")))
    }
}

/// The directory above that of this program's profile.
fn target_dir() -> Result<PathBuf, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let target = program.ancestors().nth(2).map(Path::to_owned);
    target.ok_or_else(|| "this program is not in a target directory".into())
}

fn list(programs: &[Program]) {
    for workload in WORKLOADS {
        let names: Vec<&str> = programs
            .iter()
            .flat_map(|program| &program.entries)
            .filter(|entry| entry.workload == workload.name)
            .map(|entry| entry.name.as_str())
            .collect();
        println!(
            "{}: {}\n    {}",
            workload.name,
            workload.what,
            names.join(", ")
        );
    }
}
