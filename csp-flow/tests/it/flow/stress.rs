//! Commands in the midst of messages.

use csp::{
    flow::{self, FlowDef},
    prelude::*,
};

use super::util::{LIMIT, ended, rest, stop};

/// numbers ──▸ a, b ──▸ join ──▸ the outside, with and without threads and buffers
fn diamond(n: u64) -> flow::Flow {
    let pass = || flow::filter(|_: &u64| true);
    FlowDef::new("diamond")
        .process("numbers", flow::source(move || 0..n))
        .process("a", pass())
        .process("b", pass().workload(csp::Workload::Mixed))
        .process("join", pass())
        .connect_with(("numbers", "out"), ("a", "in"), 0)
        .connect_with(("numbers", "out"), ("b", "in"), 3)
        .connect_with(("a", "out"), ("join", "in"), 1)
        .connect_with(("b", "out"), ("join", "in"), 0)
        .out_port::<u64>(("join", "out"), 2)
        .build()
        .unwrap()
}

#[test]
fn stress_pauses_and_pings_lose_nothing() {
    const N: u64 = 3000;
    let mut run = diamond(N).start().unwrap();
    let out = run.out_port::<u64>(("join", "out")).unwrap();
    let taker = thread(move || rest(out));
    let mut turn = 0_usize;
    while !taker.is_finished() {
        let process = ["numbers", "a", "b", "join"][turn % 4];
        match turn % 7 {
            0 | 4 => run.pause_process(process).unwrap(),
            1 => run.pause(),
            2 | 5 => drop(run.ping(LIMIT)),
            _ => run.resume(),
        }
        turn += 1;
        if turn.is_multiple_of(5) {
            run.resume();
            run.ping(LIMIT).wait().unwrap();
        }
    }
    let mut all = taker.wait().unwrap();
    all.sort_unstable();
    assert!(all.into_iter().eq((0..N).flat_map(|n| [n, n])));
    ended(&run);
}

#[test]
fn stress_a_stop_at_any_time_accounts_for_every_message() {
    for round in 0..200_u64 {
        let mut run = diamond(u64::MAX).start().unwrap();
        let out = run.out_port::<u64>(("join", "out")).unwrap();
        let other = out.clone();
        let taker = go!({
            let mut taken = 0;
            while taken < round && take!(out).is_some() {
                taken += 1;
            }
            taken
        });
        let taken = taker.wait().unwrap();
        let last = stop(&run);
        let left = rest(other).len() as u64;
        let port = |process: &str, out: bool| {
            let ping = last.get(process).unwrap();
            let port = if out { &ping.outs[0] } else { &ping.ins[0] };
            (port.messages, port.dropped)
        };
        // What is put is taken, or dropped on the way, or dropped in the buffer.
        let (put, lost) = port("numbers", true);
        let ((a, lost_a), (b, lost_b)) = (port("a", false), port("b", false));
        assert_eq!(2 * put, lost + a + lost_a + b + lost_b);
        let ((a, lost_a), (b, lost_b)) = (port("a", true), port("b", true));
        let (join, lost_join) = port("join", false);
        assert_eq!(a + b, lost_a + lost_b + join + lost_join);
        let (put, lost) = port("join", true);
        assert_eq!(put, lost + taken + left);
    }
}
