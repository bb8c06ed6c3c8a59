//! Models of the sleep protocol and the hand-off slot. Run with `ci/loom.sh`.
//!
//! The deques are crossbeam's, which a model cannot see: a locked queue of the model's own stands for
//! them, which is weaker (its lock orders nothing that the protocol needs).

use std::{
    collections::VecDeque,
    panic::Location,
    ptr::NonNull,
    time::{Duration, Instant},
};

use csp_core::{__private::FromCaller, Executor, Go, Home, Task};
use loom::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use super::{handoff::HandOff, idle::Idle};

/// Work as a counter: relaxed, so that only the protocol's fences order it.
struct Work {
    left: AtomicUsize,
    idle: Idle,
}

impl Work {
    fn new(workers: usize) -> Arc<Self> {
        Arc::new(Self {
            left: AtomicUsize::new(0),
            idle: Idle::new(workers),
        })
    }

    fn push(&self) {
        self.left.fetch_add(1, Ordering::Relaxed);
        self.idle.notify();
    }

    fn pop(&self) -> bool {
        let mut left = self.left.load(Ordering::Relaxed);
        while left > 0 {
            match self
                .left
                .compare_exchange(left, left - 1, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return true,
                Err(now) => left = now,
            }
        }
        false
    }

    /// The worker's loop, until it has one piece of work: as `Context::next`.
    fn work_once(&self, worker: usize) {
        let mut searching = false;
        loop {
            searching = searching || self.idle.start_search();
            if self.pop() {
                if searching {
                    self.idle.end_search();
                }
                return;
            }
            let has_work = || self.left.load(Ordering::Relaxed) > 0;
            searching =
                self.idle
                    .sleep(worker, searching, has_work, || None, Duration::MAX, || None);
        }
    }
}

/// Race *push, then sleep*: one worker goes to sleep while a task is pushed. A lost wake-up is a
/// deadlock of the model. (Without either fence the model finds one.)
#[test]
fn loom_idle_push_then_sleep() {
    loom::model(|| {
        let work = Work::new(1);
        let worker = thread::spawn({
            let work = Arc::clone(&work);
            move || work.work_once(0)
        });
        work.push();
        worker.join().unwrap();
    });
}

/// Two workers, two tasks pushed in a row: the second push may see a searcher and wake nobody, so the
/// searcher has to pass the search on (the chain). (Without the notify in `end_search` this
/// deadlocks.)
#[test]
fn loom_idle_two_workers_two_tasks() {
    loom::model(|| {
        let work = Work::new(2);
        let workers: Vec<_> = (0..2)
            .map(|worker| {
                let work = Arc::clone(&work);
                thread::spawn(move || work.work_once(worker))
            })
            .collect();
        work.push();
        work.push();
        for worker in workers {
            worker.join().unwrap();
        }
    });
}

/// A new deadline is stored before the timekeeper is looked up; the timekeeper reads the deadline
/// after it has become the timekeeper. So either it sleeps for the new deadline or is woken.
/// (Reading the deadline before `sleep` enters the list deadlocks.)
#[test]
fn loom_idle_earlier_deadline() {
    loom::model(|| {
        let work = Work::new(1);
        let due = Arc::new(AtomicBool::new(false));
        let worker = thread::spawn({
            let (work, due) = (Arc::clone(&work), Arc::clone(&due));
            move || {
                // A deadline that is over: the model has no time to wait for.
                let deadline = || due.load(Ordering::Relaxed).then(Instant::now);
                work.idle
                    .sleep(0, false, || false, deadline, Duration::MAX, || None);
            }
        });
        due.store(true, Ordering::Relaxed);
        work.idle.wake_timekeeper();
        worker.join().unwrap();
    });
}

struct Nowhere;

impl Executor for Nowhere {
    fn post(&self, task: Task) {
        drop(task);
    }
}

struct Tasks {
    home: Home,
    made: VecDeque<Go<u32>>,
}

impl Tasks {
    fn new() -> Self {
        let executor: &'static dyn Executor = &Nowhere;
        // SAFETY: the executor is a static, and `home` is dropped after its tasks have run.
        let home = unsafe { Home::new(NonNull::from(executor)) };
        Self {
            home,
            made: VecDeque::new(),
        }
    }

    fn spawn(&mut self, n: u32) -> Task {
        let (task, go) = self
            .home
            .spawn(FromCaller(Location::caller()), async move { n });
        self.made.push_back(go);
        task.unwrap()
    }
}

/// The slot's worker fills and empties it while another worker empties it: each task is run once.
#[test]
fn loom_handoff_owner_and_thief() {
    loom::model(|| {
        let mut tasks = Tasks::new();
        let (first, second) = (tasks.spawn(1), tasks.spawn(2));
        let slot = Arc::new(HandOff::new());
        let thief = thread::spawn({
            let slot = Arc::clone(&slot);
            move || {
                let task = slot.take();
                let got = usize::from(task.is_some());
                task.into_iter().for_each(Task::run);
                got
            }
        });
        let mut mine = 0;
        for displaced in [slot.put(first), slot.put(second)] {
            mine += displaced.into_iter().map(Task::run).count();
        }
        mine += slot.take().into_iter().map(Task::run).count();
        assert_eq!(mine + thief.join().unwrap(), 2);
        for (go, n) in tasks.made.drain(..).zip([1, 2]) {
            assert_eq!(go.wait(), Ok(n));
        }
    });
}
