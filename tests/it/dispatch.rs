//! Callbacks that run on an executor: `dispatch`.

use std::{
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread::{self, ThreadId},
};

use csp::{Local, Runtime, TooManyPending, block_on, dispatch, prelude::*};

use crate::util::{Census, LIMIT, failure_of, on_one_worker, outcome, runtime, until, value};

csp::dynamic! {
    static USER: &'static str = "nobody";
}

fn named(name: &str) -> Runtime {
    Runtime::builder().workers(1).name(name).build()
}

/// The name of this thread, without its number.
fn on() -> String {
    let name = thread::current().name().unwrap().to_owned();
    name.rsplit_once("-thread-")
        .map_or(name.clone(), |(name, _)| name.to_owned())
}

/// What a callback saw: its argument, and its thread.
type Seen<A> = (A, ThreadId);

/// A callback that tells what it sees.
fn tells<A: Send + 'static>() -> (impl FnOnce(A) + Send + 'static, mpsc::Receiver<Seen<A>>) {
    let (tell, seen) = mpsc::channel();
    (
        move |argument| tell.send((argument, thread::current().id())).unwrap(),
        seen,
    )
}

/// Waits in a thread until no block is alive on a runtime.
fn until_nothing_lives(rt: &Runtime) {
    while rt.live() > 0 {
        thread::yield_now();
    }
}

/// CA-012: a take that is ready at once calls back on another thread.
#[test]
fn ca_012_ready_take_calls_back_on_another_thread() {
    let (tx, rx) = chan(1);
    tx.try_put(7).unwrap();
    let (callback, seen) = tells();
    rx.take_then(dispatch(callback)).unwrap();
    let (got, there) = seen.recv().unwrap();
    assert_eq!(got, Some(7));
    assert_ne!(there, thread::current().id());
}

/// CA-014: a put that finds a taker waiting calls back on another thread.
#[test]
fn ca_014_ready_put_calls_back_on_another_thread() {
    let (tx, rx) = chan(0);
    let (taken_tx, taken) = mpsc::channel();
    rx.take_then(move |v| taken_tx.send(v).unwrap()).unwrap();
    let (callback, seen) = tells();
    tx.put_then(7, dispatch(callback)).unwrap();
    assert_eq!(taken.try_recv(), Ok(Some(7)), "its own callback ran here");
    let (result, there) = seen.recv().unwrap();
    assert_eq!(result, Ok(()));
    assert_ne!(there, thread::current().id());
}

/// CA-012, CA-014: pending ones run neither on the thread that made them nor on the partner's.
#[test]
fn ca_012_014_pending_operations_call_back_on_the_executor() {
    let rt = named("callbacks");
    let _entered = rt.enter();
    let (tx, rx) = chan(0);
    let (tell, seen) = mpsc::channel();
    let told = tell.clone();
    rx.take_then(dispatch(move |v: Option<u32>| {
        told.send((v, on())).unwrap();
    }))
    .unwrap();
    let partner = tx.clone();
    thread::spawn(move || partner.put_blocking(1).unwrap())
        .join()
        .unwrap();
    assert_eq!(seen.recv(), Ok((Some(1), "callbacks".to_owned())));

    let callback = dispatch(move |r: Result<(), Closed<u32>>| {
        tell.send((r.err().map(Closed::into_inner), on())).unwrap();
    });
    tx.put_then(2, callback).unwrap();
    thread::spawn(move || assert_eq!(rx.take_blocking(), Some(2)))
        .join()
        .unwrap();
    assert_eq!(seen.recv(), Ok((None, "callbacks".to_owned())));
}

/// CA-010, CA-011, CA-013, CA-015: without it a callback runs on the caller, also in a block of a runtime.
#[test]
fn ca_011_without_dispatch_the_callback_runs_on_the_caller() {
    on_one_worker(async {
        let (tx, rx) = chan(1);
        let (callback, seen) = tells();
        tx.put_then(1, callback).unwrap();
        assert_eq!(seen.try_recv(), Ok((Ok(()), thread::current().id())));
        let (callback, seen) = tells();
        rx.take_then(callback).unwrap();
        assert_eq!(seen.try_recv(), Ok((Some(1), thread::current().id())));
    });
}

/// On one worker it is the same thread, but another turn: the caller goes on first.
#[test]
fn dispatched_callback_waits_for_the_turn_of_its_caller() {
    on_one_worker(async {
        let (tx, rx) = chan(1);
        let (callback, seen) = tells();
        tx.put_then(1, dispatch(callback)).unwrap();
        assert!(seen.try_recv().is_err());
        assert_eq!(take!(rx), Some(1));
        let mut told = None;
        while told.is_none() {
            yield_now().await;
            told = seen.try_recv().ok();
        }
        assert_eq!(told, Some((Ok(()), thread::current().id())));
    });
}

/// The executor and the bindings are those of the wrap, whoever calls it and where.
#[test]
fn executor_and_bindings_are_those_of_the_wrap() {
    let (a, b) = (named("a"), named("b"));
    let (tell, seen) = mpsc::channel();
    let callback = {
        let _a = a.enter();
        binding!(USER = "ann" => dispatch(move |n: u32| {
            // What it starts inherits both.
            let inner = go!({ (on(), USER.get()) });
            tell.send((n, on(), USER.get(), inner)).unwrap();
        }))
    };
    let caller = b.go(async move { binding!(USER = "bob" => callback(5)) });
    value(caller);
    let (n, thread, user, inner) = seen.recv().unwrap();
    assert_eq!((n, thread.as_str(), user), (5, "a", "ann"));
    assert_eq!(value(inner), ("a".to_owned(), "ann"));
}

/// Bound values live as long as a callback may see them, and no longer.
#[test]
fn bound_values_are_dropped_with_the_callback() {
    csp::dynamic! {
        static HELD: Arc<()> = Arc::new(());
    }
    let rt = runtime(1);
    let held = Arc::new(());
    let callback = HELD.bind(Arc::clone(&held), || rt.dispatch(|()| ()));
    assert_eq!(Arc::strong_count(&held), 2);
    callback(());
    until_nothing_lives(&rt);
    assert_eq!(Arc::strong_count(&held), 1);
}

/// A runtime's own form, from a thread where it was never entered, and in a block of another.
#[test]
fn runtime_dispatches_from_anywhere() {
    let (a, b) = (named("a"), named("b"));
    let (tell, seen) = mpsc::channel();
    let told = tell.clone();
    a.dispatch(move |n: u32| told.send((n, on())).unwrap())(1);
    assert_eq!(seen.recv(), Ok((1, "a".to_owned())));
    let callback = a.dispatch(move |n: u32| tell.send((n, on())).unwrap());
    value(b.go(async move { callback(2) }));
    assert_eq!(seen.recv(), Ok((2, "a".to_owned())));
}

/// On a local executor the callback runs in a turn of it, on its thread, from wherever it is called.
#[test]
fn local_executor_runs_callbacks_in_its_turns() {
    let local = Local::new();
    let ran = Arc::new(Mutex::new(Vec::new()));
    let wrap = |n: u32| {
        let ran = Arc::clone(&ran);
        local.run_until(async move {
            dispatch(move |by: &'static str| {
                ran.lock().unwrap().push((n, by, thread::current().id()));
            })
        })
    };
    let here = thread::current().id();
    // Called before the executor came to it, and after.
    wrap(1)("here");
    let (second, third) = (wrap(2), wrap(3));
    assert!(ran.lock().unwrap().is_empty());
    local.run_until_idle();
    assert_eq!(*ran.lock().unwrap(), [(1, "here", here)]);
    second("here");
    thread::spawn(move || third("there")).join().unwrap();
    assert_eq!((ran.lock().unwrap().len(), local.live()), (1, 2));
    local.run_until_idle();
    let all = ran.lock().unwrap().clone();
    assert_eq!(all[1..], [(2, "here", here), (3, "there", here)]);
    assert_eq!(local.live(), 0);
}

/// A panic ends the callback alone. (What the hook sees is asked in a process of its own.)
#[test]
fn panic_in_a_dispatched_callback_harms_nobody() {
    on_one_worker(async {
        let (tx, rx) = chan(0);
        rx.take_then(dispatch(|v: Option<u32>| panic!("on purpose, with {v:?}")))
            .unwrap();
        put!(tx, 1).unwrap();
        let taker = go!({ take!(rx) });
        put!(tx, 2).unwrap();
        assert_eq!(taker.await, Ok(Some(2)));
    });
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "dispatch::child_shows_a_panic_to_the_hook"])
        .args(["--nocapture", "--include-ignored"])
        .env("CSP_TEST_CHILD", "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

/// CA-096, CA-097, for the dispatched forms. Runs in the child only: a process has one hook.
#[test]
#[ignore = "for the process that another test starts"]
fn child_shows_a_panic_to_the_hook() {
    if std::env::var_os("CSP_TEST_CHILD").is_none() {
        return;
    }
    let (tell, seen) = mpsc::channel();
    csp::set_panic_hook(move |panicked| {
        let line = panicked.site().map(|site| (site.file(), site.line()));
        tell.send((panicked.message().to_owned(), line)).unwrap();
    });
    let (tx, rx) = chan(0);
    let line = line!() + 1;
    rx.take_then(dispatch(|v: Option<u32>| panic!("on purpose, with {v:?}")))
        .unwrap();
    tx.put_then(1, |result| assert_eq!(result, Ok(()))).unwrap();
    let (message, site) = seen.recv().unwrap();
    assert_eq!(message, "on purpose, with Some(1)");
    let (file, at) = site.unwrap();
    assert!(file.ends_with("dispatch.rs"), "{file}");
    assert_eq!(at, line);
    tx.put_then(2, dispatch(|_| panic!("on purpose, after a put")))
        .unwrap();
    assert_eq!(rx.take_blocking(), Some(2));
    assert_eq!(seen.recv().unwrap().0, "on purpose, after a put");
}

/// A pending callback is a live block; dropped uncalled, the block ends.
#[test]
fn pending_callback_is_a_live_block() {
    let rt = runtime(1);
    let census = Census::default();
    let item = census.item();
    let callback = rt.dispatch(move |()| drop(item));
    assert_eq!((rt.live(), census.living()), (1, 1));
    drop(callback);
    until_nothing_lives(&rt);
    assert_eq!(census.living(), 0);
    // So does one that its channel refuses.
    let (_tx, rx) = chan::<u32>(0);
    for _ in 0..TooManyPending::<u32>::LIMIT {
        rx.take_then(rt.dispatch(|_| ())).unwrap();
    }
    let item = census.item();
    assert!(rx.take_then(rt.dispatch(move |_| drop(item))).is_err());
    while census.living() > 0 {
        thread::yield_now();
    }
    // The channel ends: all are called.
    rx.close();
    until_nothing_lives(&rt);
}

/// A shutdown waits for pending callbacks as for blocks: those that become due run.
#[test]
fn shutdown_waits_for_a_callback_that_is_due() {
    let rt = runtime(1);
    let (tx, rx) = chan(0);
    let (callback, seen) = tells();
    rx.take_then(rt.dispatch(callback)).unwrap();
    let putter = thread::spawn(move || tx.put_blocking(1).unwrap());
    assert!(rt.shutdown(LIMIT).unwrap().is_clean());
    assert_eq!(seen.try_recv().unwrap().0, Some(1));
    putter.join().unwrap();
}

/// An executor that has ended drops the callback unrun, and later what it is called with.
#[test]
fn ended_executor_drops_callback_and_value() {
    let census = Census::default();
    let rt = runtime(1);
    let entered = rt.enter();
    let (held, ran) = (census.item(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&ran);
    let before = dispatch(move |value| {
        count.fetch_add(1, Ordering::SeqCst);
        drop((held, value));
    });
    let (tx, rx) = chan(0);
    rx.take_then(before).unwrap();
    assert!(rt.shutdown(ms(1)).is_ok());
    assert_eq!(
        census.living(),
        0,
        "the callback is dropped at the shutdown"
    );
    // Wrapped after the end.
    let (held, count) = (census.item(), Arc::clone(&ran));
    let after = dispatch(move |value| {
        count.fetch_add(1, Ordering::SeqCst);
        drop((held, value));
    });
    assert_eq!(census.living(), 0);
    tx.try_put(census.item()).unwrap();
    assert_eq!(census.living(), 0, "the value of the take goes with it");
    after(census.item());
    assert_eq!((census.living(), ran.load(Ordering::SeqCst)), (0, 0));
    drop(entered);
    // The same for a local executor that is dropped.
    let (held, count) = (census.item(), Arc::clone(&ran));
    let callback = Local::new().run_until(async {
        dispatch(move |value| {
            count.fetch_add(1, Ordering::SeqCst);
            drop((held, value));
        })
    });
    assert_eq!(census.living(), 0);
    callback(census.item());
    assert_eq!((census.living(), ran.load(Ordering::SeqCst)), (0, 0));
}

/// CA-195: a listener that wraps itself anew each time goes on for ever, on no stack.
#[test]
fn ca_195_dispatched_chain_of_100_000_links() {
    fn listen(rx: Receiver<u64>, sum: u64, end: Sender<(u64, &'static str)>) {
        let next = rx.clone();
        let link = dispatch(move |v: Option<u64>| match v {
            Some(v) => listen(next, sum + v, end),
            None => end.try_put((sum, USER.get())).unwrap(),
        });
        rx.take_then(link).unwrap();
    }
    let rt = runtime(2);
    let (tx, rx) = chan(64);
    let (end, ended) = chan(1);
    let _entered = rt.enter();
    binding!(USER = "ann" => listen(rx, 0, end));
    let putter = go!({
        for n in 0..100_000 {
            put!(tx, n).unwrap();
        }
    });
    assert_eq!(outcome(putter), Ok(()));
    assert_eq!(
        block_on(ended.take()),
        Some(((0..100_000).sum::<u64>(), "ann"))
    );
}

/// Every callback runs once, or is dropped with its value, whenever its runtime ends.
#[test]
fn stress_dispatch_races_with_the_end_of_its_runtime() {
    let census = Census::default();
    for round in 0..200_u32 {
        let rt = runtime(2);
        let ran = Arc::new(AtomicUsize::new(0));
        let (tx, rx) = chan(0);
        for _ in 0..20 {
            let (held, ran) = (census.item(), Arc::clone(&ran));
            let callback = rt.dispatch(move |value| {
                drop((held, value));
                ran.fetch_add(1, Ordering::SeqCst);
            });
            rx.take_then(callback).unwrap();
        }
        let items = census.clone();
        let putter = thread::spawn(move || {
            for _ in 0..20 {
                tx.try_put(items.item()).ok();
            }
        });
        match round % 3 {
            0 => drop(rt),
            1 => drop(rt.shutdown(ms(0))),
            _ => {
                rt.shutdown(LIMIT).unwrap();
                assert_eq!(ran.load(Ordering::SeqCst), 20, "round {round}");
            }
        }
        putter.join().unwrap();
        drop(rx);
    }
    on_one_worker(async move { until(|| census.living() == 0).await });
}

/// A callback that has to wait starts a thread, or a block.
#[test]
fn dispatched_callback_starts_what_waits() {
    let (tx, rx) = chan(0);
    let (block_tx, block) = mpsc::channel();
    rx.take_then(dispatch(move |v: Option<u32>| {
        let waits = go!({
            sleep(ms(1)).await;
            assert_eq!(v, None, "on purpose");
        });
        block_tx.send(waits).unwrap();
    }))
    .unwrap();
    tx.put_blocking(3).unwrap();
    assert!(failure_of(block.recv().unwrap()).contains("on purpose"));
}
