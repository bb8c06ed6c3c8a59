//! csp and its peers side by side: runs every workload on each in turn, and reports.
//!
//! See the README for what is measured and how to read it. The parts: the [catalogue] of workloads; the
//! [programs] with the implementations, one for each language; [run], a single run; [figures], what runs gave and how
//! implementations compare; [report], which shows it.

#![expect(
    missing_docs,
    reason = "a program in parts, so that its tests can reach them"
)]
#![expect(clippy::print_stderr, reason = "it tells how far it is")]
#![expect(clippy::format_push_string, reason = "reports are small")]

pub mod catalogue;
pub mod figures;
pub mod json;
pub mod options;
pub mod programs;
pub mod report;
pub mod rounds;
pub mod run;
