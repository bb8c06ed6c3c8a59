//! Start, stop, pause, resume, restart.

use std::time::Duration;

use csp::{
    flow::{self, Describe, Flow, FlowDef, Outputs, Process, Running, Status, Transition},
    prelude::*,
};

use super::util::{LIMIT, Sum, ended, ends, gated, ping, ping_until, rest, some, stop, sums};

#[test]
fn a_started_flow_runs_and_ends_when_its_input_does() {
    let mut run = sums().start().unwrap();
    let (tx, sums) = ends(&mut run);
    for n in 1..=4 {
        tx.put_blocking(n).unwrap();
    }
    drop(tx);
    assert_eq!(rest(sums), [1, 3, 6, 10]);
    let last = ended(&run);
    assert_eq!(last.processes[0].status, Status::Ended);
    assert_eq!(
        last.processes[0].state.as_deref(),
        Some("Sum { sum: 10, seen: [Resume, Stop] }")
    );
}

#[test]
fn started_paused_it_takes_nothing_until_it_is_resumed() {
    let mut run = sums().start_paused().unwrap();
    let (tx, sums) = ends(&mut run);
    for n in 1..=3 {
        tx.try_put(n).unwrap();
    }
    let paused = ping(&run, "sum");
    assert_eq!(paused.status, Status::Paused);
    assert_eq!(paused.state.as_deref(), Some("Sum { sum: 0, seen: [] }"));
    assert_eq!((paused.steps, paused.ins[0].connections[0].len), (0, 3));
    assert!(sums.try_take().is_err());

    run.resume();
    assert_eq!(some(&sums, 3), [1, 3, 6]);
    stop(&run);
}

#[test]
fn pause_and_resume_of_the_whole_flow() {
    let mut run = sums().start().unwrap();
    let (tx, sums) = ends(&mut run);
    tx.put_blocking(1).unwrap();
    assert_eq!(some(&sums, 1), [1]);

    run.pause();
    assert_eq!(ping(&run, "sum").status, Status::Paused);
    tx.put_blocking(2).unwrap();
    tx.put_blocking(3).unwrap();
    // It answers, so it had its turn, and took nothing.
    let paused = ping(&run, "sum");
    assert_eq!((paused.steps, paused.ins[0].connections[0].len), (1, 2));

    run.resume();
    assert_eq!(some(&sums, 2), [3, 6]);
    let last = stop(&run);
    assert_eq!(
        last.processes[0].state.as_deref(),
        Some("Sum { sum: 6, seen: [Resume, Pause, Resume, Stop] }")
    );
}

#[test]
fn a_second_pause_is_no_transition() {
    let run = sums().start_paused().unwrap();
    run.pause();
    run.resume();
    assert_eq!(ping(&run, "sum").status, Status::Running);
    run.resume();
    ping(&run, "sum");
    run.pause();
    ping(&run, "sum");
    run.pause();
    let state = ping(&run, "sum").state;
    assert_eq!(
        state.as_deref(),
        Some("Sum { sum: 0, seen: [Resume, Pause] }")
    );
}

#[test]
fn pause_and_resume_of_one_process() {
    let flow = FlowDef::new("two")
        .process("first", Sum::default)
        .process("second", Sum::default)
        .in_port::<u64>(("first", "in"), 10)
        .connect_with(("first", "out"), ("second", "in"), 5)
        .out_port::<u64>(("second", "out"), 10)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let tx = run.in_port::<u64>(("first", "in")).unwrap();
    let out = run.out_port::<u64>(("second", "out")).unwrap();

    run.pause_process("second").unwrap();
    assert_eq!(ping(&run, "second").status, Status::Paused);
    for _ in 0..3 {
        tx.put_blocking(1).unwrap();
    }
    let first = ping_until(&run, "first", |ping| ping.steps == 3);
    assert_eq!(first.status, Status::Running);
    assert_eq!(first.outs[0].connections[0].peer, "second.in");
    assert_eq!(first.outs[0].connections[0].len, 3);
    assert_eq!(ping(&run, "second").steps, 0);

    run.resume_process("second").unwrap();
    assert_eq!(some(&out, 3), [1, 3, 6]);
    stop(&run);
}

#[test]
fn commands_to_an_unknown_process_name_it() {
    let run = sums().start().unwrap();
    let text = "the flow has no process `sun`; did you mean `sum`?";
    assert_eq!(run.pause_process("sun").unwrap_err().to_string(), text);
    assert_eq!(run.resume_process("sun").unwrap_err().to_string(), text);
    assert_eq!(run.stop_process("sun").unwrap_err().to_string(), text);
    let ping = run.ping_process("sun", LIMIT).unwrap_err();
    assert_eq!(ping.to_string(), text);
    let far = run.pause_process("parse").unwrap_err().to_string();
    assert_eq!(far, "the flow has no process `parse`; there are `sum`");
}

/// A source that never has enough.
fn endless() -> Process {
    flow::source(|| 0_u64..)
}

#[test]
fn stop_while_an_output_is_full() {
    let flow = FlowDef::new("full")
        .process("numbers", endless())
        .out_port::<u64>(("numbers", "out"), 2)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let out = run.out_port::<u64>(("numbers", "out")).unwrap();
    let waits = ping_until(&run, "numbers", |ping| ping.status == Status::Waiting);
    assert_eq!(waits.waits_at.as_deref(), Some("out"));
    assert_eq!(waits.state.as_deref(), Some("Items"));
    assert_eq!(waits.outs[0].connections[0].len, 2);

    // Also a pause works there; the message that waits for room still waits.
    run.pause();
    let paused = ping(&run, "numbers");
    assert_eq!(paused.status, Status::Paused);
    assert_eq!(paused.waits_at.as_deref(), Some("out"));

    let last = stop(&run);
    assert_eq!(last.processes[0].status, Status::Ended);
    let port = &last.processes[0].outs[0];
    assert_eq!((port.messages, port.dropped), (3, 1));
    assert_eq!(rest(out), [0, 1]);
}

#[test]
fn what_waited_for_room_goes_out_although_it_is_paused() {
    let flow = FlowDef::new("full")
        .process("numbers", endless())
        .out_port::<u64>(("numbers", "out"), 1)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let out = run.out_port::<u64>(("numbers", "out")).unwrap();
    ping_until(&run, "numbers", |ping| ping.status == Status::Waiting);
    run.pause();
    ping(&run, "numbers");
    assert_eq!(some(&out, 2), [0, 1]);
    let paused = ping_until(&run, "numbers", |ping| ping.waits_at.is_none());
    assert_eq!((paused.status, paused.steps), (Status::Paused, 2));
    run.resume();
    assert_eq!(some(&out, 3), [2, 3, 4]);
    stop(&run);
}

#[test]
fn stop_of_a_busy_process_says_who_is_busy_and_can_be_waited_for_again() {
    let (process, entered, go_on) = gated();
    let flow = FlowDef::new("busy")
        .process("gated", process)
        .process("sum", Sum::default)
        .in_port::<u64>(("gated", "in"), 1)
        .connect(("gated", "out"), ("sum", "in"))
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let tx = run.in_port::<u64>(("gated", "in")).unwrap();
    tx.put_blocking(1).unwrap();
    assert_eq!(entered.take_blocking(), Some(1));

    // `sum` may or may not have ended by now.
    let error = run.stop(Duration::ZERO).wait().unwrap().unwrap_err();
    assert!(
        error.processes.iter().any(|name| name == "gated"),
        "{error}"
    );
    assert!(error.to_string().starts_with("still in a step: `gated`"));
    go_on.put_blocking(()).unwrap();
    let last = stop(&run);
    let gated = last.get("gated").unwrap();
    // Its step was done; what it put went nowhere, and was counted, unless `sum` was still there.
    let lost = gated.outs[0].dropped + last.get("sum").unwrap().ins[0].dropped;
    assert_eq!((gated.steps, gated.outs[0].messages, lost), (1, 1, 1));
}

#[test]
fn a_stop_counts_what_was_left_in_the_buffers() {
    let mut run = sums().start_paused().unwrap();
    let (tx, _sums) = ends(&mut run);
    for n in 0..7 {
        tx.put_blocking(n).unwrap();
    }
    let last = stop(&run);
    assert_eq!(last.processes[0].ins[0].dropped, 7);
    assert_eq!(tx.put_blocking(8), Err(Closed(8)));
}

#[test]
fn a_flow_is_started_again_with_new_processes() {
    let flow = sums();
    for _ in 0..3 {
        let mut run = flow.start().unwrap();
        let (tx, sums) = ends(&mut run);
        tx.put_blocking(5).unwrap();
        assert_eq!(some(&sums, 1), [5]);
        stop(&run);
    }
}

#[test]
fn a_flow_may_run_twice_at_the_same_time() {
    let flow = sums();
    let (mut one, mut two) = (flow.start().unwrap(), flow.start().unwrap());
    let (tx_one, sums_one) = ends(&mut one);
    let (tx_two, sums_two) = ends(&mut two);
    tx_one.put_blocking(1).unwrap();
    tx_two.put_blocking(2).unwrap();
    assert_eq!((some(&sums_one, 1), some(&sums_two, 1)), (vec![1], vec![2]));
    stop(&one);
    tx_two.put_blocking(3).unwrap();
    assert_eq!(some(&sums_two, 1), [5]);
}

#[test]
fn stopped_twice() {
    let run = sums().start().unwrap();
    assert_eq!(stop(&run), stop(&run));
}

#[test]
fn a_dropped_handle_stops_the_flow() {
    let flow = FlowDef::new("endless")
        .process("numbers", endless())
        .out_port::<u64>(("numbers", "out"), 2)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let out = run.out_port::<u64>(("numbers", "out")).unwrap();
    let errors = run.errors().clone();
    assert_eq!(some(&out, 3), [0, 1, 2]);
    drop(run);
    // Both come to their end.
    assert!(rest(out).len() <= 3);
    assert_eq!(errors.into_iter().count(), 0);
}

#[test]
fn one_process_stopped_lets_the_flow_end_without_losing_a_message() {
    let flow = FlowDef::new("drain")
        .process("numbers", endless())
        .process("sum", Sum::default)
        .connect(("numbers", "out"), ("sum", "in"))
        .out_port::<u64>(("sum", "out"), 10)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let out = run.out_port::<u64>(("sum", "out")).unwrap();
    assert_eq!(some(&out, 3), [0, 1, 3]);
    // It may be waiting for room, and what waits then is dropped: make sure that it does not.
    let taker = thread(move || rest(out));
    run.stop_process("numbers").unwrap();
    let rest = taker.wait().unwrap();
    let last = ended(&run);
    let (numbers, sum) = (&last.processes[0], &last.processes[1]);
    assert_eq!(
        sum.steps,
        numbers.outs[0].messages - numbers.outs[0].dropped
    );
    assert_eq!(sum.steps, 3 + rest.len() as u64);
    assert_eq!((sum.ins[0].dropped, sum.outs[0].dropped), (0, 0));
}

#[test]
fn transitions_are_told_in_order() {
    let (tx, seen) = chan(10);
    let flow = FlowDef::new("told")
        .process("told", move || Told(tx.clone()))
        .leave_open(("told", "in"))
        .build()
        .unwrap();
    let run = flow.start().unwrap();
    assert_eq!(seen.take_blocking(), Some(Transition::Resume));
    run.pause();
    assert_eq!(seen.take_blocking(), Some(Transition::Pause));
    run.resume();
    assert_eq!(seen.take_blocking(), Some(Transition::Resume));
    stop(&run);
    assert_eq!(seen.take_blocking(), Some(Transition::Stop));
    drop((run, flow));
    assert_eq!(seen.take_blocking(), None);
}

#[test]
fn a_stopped_process_leaves_the_others_running() {
    let flow = FlowDef::new("two")
        .process("first", Sum::default)
        .process("second", Sum::default)
        .in_port::<u64>(("first", "in"), 10)
        .connect(("first", "out"), ("second", "in"))
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let tx = run.in_port::<u64>(("first", "in")).unwrap();
    run.stop_process("second").unwrap();
    ping_until(&run, "second", |ping| ping.status == Status::Ended);
    for n in 0..3 {
        tx.put_blocking(n).unwrap();
    }
    let first = ping_until(&run, "first", |ping| ping.steps == 3);
    assert_eq!(first.status, Status::Running);
    assert_eq!((first.outs[0].messages, first.outs[0].dropped), (3, 3));
    // Commands to one that has ended do nothing.
    run.resume_process("second").unwrap();
    run.pause_process("second").unwrap();
    assert_eq!(ping(&run, "second").status, Status::Ended);
    stop(&run);
}

#[test]
fn handles_may_be_shared_among_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Flow>();
    shared::<FlowDef>();
    shared::<Process>();
    shared::<Running>();
    shared::<flow::ProcessError>();
    shared::<flow::Report>();
}

#[derive(Debug)]
struct Told(Sender<Transition>);

impl flow::Step for Told {
    fn describe(&self) -> Describe<Self> {
        Describe::new("tells").input("in", |_, _: &u64, _: &mut Outputs| ())
    }

    fn transition(&mut self, to: Transition) -> Result<(), flow::Error> {
        Ok(self.0.put_blocking(to)?)
    }
}
