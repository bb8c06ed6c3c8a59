//! What the programs share: the schedulers, a runtime for each execution, and values that are counted.

use std::{
    env,
    io::Write,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use csp::{Entered, Runtime, ms, secs};
use shuttle::{
    Config, MaxSteps, Runner,
    scheduler::{PctScheduler, RandomScheduler},
};

/// How many priorities PCT changes on the way.
const DEPTH: usize = 4;
/// The same schedules in every run of CI. Longer runs take others each time.
const SEED: u64 = 0xC59;

/// Runs the program under `executions` random schedules, and as many of PCT. `CSP_SHUTTLE_TIMES` multiplies
/// them.
pub(crate) fn explore(executions: usize, program: fn()) {
    let times = env::var("CSP_SHUTTLE_TIMES").map_or(1, |times| {
        times.parse().expect("CSP_SHUTTLE_TIMES is a number")
    });
    let mut config = Config::new();
    config.stack_size = 0x4_0000;
    config.silence_warnings = true;
    config.max_steps = MaxSteps::FailAfter(200_000);
    let executions = executions * times;
    let (random, pct) = if times == 1 {
        (
            RandomScheduler::new_from_seed(SEED, executions),
            PctScheduler::new_from_seed(SEED, DEPTH, executions),
        )
    } else {
        (
            RandomScheduler::new(executions),
            PctScheduler::new(DEPTH, executions),
        )
    };
    let count = Count::new("random");
    Runner::new(random, config.clone()).run(count.counted(program));
    drop(count);
    let count = Count::new("PCT");
    Runner::new(pct, config).run(count.counted(program));
}

/// Says how many executions there were, also if the last one failed.
struct Count {
    scheduler: &'static str,
    executions: Arc<AtomicUsize>,
}

impl Count {
    fn new(scheduler: &'static str) -> Self {
        let executions = Arc::default();
        Self {
            scheduler,
            executions,
        }
    }

    fn counted(&self, program: fn()) -> impl Fn() + Send + Sync + use<> {
        let executions = Arc::clone(&self.executions);
        move || {
            executions.fetch_add(1, Relaxed);
            program();
        }
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        let verdict = if std::thread::panicking() {
            "failed in execution"
        } else {
            "executions:"
        };
        let executions = self.executions.load(Relaxed);
        let line = format!("{}: {verdict} {executions}\n", self.scheduler);
        let _unheard = std::io::stderr().write_all(line.as_bytes());
    }
}

/// A runtime, entered. Dropping it shuts it down.
pub(crate) struct World {
    entered: Option<Entered>,
    runtime: Option<Runtime>,
}

impl World {
    pub(crate) fn new(workers: usize) -> Self {
        let runtime = Runtime::builder().workers(workers).tick(ms(1)).build();
        Self {
            entered: Some(runtime.enter()),
            runtime: Some(runtime),
        }
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().expect("it is there until the end")
    }

    /// Cancels what is alive.
    pub(crate) fn end_now(mut self) {
        self.end(secs(0));
    }

    fn end(&mut self, limit: Duration) {
        drop(self.entered.take());
        if let Some(runtime) = self.runtime.take() {
            // The clock here runs ahead of turns that are under way. Threads that hang are found at the end of
            // the execution.
            let _left = runtime.shutdown(limit);
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.end(secs(3600));
        }
    }
}

/// Values by number: which were made, which are gone, and which went where.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    made: Vec<u32>,
    dropped: Vec<u32>,
    accepted: Vec<u32>,
    taken: Vec<u32>,
}

/// A value that is in a ledger.
pub(crate) struct Value {
    pub(crate) n: u32,
    ledger: Ledger,
}

impl Ledger {
    pub(crate) fn value(&self, n: u32) -> Value {
        self.0.lock().unwrap().made.push(n);
        Value {
            n,
            ledger: self.clone(),
        }
    }

    /// A put of the value has succeeded.
    pub(crate) fn accepted(&self, n: u32) {
        self.0.lock().unwrap().accepted.push(n);
    }

    /// Notes what a put said. False: it was closed.
    pub(crate) fn put<E>(&self, n: u32, result: &Result<(), E>) -> bool {
        if result.is_ok() {
            self.accepted(n);
        }
        result.is_ok()
    }

    /// A take gave the value. No park point may be between the two.
    pub(crate) fn taken(&self, value: Value) {
        self.0.lock().unwrap().taken.push(value.n);
        drop(value);
    }

    /// What was taken until now.
    pub(crate) fn seen(&self) -> Vec<u32> {
        self.0.lock().unwrap().taken.clone()
    }

    /// Every value was dropped, once.
    pub(crate) fn assert_gone(&self) {
        let mut entries = self.0.lock().unwrap();
        let Entries { made, dropped, .. } = &mut *entries;
        made.sort_unstable();
        dropped.sort_unstable();
        assert_eq!(made, dropped, "made, and dropped");
    }

    /// What was accepted was taken, once, and nothing else was.
    pub(crate) fn assert_balanced(&self) {
        {
            let mut entries = self.0.lock().unwrap();
            let Entries {
                accepted, taken, ..
            } = &mut *entries;
            accepted.sort_unstable();
            taken.sort_unstable();
            assert_eq!(accepted, taken, "accepted, and taken");
        }
        self.assert_gone();
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.ledger.0.lock().unwrap().dropped.push(self.n);
    }
}
