//! One to several, several to one, circles, buffers.

use std::sync::Arc;

use csp::{
    flow::{self, Describe, FlowDef, Next, Out, Outputs, Process, Queue, Status},
    prelude::*,
};

use super::util::{LIMIT, Sum, ended, ping, ping_until, rest, some, stop};

#[test]
fn one_out_port_to_two_in_ports_gives_each_every_message() {
    let (one_tx, one) = chan(10);
    let (two_tx, two) = chan(10);
    // What they get is the same, not a clone: `Unique` has none.
    let keep = |tx: Sender<usize>| {
        flow::sink(move |message: &Unique| {
            tx.put_blocking(std::ptr::from_ref(message).addr()).unwrap();
        })
    };
    let flow = FlowDef::new("fan out")
        .process("numbers", flow::source(|| (0..5).map(Unique)))
        .process("one", keep(one_tx))
        .process("two", keep(two_tx))
        .connect(("numbers", "out"), ("one", "in"))
        .connect(("numbers", "out"), ("two", "in"))
        .out_port::<Unique>(("numbers", "out"), 10)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let out = run.out_port::<Unique>(("numbers", "out")).unwrap();
    let messages: Vec<Arc<Unique>> = out.into_iter().collect();
    ended(&run);
    let numbers: Vec<u64> = messages.iter().map(|message| message.0).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4]);
    for message in &messages {
        let addr = Arc::as_ptr(message).addr();
        assert_eq!((one.try_take(), two.try_take()), (Ok(addr), Ok(addr)));
    }
}

#[derive(Debug)]
struct Unique(u64);

#[test]
fn the_slowest_of_several_holds_the_process_back_but_not_the_others() {
    let flow = FlowDef::new("fan out")
        .process("numbers", flow::source(|| 0_u64..))
        .process("slow", Sum::default)
        .process("quick", Sum::default)
        .connect_with(("numbers", "out"), ("slow", "in"), 2)
        .connect_with(("numbers", "out"), ("quick", "in"), 0)
        .out_port::<u64>(("quick", "out"), 10)
        .build()
        .unwrap();
    let mut run = flow.start_paused().unwrap();
    let quick = run.out_port::<u64>(("quick", "out")).unwrap();
    run.resume_process("numbers").unwrap();
    run.resume_process("quick").unwrap();
    // Two are in the buffer, the third waits; `quick` has all three.
    assert_eq!(some(&quick, 3), [0, 1, 3]);
    let numbers = ping_until(&run, "numbers", |ping| ping.status == Status::Waiting);
    assert_eq!(numbers.outs[0].messages, 3);
    assert_eq!(ping(&run, "slow").ins[0].connections[0].len, 2);
    assert!(quick.try_take().is_err());

    run.resume_process("slow").unwrap();
    assert_eq!(some(&quick, 2), [6, 10]);
    stop(&run);
}

#[test]
fn several_out_ports_to_one_in_port_are_read_fairly() {
    let flow = FlowDef::new("fan in")
        .process("ones", flow::source(|| std::iter::repeat(1_u64)))
        .process("tens", flow::source(|| std::iter::repeat(10_u64)))
        .process("all", flow::filter(|_: &u64| true))
        .connect_with(("ones", "out"), ("all", "in"), 200)
        .connect_with(("tens", "out"), ("all", "in"), 200)
        .out_port::<u64>(("all", "out"), 1)
        .build()
        .unwrap();
    let mut run = flow.start_paused().unwrap();
    let out = run.out_port::<u64>(("all", "out")).unwrap();
    for source in ["ones", "tens"] {
        run.resume_process(source).unwrap();
        ping_until(&run, source, |ping| ping.status == Status::Waiting);
    }
    run.resume();
    // In a fixed order one of them would not be among the first.
    let first = some(&out, 100);
    assert!(first.contains(&1) && first.contains(&10), "{first:?}");
    stop(&run);
}

#[test]
fn the_messages_of_each_connection_stay_in_order() {
    let flow = FlowDef::new("fan in")
        .process("low", flow::source(|| 0..500_u64))
        .process("high", flow::source(|| 1000..1500_u64))
        .process("all", flow::filter(|_: &u64| true))
        .connect(("low", "out"), ("all", "in"))
        .connect_with(("high", "out"), ("all", "in"), 0)
        .out_port::<u64>(("all", "out"), 1)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let out = run.out_port::<u64>(("all", "out")).unwrap();
    let (low, high): (Vec<u64>, Vec<u64>) = rest(out).into_iter().partition(|n| *n < 1000);
    assert!(low.into_iter().eq(0..500));
    assert!(high.into_iter().eq(1000..1500));
}

const AGAIN: Out<u64> = Out::new("again");

/// Counts down: each number to the outside, and the next lower one to `again`.
fn countdown() -> Describe<()> {
    Describe::new("counts down")
        .input("in", |(), n: &u64, out: &mut Outputs| {
            out.put("out", *n);
            if *n > 0 {
                out.put(AGAIN, n - 1);
            }
        })
        .output::<u64>("out")
        .output(AGAIN)
}

#[test]
fn a_process_connected_to_itself() {
    for process in [
        Process::of(|| (), countdown()),
        Process::of(|| (), countdown().in_place()),
    ] {
        let flow = FlowDef::new("loop")
            .process("down", process)
            .connect_with(("down", "again"), ("down", "in"), 1)
            .out_port::<u64>(("down", "out"), 10)
            .build()
            .unwrap();
        let mut run = flow.start().unwrap();
        let out = run.out_port::<u64>(("down", "out")).unwrap();
        run.inject(("down", "in"), [5_u64])
            .unwrap()
            .wait()
            .unwrap()
            .unwrap();
        assert_eq!(some(&out, 6), [5, 4, 3, 2, 1, 0]);
        // Nothing is under way, but it might be injected again.
        assert_eq!(ping(&run, "down").status, Status::Running);
        stop(&run);
    }
}

#[test]
fn a_circle_of_two() {
    let flow = FlowDef::new("circle")
        .process("ping", Process::of(|| (), countdown().in_place()))
        .process("pong", flow::filter(|_: &u64| true))
        .connect(("ping", "again"), ("pong", "in"))
        .connect(("pong", "out"), ("ping", "in"))
        .out_port::<u64>(("ping", "out"), 10)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let out = run.out_port::<u64>(("ping", "out")).unwrap();
    run.inject(("pong", "out"), [4_u64])
        .unwrap()
        .wait()
        .unwrap()
        .unwrap();
    assert_eq!(some(&out, 5), [4, 3, 2, 1, 0]);
    assert_eq!(ping(&run, "pong").steps, 4);
    stop(&run);
}

#[test]
fn a_circle_that_is_full_can_be_asked_and_stopped() {
    // Each message makes two.
    let double = || flow::flat_map(|n: &u64| [*n, *n]);
    let flow = FlowDef::new("circle")
        .process("one", double())
        .process("two", double())
        .connect_with(("one", "out"), ("two", "in"), 2)
        .connect_with(("two", "out"), ("one", "in"), 2)
        .build()
        .unwrap();
    let run = flow.start().unwrap();
    run.inject(("one", "in"), [1_u64])
        .unwrap()
        .wait()
        .unwrap()
        .unwrap();
    loop {
        let ping = run.ping(LIMIT).wait().unwrap();
        if (ping.processes.iter()).all(|process| process.status == Status::Waiting) {
            break;
        }
        std::thread::yield_now();
    }
    let last = stop(&run);
    // All that was made was taken, or is counted as lost.
    let made: u64 = last
        .processes
        .iter()
        .map(|process| process.outs[0].messages)
        .sum();
    let lost = |process: &flow::ProcessPing| process.ins[0].dropped + process.outs[0].dropped;
    let lost: u64 = last.processes.iter().map(lost).sum();
    let taken: u64 = last
        .processes
        .iter()
        .map(|process| process.ins[0].messages)
        .sum();
    // What a step had put when the stop came, but not offered, is lost and was not counted as made.
    let unoffered = 2 * taken - made;
    assert_eq!(made + unoffered, taken - 1 + lost);
}

#[test]
fn a_rendezvous_holds_nothing() {
    let flow = FlowDef::new("rendezvous")
        .process("numbers", flow::source(|| 0..100_u64))
        .process("sum", Sum::default)
        .connect_with(("numbers", "out"), ("sum", "in"), 0)
        .out_port::<u64>(("sum", "out"), 1)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let out = run.out_port::<u64>(("sum", "out")).unwrap();
    let sums: Vec<u64> = rest(out);
    assert_eq!((sums.len(), sums[99]), (100, 4950));
    assert_eq!(ended(&run).processes[0].outs[0].connections[0].capacity, 0);
}

#[test]
fn sliding_and_dropping_connections_never_wait() {
    let numbers = || flow::source(|| 0..50_u64);
    let all = || flow::filter(|_: &u64| true);
    let flow = FlowDef::new("lossy")
        .process("numbers", numbers())
        .process("newest", all())
        .process("oldest", all())
        .connect_with(("numbers", "out"), ("newest", "in"), Queue::sliding(3))
        .connect_with(("numbers", "out"), ("oldest", "in"), Queue::dropping(3))
        .out_port::<u64>(("newest", "out"), 10)
        .out_port::<u64>(("oldest", "out"), 10)
        .build()
        .unwrap();
    let mut run = flow.start_paused().unwrap();
    let newest = run.out_port::<u64>(("newest", "out")).unwrap();
    let oldest = run.out_port::<u64>(("oldest", "out")).unwrap();
    run.resume_process("numbers").unwrap();
    ping_until(&run, "numbers", |ping| ping.status == Status::Ended);
    run.resume();
    assert_eq!(rest(newest), [47, 48, 49]);
    assert_eq!(rest(oldest), [0, 1, 2]);
}

#[test]
fn what_a_step_puts_goes_out_in_order_at_every_port() {
    let describe = Describe::new("sorts")
        .input("in", |(), n: &u64, out: &mut Outputs| {
            for i in 0..*n {
                out.put(if i % 2 == 0 { "even" } else { "odd" }, i);
            }
        })
        .output::<u64>("even")
        .output::<u64>("odd");
    let flow = FlowDef::new("sort")
        .process("sort", Process::of(|| (), describe))
        .in_port::<u64>(("sort", "in"), 1)
        .out_port::<u64>(("sort", "even"), 1)
        .out_port::<u64>(("sort", "odd"), 1)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let tx = run.in_port::<u64>(("sort", "in")).unwrap();
    let even = run.out_port::<u64>(("sort", "even")).unwrap();
    let odd = run.out_port::<u64>(("sort", "odd")).unwrap();
    tx.put_blocking(7).unwrap();
    drop(tx);
    let odd = thread(move || rest(odd));
    assert_eq!(rest(even), [0, 2, 4, 6]);
    assert_eq!(odd.wait().unwrap(), [1, 3, 5]);
}

#[test]
fn a_source_is_not_ahead_of_the_flow() {
    let (asked_tx, asked) = chan(100);
    let describe = Describe::new("numbers")
        .source(move |n: &mut u64, out: &mut Outputs| {
            asked_tx.try_put(*n).unwrap();
            out.put("out", *n);
            *n += 1;
            Next::Now
        })
        .output::<u64>("out");
    let flow = FlowDef::new("source")
        .process("numbers", Process::of(|| 0, describe))
        .out_port::<u64>(("numbers", "out"), 2)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let out = run.out_port::<u64>(("numbers", "out")).unwrap();
    ping_until(&run, "numbers", |ping| ping.status == Status::Waiting);
    // Two are buffered, one waits for room.
    assert_eq!(asked.len(), 3);
    some(&out, 1);
    ping_until(&run, "numbers", |ping| ping.steps == 4);
    assert_eq!(asked.len(), 4);
    stop(&run);
}

#[test]
fn a_source_may_rest() {
    let describe = Describe::new("beats")
        .source(|n: &mut u64, out: &mut Outputs| {
            *n += 1;
            out.put("out", *n);
            if *n == 3 {
                Next::Done
            } else {
                Next::After(ms(1))
            }
        })
        .output::<u64>("out");
    let flow = FlowDef::new("source")
        .process("beats", Process::of(|| 0, describe))
        .out_port::<u64>(("beats", "out"), 1)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let out = run.out_port::<u64>(("beats", "out")).unwrap();
    assert_eq!(rest(out), [1, 2, 3]);
}
