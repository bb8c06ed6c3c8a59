//! Blocking work by its kind, and executors of one's own: `thread_on`, `io_thread`, `compute`, `futurize`.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread as os_thread,
};

use csp::{
    Job, Local, Runtime, Workload, block_on, compute, futurize, io_thread, prelude::*, thread_on,
};

use crate::util::{Census, LIMIT, failure_of, on_one_worker, outcome, runtime, until, value};

csp::dynamic! {
    static USER: &'static str = "nobody";
}

const ALL: [Workload; 3] = [Workload::Io, Workload::Compute, Workload::Mixed];

fn on() -> String {
    os_thread::current().name().unwrap_or("unnamed").to_owned()
}

/// An executor of one thread with a queue.
fn own_thread(name: &str) -> impl Fn(Job) + Send + Sync + 'static {
    let (post, jobs) = mpsc::channel::<Job>();
    os_thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || jobs.into_iter().for_each(Job::run))
        .unwrap();
    move |job| drop(post.send(job))
}

/// A runtime whose jobs of a kind only gather in a queue.
fn gathering(workload: Workload) -> (Runtime, mpsc::Receiver<Job>) {
    let (post, jobs) = mpsc::channel();
    let rt = Runtime::builder()
        .workers(1)
        .executor(workload, move |job| drop(post.send(job)))
        .build();
    (rt, jobs)
}

/// CA-028: bindings and the current runtime are conveyed, for each kind, on the pool and on one's own thread.
#[test]
fn ca_028_bindings_and_runtime_are_conveyed_for_each_kind() {
    let pooled = Runtime::builder().workers(1).name("pooled").build();
    let mut builder = Runtime::builder().workers(1).name("own");
    for workload in ALL {
        builder = builder.executor(workload, own_thread("executor"));
    }
    let own = builder.build();
    for (rt, name, thread_name) in [(&pooled, "pooled", "pooled"), (&own, "own", "executor")] {
        let _entered = rt.enter();
        for workload in ALL {
            let seen = binding!(USER = "ann" => thread_on(workload, || {
                let inner = go!({ (on(), USER.get()) });
                (on(), USER.get(), inner.wait().unwrap())
            }));
            let (thread, user, (inner_on, inner_user)) = value(seen);
            assert!(thread.starts_with(thread_name), "{workload:?}: {thread}");
            assert!(inner_on.starts_with(name), "{workload:?}: {inner_on}");
            assert_eq!((user, inner_user), ("ann", "ann"));
        }
    }
    assert_eq!(value(thread_on(Workload::Io, || USER.get())), "nobody");
}

/// CA-029: io-threads with blocking takes and puts form a chain over three channels.
#[test]
fn ca_029_io_threads_form_a_chain() {
    let (first, one) = chan(0);
    let (second, two) = chan(0);
    let (third, three) = chan(0);
    let link = |from: Receiver<u32>, to: Sender<u32>| {
        io_thread(move || to.put_blocking(from.take_blocking().unwrap() + 1))
    };
    let links = [link(one, second), link(two, third)];
    first.put_blocking(1).unwrap();
    assert_eq!(three.take_blocking(), Some(3));
    for link in links {
        assert_eq!(value(link), Ok(()));
    }
}

/// CA-030: what parks is a future here and cannot go wrong when it runs; what blocks is right.
#[test]
fn ca_030_blocking_is_right_in_an_io_thread() {
    let (tx, rx) = chan(1);
    let all = io_thread(move || {
        tx.put_blocking("put").unwrap();
        let parked = block_on(rx.take());
        let chosen = alt_blocking! { v = take!(rx) => v, _ = take!(timeout(ms(1))) => None };
        (parked, chosen)
    });
    assert_eq!(value(all), (Some("put"), None));
}

/// CA-180: each kind runs on the executor that was given for it, the others on the pool.
#[test]
fn ca_180_work_runs_on_the_executor_for_its_kind() {
    let rt = Runtime::builder()
        .workers(1)
        .name("rest")
        .executor(Workload::Compute, own_thread("computes"))
        .executor(Workload::Io, own_thread("first"))
        .executor(Workload::Io, own_thread("waits"))
        .build();
    let _entered = rt.enter();
    assert_eq!(value(compute(on)), "computes");
    assert_eq!(value(io_thread(on)), "waits", "the one given last counts");
    assert!(value(thread(on)).starts_with("rest"));
    let own = futurize(|n: u32| (n, on()), Workload::Compute);
    assert_eq!(value(own(5)), (5, "computes".to_owned()));
    // From its blocks as well.
    let block = rt.go(async { (compute(on).await, on()) });
    let (work, block) = value(block);
    assert_eq!(work, Ok("computes".to_owned()));
    assert!(block.starts_with("rest"));
}

/// CA-178, CA-179: a function of a value becomes one of its eventual result.
#[test]
fn ca_178_179_futurize_gives_the_result_later() {
    let mixed = futurize(|(a, b): (u32, u32)| a + b, Workload::Mixed);
    let by_default = futurize(|n: u32| n * 10, Workload::default());
    let both = (mixed((1, 2)), by_default(4));
    assert_eq!((value(both.0), value(both.1)), (3, 40));
    // Again, from a clone, on other threads, each with the bindings of its call.
    let who = futurize(|n: u32| (n, USER.get()), Workload::Io);
    let other = who.clone();
    let there = os_thread::spawn(move || binding!(USER = "bob" => value(other(1))));
    assert_eq!(binding!(USER = "ann" => value(who(2))), (2, "ann"));
    assert_eq!(there.join().unwrap(), (1, "bob"));
}

/// CA-181: a panic is how that call ends; the function and its threads go on.
#[test]
fn ca_181_panic_is_the_failure_of_its_call() {
    let rt = Runtime::builder()
        .executor(Workload::Compute, own_thread("computes"))
        .build();
    let _entered = rt.enter();
    for workload in ALL {
        let line = line!() + 1;
        let half = futurize(
            |n: u32| {
                assert_eq!(n % 2, 0, "{n} on purpose");
                n / 2
            },
            workload,
        );
        let Err(Failure::Panicked(panicked)) = outcome(half(3)) else {
            panic!("it ended well");
        };
        assert!(panicked.message().contains("3 on purpose"));
        assert_eq!(panicked.site().unwrap().line(), line);
        assert_eq!(value(half(4)), 2);
    }
}

/// A job that is dropped ends as cancelled, and what it held is dropped, wherever that happens.
#[test]
fn dropped_job_is_cancelled() {
    let (rt, jobs) = gathering(Workload::Compute);
    let _entered = rt.enter();
    let census = Census::default();
    let start = || {
        let item = census.item();
        compute(move || drop(item))
    };
    let block = start();
    assert!(!block.is_finished());
    let job = jobs.recv().unwrap();
    let text = format!("{job:?}");
    assert!(
        text.starts_with("Job") && text.contains("workload.rs"),
        "{text}"
    );
    drop(job);
    assert_eq!(outcome(block), Err(Failure::Cancelled));
    // One that waits in the queue, and one that comes when the queue is gone.
    let block = start();
    drop(jobs);
    assert_eq!(outcome(block), Err(Failure::Cancelled));
    assert_eq!(outcome(start()), Err(Failure::Cancelled));
    assert_eq!((census.living(), rt.live()), (0, 0));
    // Another kind is not touched.
    assert_eq!(value(thread(|| 1)), 1);
}

/// The waiter of a dropped job is woken, not only one that comes later.
#[test]
fn dropped_job_wakes_who_waits() {
    let (rt, jobs) = gathering(Workload::Io);
    let waiter = rt.go(async { io_thread(|| 1).await });
    let job = jobs.recv().unwrap();
    assert!(!waiter.is_finished());
    drop(job);
    assert_eq!(outcome(waiter), Ok(Err(Failure::Cancelled)));
}

/// Work that is cancelled before it has begun is not run, only dropped.
#[test]
fn cancelled_job_does_not_run() {
    let (rt, jobs) = gathering(Workload::Mixed);
    let _entered = rt.enter();
    let (census, ran) = (Census::default(), Arc::new(AtomicUsize::new(0)));
    let (item, count) = (census.item(), Arc::clone(&ran));
    let block = thread(move || {
        count.fetch_add(1, Ordering::SeqCst);
        drop(item);
    });
    assert!(block.cancel());
    jobs.recv().unwrap().run();
    assert_eq!(outcome(block), Err(Failure::Cancelled));
    assert_eq!((census.living(), ran.load(Ordering::SeqCst)), (0, 0));
}

/// An executor that panics costs the work, and nothing else.
#[test]
fn executor_that_panics_cancels_the_work() {
    let rt = Runtime::builder()
        .workers(1)
        .executor(Workload::Compute, |job| {
            assert!(format!("{job:?}").is_empty(), "on purpose, in an executor");
            job.run();
        })
        .build();
    let block = rt.go(async { (compute(|| 1).await, thread(|| 2).await) });
    assert_eq!(outcome(block), Ok((Err(Failure::Cancelled), Ok(2))));
}

/// An executor may run the job at once, on the thread that starts it: also one that blocks, in a block of
/// the only worker, whose other blocks run meanwhile.
#[test]
fn executor_may_run_the_job_on_the_caller() {
    let rt = Runtime::builder()
        .workers(1)
        .executor(Workload::Io, Job::run)
        .build();
    let block = rt.go(async {
        let (tx, rx) = chan(0);
        let here = os_thread::current().id();
        let putter = go!({
            for n in 0..500_u32 {
                put!(tx, n).unwrap();
            }
        });
        let work = io_thread(move || {
            let sum: u32 = rx.iter_blocking().sum();
            (sum, os_thread::current().id() == here)
        });
        assert!(work.is_finished(), "it ran before the call returned");
        (work.await, putter.await)
    });
    assert_eq!(value(block), (Ok((124_750, true)), Ok(())));
    // A panic of the work does not unwind the caller.
    let _entered = rt.enter();
    let block = io_thread(|| panic!("on purpose, on the caller"));
    assert!(failure_of::<()>(block).contains("on purpose, on the caller"));
}

/// The blocks of another runtime as threads.
#[test]
fn executor_may_be_another_runtime() {
    let other = Arc::new(Runtime::builder().workers(1).name("other").build());
    let there = Arc::clone(&other);
    let rt = Runtime::builder()
        .workers(1)
        .name("rt")
        .executor(Workload::Compute, move |job| {
            drop(there.go(async { job.run() }));
        })
        .build();
    let block = rt.go(async { compute(|| (on(), value(go!({ on() })))).await });
    let (thread, inner) = value(block).unwrap();
    assert!(
        thread.starts_with("other") && inner.starts_with("rt"),
        "{thread}, {inner}"
    );
}

/// Without executors of one's own, work of any kind may wait for work of the same kind, as deep as it likes.
#[test]
fn work_waits_for_work_of_its_kind() {
    fn nest(workload: Workload, depth: u32) -> u32 {
        if depth == 0 {
            return 0;
        }
        value(thread_on(workload, move || nest(workload, depth - 1))) + 1
    }
    let rt = runtime(1);
    let _entered = rt.enter();
    for workload in ALL {
        assert_eq!(nest(workload, 40), 40);
    }
}

/// A local executor has no threads: its work goes to the default runtime, with the bindings.
#[test]
fn local_executor_uses_the_default_runtimes_threads() {
    let local = Local::new();
    let here = os_thread::current().id();
    for workload in ALL {
        let seen = binding!(USER = "ann" => local.run_until(async move {
            thread_on(workload, move || (os_thread::current().id() == here, USER.get())).await
        }));
        assert_eq!(seen, Ok((false, "ann")));
    }
}

/// A shutdown waits for work on an executor of one's own.
#[test]
fn shutdown_waits_for_jobs() {
    let rt = Runtime::builder()
        .workers(1)
        .executor(Workload::Compute, own_thread("computes"))
        .build();
    let (go_on, rx) = chan::<u32>(0);
    let block = {
        let _entered = rt.enter();
        compute(move || rx.take_blocking())
    };
    assert_eq!(rt.live(), 1);
    let other = os_thread::spawn(move || go_on.put_blocking(7));
    assert!(rt.shutdown(LIMIT).unwrap().is_clean());
    assert!(block.is_finished());
    assert_eq!(outcome(block), Ok(Some(7)));
    other.join().unwrap().unwrap();
}

/// Jobs that their executor has not come to are told of, and cancelled: run later, they only end.
#[test]
fn shutdown_tells_of_jobs_that_wait() {
    let (rt, jobs) = gathering(Workload::Compute);
    let (census, ran) = (Census::default(), Arc::new(AtomicUsize::new(0)));
    let entered = rt.enter();
    let blocks: Vec<_> = (0..3)
        .map(|_| {
            let (item, ran) = (census.item(), Arc::clone(&ran));
            compute(move || {
                ran.fetch_add(1, Ordering::SeqCst);
                drop(item);
            })
        })
        .collect();
    assert_eq!(rt.live(), 3);
    assert_eq!(rt.shutdown(ms(0)).unwrap_err().left, 3);
    assert!(blocks.iter().all(|block| !block.is_finished()));
    // What is started now is refused, and does not reach the executor.
    assert_eq!(outcome(compute(|| 1)), Err(Failure::Cancelled));
    drop(entered);
    jobs.recv().unwrap().run();
    drop(jobs);
    for block in blocks {
        assert_eq!(outcome(block), Err(Failure::Cancelled));
    }
    assert_eq!((census.living(), ran.load(Ordering::SeqCst)), (0, 0));
}

/// What the executor holds goes with its runtime, once the last job has ended.
#[test]
fn executor_is_dropped_with_its_runtime() {
    let census = Census::default();
    let held = census.item();
    let rt = Runtime::builder()
        .workers(1)
        .executor(Workload::Io, move |job| {
            let _held = &held;
            job.run();
        })
        .build();
    {
        let _entered = rt.enter();
        assert_eq!(value(io_thread(|| 1)), 1);
    }
    rt.shutdown(LIMIT).unwrap();
    on_one_worker(async move { until(|| census.living() == 0).await });
}

/// Each job ends once, run or dropped, whatever else happens to it.
#[test]
fn stress_jobs_are_run_dropped_and_cancelled() {
    let census = Census::default();
    for round in 0..100_usize {
        let (post, jobs) = mpsc::channel::<Job>();
        let rt = Runtime::builder()
            .workers(2)
            .executor(Workload::Compute, move |job| drop(post.send(job)))
            .build();
        let jobs = Arc::new(Mutex::new(jobs));
        let crew: Vec<_> = (0..2)
            .map(|_| {
                let jobs = Arc::clone(&jobs);
                os_thread::spawn(move || {
                    for n in 0.. {
                        // The lock is free while the job runs.
                        let job = jobs.lock().unwrap().recv();
                        match job {
                            Ok(job) if n % 3 == 0 => drop(job),
                            Ok(job) => job.run(),
                            Err(_) => return,
                        }
                    }
                })
            })
            .collect();
        let blocks: Vec<_> = (0..40)
            .map(|n| {
                let item = census.item();
                rt.go(async move {
                    let work = compute(move || {
                        drop(item);
                        n
                    });
                    if n % 5 == 0 {
                        work.cancel();
                    }
                    work.await
                })
            })
            .collect();
        let kept = (round % 2 == 0).then_some(rt);
        let mut ends = BTreeSet::new();
        for (n, block) in (0..).zip(blocks) {
            ends.insert(match outcome(block).and_then(|end| end) {
                Ok(value) => {
                    assert_eq!(value, n);
                    "value".to_owned()
                }
                Err(failure) => failure.to_string(),
            });
        }
        assert!(
            ends.iter().all(|end| end == "value" || end == "cancelled"),
            "{ends:?}"
        );
        // The runtime goes, with it the queue's sender, and then the crew.
        drop(kept);
        for worker in crew {
            worker.join().unwrap();
        }
    }
    assert_eq!(census.living(), 0);
}
