//! All runs of one workload: A B C, A B C, …, so that a change of the machine's mood hits all alike.

use std::ffi::OsString;

use crate::{
    catalogue::Workload,
    figures::{Kind, Row, Table},
    options::Options,
    programs::{Entry, Program},
    run,
};

/// Runs all implementations of a workload that are wanted, so many rounds.
pub fn table(workload: &'static Workload, programs: &[Program], options: &Options) -> Table {
    let implementations = chosen(workload, programs, options);
    let mut rows: Vec<Row> = implementations
        .iter()
        .map(|(_, entry)| Row {
            name: entry.name.clone(),
            kind: entry.kind.clone(),
            samples: Vec::new(),
            failure: None,
        })
        .collect();
    for round in 1..=options.rounds {
        for ((command, _), row) in implementations.iter().zip(&mut rows) {
            // Not again: it may have taken all its time.
            if row.failure.is_none() {
                eprint!("{} {round}/{} {} ", workload.name, options.rounds, row.name);
                once(workload, command, row, options);
            }
        }
    }
    Table { workload, rows }
}

fn once(workload: &Workload, command: &[OsString], row: &mut Row, options: &Options) {
    let args = ["run", workload.name, &row.name, &options.scale.to_string()];
    match run::run(command, &args, options.limit) {
        Ok(sample) => {
            let value = sample.get(workload.by);
            let value = value.map(|value| workload.by.show(value));
            let verdict = if sample.right { "" } else { " WRONG" };
            eprintln!("{}{verdict}", value.unwrap_or_default());
            row.samples.push(sample);
        }
        Err(failure) => {
            eprintln!("{failure}");
            row.failure = Some(failure);
        }
    }
}

/// What is to run, and the command for it; csp first.
fn chosen<'a>(
    workload: &Workload,
    programs: &'a [Program],
    options: &Options,
) -> Vec<(&'a [OsString], &'a Entry)> {
    programs
        .iter()
        .flat_map(|program| program.entries.iter().map(|e| (&program.command[..], e)))
        .filter(|(_, entry)| entry.workload == workload.name)
        .filter(|(_, entry)| entry.kind == Kind::Ours || options.wants(&entry.name))
        .collect()
}
