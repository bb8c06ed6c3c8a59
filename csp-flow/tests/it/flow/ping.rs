//! What a ping tells, and reports.

use std::time::Duration;

use csp::{
    flow::{self, Describe, FlowDef, Outputs, Process, Status},
    prelude::*,
};

use super::util::{LIMIT, Sum, gated, ping, some, stop};

#[test]
fn a_process_that_runs() {
    let flow = FlowDef::new("sums")
        .process("sum", Sum::default)
        .in_port::<u64>(("sum", "in"), 7)
        .out_port::<u64>(("sum", "out"), 3)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let tx = run.in_port::<u64>(("sum", "in")).unwrap();
    let out = run.out_port::<u64>(("sum", "out")).unwrap();
    tx.put_blocking(4).unwrap();
    tx.put_blocking(5).unwrap();
    assert_eq!(some(&out, 2), [4, 9]);
    let ping = ping(&run, "sum");
    assert_eq!(ping.process, "sum");
    assert_eq!(ping.status, Status::Running);
    assert_eq!(
        ping.state.as_deref(),
        Some("Sum { sum: 9, seen: [Resume] }")
    );
    assert_eq!((ping.steps, ping.errors, ping.waits_at), (2, 0, None));
    let (into, out) = (&ping.ins[0], &ping.outs[0]);
    assert_eq!(
        (into.port.as_str(), into.messages, into.dropped),
        ("in", 2, 0)
    );
    assert_eq!(
        (out.port.as_str(), out.messages, out.dropped),
        ("out", 2, 0)
    );
    let (from, to) = (&into.connections[0], &out.connections[0]);
    assert_eq!(
        (from.peer.as_str(), from.len, from.capacity),
        ("outside", 0, 7)
    );
    assert_eq!((to.peer.as_str(), to.len, to.capacity), ("outside", 0, 3));
}

#[test]
fn a_busy_process_is_told_of_as_busy_and_the_others_answer() {
    let (process, entered, go_on) = gated();
    let flow = FlowDef::new("busy")
        .process("gated", process)
        .process("sum", Sum::default)
        .in_port::<u64>(("gated", "in"), 10)
        .connect(("gated", "out"), ("sum", "in"))
        .out_port::<u64>(("sum", "out"), 10)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let tx = run.in_port::<u64>(("gated", "in")).unwrap();
    let out = run.out_port::<u64>(("sum", "out")).unwrap();
    tx.put_blocking(7).unwrap();
    tx.put_blocking(8).unwrap();
    assert_eq!(entered.take_blocking(), Some(7));

    let whole = run.ping(ms(20)).wait().unwrap();
    let busy = whole.get("gated").unwrap();
    assert_eq!(
        (busy.status, &busy.state, busy.steps),
        (Status::Busy, &None, 0)
    );
    assert_eq!(
        (busy.ins[0].messages, busy.ins[0].connections[0].len),
        (1, 1)
    );
    assert_eq!(ping(&run, "sum").status, Status::Running);

    // A command waits for the end of the step.
    run.pause();
    let busy = run
        .ping_process("gated", Duration::ZERO)
        .unwrap()
        .wait()
        .unwrap();
    assert_eq!((busy.status, busy.state), (Status::Busy, None));
    go_on.put_blocking(()).unwrap();
    let paused = ping(&run, "gated");
    assert_eq!((paused.status, paused.steps), (Status::Paused, 1));
    assert_eq!(paused.state.as_deref(), Some("1"));

    run.resume();
    assert_eq!(entered.take_blocking(), Some(8));
    go_on.put_blocking(()).unwrap();
    assert_eq!(some(&out, 2), [7, 15]);
    stop(&run);
}

#[test]
fn more_pings_than_wait_at_one_time() {
    let (process, entered, go_on) = gated();
    let flow = FlowDef::new("busy")
        .process("gated", process)
        .in_port::<u64>(("gated", "in"), 10)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let tx = run.in_port::<u64>(("gated", "in")).unwrap();
    tx.put_blocking(7).unwrap();
    assert_eq!(entered.take_blocking(), Some(7));
    let pings: Vec<_> = (0..50).map(|_| run.ping(LIMIT)).collect();
    go_on.put_blocking(()).unwrap();
    let pings: Vec<_> = pings.into_iter().map(|ping| ping.wait().unwrap()).collect();
    // The newest are answered; the others do not wait for ever.
    assert!(pings.last().unwrap().processes[0].state.is_some());
    let answered = pings
        .iter()
        .filter(|ping| ping.processes[0].state.is_some());
    assert!(answered.count() >= 16);
}

#[test]
fn a_process_that_has_ended_shows_its_last_state() {
    let flow = FlowDef::new("short")
        .process("numbers", flow::source(|| [2_u64, 3]))
        .process("sum", Sum::default)
        .connect(("numbers", "out"), ("sum", "in"))
        .build()
        .unwrap();
    let run = flow.start().unwrap();
    let last = run.ended().wait().unwrap();
    assert_eq!(run.ping(LIMIT).wait(), Ok(last.clone()));
    let sum = last.get("sum").unwrap();
    assert_eq!(sum.status, Status::Ended);
    assert_eq!(
        sum.state.as_deref(),
        Some("Sum { sum: 5, seen: [Resume, Stop] }")
    );
    assert!(last.get("sums").is_none());
}

#[test]
fn what_is_put_at_a_port_without_a_connection_is_counted() {
    let flow = FlowDef::new("nowhere")
        .process("sum", Sum::default)
        .in_port::<u64>(("sum", "in"), 10)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let tx = run.in_port::<u64>(("sum", "in")).unwrap();
    for _ in 0..5 {
        tx.put_blocking(1).unwrap();
    }
    drop(tx);
    let last = run.ended().wait().unwrap();
    let sum = &last.processes[0];
    assert_eq!((sum.steps, sum.errors), (5, 0));
    assert_eq!((sum.outs[0].messages, sum.outs[0].dropped), (5, 5));
    assert_eq!(
        sum.state.as_deref(),
        Some("Sum { sum: 5, seen: [Resume, Stop] }")
    );
}

#[test]
fn what_is_put_when_the_outside_has_gone_is_counted() {
    let flow = FlowDef::new("gone")
        .process("sum", Sum::default)
        .in_port::<u64>(("sum", "in"), 10)
        .out_port::<u64>(("sum", "out"), 10)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let tx = run.in_port::<u64>(("sum", "in")).unwrap();
    drop(run.out_port::<u64>(("sum", "out")).unwrap());
    for _ in 0..20 {
        tx.put_blocking(1).unwrap();
    }
    drop(tx);
    let sum = &run.ended().wait().unwrap().processes[0];
    assert_eq!(
        (sum.steps, sum.outs[0].messages, sum.outs[0].dropped),
        (20, 20, 20)
    );
}

#[test]
fn a_ping_is_shown_as_a_table() {
    let flow = FlowDef::new("short")
        .process("numbers", flow::source(|| [2_u64, 3]))
        .process("a long name", Sum::default)
        .connect(("numbers", "out"), ("a long name", "in"))
        .build()
        .unwrap();
    let run = flow.start().unwrap();
    let last = run.ended().wait().unwrap();
    assert_eq!(
        last.to_string(),
        "\
process      status   steps  errors  ports
numbers      ended        3       0  → out 2 (0/10)
             Items
a long name  ended        2       0  in 2 (0/10) → out 2 -2
             Sum { sum: 5, seen: [Resume, Stop] }"
    );
}

#[derive(Debug, PartialEq)]
struct Milestone(u64);

#[test]
fn reports_reach_the_report_channel_if_the_step_ends_well() {
    let step = |(): &mut (), n: &u64, out: &mut Outputs| {
        if n.is_multiple_of(10) {
            out.report(Milestone(*n));
        }
        assert!(*n != 20, "not this one");
    };
    let flow = FlowDef::new("reports")
        .process(
            "count",
            Process::of(|| (), Describe::new("").input("in", step)),
        )
        .process("numbers", flow::source(|| 1..=30_u64))
        .connect(("numbers", "out"), ("count", "in"))
        .build()
        .unwrap();
    let run = flow.start().unwrap();
    run.ended().wait().unwrap();
    let reports: Vec<_> = run.reports().iter_blocking().collect();
    assert_eq!(reports.len(), 2);
    assert_eq!(reports[0].get(), Some(&Milestone(10)));
    assert_eq!(reports[1].get(), Some(&Milestone(30)));
    assert_eq!(reports[1].get::<u64>(), None);
    assert_eq!(reports[1].process(), "count");
    assert_eq!(reports[1].to_string(), "count: Milestone(30)");
    assert_eq!(run.errors().iter_blocking().count(), 1);
}

#[test]
fn the_newest_hundred_reports_are_kept() {
    let step = |(): &mut (), n: &u64, out: &mut Outputs| out.report(*n);
    let flow = FlowDef::new("reports")
        .process(
            "count",
            Process::of(|| (), Describe::new("").input("in", step)),
        )
        .process("numbers", flow::source(|| 0..250_u64))
        .connect(("numbers", "out"), ("count", "in"))
        .build()
        .unwrap();
    let run = flow.start().unwrap();
    run.ended().wait().unwrap();
    let kept: Vec<u64> = (run.reports().iter_blocking())
        .map(|report| *report.get().unwrap())
        .collect();
    assert_eq!(kept, (150..250).collect::<Vec<_>>());
}
