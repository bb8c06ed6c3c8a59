//! Steps that fail or panic: reported, and the process goes on.

use std::{fmt, panic::panic_any};

use csp::{
    flow::{
        self, Describe, During, Fault, Flow, FlowDef, Next, Outputs, Process, ProcessError,
        Running, Status, Step, Transition,
    },
    prelude::*,
};

use super::util::{Sum, ended, ping, ping_until, rest, some, stop};

/// the outside ──▸ step ──▸ the outside
fn around(process: impl Into<Process>) -> Flow {
    FlowDef::new("faults")
        .process("step", process)
        .in_port::<u64>(("step", "in"), 10)
        .out_port::<u64>(("step", "out"), 10)
        .build()
        .unwrap()
}

/// Gives the numbers to the process, and what came of it: outputs and errors.
fn feed(process: impl Into<Process>, numbers: &[u64]) -> (Vec<u64>, Vec<ProcessError>, Running) {
    let mut run = around(process).start().unwrap();
    let tx = run.in_port::<u64>(("step", "in")).unwrap();
    let out = run.out_port::<u64>(("step", "out")).unwrap();
    for n in numbers {
        tx.put_blocking(*n).unwrap();
    }
    drop(tx);
    let out = rest(out);
    let errors = run.errors().iter_blocking().collect();
    (out, errors, run)
}

/// Adds up, but not 13: half of it is added, and something put, before the panic.
fn unlucky(sum: &mut u64, n: &u64, out: &mut Outputs) {
    if *n == 13 {
        *sum += 6;
        out.put("out", 666_u64);
        out.report("never seen");
        panic!("unlucky {n}");
    }
    *sum += n;
    out.put("out", *sum);
}

fn described(step: fn(&mut u64, &u64, &mut Outputs)) -> Describe<u64> {
    Describe::new("").input("in", step).output::<u64>("out")
}

#[test]
fn a_panic_is_told_with_message_and_state_and_the_process_goes_on() {
    let process = Process::of(|| 100, described(unlucky));
    let (out, errors, run) = feed(process, &[1, 13, 2]);
    // Nothing went out of the step that panicked; its state is as the panic left it.
    assert_eq!(out, [101, 109]);
    let [error] = &errors[..] else {
        panic!("one error: {errors:?}")
    };
    assert_eq!(&*error.process, "step");
    assert_eq!(error.during, During::Message("in".into()));
    assert!(error.fault.is_panic());
    assert_eq!(error.message.as_deref(), Some("13"));
    assert_eq!(error.state, "107");
    assert_eq!((error.status, error.steps), (Status::Running, 1));
    assert_eq!(
        error.to_string(),
        "the process `step` panicked: unlucky 13 (at a message on `in`); message: 13; state: 107"
    );
    let last = ended(&run).processes.remove(0);
    assert_eq!((last.steps, last.errors), (2, 1));
    assert_eq!((last.ins[0].messages, last.outs[0].messages), (3, 2));
    assert_eq!(last.state.as_deref(), Some("109"));
    assert_eq!(run.reports().iter_blocking().count(), 0);
}

#[test]
fn rolled_back_the_state_is_the_one_before_the_step() {
    let process = Process::of(|| 100, described(unlucky).rollback());
    let (out, errors, _run) = feed(process, &[1, 13, 2]);
    assert_eq!(out, [101, 103]);
    assert_eq!(errors[0].state, "101");
}

#[test]
fn in_place_as_well() {
    let process = Process::of(|| 100, described(unlucky).rollback().in_place());
    let (out, errors, _run) = feed(process, &[13, 1, 13]);
    assert_eq!((out, errors.len()), (vec![101], 2));
}

#[derive(Debug, Default)]
struct Recovers {
    half_done: bool,
    recovered: u32,
}

impl Step for Recovers {
    fn describe(&self) -> Describe<Self> {
        Describe::new("")
            .input("in", Self::number)
            .output::<u64>("out")
    }

    fn recover(&mut self) {
        assert!(self.half_done);
        self.half_done = false;
        self.recovered += 1;
    }
}

impl Recovers {
    fn number(&mut self, n: &u64, out: &mut Outputs) -> Result<(), std::num::TryFromIntError> {
        assert!(!self.half_done);
        self.half_done = true;
        out.put("out", u64::from(u8::try_from(*n)?));
        self.half_done = false;
        Ok(())
    }
}

#[test]
fn an_error_is_told_and_the_step_recovers() {
    let (out, errors, run) = feed(Recovers::default, &[1, 1000, 2, 2000]);
    assert_eq!(out, [1, 2]);
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "the process `step` failed: out of range integral type conversion attempted (at a message on \
             `in`); message: 1000; state: Recovers { half_done: true, recovered: 0 }",
            "the process `step` failed: out of range integral type conversion attempted (at a message on \
             `in`); message: 2000; state: Recovers { half_done: true, recovered: 1 }",
        ]
    );
    assert!(
        matches!(&errors[0].fault, Fault::Failed(error) if error.is::<std::num::TryFromIntError>())
    );
    let state = ended(&run).processes.remove(0).state;
    assert_eq!(
        state.as_deref(),
        Some("Recovers { half_done: false, recovered: 2 }")
    );
}

#[test]
fn a_put_on_an_unknown_port_fails_the_step() {
    let step = |_: &mut u64, n: &u64, out: &mut Outputs| {
        out.put("out", *n);
        if *n == 2 {
            out.put("outt", *n);
        }
    };
    let (out, errors, _run) = feed(Process::of(|| 0, described(step)), &[1, 2, 3]);
    assert_eq!(out, [1, 3]);
    assert_eq!(
        errors[0].fault.to_string(),
        "failed: it puts to `outt`, which is none of the out-ports that it describes (`out`)"
    );
}

#[test]
fn a_put_of_another_type_fails_the_step() {
    let step = |_: &mut u64, n: &u64, out: &mut Outputs| {
        if *n == 2 {
            out.put("out", "two".to_owned());
        }
        out.put("out", *n);
    };
    let (out, errors, _run) = feed(Process::of(|| 0, described(step)), &[1, 2, 3]);
    assert_eq!(out, [1, 3]);
    assert_eq!(
        errors[0].fault.to_string(),
        "failed: it puts a value of type alloc::string::String to `out`, whose messages it describes as u64"
    );
}

#[test]
fn there_is_nothing_to_pass_on_at_a_close() {
    let describe = described(|_, _, out| out.pass("out")).closed("in", |_, out| out.pass("out"));
    let (out, errors, _run) = feed(Process::of(|| 0, describe), &[1, 2]);
    assert_eq!(out, [1, 2]);
    assert_eq!(
        errors[0].to_string(),
        "the process `step` failed: it passes on to `out` what it works on, which is no message (at the \
         close of `in`); state: 0"
    );
}

#[test]
fn a_source_that_fails_is_called_again() {
    let describe = Describe::new("")
        .source(|n: &mut u64, out: &mut Outputs| {
            *n += 1;
            assert!(*n != 2, "not two");
            out.put("out", *n);
            if *n == 3 { Next::Done } else { Next::Now }
        })
        .output::<u64>("out");
    let flow = FlowDef::new("faults")
        .process("source", Process::of(|| 0, describe))
        .out_port::<u64>(("source", "out"), 10)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let out = run.out_port::<u64>(("source", "out")).unwrap();
    assert_eq!(rest(out), [1, 3]);
    let error = run.errors().take_blocking().unwrap();
    assert_eq!((error.during, error.message), (During::Source, None));
}

#[derive(Debug)]
struct Stubborn;

impl Step for Stubborn {
    fn describe(&self) -> Describe<Self> {
        Describe::new("")
            .input("in", |_, n: &u64, out| out.put("out", *n))
            .output::<u64>("out")
    }

    fn transition(&mut self, to: Transition) -> Result<(), flow::Error> {
        match to {
            Transition::Pause => Err("it will not".into()),
            Transition::Stop => panic!("it must not"),
            Transition::Resume => Ok(()),
        }
    }
}

#[test]
fn a_transition_that_fails_takes_place_all_the_same() {
    let mut run = around(|| Stubborn).start().unwrap();
    let tx = run.in_port::<u64>(("step", "in")).unwrap();
    let out = run.out_port::<u64>(("step", "out")).unwrap();
    assert_eq!(ping(&run, "step").status, Status::Running);
    run.pause();
    assert_eq!(ping(&run, "step").status, Status::Paused);
    let error = run.errors().take_blocking().unwrap();
    assert_eq!(error.during, During::Transition(Transition::Pause));
    assert_eq!(
        (error.fault.to_string().as_str(), error.message),
        ("failed: it will not", None)
    );
    run.resume();
    tx.put_blocking(1).unwrap();
    assert_eq!(some(&out, 1), [1]);
    let last = stop(&run);
    assert_eq!((last.processes[0].errors, last.processes[0].steps), (2, 1));
    let error = run.errors().take_blocking().unwrap();
    assert_eq!(
        error.to_string(),
        "the process `step` panicked: it must not (in the transition Stop); state: Stubborn"
    );
    assert!(run.errors().take_blocking().is_none());
}

#[test]
fn a_transition_that_fails_while_messages_wait_for_room_loses_none() {
    let mut run = around(|| Stubborn).start().unwrap();
    let out = run.out_port::<u64>(("step", "out")).unwrap();
    run.inject(("step", "in"), 0..15_u64).unwrap();
    ping_until(&run, "step", |ping| ping.status == Status::Waiting);
    run.pause();
    let paused = ping(&run, "step");
    assert_eq!((paused.status, paused.errors), (Status::Paused, 1));
    run.resume();
    assert_eq!(some(&out, 15), (0..15).collect::<Vec<_>>());
}

struct NoDebug;

impl fmt::Debug for NoDebug {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("no Debug")
    }
}

#[test]
fn a_panic_in_debug_is_shown_in_place_of_the_text() {
    let step = |_: &mut NoDebug, n: &u64, out: &mut Outputs| {
        assert!(*n != 1, "one");
        out.put("out", *n);
    };
    let describe = Describe::new("").input("in", step).output::<u64>("out");
    let (out, errors, run) = feed(Process::of(|| NoDebug, describe), &[1, 2]);
    assert_eq!(out, [2]);
    assert_eq!(errors[0].state, "<its Debug panicked>");
    assert_eq!(
        ended(&run).processes[0].state.as_deref(),
        Some("<its Debug panicked>")
    );
}

#[test]
fn a_long_text_is_cut() {
    let describe = Describe::new("")
        .input("in", |_: &mut String, n: &u64, out: &mut Outputs| {
            out.put("out", *n);
        })
        .output::<u64>("out");
    let (_, _, run) = feed(Process::of(|| "ä".repeat(100_000), describe), &[]);
    let state = ended(&run).processes.remove(0).state.unwrap();
    assert!(state.starts_with("\"ää") && state.ends_with("ä…"));
    assert!((10_000..20_000).contains(&state.len()));
}

#[test]
fn a_panic_in_recover_is_told_too() {
    #[derive(Debug)]
    struct Hopeless;
    impl Step for Hopeless {
        fn describe(&self) -> Describe<Self> {
            Describe::new("")
                .input("in", |_, n: &u64, out: &mut Outputs| {
                    out.put("out", *n);
                    if *n == 1 { Err("one") } else { Ok(()) }
                })
                .output::<u64>("out")
        }
        fn recover(&mut self) {
            panic!("hopeless")
        }
    }
    let (out, errors, _run) = feed(|| Hopeless, &[1, 2]);
    assert_eq!((out, errors.len()), (vec![2], 2));
    assert_eq!(
        errors[1].to_string(),
        "the process `step` panicked: hopeless (in `recover`); state: Hopeless"
    );
}

/// Panics when it is dropped.
#[derive(Debug)]
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "{}", self.0);
    }
}

#[test]
fn panics_in_drops_of_messages_states_and_payloads_harm_nobody() {
    let bombs = Process::of(
        || Bomb("state"),
        Describe::new("")
            .input("in", |_, n: &u64, out: &mut Outputs| {
                out.put("nowhere", Bomb("message"));
                if *n == 2 {
                    panic_any(Bomb("payload"));
                }
                out.put("out", *n);
            })
            .output::<u64>("out")
            .output::<Bomb>("nowhere"),
    );
    let (out, errors, run) = feed(bombs, &[1, 2, 3]);
    assert_eq!((out, errors.len()), (vec![1, 3], 1));
    assert_eq!(
        errors[0].fault.to_string(),
        "panicked: a panic without a text message"
    );
    assert_eq!(ended(&run).processes[0].status, Status::Ended);
}

#[test]
fn the_newest_hundred_errors_are_kept_and_all_are_counted() {
    let numbers: Vec<u64> = (0..150).collect();
    let step = |_: &mut u64, n: &u64, _: &mut Outputs| panic!("{n}");
    let mut run = around(Process::of(|| 0, described(step))).start().unwrap();
    let tx = run.in_port::<u64>(("step", "in")).unwrap();
    for n in numbers {
        tx.put_blocking(n).unwrap();
    }
    drop(tx);
    assert_eq!(ended(&run).processes[0].errors, 150);
    let kept: Vec<_> = run.errors().iter_blocking().collect();
    assert_eq!(kept.len(), 100);
    assert_eq!(kept[0].message.as_deref(), Some("50"));
}

#[derive(Debug)]
struct Init(Result<(), &'static str>, Sender<&'static str>);

impl Step for Init {
    fn describe(&self) -> Describe<Self> {
        Describe::new("").input("in", |_, _: &u64, _: &mut Outputs| ())
    }

    fn init(&mut self) -> Result<(), flow::Error> {
        self.1.try_put("init").unwrap();
        match self.0 {
            Err("panic") => panic!("at the disco"),
            result => Ok(result?),
        }
    }

    fn transition(&mut self, to: Transition) -> Result<(), flow::Error> {
        assert_eq!(to, Transition::Stop);
        self.1.try_put("stop").unwrap();
        Ok(())
    }
}

fn failing_init(second: Result<(), &'static str>) -> (String, Vec<&'static str>) {
    let (tx, seen) = chan(10);
    let init = |result| {
        let tx = tx.clone();
        move || Init(result, tx.clone())
    };
    let flow = FlowDef::new("init")
        .process("first", init(Ok(())))
        .process("second", init(second))
        .process("third", init(Ok(())))
        .leave_open(("first", "in"))
        .leave_open(("second", "in"))
        .leave_open(("third", "in"))
        .build()
        .unwrap();
    let error = flow.start().unwrap_err();
    assert_eq!(&*error.process, "second");
    drop((tx, flow));
    (error.to_string(), seen.into_iter().collect())
}

#[test]
fn an_init_that_fails_names_its_process_and_nothing_runs() {
    let (text, seen) = failing_init(Err("no such file"));
    assert_eq!(
        text,
        "the process `second` failed: no such file (in `init`)"
    );
    // Those that were ready get to clean up.
    assert_eq!(seen, ["init", "init", "stop", "stop"]);
}

#[test]
fn an_init_that_panics_names_its_process() {
    let (text, _) = failing_init(Err("panic"));
    assert_eq!(
        text,
        "the process `second` panicked: at the disco (in `init`)"
    );
}

#[test]
fn a_flow_that_could_not_start_can_be_started_later() {
    let (tx, allowed) = chan(1);
    let make = move || {
        let allowed = allowed.try_take().is_ok();
        assert!(allowed, "not yet");
        Sum::default()
    };
    tx.try_put(()).unwrap(); // for the description
    let flow = around(make);
    let error = flow.start().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the process `step` panicked: not yet (in `init`)"
    );
    tx.try_put(()).unwrap();
    stop(&flow.start().unwrap());
}
