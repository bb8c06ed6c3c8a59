//! How many executions a second the simulator runs, of small programs: some blocks, a channel, some messages.
#![expect(clippy::print_stdout, reason = "a program that prints a table")]
#![expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]

use std::time::{Duration, Instant};

use csp::{
    prelude::*,
    sim::{Report, Sim},
};

const TIME: Duration = Duration::from_secs(2);

fn messages() {
    let (tx, rx) = chan(1);
    go!({
        for n in 1..=4 {
            put!(tx, n).ok();
        }
    });
    let sum = go!({
        let mut sum = 0;
        while let Some(n) = take!(rx) {
            sum += n;
        }
        sum
    });
    assert_eq!(sum.wait(), Ok(10));
}

fn tries() {
    let (tx, rx) = chan(4);
    let puts = go!({
        for n in 1..=4 {
            tx.try_put(n).ok();
        }
    });
    let takes = go!({ (0..4).filter_map(|_| rx.try_take().ok()).sum::<u32>() });
    puts.wait().unwrap();
    assert!(takes.wait().unwrap() <= 10);
}

fn alts() {
    let (tx, rx) = chan(0);
    let other = tx.clone();
    go!({ put!(tx, 1).ok() });
    go!({ put!(other, 2).ok() });
    let both = go!({
        let mut sum = 0;
        for _ in 0..2 {
            alt! {
                v = take!(rx) => sum += v.unwrap(),
                _ = take!(timeout(secs(1))) => {}
            }
        }
        sum
    });
    assert_eq!(both.wait(), Ok(3));
}

fn tell(name: &str, how: &str, report: &Report, since: Instant) {
    assert!(report.failure.is_none(), "{report}");
    let seconds = since.elapsed().as_secs_f64();
    let (runs, steps) = (report.schedules as f64, report.steps as f64);
    println!(
        "{name:<10} {how:<8} {:>8.0} executions/s  {:>8.0} steps/s  {:.1} steps each",
        runs / seconds,
        steps / seconds,
        steps / runs
    );
}

fn main() {
    let programs: [(&str, fn()); 3] = [("messages", messages), ("tries", tries), ("alts", alts)];
    let sims: [(&str, Sim); 3] = [
        ("random", Sim::random(1)),
        ("pct 3", Sim::random(1).pct(3)),
        ("dfs", Sim::random(1).unreduced()),
    ];
    for (name, program) in programs {
        for (how, sim) in &sims {
            let since = Instant::now();
            let report = sim.clone().progress(false).seconds(TIME).run(program);
            tell(name, how, &report, since);
        }
    }
}
