//! Total deadlock: every thread of the process sleeps until another wakes it.
//!
//! # What is counted
//! A *nap* is one sleep without a time limit, in a place that only another thread of the process can end: a
//! blocking operation of ours, a worker or a thread of the pool without work, a `Local` with nothing due.
//! Each has a number of its own. Whoever ends a nap marks it so, under the lock of the place, before the
//! thread wakes: a nap that is listed is of a thread that sleeps, and that nobody has woken.
//!
//! # The check
//! 1. List all naps. 2. Count the threads of the process. 3. List the naps once more.
//!
//! If the lists are equal, all those threads slept at the time of step 2. If they are as many as the process has
//! threads (but for [onlookers](Onlooker)), then at that time no thread was awake, and none had an alarm set; so
//! nothing can ever happen again, but for a signal. A thread that is unknown (of the user's, asleep in a lock of
//! std's, in a system call) makes the numbers differ, and nothing is said.
//!
//! # Who checks, and when
//! Whoever fell asleep last: after 100 ms, and then, as long as no thread naps after it, at twice the time
//! (at most 10 s apart), since a thread that is unknown may have ended meanwhile. Whoever is not
//! the last any more sleeps on without an alarm. A thread that ends and was the last passes it on.
//!
//! # Races, by name
//! * *woken, not yet awake*: the nap is over when its place is marked, not when the thread runs.
//! * *the same again*: what was reported is remembered by its naps. They are the same only if nobody has
//!   been awake since.
//! * *threads that come and go*: only a thread that is awake starts another. If it is in none of the lists, it
//!   is counted in step 2, or it ended before, and what it started is counted.

use std::{cell::Cell, fmt, io::Write, time::Duration};

use super::{BlockedThread, LiveBlock, Stuck, is_enabled, stuck, threads::blocked};
use crate::Home;
use crate::sync::plain::{
    Arc, Mutex, OnceLock, PoisonError, Weak,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    spawn,
};

/// In microseconds; tests look sooner.
static FIRST_LOOK: AtomicU64 = AtomicU64::new(100_000);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Whether the number of the process' threads can be had. (A model's threads are none of the system's.)
const CAN_TELL: bool = cfg!(all(target_os = "linux", not(any(csp_loom, csp_shuttle))));
/// A report names so many blocks; of the others it says how many they are.
const NAMED: usize = 100;

static NAPS: AtomicU64 = AtomicU64::new(0);

/// Somebody who has threads: an executor.
pub trait Party: Send + Sync {
    /// Adds the number of each nap of its threads that nobody has ended.
    fn naps(&self, naps: &mut Vec<u64>);

    /// Shows the homes of its blocks.
    fn homes(&self, see: &mut dyn FnMut(&Home));

    /// Wakes one of its threads, which finds nothing to do and naps again. False: it has none.
    fn rouse(&self) -> bool {
        false
    }
}

static PARTIES: Mutex<Vec<Weak<dyn Party>>> = Mutex::new(Vec::new());

/// Makes an executor known.
pub fn register(party: Weak<dyn Party>) {
    let mut parties = lock(&PARTIES);
    if parties.len() == parties.capacity() {
        parties.retain(|party| party.strong_count() > 0);
    }
    parties.push(party);
}

static ONLOOKERS: AtomicUsize = AtomicUsize::new(0);

/// As long as this lives the calling thread wakes nobody, whatever it does: it writes dumps, say.
#[derive(Debug)]
pub struct Onlooker(());

impl Drop for Onlooker {
    fn drop(&mut self) {
        // Ordering: as in `all_asleep`.
        ONLOOKERS.fetch_sub(1, Ordering::SeqCst);
    }
}

/// This thread is no reason to believe that anything can still happen: see [`Onlooker`].
pub fn looks_on() -> Onlooker {
    // Ordering: as in `all_asleep`.
    ONLOOKERS.fetch_add(1, Ordering::SeqCst);
    Onlooker(())
}

/// How many threads this process has, all of them. `None`: the system does not tell.
fn census() -> Option<usize> {
    if CAN_TELL {
        Some(std::fs::read_dir("/proc/self/task").ok()?.count())
    } else {
        None
    }
}

pub(super) fn parties() -> Vec<Arc<dyn Party>> {
    lock(&PARTIES).iter().filter_map(Weak::upgrade).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> crate::sync::plain::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What to do about a deadlock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Off,
    Report,
    Abort,
}

fn mode() -> Mode {
    static MODE: OnceLock<Mode> = OnceLock::new();
    *MODE.get_or_init(|| match std::env::var("CSP_DEADLOCK").as_deref() {
        Ok("off") => Mode::Off,
        Ok("abort") => Mode::Abort,
        Ok("report" | "") | Err(_) => Mode::Report,
        Ok(other) => {
            say(format_args!(
                "CSP_DEADLOCK={other} makes no sense: say `report`, `abort` or `off`; it is `report` now"
            ));
            Mode::Report
        }
    })
}

fn say(what: fmt::Arguments<'_>) {
    // There is nobody to tell if stderr is gone.
    let _unheard = writeln!(std::io::stderr(), "csp: {what}");
}

fn first_look() -> Duration {
    // Ordering: a setting.
    Duration::from_micros(FIRST_LOOK.load(Ordering::Relaxed))
}

/// Looks after `pause` for the first time, instead of 100 ms: for tests, which are to look in vain often.
#[doc(hidden)]
pub fn look_after(pause: Duration) {
    let micros = u64::try_from(pause.as_micros()).unwrap_or(u64::MAX);
    // Ordering: as above.
    FIRST_LOOK.store(micros.max(1), Ordering::Relaxed);
}

/// One nap of this thread, and its part of the watch.
#[derive(Debug)]
pub struct Watch {
    nap: u64,
    pause: Option<Duration>,
}

impl Watch {
    /// A nap begins: to be called before the thread counts as asleep.
    pub fn begin() -> Self {
        // Ordering: numbers need only differ. That the latest is seen as such hangs on the order of one
        // word's changes, which all threads agree on.
        let nap = NAPS.fetch_add(1, Ordering::Relaxed) + 1;
        let _gone = LAST.try_with(|last| last.set(nap));
        let looks = CAN_TELL && mode() != Mode::Off;
        Self {
            nap,
            pause: looks.then(first_look),
        }
    }

    /// The number of the nap.
    pub fn nap(&self) -> u64 {
        self.nap
    }

    /// How long to sleep before the next [`look`](Self::look). `None`: until somebody wakes the thread.
    pub fn pause(&self) -> Option<Duration> {
        self.pause
    }

    /// The pause is over. To be called without a lock, while the nap is still listed; reports a deadlock, if
    /// it is one.
    #[cold]
    pub fn look(&mut self) {
        // Ordering: as in `begin`. If another nap comes right now, that one looks.
        if NAPS.load(Ordering::Relaxed) != self.nap {
            self.pause = None;
            return;
        }
        check();
        self.pause = self.pause.map(|pause| (2 * pause).min(LONGEST_PAUSE));
    }
}

std::thread_local! {
    /// The last nap of this thread.
    static LAST: Cell<u64> = const { Cell::new(0) };
}

/// An executor's thread is about to end.
pub fn thread_ends() {
    leaves(LAST.try_with(Cell::get).unwrap_or(0));
}

/// A thread that took its last nap as number `nap` is about to end.
pub fn leaves(nap: u64) {
    // Ordering: as in `Watch::begin`.
    let was_last = NAPS.load(Ordering::Relaxed) == nap && nap != 0;
    if was_last && mode() != Mode::Off && !lock(&REPORTED).contains(&nap) {
        // Whoever is roused naps anew, and is the last.
        let _ = crate::park::rouse() || parties().iter().any(|party| party.rouse());
    }
}

/// The naps of the deadlock that was reported last, in their order.
static REPORTED: Mutex<Vec<u64>> = Mutex::new(Vec::new());
/// Held by whoever looks just now, or reports.
static LOOKING: AtomicBool = AtomicBool::new(false);

/// Ends the look, or the report.
struct Looking;

impl Drop for Looking {
    fn drop(&mut self) {
        // Ordering: Release, as for a lock.
        LOOKING.store(false, Ordering::Release);
    }
}

fn check() {
    // Ordering: Acquire, as for a lock.
    if LOOKING.swap(true, Ordering::Acquire) {
        // Whoever has it sees to it.
        return;
    }
    let looking = Looking;
    let parties = parties();
    let Some(naps) = all_asleep(&parties) else {
        return;
    };
    {
        let mut reported = lock(&REPORTED);
        // Of those that were reported, threads without work may have ended meanwhile.
        if naps.iter().all(|nap| reported.binary_search(nap).is_ok()) {
            return;
        }
        *reported = naps;
    }
    Deadlock::of(&parties).report(looking);
}

fn list_naps(parties: &[Arc<dyn Party>]) -> Vec<u64> {
    let mut naps = Vec::new();
    crate::park::naps(None, &mut naps);
    for party in parties {
        party.naps(&mut naps);
    }
    naps.sort_unstable();
    naps
}

/// All naps, if no thread of the process is awake.
fn all_asleep(parties: &[Arc<dyn Party>]) -> Option<Vec<u64>> {
    let before = list_naps(parties);
    // Ordering: asked before the threads are counted. An onlooker that has said so by now is counted too; one that
    // says so later is not awaited, and whoever started it is awake.
    let expected = before.len() + ONLOOKERS.load(Ordering::SeqCst);
    // Twice, since a list of threads that changes may be read wrongly.
    let all = census()? == expected && census()? == expected;
    (all && list_naps(parties) == before).then_some(before)
}

/// Nothing in this process can ever run again.
///
/// Its `Display` is the report.
#[derive(Debug, Clone)]
pub struct Deadlock {
    blocks: Vec<LiveBlock>,
    threads: Vec<BlockedThread>,
    stuck: Stuck,
}

impl Deadlock {
    fn of(parties: &[Arc<dyn Party>]) -> Self {
        let mut blocks = Vec::new();
        for party in parties {
            party.homes(&mut |home| blocks.extend(home.blocks()));
        }
        blocks.sort_by_key(|block| block.id);
        Self {
            blocks,
            threads: blocked(),
            stuck: if is_enabled() {
                stuck()
            } else {
                Stuck::default()
            },
        }
    }

    /// The live blocks, all of which wait.
    pub fn blocks(&self) -> &[LiveBlock] {
        &self.blocks
    }

    /// The threads that sleep in our operations.
    pub fn threads(&self) -> &[BlockedThread] {
        &self.threads
    }

    /// Who waits for whom, as far as it is known: while [inspection](super::enable) is on.
    pub fn stuck(&self) -> &Stuck {
        &self.stuck
    }

    /// Nobody else looks until that is over.
    fn report(self, looking: Looking) {
        let Some(hook) = lock(&HOOK).clone() else {
            say(format_args!("{self}"));
            end_report();
            return;
        };
        let text = self.to_string();
        // On a thread of its own, for it may do anything. Whoever looks counts as asleep with its executor: what
        // the hook woke by it would wait for it, and what the hook waited for might.
        let is_called = spawn("csp-deadlock-hook", move || {
            let _looking = looking;
            // A panic there is printed by std and goes no further.
            let call = std::panic::AssertUnwindSafe(|| hook(&self));
            drop(std::panic::catch_unwind(call));
            end_report();
        });
        if !is_called {
            say(format_args!("{text}"));
            end_report();
        }
    }
}

fn end_report() {
    if mode() == Mode::Abort {
        std::process::abort();
    }
}

impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (blocks, threads) = (self.blocks.len(), self.threads.len());
        f.write_str("deadlock: ")?;
        match blocks {
            0 => {}
            1 => f.write_str("the 1 block")?,
            _ => write!(f, "all {blocks} blocks")?,
        }
        if blocks > 0 && threads > 0 {
            f.write_str(" and ")?;
        }
        match threads {
            0 => {}
            1 => f.write_str("1 thread")?,
            _ => write!(f, "{threads} threads")?,
        }
        f.write_str(match blocks + threads {
            // (No block, and a thread that sleeps elsewhere than in an operation.)
            0 => "a `Local` waits for its main future, and nothing can wake it",
            1 => " waits, and nothing can wake it",
            _ => " wait, and nothing can wake them",
        })?;
        for thread in &self.threads {
            write!(f, "\n  {thread}")?;
        }
        for block in self.blocks.iter().take(NAMED) {
            write!(f, "\n  {block}")?;
        }
        if blocks > NAMED {
            write!(f, "\n  and {} blocks more", blocks - NAMED)?;
        }
        if !self.stuck.is_empty() {
            write!(f, "\n{}", self.stuck)?;
        }
        Ok(())
    }
}

type Hook = Arc<dyn Fn(&Deadlock) + Send + Sync>;

static HOOK: Mutex<Option<Hook>> = Mutex::new(None);

/// Calls `hook` for a total deadlock, instead of writing it to stderr. The one set last counts.
///
/// A total deadlock is found on Linux, within some 100 ms: when every thread of the process sleeps in our
/// operations, or has nothing to do, no timer is set, and so nothing can ever run again. It is certain, as Go's
/// is. If there is a thread that csp knows nothing of (of yours, of another runtime, of the test harness) and
/// that does not sleep in an operation of ours, it is not certain, and nothing is reported: ask
/// [`stuck`] then.
///
/// By default the report is written to stderr, and the program sleeps on, so that it can be looked at. With
/// `CSP_DEADLOCK=abort` in the environment it aborts then; with `CSP_DEADLOCK=off` nobody looks.
///
/// The hook runs on a thread of its own. It may end the process, or the deadlock: by closing a channel, say. The same
/// deadlock is reported once, and nobody looks for another until the hook has returned. (If the system refuses
/// that thread, the report is written to stderr.)
///
/// ```no_run
/// csp::inspect::set_deadlock_hook(|deadlock| {
///     eprintln!("{deadlock}");
///     std::process::exit(3);
/// });
/// ```
pub fn set_deadlock_hook(hook: impl Fn(&Deadlock) + Send + Sync + 'static) {
    let new: Hook = Arc::new(hook);
    // The old one is dropped after the lock is free.
    let _old = lock(&HOOK).replace(new);
}
