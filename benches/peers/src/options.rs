//! The command line.

use std::{path::PathBuf, time::Duration};

use crate::catalogue::{WORKLOADS, Workload};

pub const USAGE: &str = "\
usage: csp-peers [all | WORKLOAD…] [option…]

  all, WORKLOAD…   which workloads; a name matches those that begin with it
  --list           names the workloads and their implementations, and runs none
  --only PART,…    only implementations whose name has one of these in it (csp always runs)
  --rounds N       how often each runs, in turn with the others (5)
  --scale N        sizes are divided by N (1)
  --quick          to see that all works: --rounds 1 --scale 50 --limit 60
  --limit SECONDS  what takes longer is ended, and did not finish (120)
  --out DIR        where the reports go (target/peers)
";

#[derive(Debug)]
pub struct Options {
    pub workloads: Vec<&'static Workload>,
    pub list: bool,
    pub only: Vec<String>,
    pub rounds: u32,
    pub scale: u32,
    pub limit: Duration,
    pub out: Option<PathBuf>,
}

impl Options {
    /// # Errors
    /// What is wrong with the arguments.
    pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            workloads: Vec::new(),
            list: false,
            only: Vec::new(),
            rounds: 5,
            scale: 1,
            limit: Duration::from_mins(2),
            out: None,
        };
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
            match arg.as_str() {
                "all" => options.workloads.extend(WORKLOADS),
                "--list" => options.list = true,
                "--only" => options.only.extend(value()?.split(',').map(str::to_owned)),
                "--rounds" => options.rounds = number(&value()?)?,
                "--scale" => options.scale = number(&value()?)?,
                "--limit" => options.limit = Duration::from_secs(number(&value()?)?.into()),
                "--out" => options.out = Some(value()?.into()),
                "--quick" => {
                    (options.rounds, options.scale) = (1, 50);
                    options.limit = Duration::from_mins(1);
                }
                "--help" => return Err("csp and its peers, side by side".into()),
                name if !name.starts_with('-') => options.add(name)?,
                _ => return Err(format!("there is no option {arg}")),
            }
        }
        if options.workloads.is_empty() && !options.list {
            return Err("which workloads?".into());
        }
        Ok(options)
    }

    fn add(&mut self, name: &str) -> Result<(), String> {
        if let Some(workload) = crate::catalogue::find(name) {
            self.workloads.push(workload);
            return Ok(());
        }
        let before = self.workloads.len();
        let begins = WORKLOADS.iter().filter(|w| w.name.starts_with(name));
        self.workloads.extend(begins);
        if self.workloads.len() == before {
            return Err(format!("there is no workload {name}"));
        }
        Ok(())
    }

    /// Whether an implementation of this name is to run.
    pub fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part.as_str()))
    }
}

fn number(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err(format!("{text} is not a number above 0")),
    }
}
