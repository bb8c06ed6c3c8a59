//! Three services that write logs, for the demonstration. One of them has a bad second.

use std::{
    env,
    fs::{self, File},
    io::{self, Write},
    path::PathBuf,
    process,
    time::{Duration, SystemTime},
};

use csp::prelude::*;

use crate::parse::Second;

/// How long a service rests between two lines.
pub(crate) const PAUSE: Duration = ms(100);
/// How many lines each writes.
const LINES: u32 = 40;

/// The services' files, which go with it.
#[derive(Debug)]
pub(crate) struct Demo {
    folder: PathBuf,
    names: [&'static str; 3],
}

impl Demo {
    pub(crate) fn start() -> io::Result<Self> {
        let folder = env::temp_dir().join(format!("csp-log-flow-{}", process::id()));
        fs::create_dir_all(&folder)?;
        let demo = Self {
            folder,
            names: ["web", "shop", "mail"],
        };
        for (service, path) in demo.names.into_iter().zip(demo.files()) {
            let file = File::create(path)?;
            thread(move || serve(service, file));
        }
        Ok(demo)
    }

    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let name = |name| self.folder.join(name).with_extension("log");
        self.names.into_iter().map(name).collect()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Nothing can be done about it here.
        fs::remove_dir_all(&self.folder).ok();
    }
}

fn serve(service: &str, mut log: File) -> io::Result<()> {
    for n in 0..LINES {
        let is_bad = service == "shop" && (LINES / 3..LINES / 2).contains(&n);
        for _ in 0..if is_bad { 5 } else { 1 } {
            let level = if is_bad { "ERROR" } else { "INFO" };
            writeln!(log, "{} {level} {service} order {n}", now())?;
        }
        if service == "mail" && n % 20 == 10 {
            writeln!(log, "  a line without a time")?;
        }
        timeout(PAUSE).wait();
    }
    Ok(())
}

fn now() -> Second {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    Second(u32::try_from(since.as_secs() % 86_400).unwrap_or(0))
}
