//! The command line.

use std::{ffi::OsString, path::PathBuf, time::Duration};

pub(crate) const USAGE: &str = "\
usage: wordfreq [--top N] [--timeout SECS] [--check] PATH...
  --top N         print the N most frequent words (10)
  --timeout SECS  stop after this time, with what was counted by then
  --check         count again, one file after the other, and compare
Directories are walked; symbolic links are followed only where they are a PATH.";

#[derive(Debug)]
pub(crate) struct Args {
    pub(crate) top: usize,
    pub(crate) timeout: Duration,
    pub(crate) check: bool,
    pub(crate) paths: Vec<PathBuf>,
}

impl Args {
    /// The arguments, or what is wrong with them.
    pub(crate) fn parse(mut given: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut args = Self {
            top: 10,
            timeout: Duration::MAX,
            check: false,
            paths: Vec::new(),
        };
        while let Some(arg) = given.next() {
            match arg.to_str() {
                Some("--top") => args.top = value("--top", &mut given, |n| n.parse().ok())?,
                Some("--timeout") => {
                    args.timeout = value("--timeout", &mut given, |secs| {
                        Duration::try_from_secs_f64(secs.parse().ok()?).ok()
                    })?;
                }
                Some("--check") => args.check = true,
                Some("--") => args.paths.extend(given.by_ref().map(PathBuf::from)),
                Some(option) if option.starts_with('-') => {
                    return Err(format!("unknown option {option}"));
                }
                _ => args.paths.push(arg.into()),
            }
        }
        if args.paths.is_empty() {
            return Err("no PATH given".to_owned());
        }
        Ok(args)
    }
}

/// The value that follows an option.
fn value<T>(
    option: &str,
    given: &mut impl Iterator<Item = OsString>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, String> {
    let text = given.next().ok_or(format!("{option} needs a number"))?;
    let parsed = text.to_str().and_then(parse);
    parsed.ok_or_else(|| format!("{option} {}: not a number that makes sense", text.display()))
}
