//! The programs of `examples/README.md` that come from other systems: each is run here, and what it says
//! is what it has to say.
#![allow(dead_code, reason = "an example is a program of its own, with a main")]

mod broadcast;
mod event_loop;
mod lamina;
mod pipelines;
mod streams;
mod task;
mod twisted;

use std::{
    error::Error,
    io::{self, Write},
    sync::{Arc, Mutex, MutexGuard, mpsc},
    thread,
    time::Duration,
};

/// How long a program may take before it counts as hung.
const LIMIT: Duration = Duration::from_secs(50);

/// What a program writes.
#[track_caller]
fn output<F>(run: F) -> String
where
    F: FnOnce(&mut dyn Write) -> Result<(), Box<dyn Error>> + Send + 'static,
{
    let page = Page::default();
    let mut out = page.clone();
    let (ended_tx, ended) = mpsc::channel();
    thread::spawn(move || {
        let outcome = run(&mut out).map_err(|error| error.to_string());
        ended_tx.send(outcome).ok();
    });
    match ended.recv_timeout(LIMIT) {
        Ok(Ok(())) => page.text(),
        Ok(Err(error)) => panic!("the program fails: {error}\nafter:\n{}", page.text()),
        // Its panic was shown already, if it is one.
        Err(why) => panic!("the program did not end: {why}\nafter:\n{}", page.text()),
    }
}

/// What has been written so far.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().expect("no panic under the lock")
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.lock()).into_owned()
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Compares line by line.
#[track_caller]
fn assert_says(output: &str, lines: &[&str]) {
    assert_eq!(output.lines().collect::<Vec<_>>(), lines);
}
