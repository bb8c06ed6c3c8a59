//! One run of one implementation, in a process of its own.

use std::{
    ffi::OsString,
    io::{self, Read},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{figures::Sample, json};

/// How often the child is looked at.
const BEAT: Duration = Duration::from_millis(5);

/// Runs it, and gives what it printed of itself.
///
/// # Errors
/// How it failed, in words for the report.
pub fn run(command: &[OsString], args: &[&str], limit: Duration) -> Result<Sample, String> {
    let mut child = Command::new(&command[0])
        .args(&command[1..])
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("not started: {error}"))?;
    // Read beside it, so that it never waits for room in the pipe.
    let out = child.stdout.take().map(read);
    let err = child.stderr.take().map(read);
    let ended = wait(&mut child, limit).map_err(|error| format!("not waited for: {error}"))?;
    let Some(status) = ended else {
        // Nobody waits for its output: a child of its own may hold the pipe.
        return Err(format!("did not finish in {} s", limit.as_secs()));
    };
    let text = |reader: Option<thread::JoinHandle<String>>| {
        reader
            .and_then(|reader| reader.join().ok())
            .unwrap_or_default()
    };
    let (out, err) = (text(out), text(err));
    if status.success() {
        let line = out.lines().last().unwrap_or_default();
        sample(line).map_err(|error| format!("printed {error}"))
    } else {
        // A panic takes two: where, and what.
        let said = err.lines().map(str::trim).filter(|line| !line.is_empty());
        let said: Vec<&str> = said.take(2).collect();
        Err(format!("failed: {status}, {}", said.join(" ")))
    }
}

/// `None` if it was ended because time was up.
fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if begun.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(BEAT);
    }
}

fn read(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What could be read is what there is to show.
        pipe.read_to_end(&mut bytes).ok();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn sample(line: &str) -> Result<Sample, String> {
    let mut fields = json::flat_object(line)?;
    let mut field = |name: &str| {
        let at = fields.iter().position(|(n, _)| n == name);
        at.map(|at| fields.remove(at).1)
            .ok_or_else(|| format!("no {name}: {line:?}"))
    };
    Ok(Sample {
        operations: field("operations")?,
        cpu_ns: field("cpu_ns")?,
        wall_ns: field("wall_ns")?,
        peak_bytes: field("peak_rss")?,
        lost: field("lost")?,
        right: field("right")? != 0.0,
        extra: fields,
    })
}
