//! Ports to the outside, and how the end of messages travels.

use csp::{
    flow::{self, Describe, FlowDef, Outputs, PortError, Process, Status},
    prelude::*,
};

use super::util::{Sum, ended, ping, rest, some, stop};

/// Puts what comes in, and the number of messages when the port closes.
fn counted() -> Process {
    let describe = Describe::new("counts")
        .input("in", |count: &mut u64, _: &u64, out: &mut Outputs| {
            *count += 1;
            out.pass("out");
        })
        .closed("in", |count, out| out.put("out", 1000 + *count))
        .output::<u64>("out");
    Process::of(|| 0, describe.in_place())
}

#[test]
fn the_close_of_an_in_port_travels() {
    let flow = FlowDef::new("three")
        .process("one", counted())
        .process("two", counted())
        .process("three", counted())
        .in_port::<u64>(("one", "in"), 3)
        .connect(("one", "out"), ("two", "in"))
        .connect(("two", "out"), ("three", "in"))
        .out_port::<u64>(("three", "out"), 3)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let tx = run.in_port::<u64>(("one", "in")).unwrap();
    let out = run.out_port::<u64>(("three", "out")).unwrap();
    let other = tx.clone();
    tx.put_blocking(1).unwrap();
    drop(tx);
    other.put_blocking(2).unwrap();
    drop(other);
    // Each told once, after the last message.
    assert_eq!(rest(out), [1, 2, 1002, 1003, 1004]);
    let last = ended(&run);
    assert!((last.processes.iter()).all(|process| process.status == Status::Ended));
}

#[test]
fn an_in_port_closes_when_all_its_connections_have() {
    let flow = FlowDef::new("fan in")
        .process("count", counted())
        .process("numbers", flow::source(|| 0..3_u64))
        .in_port::<u64>(("count", "in"), 3)
        .connect(("numbers", "out"), ("count", "in"))
        .out_port::<u64>(("count", "out"), 10)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let tx = run.in_port::<u64>(("count", "in")).unwrap();
    let out = run.out_port::<u64>(("count", "out")).unwrap();
    assert_eq!(some(&out, 3), [0, 1, 2]);
    // `numbers` ends, which is not the end of the port.
    while ping(&run, "numbers").status != Status::Ended {
        std::thread::yield_now();
    }
    tx.put_blocking(7).unwrap();
    assert_eq!(some(&out, 1), [7]);
    tx.close();
    assert_eq!(rest(out), [1004]);
}

#[test]
fn a_process_ends_when_all_its_in_ports_have_closed() {
    let describe = Describe::new("two")
        .input("left", |(), n: &u64, out: &mut Outputs| {
            out.put("out", format!("left {n}"));
        })
        .input("right", |(), n: &u64, out: &mut Outputs| {
            out.put("out", format!("right {n}"));
        })
        .closed("left", |(): &mut (), out| {
            out.put("out", "left closed".to_owned());
        })
        .closed("right", |(), out| out.put("out", "right closed".to_owned()))
        .output::<String>("out");
    let flow = FlowDef::new("two")
        .process("two", Process::of(|| (), describe))
        .in_port::<u64>(("two", "left"), 1)
        .in_port::<u64>(("two", "right"), 1)
        .out_port::<String>(("two", "out"), 1)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let left = run.in_port::<u64>(("two", "left")).unwrap();
    let right = run.in_port::<u64>(("two", "right")).unwrap();
    let out = run.out_port::<String>(("two", "out")).unwrap();
    left.put_blocking(1).unwrap();
    assert_eq!(some(&out, 1), ["left 1"]);
    drop(left);
    assert_eq!(some(&out, 1), ["left closed"]);
    right.put_blocking(2).unwrap();
    assert_eq!(some(&out, 1), ["right 2"]);
    drop(right);
    assert_eq!(rest(out), ["right closed"]);
    assert_eq!(ended(&run).processes[0].steps, 2);
}

#[test]
fn a_process_with_a_source_ends_when_that_is_done_too() {
    let describe = Describe::new("both")
        .input("in", |_: &mut u64, n: &u64, out: &mut Outputs| {
            out.put("out", *n);
        })
        .source(|left, out| {
            *left -= 1;
            out.put("out", 100 + *left);
            if *left == 0 {
                flow::Next::Done
            } else {
                flow::Next::Now
            }
        })
        .output::<u64>("out");
    let flow = FlowDef::new("both")
        .process("both", Process::of(|| 3, describe))
        .in_port::<u64>(("both", "in"), 1)
        .out_port::<u64>(("both", "out"), 10)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let tx = run.in_port::<u64>(("both", "in")).unwrap();
    let out = run.out_port::<u64>(("both", "out")).unwrap();
    assert_eq!(some(&out, 3), [102, 101, 100]);
    tx.put_blocking(5).unwrap();
    assert_eq!(some(&out, 1), [5]);
    drop(tx);
    assert_eq!(rest(out), []);
}

#[test]
fn a_port_left_open_keeps_its_process() {
    let flow = FlowDef::new("open")
        .process("sum", Sum::default)
        .leave_open(("sum", "in"))
        .in_port::<u64>(("sum", "in"), 1)
        .process("other", Sum::default)
        .leave_open(("other", "in"))
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    // It is connected, so it does close.
    drop(run.in_port::<u64>(("sum", "in")).unwrap());
    while ping(&run, "sum").status != Status::Ended {
        std::thread::yield_now();
    }
    assert_eq!(ping(&run, "other").status, Status::Running);
    stop(&run);
}

#[test]
fn a_failure_of_the_outside_is_told_and_travels() {
    let flow = FlowDef::new("two")
        .process("one", counted())
        .process("two", counted())
        .in_port::<u64>(("one", "in"), 3)
        .connect(("one", "out"), ("two", "in"))
        .out_port::<u64>(("two", "out"), 3)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let tx = run.in_port::<u64>(("one", "in")).unwrap();
    let out = run.out_port::<u64>(("two", "out")).unwrap();
    tx.put_blocking(1).unwrap();
    tx.fail("the disk is full");
    assert_eq!(rest(out.clone()), [1, 1001, 1002]);
    assert_eq!(out.failure().unwrap().to_string(), "the disk is full");
    let errors: Vec<String> = (run.errors().iter_blocking())
        .map(|error| error.to_string())
        .collect();
    assert_eq!(
        errors,
        [
            "the process `one` failed: the disk is full (at the close of `in`); state: 1",
            "the process `two` failed: the disk is full (at the close of `in`); state: 2",
        ]
    );
}

#[test]
fn ends_are_given_once_and_of_the_right_type() {
    let flow = FlowDef::new("sums")
        .process("sum", Sum::default)
        .process("more", Sum::default)
        .in_port::<u64>(("sum", "in"), 1)
        .out_port::<u64>(("sum", "out"), 1)
        .connect(("sum", "out"), ("more", "in"))
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let text = |error: PortError| error.to_string();
    let wrong = run.in_port::<u32>(("sum", "in")).unwrap_err();
    assert_eq!(text(wrong), "the messages of sum.in are u64, not u32");
    let wrong = run.out_port::<String>(("sum", "out")).unwrap_err();
    assert_eq!(
        text(wrong),
        "the messages of sum.out are u64, not alloc::string::String"
    );
    let _tx = run.in_port::<u64>(("sum", "in")).unwrap();
    let _rx = run.out_port::<u64>(("sum", "out")).unwrap();
    let again = run.in_port::<u64>(("sum", "in")).unwrap_err();
    assert_eq!(
        text(again),
        "the end of sum.in was given out before; clone that one"
    );
    let again = run.out_port::<u64>(("sum", "out")).unwrap_err();
    assert_eq!(
        text(again),
        "the end of sum.out was given out before; clone that one"
    );
    let inside = run.in_port::<u64>(("more", "in")).unwrap_err();
    assert_eq!(
        text(inside),
        "more.in does not lead to the outside; of these ports there are `sum.in`"
    );
    let inside = run.out_port::<u64>(("more", "out")).unwrap_err();
    assert_eq!(
        text(inside),
        "more.out does not lead to the outside; of these ports there are `sum.out`"
    );
    let unknown = run.out_port::<u64>(("mor", "out")).unwrap_err();
    assert_eq!(
        text(unknown),
        "the flow has no process `mor`; did you mean `more`?"
    );
}

#[test]
fn an_end_of_the_outside_is_a_channel_like_any_other() {
    let flow = FlowDef::new("sums")
        .process("sum", Sum::default)
        .in_port::<u64>(("sum", "in"), 1)
        .out_port::<u64>(("sum", "out"), 1)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let tx = run.in_port::<u64>(("sum", "in")).unwrap();
    let out = run.out_port::<u64>(("sum", "out")).unwrap();
    let sums = go!({
        let (mut n, mut sums) = (1_u64, Vec::new());
        while sums.len() < 5 {
            alt! {
                Some(sum) = take!(out) => sums.push(*sum),
                done = put!(tx, n), if n <= 5 => {
                    done.unwrap();
                    n += 1;
                }
                else _ => break,
            }
        }
        sums
    });
    assert_eq!(sums.wait(), Ok(vec![1, 3, 6, 10, 15]));
    stop(&run);
}
