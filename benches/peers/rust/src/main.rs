//! csp and its peers in one program: `list` prints what there is, `run WORKLOAD IMPLEMENTATION SHRINK` runs one
//! and prints what it took, as one line of JSON.
//!
//! `csp-peers` starts it, each run in a process of its own.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints its result"
)]

mod chan;
mod hog;
mod measure;
mod menu;
mod rt;
mod stackful;
mod threads;
mod workloads;

/// csp's side of the workloads that its own benches have too.
#[path = "../../../workloads/mod.rs"]
mod ours;

use std::{env, process::ExitCode};

use menu::Menu;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list"] => {
            for entry in workloads::menu(1).entries {
                println!("{}\t{}\t{}", entry.workload, entry.name, entry.kind);
            }
            ExitCode::SUCCESS
        }
        ["run", workload, name, shrink] => {
            let menu: Menu = workloads::menu(shrink.parse().unwrap_or(1));
            let chosen = |entry: &menu::Entry| entry.workload == workload && entry.name == name;
            if let Some(entry) = menu.entries.into_iter().find(chosen) {
                println!("{}", entry.run());
                return ExitCode::SUCCESS;
            }
            eprintln!("there is no {name} for {workload}");
            ExitCode::FAILURE
        }
        ["spin"] => hog::spin(),
        _ => {
            eprintln!("usage: csp-peers-rust list | run WORKLOAD IMPLEMENTATION SHRINK");
            ExitCode::FAILURE
        }
    }
}
