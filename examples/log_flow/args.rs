//! The command line.

use std::{ffi::OsString, path::PathBuf, time::Duration};

pub(crate) const USAGE: &str = "\
usage: log_flow [--dot] [--follow] [--above N] [FILE...]
  --dot      print the flow as a graph, and do not run it
  --follow   wait for more lines at the end of a file, until Ctrl-C
  --above N  raise an alarm if there are more than N errors in a second (5)
Without a FILE: a demonstration.";

#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) dot: bool,
    pub(crate) above: u64,
    /// How long a file may stay as it is before it is taken to be at its end. `None`: for ever.
    pub(crate) patience: Option<Duration>,
    pub(crate) files: Vec<PathBuf>,
}

impl Args {
    /// The arguments, or what is wrong with them.
    pub(crate) fn parse(mut given: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut args = Self {
            dot: false,
            above: 5,
            patience: Some(Duration::ZERO),
            files: Vec::new(),
        };
        while let Some(arg) = given.next() {
            match arg.to_str() {
                Some("--dot") => args.dot = true,
                Some("--follow") => args.patience = None,
                Some("--above") => {
                    let n = given.next().ok_or("--above needs a number")?;
                    let parsed = n.to_str().and_then(|n| n.parse().ok());
                    args.above = parsed.ok_or(format!("--above {}: no number", n.display()))?;
                }
                Some("--") => args.files.extend(given.by_ref().map(PathBuf::from)),
                Some(option) if option.starts_with('-') => {
                    return Err(format!("unknown option {option}"));
                }
                _ => args.files.push(arg.into()),
            }
        }
        Ok(args)
    }
}
