//! Models of the sleep protocol, the hand-off slot and the pool's jobs. Run with `ci/loom.sh`.
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

use super::{
    handoff::HandOff,
    idle::Idle,
    jobs::{Added, Jobs},
};
use crate::sync::model;

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
    model(|| {
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
    model(|| {
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
    model(|| {
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

/// A worker that retires gives its tasks away once its rest has begun: whoever sleeps by then is woken, and the last
/// that is awake does not rest. (Without the `notify` this deadlocks: the other sleeps on the task. So does a rest
/// that is granted whoever else is awake.)
#[test]
fn loom_idle_retire_against_sleep() {
    model(|| {
        let work = Work::new(2);
        let over = Arc::new(AtomicBool::new(false));
        let other = thread::spawn({
            let (work, over) = (Arc::clone(&work), Arc::clone(&over));
            move || {
                work.work_once(1);
                // A rest has no end of its own here: the model has no time.
                over.store(true, Ordering::Relaxed);
                work.idle.wake_all();
            }
        });
        let give_away = || {
            work.push();
            over.load(Ordering::Relaxed)
        };
        if !work
            .idle
            .rest(0, &mut false, Duration::from_millis(1), give_away)
        {
            // The other sleeps, or is about to: there is work of it all the same.
            work.push();
        }
        other.join().unwrap();
    });
}

/// Who left the waking to a searcher is seen by it, should it rest. (Without the fence in `rest` it is not.)
#[test]
fn loom_idle_rest_against_push() {
    model(|| {
        let work = Work::new(2);
        assert!(work.idle.start_search());
        let pusher = thread::spawn({
            let work = Arc::clone(&work);
            move || {
                work.left.fetch_add(1, Ordering::Relaxed);
                let left_to_searcher = work.idle.is_left_to_searcher();
                work.idle.wake_all();
                left_to_searcher
            }
        });
        let seen = AtomicBool::new(false);
        let is_called = || {
            let called = work.left.load(Ordering::Relaxed) > 0;
            seen.store(called, Ordering::Relaxed);
            called
        };
        assert!(
            work.idle
                .rest(0, &mut true, Duration::from_millis(1), is_called)
        );
        let left_to_searcher = pusher.join().unwrap();
        assert!(seen.load(Ordering::Relaxed) || !left_to_searcher);
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
    model(|| {
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

/// The end comes while a worker lies down: `wake_all` finds it in the list, or it finds that the end has come.
/// (Asking for the limit before `sleep` enters the list deadlocks.)
#[test]
fn loom_idle_wake_all_against_sleep() {
    model(|| {
        let work = Work::new(1);
        let over = Arc::new(AtomicBool::new(false));
        let worker = thread::spawn({
            let (work, over) = (Arc::clone(&work), Arc::clone(&over));
            move || {
                while !over.load(Ordering::Relaxed) {
                    let limit = || over.load(Ordering::Relaxed).then_some(Duration::ZERO);
                    work.idle
                        .sleep(0, false, || false, || None, Duration::MAX, limit);
                }
            }
        });
        over.store(true, Ordering::Relaxed);
        work.idle.wake_all();
        worker.join().unwrap();
    });
}

/// A job as a blocked worker's queue is: somebody has to run it, whoever else blocks.
type Handed = Arc<AtomicUsize>;

fn serve(jobs: &Jobs<Handed>) {
    while let Some(job) = jobs.next() {
        job.fetch_add(1, Ordering::Relaxed);
    }
}

/// Adds a job; starts the thread that it asks for.
fn hand_over(
    jobs: &Arc<Jobs<Handed>>,
    job: &Handed,
    needed: bool,
) -> Option<thread::JoinHandle<()>> {
    match jobs.add(Arc::clone(job), needed) {
        Added::NeedsThread(_) => {
            let jobs = Arc::clone(jobs);
            Some(thread::spawn(move || serve(&jobs)))
        }
        Added::Told | Added::Refused(_) => None,
    }
}

/// Two blocked threads hand over at the same time, while a thread of the pool goes idle and the end comes: each queue
/// is run, once, and every thread ends. (An end that does not wake idle threads deadlocks.)
#[test]
fn loom_jobs_hand_over_against_shut() {
    model(|| {
        let jobs = Arc::new(Jobs::new());
        let ran = [(); 2].map(|()| Handed::default());
        let first = hand_over(&jobs, &ran[0], true);
        let other = thread::spawn({
            let (jobs, ran) = (Arc::clone(&jobs), Arc::clone(&ran[1]));
            move || hand_over(&jobs, &ran, true)
        });
        assert!(jobs.shut(|_| true).is_empty());
        let second = other.join().unwrap();
        for thread in [first, second].into_iter().flatten() {
            thread.join().unwrap();
        }
        assert_eq!(ran.map(|ran| ran.load(Ordering::Relaxed)), [1, 1]);
    });
}

/// A job that waits for another job: the second comes while a thread is idle, busy with the first, or about to be.
/// (Counting an idle thread for two jobs deadlocks.)
#[test]
fn loom_jobs_that_wait_for_each_other() {
    model(|| {
        type Chain = Box<dyn FnOnce() + Send>;
        let jobs: Arc<Jobs<Chain>> = Arc::new(Jobs::new());
        let serve = |jobs: &Arc<Jobs<Chain>>| {
            let jobs = Arc::clone(jobs);
            thread::spawn(move || {
                while let Some(job) = jobs.next() {
                    job();
                }
            })
        };
        let flag = Arc::new((loom::sync::Mutex::new(false), loom::sync::Condvar::new()));
        let waits: Chain = Box::new({
            let flag = Arc::clone(&flag);
            move || {
                let mut done = flag.0.lock().unwrap();
                while !*done {
                    done = flag.1.wait(done).unwrap();
                }
            }
        });
        let ends: Chain = Box::new(move || {
            *flag.0.lock().unwrap() = true;
            flag.1.notify_one();
        });
        let mut threads = Vec::new();
        // The first has a thread, which goes idle at some time or other.
        for job in [Box::new(|| ()) as Chain, waits, ends] {
            if let Added::NeedsThread(_) = jobs.add(job, true) {
                threads.push(serve(&jobs));
            }
        }
        assert!(jobs.shut(|_| true).is_empty());
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// A task that nobody has begun is given out at the end, or refused, or was run: one of the three, and none is taken after
/// the end. (A `shut` that is not looked at takes it.)
#[test]
fn loom_jobs_task_against_shut() {
    model(|| {
        let jobs = Arc::new(Jobs::new());
        let job = Handed::default();
        let over = Arc::new(AtomicBool::new(false));
        let other = thread::spawn({
            let (jobs, job, over) = (Arc::clone(&jobs), Arc::clone(&job), Arc::clone(&over));
            let is_over = move || over.load(Ordering::Acquire);
            move || match (is_over(), jobs.add(job, false)) {
                (over, Added::NeedsThread(_)) => {
                    assert!(!over, "taken after the end");
                    serve(&jobs);
                    0
                }
                (_, Added::Refused(_)) => 1,
                (_, Added::Told) => unreachable!("there is no thread"),
            }
        });
        let given_out = jobs.shut(|_| false).len();
        over.store(true, Ordering::Release);
        let refused = other.join().unwrap();
        assert_eq!(given_out + refused + job.load(Ordering::Relaxed), 1);
    });
}
