//! Processes and helpers for the tests of flows.

use std::time::Duration;

use csp::{
    flow::{
        Describe, Flow, FlowDef, Outputs, Ping, Process, ProcessPing, Running, Step, Transition,
    },
    prelude::*,
};

/// Long enough for whatever is waited for; nothing takes that long.
pub(super) const LIMIT: Duration = secs(60);

/// Adds up what comes in, puts each sum, and remembers its transitions.
#[derive(Debug, Default, Clone)]
pub(super) struct Sum {
    pub(super) sum: u64,
    pub(super) seen: Vec<Transition>,
}

impl Step for Sum {
    fn describe(&self) -> Describe<Self> {
        Describe::new("adds up")
            .input("in", Self::add)
            .output::<u64>("out")
            .in_place()
    }

    fn transition(&mut self, to: Transition) -> Result<(), flow::Error> {
        self.seen.push(to);
        Ok(())
    }
}

impl Sum {
    fn add(&mut self, n: &u64, out: &mut Outputs) {
        self.sum += n;
        out.put("out", self.sum);
    }
}

/// the outside ──▸ sum ──▸ the outside
pub(super) fn sums() -> Flow {
    FlowDef::new("sums")
        .process("sum", Sum::default)
        .in_port::<u64>(("sum", "in"), 10)
        .out_port::<u64>(("sum", "out"), 10)
        .build()
        .unwrap()
}

pub(super) fn ends(run: &mut Running) -> (Sender<u64>, Receiver<std::sync::Arc<u64>>) {
    let tx = run.in_port(("sum", "in")).unwrap();
    (tx, run.out_port(("sum", "out")).unwrap())
}

/// A process that waits in each step: it says on the first channel that it is in it, and goes on when it
/// can take from the second.
pub(super) fn gated() -> (Process, Receiver<u64>, Sender<()>) {
    let (entered_tx, entered) = chan(0);
    let (go_on, gate) = chan(0);
    let step = move |count: &mut u64, n: &u64, out: &mut Outputs| {
        *count += 1;
        entered_tx.put_blocking(*n).unwrap();
        gate.take_blocking();
        out.put("out", *n);
    };
    let describe = Describe::new("waits in each step")
        .input("in", step)
        .output::<u64>("out");
    (Process::of(|| 0, describe), entered, go_on)
}

/// Asks a process.
pub(super) fn ping(run: &Running, process: &str) -> ProcessPing {
    run.ping_process(process, LIMIT).unwrap().wait().unwrap()
}

/// Asks a process until it says what is wanted.
pub(super) fn ping_until(
    run: &Running,
    process: &str,
    wanted: impl Fn(&ProcessPing) -> bool,
) -> ProcessPing {
    loop {
        let ping = ping(run, process);
        if wanted(&ping) {
            return ping;
        }
        std::thread::yield_now();
    }
}

pub(super) fn stop(run: &Running) -> Ping {
    run.stop(LIMIT).wait().unwrap().unwrap()
}

/// Waits for a flow that ends by itself.
pub(super) fn ended(run: &Running) -> Ping {
    run.ended().wait().unwrap()
}

/// What is still in an out-port, and comes until it closes.
pub(super) fn rest<T: Clone>(from: Receiver<std::sync::Arc<T>>) -> Vec<T> {
    from.into_iter().map(|value| T::clone(&value)).collect()
}

/// The next `n` values of an out-port.
pub(super) fn some<T: Clone>(from: &Receiver<std::sync::Arc<T>>, n: usize) -> Vec<T> {
    (from.iter_blocking().take(n))
        .map(|value| T::clone(&value))
        .collect()
}
