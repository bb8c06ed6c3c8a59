//! Messages that are injected from outside.

use csp::{
    flow::{FlowDef, PortError},
    prelude::*,
};

use super::util::{Sum, ended, ends, ping, rest, some, stop, sums};

#[test]
fn inject_while_it_is_paused() {
    let flow = FlowDef::new("sums")
        .process("sum", Sum::default)
        .leave_open(("sum", "in"))
        .out_port::<u64>(("sum", "out"), 100)
        .build()
        .unwrap();
    let mut run = flow.start_paused().unwrap();
    let sums = run.out_port::<u64>(("sum", "out")).unwrap();
    let injected = run.inject(("sum", "in"), [1_u64, 2, 3]).unwrap();
    assert_eq!(injected.wait(), Ok(Ok(())));
    assert_eq!(ping(&run, "sum").steps, 0);

    run.resume();
    assert_eq!(some(&sums, 3), [1, 3, 6]);
    // More than wait at one time.
    let many = run.inject(("sum", "in"), vec![1_u64; 50]).unwrap();
    assert_eq!(many.wait(), Ok(Ok(())));
    assert_eq!(some(&sums, 50), (7..57).collect::<Vec<_>>());
    assert_eq!(ping(&run, "sum").ins[0].messages, 53);
    stop(&run);
}

#[test]
fn inject_at_an_out_port_goes_to_whatever_is_connected() {
    let flow = FlowDef::new("two")
        .process("one", Sum::default)
        .leave_open(("one", "in"))
        .process("two", Sum::default)
        .connect(("one", "out"), ("two", "in"))
        .out_port::<u64>(("one", "out"), 10)
        .out_port::<u64>(("two", "out"), 10)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let ones = run.out_port::<u64>(("one", "out")).unwrap();
    let twos = run.out_port::<u64>(("two", "out")).unwrap();
    run.inject(("one", "out"), [10_u64, 20])
        .unwrap()
        .wait()
        .unwrap()
        .unwrap();
    assert_eq!(
        (some(&ones, 2), some(&twos, 2)),
        (vec![10, 20], vec![10, 30])
    );
    let last = stop(&run);
    assert_eq!(
        (last.processes[0].steps, last.processes[0].outs[0].messages),
        (0, 2)
    );
}

#[test]
fn inject_says_what_is_wrong() {
    let run = sums().start().unwrap();
    let text = |error: PortError| error.to_string();
    assert_eq!(
        text(run.inject(("sun", "in"), [1_u64]).unwrap_err()),
        "the flow has no process `sun`; did you mean `sum`?"
    );
    assert_eq!(
        text(run.inject(("sum", "inn"), [1_u64]).unwrap_err()),
        "the process `sum` has no port `inn`; did you mean `in`?"
    );
    assert_eq!(
        text(run.inject(("sum", "in"), [1_i32]).unwrap_err()),
        "the messages of sum.in are u64, not i32"
    );
}

#[test]
fn inject_into_a_process_that_has_ended_gives_the_messages_back() {
    let run = sums().start().unwrap();
    stop(&run);
    let injected = run.inject(("sum", "in"), [1_u64, 2, 3]).unwrap();
    assert_eq!(
        injected.wait().unwrap().unwrap_err().into_inner(),
        [1, 2, 3]
    );
}

#[test]
fn inject_into_a_process_that_ends_meanwhile_gives_back_what_did_not_get_in() {
    let run = sums().start_paused().unwrap();
    let injected = run.inject(("sum", "in"), 0..20_u64).unwrap();
    let last = stop(&run);
    // Ten fit into its queue; or none, if the stop came first.
    let back = injected.wait().unwrap().unwrap_err().into_inner();
    let got_in = last.processes[0].ins[0].dropped;
    assert_eq!(back, (got_in..20).collect::<Vec<_>>());
}

/// What was injected came in before the close, and is taken before the close is told
#[test]
fn inject_before_the_last_in_port_closes_is_not_lost() {
    let mut run = sums().start_paused().unwrap();
    let (tx, out) = ends(&mut run);
    let injected = run.inject(("sum", "in"), 1..=3_u64).unwrap();
    assert_eq!(injected.wait(), Ok(Ok(())));
    let at_out = run.inject(("sum", "out"), [100_u64]).unwrap();
    assert_eq!(at_out.wait(), Ok(Ok(())));
    drop(tx);
    run.resume();
    let mut got = rest(out);
    got.sort_unstable();
    assert_eq!(got, [1, 3, 6, 100]);
    let last = ended(&run);
    assert_eq!(last.processes[0].ins[0].dropped, 0);
}

/// Whatever the `Go` says got in comes out, at whatever moment the process ends
#[test]
fn stress_inject_against_the_end_of_the_process() {
    for round in 0..if cfg!(debug_assertions) { 300 } else { 3_000 } {
        let mut run = sums().start().unwrap();
        let (tx, out) = ends(&mut run);
        let injected = run.inject(("sum", "in"), [1_u64, 1, 1]).unwrap();
        for _ in 0..round % 50 {
            std::hint::spin_loop();
        }
        drop(tx);
        let got_in = match injected.wait().unwrap() {
            Ok(()) => 3,
            Err(Closed(back)) => 3 - back.len(),
        };
        assert_eq!(rest(out).len(), got_in, "round {round}");
    }
}
