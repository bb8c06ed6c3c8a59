//! Time that passes only when nothing is due.

use std::{
    cell::RefCell,
    rc::Rc,
    time::{Duration, Instant},
};

use csp::{Elapsed, Local, prelude::*};

/// What a block saw, and when, in seconds.
#[derive(Clone)]
struct Log {
    start: Instant,
    seen: Rc<RefCell<Vec<(u64, &'static str)>>>,
}

impl Log {
    fn new(local: &Local) -> Self {
        Self {
            start: local.now(),
            seen: Rc::default(),
        }
    }

    fn push(&self, what: &'static str) {
        let at = csp::now() - self.start;
        assert_eq!(at.subsec_nanos(), 0, "each deadline is met exactly");
        self.seen.borrow_mut().push((at.as_secs(), what));
    }

    fn take(&self) -> Vec<(u64, &'static str)> {
        self.seen.take()
    }
}

/// EV-133: what is due is due in order, what is started meanwhile as well.
#[test]
fn ev_133_advancing_ends_sleeps_in_order_and_new_ones_too() {
    let local = Local::virtual_time();
    let log = Log::new(&local);
    for (pause, name) in [(3, "c"), (1, "a"), (2, "b"), (1, "a again")] {
        let log = log.clone();
        local.go(async move {
            sleep(secs(pause)).await;
            log.push(name);
            if name == "a" {
                let log = log.clone();
                sleep(ms(1500)).await;
                sleep(ms(500)).await;
                log.push("a's own");
            }
        });
    }
    assert_eq!(log.take(), []);
    local.advance(Duration::ZERO);
    assert_eq!(log.take(), [], "no time has passed");
    local.advance(secs(1));
    assert_eq!(log.take(), [(1, "a"), (1, "a again")]);
    local.advance(ms(999));
    assert_eq!(log.take(), []);
    local.advance(ms(1));
    assert_eq!(log.take(), [(2, "b")]);
    local.advance(secs(100));
    assert_eq!(log.take(), [(3, "c"), (3, "a's own")]);
    assert_eq!(local.now() - log.start, secs(102));
    assert_eq!(local.next_deadline(), None);
}

#[test]
fn run_until_goes_from_deadline_to_deadline() {
    let local = Local::virtual_time();
    let log = Log::new(&local);
    let there = log.clone();
    local.go(async move {
        let mut every = interval(secs(60));
        loop {
            every.beat().await;
            there.push("beat");
        }
    });
    let over = local.run_until(async { within(secs(150), std::future::pending::<()>()).await });
    assert_eq!(over, Err(Elapsed));
    assert_eq!(log.take(), [(60, "beat"), (120, "beat")]);
    assert_eq!(local.now() - log.start, secs(150));
    // A month of beats, each seen, in no time.
    local.advance(secs(30 * 24 * 3600));
    assert_eq!(log.take().len(), 30 * 24 * 60);
}

/// Real time passes without it.
#[test]
fn a_timeout_is_over_by_its_own_clock_alone() {
    let local = Local::virtual_time();
    let (short, long) = local.run_until(async { (timeout(ms(1)), timeout(secs(1000))) });
    // Real time passes; the virtual clock stands still.
    let before = Instant::now();
    while before.elapsed() < ms(2) {
        std::hint::spin_loop();
    }
    assert!(!short.is_over() && !long.is_over());
    local.advance(ms(1));
    assert!(short.is_over() && !long.is_over());
    assert_eq!(
        long.deadline().map(|at| at - local.now()),
        Some(ms(999_999))
    );
    local.advance(secs(1000));
    assert!(long.is_over());
    long.wait();
}

/// Other threads wake it as they do any other.
#[test]
fn what_comes_from_other_threads_is_waited_for() {
    let local = Local::virtual_time();
    let got = local.run_until(async { thread(|| 42).await });
    assert_eq!(got, Ok(42));
    let (tx, rx) = chan(0);
    let there = std::thread::spawn(move || tx.put_blocking(7));
    assert_eq!(local.run_until(rx.take()), Some(7));
    there.join().unwrap().unwrap();
}

#[test]
#[should_panic(expected = "make it with `Local::virtual_time()`")]
fn real_time_cannot_be_advanced() {
    Local::new().advance(secs(1));
}

/// Outside of it time is the system's.
#[test]
fn now_is_the_clock_of_the_current_executor() {
    let local = Local::virtual_time();
    local.advance(secs(1_000_000));
    assert!(csp::now() <= Instant::now());
    let inside = local.run_until(async { csp::now() });
    assert_eq!(inside, local.now());
    assert!(inside > Instant::now() + secs(100_000));
}

/// Steps, streams and pipelines that are put on it run when it does, by its clock, wherever they were written.
#[test]
fn what_is_put_on_it_runs_by_its_clock() {
    let local = Local::virtual_time();
    let here = std::thread::current().id();
    let step = Promise::<_, csp::Error>::ready(())
        .on(&local)
        .map(move |()| {
            assert_eq!(std::thread::current().id(), here);
            csp::now()
        });
    let (tx, rx) = chan(1);
    let quiet = stream(rx).on(local.handle()).debounce(secs(5)).chan(1);
    let pipeline = csp::Pipeline::<(), Instant>::builder()
        .wait(secs(7))
        .map(|()| csp::now())
        .on(local.handle())
        .build();
    let run = pipeline.run(());
    tx.try_put(1).unwrap();
    let start = local.now();
    assert!(!step.is_settled(), "nothing runs until the Local does");
    local.advance(secs(5));
    assert_eq!(step.wait().unwrap(), start);
    assert_eq!(quiet.try_take(), Ok(1));
    local.advance(secs(2));
    assert_eq!(run.wait().unwrap(), start + secs(7));
}

/// Beyond the clock's range there is no deadline to go on to. It went on to the end of that range, where no
/// sleep ever ended, and took all of a processor for it.
#[test]
fn a_time_beyond_the_clock_is_not_gone_on_to() {
    let local = Local::virtual_time();
    let start = local.now();
    let held = local.handle().hold_time();
    let (tx, rx) = chan(0);
    let there = std::thread::spawn(move || {
        drop(held);
        tx.put_blocking(7)
    });
    let got = local.run_until(within(Duration::MAX, rx.take()));
    assert_eq!(got, Ok(Some(7)));
    there.join().unwrap().unwrap();
    assert_eq!(local.now(), start);
    local.run_until(async {
        let _never = timeout(Duration::MAX);
        sleep(secs(1)).await;
    });
    assert_eq!(local.now() - start, secs(1));
}

#[test]
fn advancing_beyond_the_clock_ends_with_the_last_deadline() {
    let local = Local::virtual_time();
    let log = Log::new(&local);
    for (pause, name) in [(5, "a"), (3, "b")] {
        let log = log.clone();
        local.go(async move {
            sleep(secs(pause)).await;
            log.push(name);
        });
    }
    local.go(async { sleep(Duration::MAX).await });
    local.advance(Duration::MAX);
    assert_eq!(log.take(), [(3, "b"), (5, "a")]);
    assert_eq!(local.now() - log.start, secs(5));
    assert_eq!(local.live(), 1);
}

/// The time went on after it was looked whether somebody holds it.
#[test]
fn held_time_stands_still_for_whoever_holds_it() {
    fn holds(local: &Local) -> std::thread::JoinHandle<()> {
        let handle = local.handle();
        std::thread::spawn(move || {
            for _ in 0..50_000 {
                let _held = handle.hold_time();
                let before = handle.now();
                std::hint::spin_loop();
                assert_eq!(handle.now(), before);
            }
        })
    }
    let local = Local::virtual_time();
    let there = holds(&local);
    while !there.is_finished() {
        local.advance(ms(1));
    }
    there.join().unwrap();
    let there = holds(&local);
    while !there.is_finished() {
        local.run_until(async { sleep(ms(1)).await });
    }
    there.join().unwrap();
}
