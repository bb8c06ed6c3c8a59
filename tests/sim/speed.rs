//! How fast the simulator is: run by hand, in release.

use csp::{prelude::*, sim::Sim};

#[test]
#[ignore = "a measurement"]
fn rendezvous() {
    let report = Sim::random(1).schedules(50_000).progress(false).run(|| {
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
    let rate = report.schedules as f64 / report.time.as_secs_f64();
    println!("{report}: {rate:.0} a second");
}
#[test]
#[ignore = "a measurement"]
fn rendezvous_unwaited() {
    let report = Sim::random(1).schedules(50_000).progress(false).run(|| {
        let (tx, rx) = chan(0);
        go!({
            for n in 0..3 {
                put!(tx, n).unwrap();
            }
        });
        go!({
            let mut sum = 0;
            while let Some(n) = take!(rx) {
                sum += n;
            }
            assert_eq!(sum, 3);
        });
    });
    let rate = report.schedules as f64 / report.time.as_secs_f64();
    println!("{report}: {rate:.0} a second");
}
