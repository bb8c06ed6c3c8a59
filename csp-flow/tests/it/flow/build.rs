//! A definition is checked when it is built: each mistake with its text.

use csp::flow::{self, DefError, Describe, FlowDef, Out, Outputs, Problem, Process, Queue, Step};

use super::util::Sum;

fn numbers() -> Process {
    flow::source(|| 0..3_u64)
}

/// numbers.out ──▸ sum.in
fn good() -> FlowDef {
    FlowDef::new("test")
        .process("numbers", numbers())
        .process("sum", Sum::default)
        .connect(("numbers", "out"), ("sum", "in"))
}

/// The text of the one problem.
fn problem(def: FlowDef) -> String {
    let error: DefError = def.build().unwrap_err();
    assert_eq!(error.problems().len(), 1, "{error}");
    let text = error.problems()[0].to_string();
    assert_eq!(
        error.to_string(),
        format!("the flow `test` has a problem: {text}")
    );
    text
}

#[test]
fn a_good_definition_is_built() {
    let flow = good().build().unwrap();
    assert_eq!(flow.name(), "test");
    let names: Vec<&str> = flow.processes().map(|(name, _)| name).collect();
    assert_eq!(names, ["numbers", "sum"]);
}

#[test]
fn two_processes_of_one_name() {
    let def = good().process("numbers", numbers());
    assert_eq!(
        problem(def),
        "there are two processes `numbers`; give one another name"
    );
}

#[test]
fn two_in_ports_of_one_name() {
    let describe = Describe::new("")
        .input("in", |(), _: &u64, _: &mut Outputs| ())
        .input("in", |(), _: &u64, _: &mut Outputs| ());
    let def = good()
        .process("twice", Process::of(|| (), describe))
        .leave_open(("twice", "in"));
    // The second port can be reached by nobody.
    let error = def.build().unwrap_err();
    assert_eq!(
        error.problems()[0].to_string(),
        "the process `twice` describes two ports `in`; give one another name"
    );
}

#[test]
fn an_in_port_and_an_out_port_of_one_name() {
    let describe = Describe::new("")
        .input("io", |(), _: &u64, _: &mut Outputs| ())
        .output::<u64>("io");
    let def = good()
        .process("both", Process::of(|| (), describe))
        .leave_open(("both", "io"));
    assert_eq!(
        problem(def),
        "the process `both` describes two ports `io`; give one another name"
    );
}

#[test]
fn a_connection_made_twice() {
    let def = good().connect(("numbers", "out"), ("sum", "in"));
    assert_eq!(
        problem(def),
        "numbers.out is connected to sum.in twice: every message would come twice"
    );
}

#[test]
fn a_process_that_does_not_exist_names_the_nearest() {
    let def = good().connect(("numbers", "out"), ("smu", "in"));
    assert_eq!(
        problem(def),
        "connect numbers.out to smu.in: there is no process `smu`; did you mean `sum`? There are \
         `numbers`, `sum`"
    );
}

#[test]
fn a_process_that_does_not_exist_names_all() {
    let def = good().connect(("letters", "out"), ("sum", "in"));
    assert_eq!(
        problem(def),
        "connect letters.out to sum.in: there is no process `letters`; there are `numbers`, `sum`"
    );
}

#[test]
fn an_in_port_that_does_not_exist() {
    let def = good().connect(("numbers", "out"), ("sum", "summands"));
    assert_eq!(
        problem(def),
        "connect numbers.out to sum.summands: the process `sum` has no in-port `summands`; there are `in`"
    );
}

#[test]
fn an_out_port_that_does_not_exist() {
    let def = good().connect(("numbers", "uot"), ("sum", "in"));
    assert_eq!(
        problem(def),
        "connect numbers.uot to sum.in: the process `numbers` has no out-port `uot`; did you mean `out`?"
    );
}

#[test]
fn a_process_without_such_ports() {
    let def = good().connect(("sum", "out"), ("numbers", "in"));
    assert_eq!(
        problem(def),
        "connect sum.out to numbers.in: the process `numbers` has no in-port `in`; there are none"
    );
}

#[test]
fn an_in_port_connected_to_an_in_port() {
    let def = good()
        .process("other", Sum::default)
        .leave_open(("other", "in"))
        .connect(("sum", "in"), ("other", "in"));
    assert_eq!(
        problem(def),
        "connect sum.in to other.in: sum.in is an in-port, and an out-port is needed here"
    );
}

#[test]
fn an_out_port_connected_to_an_out_port() {
    let def = good().connect(("numbers", "out"), ("sum", "out"));
    assert_eq!(
        problem(def),
        "connect numbers.out to sum.out: sum.out is an out-port, and an in-port is needed here"
    );
}

#[test]
fn types_that_differ() {
    let def = good()
        .process("print", flow::sink(|_: &String| ()))
        .connect(("sum", "out"), ("print", "in"));
    assert_eq!(
        problem(def),
        "connect sum.out to print.in: sum.out gives u64, but print.in takes alloc::string::String"
    );
}

#[test]
fn an_in_port_that_nothing_leads_to() {
    let def = good().process("other", Sum::default);
    assert_eq!(
        problem(def),
        "nothing is connected to the in-port other.in; connect it, lead it to the outside with `in_port`, \
         or say `leave_open`"
    );
}

#[test]
fn a_process_that_nothing_would_run() {
    let describe = Describe::<()>::new("gives nothing").output::<u64>("out");
    let def = good().process("idle", Process::of(|| (), describe));
    assert_eq!(
        problem(def),
        "the process `idle` has neither an in-port nor a source: nothing would ever run it"
    );
}

#[test]
fn an_in_port_from_the_outside_of_another_type() {
    let def = good().in_port::<u32>(("sum", "in"), 10);
    assert_eq!(
        problem(def),
        "in_port sum.in: the outside gives u32, but sum.in takes u64"
    );
}

#[test]
fn an_out_port_to_the_outside_of_another_type() {
    let def = good().out_port::<String>(("sum", "out"), 10);
    assert_eq!(
        problem(def),
        "out_port sum.out: sum.out gives u64, but the outside takes alloc::string::String"
    );
}

#[test]
fn ends_at_ports_that_do_not_exist() {
    let def = good()
        .in_port::<u64>(("sum", "into"), 10)
        .out_port::<u64>(("sums", "out"), 10)
        .leave_open(("sum", "out"));
    assert_eq!(
        def.build().unwrap_err().to_string(),
        "the flow `test` has 3 problems:
* in_port sum.into: the process `sum` has no in-port `into`; there are `in`
* out_port sums.out: there is no process `sums`; did you mean `sum`? There are `numbers`, `sum`
* leave_open sum.out: sum.out is an out-port, and an in-port is needed here"
    );
}

#[test]
fn a_port_led_to_the_outside_twice() {
    let def = good()
        .out_port::<u64>(("sum", "out"), 10)
        .out_port::<u64>(("sum", "out"), 20);
    assert_eq!(
        problem(def),
        "sum.out leads to the outside twice; clone the end that the first gives"
    );
}

#[test]
fn an_end_without_a_buffer() {
    let def = good().out_port::<u64>(("sum", "out"), 0);
    assert_eq!(
        problem(def),
        "sum.out leads to the outside without a buffer; give it room for 1 message or more"
    );
}

#[test]
fn the_close_of_a_port_that_is_not_described() {
    let describe = Describe::new("")
        .input("in", |(), _: &u64, _: &mut Outputs| ())
        .closed("inn", |(), _| ());
    let def = good()
        .process("told", Process::of(|| (), describe))
        .leave_open(("told", "in"));
    assert_eq!(
        problem(def),
        "closed told.inn: the process `told` has no in-port `inn`; did you mean `in`?"
    );
}

#[test]
fn all_problems_are_told_and_none_that_only_follows() {
    let def = FlowDef::new("test")
        .process("numbers", numbers())
        .process("sum", Sum::default)
        .process("sum", Sum::default)
        // Wrong itself, but sum.in was meant to be connected.
        .connect(("nmubers", "out"), ("sum", "in"));
    let error = def.build().unwrap_err();
    assert!(
        matches!(
            error.problems(),
            [
                Problem::DoubledProcess { .. },
                Problem::UnknownProcess { .. },
                // The second `sum`.
                Problem::Unconnected { .. },
            ]
        ),
        "{error}"
    );
}

#[test]
fn an_out_port_need_not_be_connected() {
    assert!(good().build().is_ok());
}

#[test]
#[should_panic = "Queue::sliding(0) would keep nothing"]
fn a_queue_that_would_keep_nothing() {
    drop(good().connect_with(("sum", "out"), ("sum", "in"), Queue::sliding(0)));
}

const EVENTS: Out<u32> = Out::new("events");

#[derive(Debug)]
struct Parse;

impl Step for Parse {
    fn describe(&self) -> Describe<Self> {
        Describe::new("parses lines")
            .param("base", "of the numbers")
            .input("lines", |_, line: &String, out| {
                out.put(EVENTS, line.parse::<u32>().unwrap());
            })
            .output(EVENTS)
            .workload(csp::Workload::Compute)
    }
}

#[test]
fn ca_182_a_process_is_described_by_its_step() {
    let flow = FlowDef::new("test")
        .process("parse", || Parse)
        .leave_open(("parse", "lines"))
        .build()
        .unwrap();
    let about = flow.describe("parse").unwrap();
    assert_eq!(about, Parse.describe().description());

    assert_eq!(about.doc(), "parses lines");
    let params: Vec<_> = about.params().collect();
    assert_eq!(params, [("base", "of the numbers")]);
    assert_eq!(
        format!("{:?}", about.ins()),
        "[lines: alloc::string::String]"
    );
    assert_eq!(format!("{:?}", about.outs()), "[events: u32]");
    assert_eq!(about.workload(), Some(csp::Workload::Compute));
    assert!(!about.has_source());
    assert!(flow.describe("parser").is_none());
}

#[test]
fn a_workload_given_to_the_process_overrides_its_step() {
    let process = Process::new(|| Parse).workload(csp::Workload::Io);
    assert_eq!(process.description().workload(), Some(csp::Workload::Io));
    assert_ne!(process.description(), Parse.describe().description());
    assert_eq!(process.in_place().description().workload(), None);
}
