//! Reads the lines of a file, and waits for more.

use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Seek},
    path::PathBuf,
    time::{Duration, Instant},
};

use csp::{
    Workload,
    flow::{self, Describe, Next, Out, Outputs, Step},
    prelude::*,
};

pub(crate) const LINES: Out<Line> = Out::new("lines");

/// How often a file is looked at that has not grown.
const EVERY: Duration = ms(50);
/// How many lines one step reads at most.
const AT_ONCE: usize = 500;

#[derive(Debug)]
pub(crate) struct Line {
    #[expect(dead_code, reason = "it is shown when the line makes no sense")]
    number: u64,
    pub(crate) text: String,
}

/// A file that is being read.
pub(crate) struct Tail {
    path: PathBuf,
    patience: Option<Duration>,
    file: Option<BufReader<File>>,
    /// The beginning of a line whose end has not been written yet.
    begun: Vec<u8>,
    lines: u64,
    last_growth: Instant,
}

impl Tail {
    pub(crate) fn new(path: PathBuf, patience: Option<Duration>) -> Self {
        Self {
            path,
            patience,
            file: None,
            begun: Vec::new(),
            lines: 0,
            last_growth: Instant::now(),
        }
    }

    fn read(&mut self, out: &mut Outputs) -> io::Result<Next> {
        for _ in 0..AT_ONCE {
            if !self.line(out)? {
                return Ok(self.at_the_end(out));
            }
        }
        Ok(Next::Now)
    }

    /// Puts the next line, if there is a whole one.
    fn line(&mut self, out: &mut Outputs) -> io::Result<bool> {
        let Some(file) = &mut self.file else {
            return Ok(false);
        };
        if file.read_until(b'\n', &mut self.begun)? == 0 {
            if file.stream_position()? > file.get_ref().metadata()?.len() {
                file.rewind()?; // it was cut off, and begins anew
            }
            return Ok(false);
        }
        self.last_growth = Instant::now();
        if self.begun.ends_with(b"\n") {
            self.put_line(out);
        }
        Ok(true)
    }

    fn put_line(&mut self, out: &mut Outputs) {
        self.lines += 1;
        let text = String::from_utf8_lossy(&self.begun).trim_end().to_owned();
        self.begun.clear();
        let number = self.lines;
        out.put(LINES, Line { number, text });
    }

    fn at_the_end(&mut self, out: &mut Outputs) -> Next {
        let waited = self.last_growth.elapsed();
        if self.patience.is_none_or(|patience| waited < patience) {
            return Next::After(EVERY);
        }
        if !self.begun.is_empty() {
            self.put_line(out);
        }
        Next::Done
    }
}

/// What a ping shows.
impl fmt::Debug for Tail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} lines of {}", self.lines, self.path.display())
    }
}

impl Step for Tail {
    fn describe(&self) -> Describe<Self> {
        Describe::new("reads the lines of a file")
            .param("path", "of the file")
            .param(
                "patience",
                "how long a file that does not grow is waited for",
            )
            .output(LINES)
            .source(Self::read)
            .workload(Workload::Io)
    }

    fn init(&mut self) -> Result<(), flow::Error> {
        let file =
            File::open(&self.path).map_err(|error| format!("{}: {error}", self.path.display()))?;
        self.file = Some(BufReader::new(file));
        Ok(())
    }
}
