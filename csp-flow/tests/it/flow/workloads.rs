//! Where steps run.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
    thread::{self, ThreadId},
};

use csp::{
    Job, Local, Runtime, Workload,
    flow::{Describe, FlowDef, Outputs, Process, Status},
    prelude::*,
};

use super::util::{LIMIT, rest};

/// Puts the thread that its step runs on.
fn here() -> Process {
    let describe = Describe::new("here")
        .input("in", |(): &mut (), _: &u64, out: &mut Outputs| {
            out.put("out", thread::current().id());
        })
        .output::<ThreadId>("out");
    Process::of(|| (), describe)
}

/// A single thread that runs jobs, one after the other.
fn one_thread() -> (ThreadId, impl Fn(Job) + Send + Sync) {
    let (jobs_tx, jobs) = mpsc::channel::<Job>();
    let thread = thread::spawn(move || jobs.into_iter().for_each(Job::run));
    (thread.thread().id(), move |job| jobs_tx.send(job).unwrap())
}

#[test]
fn each_workload_runs_on_its_own_executor() {
    let (io, io_executor) = one_thread();
    let (compute, compute_executor) = one_thread();
    let (mixed, mixed_executor) = one_thread();
    let rt = Runtime::builder()
        .workers(1)
        .executor(Workload::Io, io_executor)
        .executor(Workload::Compute, compute_executor)
        .executor(Workload::Mixed, mixed_executor)
        .build();
    let entered = rt.enter();
    for (process, thread) in [
        (here().workload(Workload::Io), io),
        (here().workload(Workload::Compute), compute),
        (here().workload(Workload::Mixed), mixed),
        // The default.
        (here(), mixed),
    ] {
        let flow = FlowDef::new("here")
            .process("here", process)
            .in_port::<u64>(("here", "in"), 10)
            .out_port::<ThreadId>(("here", "out"), 1)
            .build()
            .unwrap();
        let mut run = flow.start().unwrap();
        let tx = run.in_port::<u64>(("here", "in")).unwrap();
        let out = run.out_port::<ThreadId>(("here", "out")).unwrap();
        go!({
            for n in 0..5 {
                put!(tx, n).unwrap();
            }
        });
        assert_eq!(rest(out), [thread; 5]);
        run.ended().wait().unwrap();
    }
    drop(entered);
}

#[test]
fn many_processes_on_an_executor_with_one_thread_do_not_wait_for_each_other() {
    let (_, executor) = one_thread();
    let rt = Runtime::builder()
        .workers(1)
        .executor(Workload::Compute, executor)
        .build();
    let entered = rt.enter();
    let pass = || {
        let describe = Describe::new("passes")
            .input("in", |(): &mut (), _: &u64, out: &mut Outputs| {
                out.pass("out");
            })
            .output::<u64>("out");
        Process::of(|| (), describe.workload(Workload::Compute))
    };
    let mut def = FlowDef::new("chain").in_port::<u64>(("0", "in"), 1);
    for i in 0..10 {
        def = def.process(i.to_string(), pass());
        if i > 0 {
            def = def.connect_with(
                ((i - 1).to_string(), "out"),
                (i.to_string(), "in"),
                usize::from(i % 2 == 0),
            );
        }
    }
    let flow = def.out_port::<u64>(("9", "out"), 1).build().unwrap();
    let mut run = flow.start().unwrap();
    let tx = run.in_port::<u64>(("0", "in")).unwrap();
    let out = run.out_port::<u64>(("9", "out")).unwrap();
    go!({
        for n in 0..300 {
            put!(tx, n).unwrap();
        }
    });
    assert!(rest(out).into_iter().eq(0..300));
    run.ended().wait().unwrap();
    drop(entered);
}

#[test]
fn a_process_that_waits_is_no_work_for_its_executor() {
    const PINGS: usize = 100;
    let jobs = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&jobs);
    let rt = Runtime::builder()
        .workers(1)
        .executor(Workload::Io, move |job| {
            count.fetch_add(1, Relaxed);
            job.run();
        })
        .build();
    let entered = rt.enter();
    let flow = FlowDef::new("here")
        .process("here", here().workload(Workload::Io))
        .leave_open(("here", "in"))
        .build()
        .unwrap();
    let run = flow.start().unwrap();
    for _ in 0..PINGS {
        run.ping(LIMIT).wait().unwrap();
    }
    // A turn for each ping, and some for what else woke it.
    assert!(jobs.load(Relaxed) < 2 * PINGS);
    run.stop(LIMIT).wait().unwrap().unwrap();
    drop(entered);
}

#[test]
fn in_place_a_step_runs_in_its_go_block() {
    let local = Local::new();
    let flow = FlowDef::new("here")
        .process("here", here().in_place())
        .in_port::<u64>(("here", "in"), 1)
        .out_port::<ThreadId>(("here", "out"), 1)
        .build()
        .unwrap();
    let threads = local.run_until(async {
        let mut run = flow.start().unwrap();
        let tx = run.in_port::<u64>(("here", "in")).unwrap();
        let out = run.out_port::<ThreadId>(("here", "out")).unwrap();
        let mut threads = Vec::new();
        for n in 0..3 {
            tx.put(n).await.unwrap();
            threads.push(*out.take().await.unwrap());
        }
        let ping = run.ping(LIMIT).await.unwrap();
        assert_eq!(
            (ping.processes[0].status, ping.processes[0].steps),
            (Status::Running, 3)
        );
        run.stop(LIMIT).await.unwrap().unwrap();
        threads
    });
    assert_eq!(threads, [thread::current().id(); 3]);
    assert_eq!(local.live(), 0);
}

#[test]
fn an_executor_that_drops_its_jobs_ends_the_process_and_says_so() {
    let rt = Runtime::builder()
        .workers(1)
        .executor(Workload::Io, drop)
        .build();
    let entered = rt.enter();
    let flow = FlowDef::new("here")
        .process("here", here().workload(Workload::Io))
        .in_port::<u64>(("here", "in"), 1)
        .out_port::<ThreadId>(("here", "out"), 1)
        .build()
        .unwrap();
    let mut run = flow.start().unwrap();
    let out = run.out_port::<ThreadId>(("here", "out")).unwrap();
    assert!(out.take_blocking().is_none());
    assert_eq!(out.failure().unwrap().to_string(), "cancelled");
    assert_eq!(
        run.ended().wait().unwrap().processes[0].status,
        Status::Ended
    );
    drop(entered);
}

#[test]
fn a_shut_down_runtime_ends_its_flows() {
    let rt = Runtime::builder().workers(1).build();
    let flow = FlowDef::new("here")
        .process("mixed", here())
        .process("in place", here().in_place())
        .in_port::<u64>(("mixed", "in"), 1)
        .in_port::<u64>(("in place", "in"), 1)
        .out_port::<ThreadId>(("mixed", "out"), 1)
        .out_port::<ThreadId>(("in place", "out"), 1)
        .build()
        .unwrap();
    let entered = rt.enter();
    let mut run = flow.start().unwrap();
    drop(entered);
    let mut outs = Vec::new();
    for process in ["mixed", "in place"] {
        let tx = run.in_port::<u64>((process, "in")).unwrap();
        let out = run.out_port::<ThreadId>((process, "out")).unwrap();
        tx.put_blocking(1).unwrap();
        assert!(out.take_blocking().is_some());
        outs.push((tx, out));
    }
    drop(rt);
    for (tx, out) in outs {
        assert!(out.take_blocking().is_none());
        assert_eq!(out.failure().unwrap().to_string(), "cancelled");
        assert_eq!(tx.put_blocking(2), Err(Closed(2)));
    }
}
