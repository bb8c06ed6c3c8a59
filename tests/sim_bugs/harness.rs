//! Runs a program on real threads, and tells how it went.

use std::{
    collections::VecDeque,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use csp::{Go, Runtime, thread};

const WORKERS: usize = 4;
/// A program that is not over within this is watched aside, so that the next may start.
const SOON: Duration = Duration::from_millis(20);
/// So many are watched at a time.
const ASIDE: usize = 24;
const ROUND: Duration = Duration::from_millis(40);

/// How a run went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It ended, and left nothing behind.
    Fine,
    /// It panicked, with this.
    Panicked(String),
    /// It did not end.
    Hung,
    /// It ended, but so many blocks did not.
    Left(usize),
}

/// How many runs went how.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub(crate) fine: u32,
    pub(crate) panicked: u32,
    pub(crate) hung: u32,
    pub(crate) left: u32,
    /// How the last that was not fine went.
    pub(crate) last: Option<Verdict>,
}

impl Tally {
    fn count(&mut self, verdict: Verdict) {
        let count = match verdict {
            Verdict::Fine => &mut self.fine,
            Verdict::Panicked(_) => &mut self.panicked,
            Verdict::Hung => &mut self.hung,
            Verdict::Left(_) => &mut self.left,
        };
        *count += 1;
        if verdict != Verdict::Fine {
            self.last = Some(verdict);
        }
    }
}

/// A program under way, on a runtime of its own. What is left of it is cancelled when it is dropped.
struct Run {
    runtime: Runtime,
    /// `None`: it has ended well.
    main: Option<Go<()>>,
}

impl Run {
    fn start(program: fn()) -> Self {
        let runtime = Runtime::builder().workers(WORKERS).build();
        let main = {
            let _current = runtime.enter();
            thread(program)
        };
        let main = Some(main);
        Self { runtime, main }
    }

    /// Waits for the end, at most so long.
    fn wait(&mut self, limit: Duration) -> Option<Verdict> {
        let until = Instant::now() + limit;
        if let Some(main) = self.main.take() {
            match main.wait_for(limit) {
                Ok(Ok(())) => {}
                Ok(Err(failure)) => return Some(Verdict::Panicked(failure.to_string())),
                Err(main) => {
                    self.main = Some(main);
                    return None;
                }
            }
        }
        while self.runtime.live() > 0 {
            if Instant::now() >= until {
                return None;
            }
            std::thread::sleep(Duration::from_micros(50));
        }
        Some(Verdict::Fine)
    }

    /// Waits until it has ended, or nothing has happened for so many rounds. A round counts only once
    /// the runtime's workers and threads were seen to get on with other work: a machine that is busy
    /// elsewhere makes no deadlock.
    fn watch(mut self, rounds: u32) -> Verdict {
        for _ in 0..rounds {
            if let Some(verdict) = self.wait(ROUND) {
                return verdict;
            }
            let _current = self.runtime.enter();
            let blocks = [(); 2 * WORKERS].map(|()| csp::go(csp::yield_now()));
            for block in blocks {
                block.wait().expect("it only yields");
            }
            thread(|| ()).wait().expect("it does nothing");
        }
        match self.wait(Duration::ZERO) {
            Some(verdict) => verdict,
            None if self.main.is_some() => Verdict::Hung,
            None => Verdict::Left(self.runtime.live()),
        }
    }
}

/// Runs the program so many times, and gives a run up after so many quiet rounds of 40 ms. Those that do not end
/// soon are watched while others run.
pub(crate) fn stress(program: fn(), runs: u32, rounds: u32) -> Tally {
    let mut tally = Tally::default();
    let mut aside: VecDeque<JoinHandle<Verdict>> = VecDeque::new();
    let join = |watched: JoinHandle<Verdict>| watched.join().expect("a watch does not panic");
    for _ in 0..runs {
        let mut run = Run::start(program);
        if let Some(verdict) = run.wait(SOON) {
            tally.count(verdict);
            continue;
        }
        aside.push_back(std::thread::spawn(move || run.watch(rounds)));
        if aside.len() > ASIDE {
            aside
                .drain(..1)
                .for_each(|watched| tally.count(join(watched)));
        }
    }
    for watched in aside {
        tally.count(join(watched));
    }
    tally
}
