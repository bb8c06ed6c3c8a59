//! A dump from outside: SIGQUIT.

use std::{
    env,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use csp_core::inspect::deadlock::looks_on;
use signal_hook::{consts::SIGQUIT, iterator::Signals};

use super::dump::dump;
use crate::sync::{plain, thread};

/// Has SIGQUIT (`kill -QUIT`, Ctrl-\ in a terminal) write a [dump](super::dump()), instead of ending the process.
///
/// It goes to stderr; or to the file that the environment variable `CSP_DUMP` names. Each dump takes the place
/// of the one before there, and at once: whoever reads the file sees a whole dump. A name that ends in `.json`
/// or `.dot` gets that format.
///
/// A thread, `csp-inspect`, waits for the signal and writes; nothing is done in the handler itself. Calling
/// this again does nothing. With `CSP_DUMP` set, the first executor that starts calls it.
///
/// # Errors
/// The system refuses the handler or the thread.
///
/// Comes from the JVM's thread dump and from Go's SIGQUIT (which, other than this, ends the program).
pub fn install_signal_handler() -> io::Result<()> {
    static INSTALLED: plain::Mutex<bool> = plain::Mutex::new(false);
    let mut installed = plain::lock(&INSTALLED);
    if *installed {
        return Ok(());
    }
    let mut signals = Signals::new([SIGQUIT])?;
    thread::Builder::new()
        .name("csp-inspect".to_owned())
        .spawn(move || {
            // Else no deadlock would be told of where this waits.
            let _onlooker = looks_on();
            for _ in &mut signals {
                if let Err(error) = write() {
                    crate::report(format_args!("cannot write a dump: {error}"));
                }
            }
        })?;
    *installed = true;
    Ok(())
}

/// The file that dumps are asked to go to.
pub(super) fn file() -> Option<PathBuf> {
    env::var_os("CSP_DUMP")
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
}

fn write() -> io::Result<()> {
    let dump = dump();
    let Some(path) = file() else {
        return io::Write::write_all(&mut io::stderr(), dump.to_string().as_bytes());
    };
    let text = match path.extension().and_then(|ending| ending.to_str()) {
        Some("json") => dump.json().to_string(),
        Some("dot") => dump.dot().to_string(),
        _ => dump.to_string(),
    };
    replace(&path, &text)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

/// Writes the file anew, as one step for those who read it.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let is_file = fs::metadata(path).map_or(true, |there| there.is_file());
    if !is_file {
        // A terminal, a pipe: that is written to.
        return fs::write(path, text);
    }
    let mut beside = OsString::from(path);
    beside.push(".new");
    fs::write(&beside, text)?;
    fs::rename(&beside, path)
}
