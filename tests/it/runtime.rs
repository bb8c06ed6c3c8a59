//! Making, entering and ending runtimes.

use std::{
    panic::catch_unwind,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use csp::{Local, Runtime, prelude::*};

use crate::util::{LIMIT, value};

/// The name of the runtime that a piece of code runs on.
fn on() -> String {
    let name = std::thread::current().name().unwrap_or("?").to_owned();
    name.split('-').next().unwrap().to_owned()
}

fn named(name: &str) -> Runtime {
    Runtime::builder().workers(1).name(name).build()
}

#[test]
fn builder_errors_name_what_is_wrong() {
    let builder = Runtime::builder;
    let cases = [
        (
            builder().workers(0),
            "0 workers makes no sense: give it 1 to 1024",
        ),
        (builder().workers(1025), "1025 workers makes no sense"),
        (
            builder().tick(Duration::ZERO),
            "a tick of 0ns makes no sense: give it 100µs to 60s",
        ),
        (builder().tick(Duration::from_micros(99)), "a tick of 99µs"),
        (builder().tick(secs(61)), "a tick of 61s"),
        (builder().name(""), "named \"\" makes no sense"),
        (builder().name("a\0b"), "a NUL"),
    ];
    for (builder, expected) in cases {
        let text = format!("{builder:?}");
        let error = builder.try_build().expect_err(&text).to_string();
        assert!(error.contains(expected), "{error}");
    }
    let panic = catch_unwind(|| Runtime::builder().workers(0).build()).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("0 workers makes no sense"), "{message}");
}

/// GO-120: the extremes that are allowed.
#[test]
fn builder_takes_the_extremes() {
    let rt = Runtime::builder()
        .workers(1)
        .tick(Duration::from_micros(100))
        .name("a")
        .build();
    assert_eq!(rt.workers(), 1);
    assert_eq!(value(rt.go(async { 1 })), 1);
    let rt = Runtime::builder()
        .workers(3)
        .tick(secs(60))
        .name("a rather long name for a thread")
        .build();
    assert_eq!(rt.workers(), 3);
    assert_eq!(value(rt.go(async { 1 })), 1);
    let text = format!("{rt:?}");
    assert!(
        text.contains("a rather long name") && text.contains("workers: 3"),
        "{text}"
    );
}

/// GO-122: without a number of its own, a runtime has as many workers as the process may use.
#[test]
fn default_number_of_workers_makes_sense() {
    let workers = Runtime::builder().build().workers();
    let most = std::thread::available_parallelism().unwrap().get();
    assert!(
        workers >= 1 && workers <= most.max(2),
        "{workers} workers, {most} CPUs"
    );
}

#[test]
fn threads_have_the_runtimes_name() {
    let rt = named("background");
    let names = rt.go(async {
        let mine = std::thread::current().name().unwrap().to_owned();
        (
            mine,
            thread(|| std::thread::current().name().unwrap().to_owned())
                .await
                .unwrap(),
        )
    });
    let (worker, pool) = value(names);
    assert!(
        worker.starts_with("background") && pool.starts_with("background"),
        "{worker}, {pool}"
    );
}

/// A block's children, threads and timeouts belong to its runtime, wherever the block was started from.
#[test]
fn what_a_block_starts_inherits_its_runtime() {
    let (a, b) = (named("a"), named("b"));
    let _entered = b.enter();
    let names = a.go(async {
        let inner = go!({ (on(), go!({ on() }).await.unwrap()) }).await.unwrap();
        let pool = thread(|| (on(), go!({ on() }).wait().unwrap()))
            .await
            .unwrap();
        let by_function = go(async { on() }).await.unwrap();
        (on(), inner, pool, by_function)
    });
    let a = || "a".to_owned();
    assert_eq!(value(names), (a(), (a(), a()), (a(), a()), a()));
    assert_eq!(value(go!({ on() })), "b");
}

#[test]
fn entering_nests_and_is_undone() {
    let (a, b) = (named("a"), named("b"));
    {
        let _a = a.enter();
        assert_eq!(value(go!({ on() })), "a");
        {
            let _b = b.enter();
            assert_eq!(value(go!({ on() })), "b");
            assert_eq!(value(thread(on)), "b");
        }
        assert_eq!(value(go!({ on() })), "a");
    }
    assert_eq!(value(go!({ on() })), "csp", "the default runtime");
    // On another thread it was never entered.
    let _a = a.enter();
    assert_eq!(
        std::thread::spawn(|| value(go!({ on() }))).join().unwrap(),
        "csp"
    );
}

/// A runtime entered inside a block of another holds for that turn's code.
#[test]
fn entering_inside_a_block() {
    let a = named("a");
    let b = Arc::new(named("b"));
    let names = a.go(async move {
        let other = {
            let _b = b.enter();
            go!({ on() })
        };
        (other.await.unwrap(), go!({ on() }).await.unwrap())
    });
    assert_eq!(value(names), ("b".to_owned(), "a".to_owned()));
}

#[test]
fn two_runtimes_talk_over_channels() {
    let (a, b) = (named("a"), named("b"));
    let (tx, rx) = chan(0);
    let (back_tx, back) = chan(0);
    let ping = a.go(async move {
        let mut sum = 0_u64;
        for n in 0..2_000 {
            put!(tx, n).unwrap();
            sum += take!(back).unwrap();
        }
        sum
    });
    b.go(async move {
        while let Some(n) = take!(rx) {
            put!(back_tx, n + 1).ok();
        }
    });
    assert_eq!(value(ping), (1..=2_000).sum::<u64>());
}

/// The hook is called on each thread that becomes a worker, and what it gives is held while it is one.
#[test]
fn on_worker_holds_a_guard_on_each_worker() {
    thread_local! {
        static HERE: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    }
    struct Guard(Arc<AtomicUsize>);
    impl Drop for Guard {
        fn drop(&mut self) {
            HERE.set(false);
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }
    let held = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&held);
    let rt = Runtime::builder()
        .workers(2)
        .on_worker(move || {
            HERE.set(true);
            count.fetch_add(1, Ordering::SeqCst);
            Guard(Arc::clone(&count))
        })
        .build();
    let blocks: Vec<_> = (0..20)
        .map(|n| {
            rt.go(async move {
                yield_now().await;
                let before = HERE.get();
                if n % 5 == 0 {
                    // The thread that takes over is a worker too.
                    csp::allow_blocking!(csp::block_on(timeout(ms(1)).take()));
                }
                yield_now().await;
                before && HERE.get()
            })
        })
        .collect();
    assert!(blocks.into_iter().all(value));
    assert!(!HERE.get());
    rt.shutdown(LIMIT).unwrap();
    let start = Instant::now();
    while held.load(Ordering::SeqCst) > 0 {
        assert!(start.elapsed() < LIMIT, "a guard is held after the end");
        std::thread::yield_now();
    }
}

/// A hook that panics does not cost the runtime its workers.
#[test]
fn on_worker_hook_that_panics_is_survived() {
    let rt = Runtime::builder()
        .workers(2)
        .on_worker(|| -> () { panic!("on purpose, in on_worker") })
        .build();
    assert_eq!(value(rt.go(async { 5 })), 5);
}

/// Runs this test binary again, for one test, with another environment.
fn in_a_child(test: &str, workers: &str) -> (bool, String) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--include-ignored"])
        .env("CSP_WORKERS", workers)
        .env("CSP_TEST_CHILD", "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

/// Runs in the child only.
#[test]
#[ignore = "for the process that the next test starts"]
fn child_tells_its_workers() {
    if std::env::var_os("CSP_TEST_CHILD").is_some() {
        let workers = Runtime::builder().build().workers();
        let explicit = Runtime::builder().workers(2).build().workers();
        let here = value(go!({ 1 }));
        assert_eq!(here, 1);
        #[expect(clippy::print_stdout, reason = "the parent reads it")]
        {
            println!("workers={workers} explicit={explicit}");
        }
    }
}

/// `CSP_WORKERS` sets the number of workers; an explicit one wins; nonsense is refused by name.
#[test]
fn environment_sets_the_number_of_workers() {
    let test = "runtime::child_tells_its_workers";
    let (ok, text) = in_a_child(test, "3");
    assert!(ok && text.contains("workers=3 explicit=2"), "{text}");
    for nonsense in ["0", "many", "", "1025", "-1"] {
        let (ok, text) = in_a_child(test, nonsense);
        let told = format!("CSP_WORKERS is {nonsense:?}, which is no number of workers");
        assert!(!ok && text.contains(&told), "{text}");
    }
}

/// The default runtime lives as long as the process; a local executor is another current one.
#[test]
fn current_is_whichever_runs_the_code() {
    let local = Local::new();
    let name = local.run_until(async {
        let here = std::thread::current().id();
        let block = go!({ std::thread::current().id() });
        block.await.unwrap() == here
    });
    assert!(name);
    assert_eq!(value(go!({ on() })), "csp");
}
