//! A thread that takes, each time for a second at most.

use std::{thread, time::Duration};

use crate::{
    measure::{Outcome, Tally},
    menu::{Menu, threads},
    threads::{Taken, ThreadChannel, chan},
};

pub(super) fn add(menu: &mut Menu) {
    let n = menu.workload("thr_take_timeout", 1_000_000);
    threads!(menu, 0, "", [Csp, Crossbeam, StdMpsc, Kanal, Flume, CrossfireSpsc];
        |C| move || take_timeout::<C>(n));
}

fn take_timeout<C: ThreadChannel>(n: u64) -> Outcome {
    let (tx, rx) = chan::<C>(0);
    let putter = thread::spawn(move || {
        for n in 0..n {
            C::put(&tx, n);
        }
    });
    let mut tally = Tally::default();
    loop {
        match C::take_for(&rx, Duration::from_secs(1)) {
            Taken::Value(n) => tally.add(n),
            Taken::Closed => break,
            Taken::Over => {} // a machine that stands still for a second is no error
        }
    }
    putter.join().expect("it puts to the end");
    Outcome::counted(n, tally)
}
