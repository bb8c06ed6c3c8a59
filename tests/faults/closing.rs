//! Channels that are closed at every step of a program, from either side and in every way.

use std::{cell::RefCell, rc::Rc};

use csp::{Local, mult, ops, prelude::*, stream, xf};

use crate::cases;

const VALUES: u32 = 6;
/// More steps than any of the programs has.
const STEPS: u32 = 120;

/// How the program under test is ended from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    PutterCloses,
    TakerCloses,
    SourceFails,
    ReceiverDropped,
}

const ENDS: [End; 4] = [
    End::PutterCloses,
    End::TakerCloses,
    End::SourceFails,
    End::ReceiverDropped,
];

/// What stands between the one who puts and the one who takes.
type Between = fn(Receiver<u32>) -> Receiver<u32>;

const PROGRAMS: &[(&str, Between)] = &[
    ("a channel", |rx| rx),
    ("pipe", |rx| {
        let (tx, out) = chan(0);
        drop(ops::pipe(rx, tx));
        out
    }),
    ("merge", |rx| ops::merge([rx, to_chan([])], 1)),
    ("split", |rx| ops::split(rx, |_| true, 0, 1).0),
    ("pipeline", |rx| {
        ops::pipeline(3, rx, xf::map(|n: u32| n)).chan(2)
    }),
    ("mult", |rx| mult(rx).subscribe(0)),
    ("stream", |rx| {
        stream(rx).map(|n| n).filter(|_| true).chan(1)
    }),
    ("a second channel, alts on both", |rx| {
        let (tx, out) = chan(0);
        go!({
            while let Some(n) = alt! { v = take!(rx) => v, () = park!(tx.closed()) => None } {
                if put!(tx, n).is_err() {
                    break;
                }
            }
        });
        out
    }),
];

/// Runs the program, ends it after so many steps, and gives what was put and what was taken.
fn run(between: Between, end: End, step: u32) -> (Vec<u32>, Vec<u32>) {
    let local = Local::virtual_time();
    let (put, taken) = (Rc::new(RefCell::new(vec![])), Rc::new(RefCell::new(vec![])));
    let (tx, source) = chan(0);
    let (accepted, closer_tx, closer_rx) = (Rc::clone(&put), tx.clone(), source.clone());
    let got = Rc::clone(&taken);
    drop(local.go(async move {
        for n in 0..VALUES {
            if put!(tx, n).is_err() {
                return;
            }
            accepted.borrow_mut().push(n);
        }
    }));
    drop(local.go(async move {
        let out = between(source);
        let watched = if end == End::ReceiverDropped {
            None
        } else {
            Some(out.clone())
        };
        let taker = go_taker(
            out,
            got,
            if end == End::ReceiverDropped {
                step
            } else {
                u32::MAX
            },
        );
        taker.await;
        drop(watched);
    }));
    drop(local.go(async move {
        for _ in 0..step {
            yield_now().await;
        }
        match end {
            End::PutterCloses => drop(closer_tx.close()),
            End::TakerCloses => drop(closer_rx.close()),
            End::SourceFails => drop(closer_tx.fail("from outside")),
            End::ReceiverDropped => {}
        }
    }));
    local.run_until_idle();
    assert_eq!(
        local.live(),
        0,
        "{end:?} after {step} steps: something hangs"
    );
    (put.take(), taken.take())
}

/// Takes until the end, or goes away after so many steps.
async fn go_taker(out: Receiver<u32>, got: Rc<RefCell<Vec<u32>>>, steps: u32) {
    let mut steps = steps;
    loop {
        if steps == 0 {
            return;
        }
        match out.try_take() {
            Ok(n) => got.borrow_mut().push(n),
            Err(TryTakeError::Closed) => return,
            Err(_) if steps == u32::MAX => match take!(out) {
                Some(n) => got.borrow_mut().push(n),
                None => return,
            },
            Err(_) => {
                steps -= 1;
                yield_now().await;
            }
        }
    }
}

/// Whatever closes when: nothing hangs, nothing comes twice or out of order, and all that was accepted before a
/// putting side closed is delivered.
#[test]
fn close_at_every_step() {
    for (name, between) in PROGRAMS {
        let mut cases = 0;
        for end in ENDS {
            for step in 0..STEPS {
                let (put, taken) = run(*between, end, step);
                let said =
                    || format!("{name}, {end:?} after {step} steps: put {put:?}, taken {taken:?}");
                assert!(
                    taken.iter().copied().eq(0..taken.len().try_into().unwrap()),
                    "{}",
                    said()
                );
                assert!(taken.len() <= VALUES as usize, "{}", said());
                if matches!(end, End::PutterCloses | End::SourceFails) {
                    assert!(taken.len() >= put.len(), "lost: {}", said());
                }
                cases += 1;
            }
        }
        cases::held(
            "nothing is lost",
            &format!("close at every step: {name}"),
            cases,
        );
    }
}
