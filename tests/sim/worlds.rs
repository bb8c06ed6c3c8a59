//! What a world does, and what it finds.

use csp::{
    Local, Runtime,
    prelude::*,
    sim::{self, Failure, FailureKind, Sim},
};

fn failure_of(sim: Sim, program: impl Fn()) -> Failure {
    let report = sim.progress(false).run(program);
    report.failure.expect("a schedule fails")
}

#[test]
fn a_rendezvous_comes_out_right() {
    sim::explore(|| {
        let (tx, rx) = chan(0);
        go!({
            for n in 0..3 {
                put!(tx, n).unwrap();
            }
        });
        let sum = go!({
            let mut sum = 0;
            while let Some(n) = take!(rx) {
                sum += n;
            }
            sum
        });
        assert_eq!(sum.wait(), Ok(3));
    });
}

/// Of what two alternatives can come, both are seen.
#[test]
fn all_outcomes_come_up() {
    let seen = std::cell::RefCell::new(std::collections::BTreeSet::new());
    Sim::random(1).schedules(200).explore(|| {
        let (tx, rx) = chan(4);
        let blocks: Vec<_> = (0..3)
            .map(|n| {
                let tx = tx.clone();
                go!({ put!(tx, n).unwrap() })
            })
            .collect();
        for block in blocks {
            block.wait().unwrap();
        }
        drop(tx);
        let order: Vec<_> = rx.into_iter().collect();
        seen.borrow_mut().insert(order);
    });
    assert_eq!(seen.borrow().len(), 6);
}

#[test]
fn the_arms_of_an_alt_are_chosen_by_the_strategy() {
    let seen = std::cell::RefCell::new([0; 3]);
    Sim::random(1).schedules(200).explore(|| {
        let chans: Vec<_> = (0..3).map(|_| chan(1)).collect();
        for (n, (tx, _)) in chans.iter().enumerate() {
            tx.try_put(n).unwrap();
        }
        let [a, b, c] = [0, 1, 2].map(|n| chans[n].1.clone());
        let got = go!({
            alt! {
                v = take!(a) => v,
                v = take!(b) => v,
                v = take!(c) => v,
            }
        });
        seen.borrow_mut()[got.wait().unwrap().unwrap()] += 1;
    });
    assert!(seen.borrow().iter().all(|&n| n > 30), "{seen:?}");
}

#[test]
fn time_is_virtual() {
    sim::explore(|| {
        let before = csp::now();
        let sleeper = go!({
            sleep(secs(3600)).await;
            csp::now()
        });
        let (tx, rx) = chan::<u32>(0);
        assert!(rx.take_blocking_for(secs(60)).is_err());
        assert_eq!(csp::now() - before, secs(60));
        assert_eq!(sleeper.wait().unwrap() - before, secs(3600));
        timeout(secs(5)).wait();
        assert_eq!(csp::now() - before, secs(3605));
        drop(tx);
    });
}

/// Without `racing_time` the answer is always in time.
#[test]
fn time_races_if_asked_to() {
    let program = || {
        let (tx, rx) = chan(0);
        go!({ put!(tx, 1).ok() });
        let got = go!({
            alt! { v = take!(rx) => v, _ = take!(timeout(secs(1))) => None }
        });
        assert_eq!(got.wait(), Ok(Some(1)));
    };
    sim::explore(program);
    let failure = failure_of(Sim::random(1).racing_time(), program);
    assert_eq!(failure.kind(), FailureKind::Panic);
}

#[test]
fn threads_are_entities() {
    sim::explore(|| {
        let (tx, rx) = chan(0);
        let (answers, out) = chan(2);
        let workers: Vec<_> = (0..2)
            .map(|_| {
                let (rx, answers) = (rx.clone(), answers.clone());
                thread(move || {
                    let mut n = 0;
                    while let Some(v) = rx.take_blocking() {
                        answers.put_blocking(2 * v).unwrap();
                        n += 1;
                    }
                    n
                })
            })
            .collect();
        drop((rx, answers));
        let feeder = go!({
            for n in 0..4 {
                put!(tx, n).unwrap();
            }
        });
        let sum: i32 = out.into_iter().sum();
        assert_eq!(sum, 12);
        feeder.wait().unwrap();
        let done: u32 = workers.into_iter().map(|w| w.wait().unwrap()).sum();
        assert_eq!(done, 4);
    });
}

/// Two blocks that look and then act, by operations that cannot yield: both orders, and both in between.
#[test]
fn a_block_is_suspended_in_the_middle_of_its_turn() {
    let program = || {
        let (tx, rx) = chan(1);
        let claim = |tx: Sender<u32>| {
            go!({
                if tx.is_empty() {
                    tx.try_put(1).unwrap();
                }
            })
        };
        let both = [claim(tx.clone()), claim(tx)];
        for block in both {
            block.wait().unwrap();
        }
        assert_eq!(rx.into_iter().count(), 1);
    };
    let failure = failure_of(Sim::random(1), program);
    assert_eq!(failure.kind(), FailureKind::Panic);
    assert!(failure.message().contains("Full"), "{failure}");
    assert!(failure.schedule().iter().any(|line| line.starts_with('▸')));
}

#[test]
fn a_deadlock_is_named() {
    let failure = failure_of(Sim::random(1), || {
        let (a_tx, a_rx) = chan::<u32>(0);
        let (b_tx, b_rx) = chan::<u32>(0);
        let first = go!({
            take!(a_rx);
            put!(b_tx, 1).ok();
        });
        let second = thread(move || {
            b_rx.take_blocking();
            a_tx.put_blocking(1).ok();
        });
        first.wait().unwrap();
        second.wait().unwrap();
    });
    assert_eq!(failure.kind(), FailureKind::Deadlock);
    let text = failure.message();
    assert!(text.contains("\n  main blocks"), "{text}");
    assert!(
        text.contains("is parked at take!(a_rx) at tests/sim/"),
        "{text}"
    );
    assert!(text.contains("blocks in take at tests/sim/"), "{text}");
}

#[test]
fn a_leak_is_named_unless_allowed() {
    let program = || {
        let (tx, rx) = chan::<u32>(0);
        go!({
            let _mine = tx;
            take!(rx);
        });
    };
    let failure = failure_of(Sim::random(1), program);
    assert_eq!(failure.kind(), FailureKind::Leak);
    assert!(failure.message().contains("take!(rx)"), "{failure}");
    Sim::random(1).allow_leaks().explore(program);
}

/// One that waits for a time is no leak; one that waits beside it is.
#[test]
fn who_waits_for_a_time_is_no_leak() {
    let beats = || {
        go!({
            let mut beats = interval(secs(1));
            loop {
                beats.beat().await;
            }
        });
    };
    Sim::random(1).schedules(5).explore(beats);
    let failure = failure_of(Sim::random(1), || {
        beats();
        let (tx, rx) = chan::<u32>(0);
        go!({
            let _mine = tx;
            take!(rx);
        });
    });
    assert_eq!(failure.kind(), FailureKind::Leak);
    assert_eq!(failure.message().lines().count(), 2, "{failure}");
}

#[test]
fn panics_are_failures() {
    let failure = failure_of(Sim::random(1), || panic!("main is {}", "out"));
    assert_eq!(failure.kind(), FailureKind::Panic);
    assert!(failure.message().contains("main is out"), "{failure}");
    assert!(
        failure.message().contains("tests/sim/worlds.rs"),
        "{failure}"
    );

    let of_block = || drop(go!({ panic!("block is out") }).wait());
    let failure = failure_of(Sim::random(1), of_block);
    assert_eq!(failure.kind(), FailureKind::Panic);
    assert!(failure.message().contains("block is out"), "{failure}");
    Sim::random(1).allow_panics().explore(of_block);

    let of_thread = || drop(thread(|| panic!("thread is out")).wait());
    assert!(
        failure_of(Sim::random(1), of_thread)
            .message()
            .contains("thread is out")
    );
    Sim::random(1).allow_panics().explore(of_thread);

    let unhandled = || drop(Promise::<u32>::failed("no paper"));
    assert!(
        failure_of(Sim::random(1), unhandled)
            .message()
            .contains("no paper")
    );
}

#[test]
fn an_endless_loop_is_found() {
    let failure = failure_of(Sim::random(1).steps(500), || {
        let (tx, rx) = chan(1);
        loop {
            tx.try_put(1).unwrap();
            rx.take_blocking();
        }
    });
    assert_eq!(failure.kind(), FailureKind::Endless);
    let failure = failure_of(Sim::random(1).steps(500), || {
        let busy = go!({
            loop {
                yield_now().await;
            }
        });
        drop::<Result<(), _>>(busy.wait());
    });
    assert_eq!(failure.kind(), FailureKind::Endless);
}

#[test]
fn what_differs_from_run_to_run_is_found() {
    let runs = std::cell::Cell::new(0);
    let failure = failure_of(Sim::random(1), || {
        runs.set(runs.get() + 1);
        assert!(runs.get() != 20, "the twentieth");
    });
    assert_eq!(failure.kind(), FailureKind::NotDeterministic);
    assert!(failure.message().contains("the twentieth"), "{failure}");

    let failure = failure_of(Sim::random(1), || {
        let (tx, rx) = chan(0);
        let waits = go!({ take!(rx) });
        timeout(secs(1)).wait(); // it has parked by then
        // A thread that is not simulated.
        let outside = std::thread::spawn(move || tx.try_put(1).unwrap());
        outside.join().unwrap();
        waits.wait().unwrap();
    });
    assert_eq!(failure.kind(), FailureKind::NotDeterministic);
    assert!(
        failure.message().contains("knows nothing of that thread"),
        "{failure}"
    );
}

fn racy() {
    let (tx, rx) = chan(1);
    tx.try_put(0_u32).unwrap();
    let add = |tx: Sender<u32>, rx: Receiver<u32>| {
        go!({
            let n = rx.try_take().unwrap_or(0);
            tx.try_put(n + 1).ok();
        })
    };
    let both = [add(tx.clone(), rx.clone()), add(tx.clone(), rx.clone())];
    for block in both {
        block.wait().unwrap();
    }
    assert_eq!(rx.try_take(), Ok(2));
}

#[test]
fn a_replay_is_the_same_schedule() {
    let failure = failure_of(Sim::random(3), racy);
    for _ in 0..5 {
        let again = failure_of(Sim::random(9).replay(failure.replay()), racy);
        assert_eq!(again.schedule(), failure.schedule());
        assert_eq!(again.message(), failure.message());
        assert_eq!(again.replay(), failure.replay());
    }
    let other = failure_of(Sim::random(9).replay(failure.replay()), || {
        let (tx, rx) = chan(1);
        go!({ put!(tx, 1).ok() });
        go!({ take!(rx) });
    });
    assert_eq!(other.kind(), FailureKind::NotDeterministic);
}

/// The seed of a failure finds it at once.
#[test]
fn a_seed_is_the_same_schedule() {
    let failure = failure_of(Sim::random(3), racy);
    let report = Sim::random(failure.seed().unwrap())
        .progress(false)
        .run(racy);
    assert_eq!(report.schedules, 1);
    assert_eq!(report.failure.unwrap().message(), failure.message());
}

#[test]
fn a_runtime_of_the_program_belongs_to_the_world() {
    sim::explore(|| {
        let rt = Runtime::builder().workers(3).name("mine").build();
        let there = rt.go(async {
            let inner = go!({
                sleep(secs(10)).await;
                csp::workers()
            });
            inner.await
        });
        assert_eq!(there.wait(), Ok(Ok(3)));
        assert_eq!(rt.live(), 0);
        let (tx, rx) = chan::<u32>(0);
        let stays = rt.go(async move {
            let _mine = tx;
            take!(rx)
        });
        let before = csp::now();
        assert_eq!(rt.live(), 1);
        rt.shutdown(secs(5)).unwrap();
        assert_eq!(csp::now() - before, secs(5));
        assert_eq!(stays.wait(), Err(Failed::Cancelled));
    });
}

use csp::Failure as Failed;

#[test]
fn locals_of_the_program_run_in_it() {
    sim::explore(|| {
        let local = Local::new();
        let (tx, rx) = chan(0);
        go!({
            sleep(secs(3)).await;
            put!(tx, 1).unwrap();
        });
        let before = csp::now();
        let got = local.run_until(async move {
            sleep(secs(1)).await;
            let from_thread = thread(|| 2).await.unwrap();
            take!(rx).unwrap() + from_thread
        });
        assert_eq!(got, 3);
        assert_eq!(csp::now() - before, secs(3));

        let local = Local::virtual_time();
        let outside = csp::now();
        local.run_until(async { sleep(secs(60)).await });
        assert_eq!(csp::now(), outside);
    });
}

#[test]
fn a_scope_waits_for_its_blocks() {
    sim::explore(|| {
        let words = ["a", "bc"];
        let total = scope(|s| {
            let all = words.each_ref().map(|word| s.go(async { word.len() }));
            all.map(|block| block.wait().unwrap()).iter().sum::<usize>()
        });
        assert_eq!(total, 3);
    });
    // Its blocks borrow from the stack: it is not unwound before they have ended.
    let failure = failure_of(Sim::random(1), || {
        let borrowed = String::from("here");
        let (tx, rx) = chan::<u32>(0);
        let (_keep, rx) = (tx, rx);
        scope(|s| {
            let _block = s.go(async {
                take!(rx);
                drop(borrowed.clone());
            });
        });
    });
    assert_eq!(failure.kind(), FailureKind::Deadlock);
}

#[cfg(target_os = "linux")]
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

/// Whatever way an execution ends, nothing is left of it.
#[test]
#[cfg(target_os = "linux")]
fn nothing_is_left_behind() {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }

    let alive = Arc::new(AtomicUsize::new(0));
    let counted = || {
        alive.fetch_add(1, Ordering::SeqCst);
        Counted(Arc::clone(&alive))
    };
    let most = std::cell::Cell::new(0);
    let tangled = || {
        most.set(most.get().max(threads()));
        let (tx, rx) = chan::<Counted>(0);
        let (held, first, second) = (counted(), counted(), counted());
        let (a, b) = (rx.clone(), rx.clone());
        go!({
            let _held = held;
            let got = take!(a);
            sleep(secs(1)).await;
            drop(got);
        });
        thread(move || {
            let _first = first;
            b.take_blocking();
        });
        go!({ put!(tx, second).ok() });
        rx.take_blocking();
    };
    let before = threads();
    Sim::random(1)
        .allow_leaks()
        .schedules(10_000)
        .explore(tangled);
    assert_eq!(alive.load(Ordering::SeqCst), 0);
    for seed in 0..200 {
        failure_of(Sim::random(seed), || {
            tangled();
            panic!("ends early");
        });
        assert_eq!(alive.load(Ordering::SeqCst), 0);
        failure_of(Sim::random(seed).steps(7), tangled);
        assert_eq!(alive.load(Ordering::SeqCst), 0);
    }
    assert!(
        most.get() < before + 12,
        "{before} threads became {}",
        most.get()
    );
    // (Other tests run beside this one.)
}
