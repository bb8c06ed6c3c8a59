//! Flows of processes: core.async.flow.
//!
//! A flow is a program as a graph. Its *processes* are plain step functions, without a channel or a thread
//! in them: what to do with a message, what to put. A definition says which processes there are and how
//! their ports are connected; it is checked as a whole before anything runs. The flow then starts the
//! processes, moves the messages, holds back who is ahead, and can be paused, resumed, asked for its state,
//! fed by hand and stopped, as a whole and process by process.
//!
//! ```
//! use csp::{flow::{self, FlowDef}, prelude::*};
//!
//! let flow = FlowDef::new("word lengths")
//!     .process("words", flow::source(|| ["take", "put", "alt"].map(str::to_owned)))
//!     .process("length", flow::map(|word: &String| word.len()))
//!     .connect(("words", "out"), ("length", "in"))
//!     .out_port::<usize>(("length", "out"), 10)
//!     .build()
//!     .unwrap();
//!
//! let mut run = flow.start().unwrap();
//! let lengths = run.out_port::<usize>(("length", "out")).unwrap();
//! assert_eq!(lengths.into_iter().map(|n| *n).collect::<Vec<_>>(), [4, 3, 3]);
//! ```
//!
//! ```text
//!            ┌─────────┐ (10)  ┌──────────┐ (10)
//!            │words out├──────▸┤in    out ├──────▸ the outside
//!            └─────────┘       │  length  │
//!                              └──────────┘
//! ```
//!
//! * [`Step`]: a process with a state. [`Process::of`]: the same of closures. [`map()`], [`filter`],
//!   [`filter_map`], [`flat_map`], [`source`], [`sink`]: of plain functions.
//! * [`Describe`]: what a process says of itself, ports above all. [`Outputs`]: where its steps put.
//! * [`FlowDef`]: processes and connections. [`DefError`]: all that is wrong with them. [`Flow`]: checked;
//!   [`Flow::to_dot`] draws it.
//! * [`Running`]: start, stop, pause, resume, ping, inject, errors, reports, ports to the outside.
//!
//! `examples/log_flow` is a whole program: it follows files, counts what is in them by the second, and
//! raises alarms.
//!
//! # Compared with core.async.flow
//!
//! | core.async.flow | here |
//! |-----------------|------|
//! | types are found out by running it | ports have types; a wrong connection is an error of the definition |
//! | the first mistake in a definition throws | all are told at once, with the name that was probably meant |
//! | the in-ports are read in a fixed order, so the first can starve the others | fairly |
//! | a put on a port that is not connected is an error, and the new state lost | it is dropped, and counted |
//! | a process in a step is absent from a ping | it is told of as busy |
//! | `stop` only sends a message | [`Running::stop`] can be waited for, and tells what was left |
//! | messages in the buffers vanish at a stop | they are counted |
//! | a failed step leaves the old state, which is a value | rolled back on demand: [`Describe::rollback`] |
//! | a flow is started paused | [`Flow::start`], or [`Flow::start_paused`] |
//! | an in-port's `nil` is its close | [`Describe::closed`]; and the end of a process travels on |
//! | sources are channels that somebody feeds | that as well, and [`Describe::source`] |
//! | signals to several processes (`::flow/cast`) | a connection to each |

mod check;
mod def;
mod describe;
mod desk;
mod dot;
mod ends;
mod error;
#[expect(
    clippy::module_inception,
    reason = "the flow among what flows are made of"
)]
mod flow;
mod guard;
mod lift;
mod message;
mod names;
mod outputs;
mod ping;
mod problem;
mod process;
mod queue;
mod runner;
mod running;
mod start;
mod station;
mod step;
mod steps;
mod turns;
mod write;

pub use self::{
    def::{FlowDef, PortId},
    describe::{Describe, Description, Port},
    error::{During, PortError, ProcessError, Report, StartError, StillRunning, UnknownProcess},
    flow::Flow,
    guard::{Error, Fault},
    lift::{filter, filter_map, flat_map, map, sink, source},
    message::Message,
    outputs::{Out, OutPort, Outputs},
    ping::{ConnectionPing, Ping, PortPing, ProcessPing, Status},
    problem::{DefError, Place, Problem},
    process::Process,
    queue::Queue,
    running::{Injection, Running},
    step::{Next, Outcome, Step, Transition},
};
