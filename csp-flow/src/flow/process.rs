//! A process before it has a name: how it is made, and what it does, without the type of its state.

use std::fmt;

use csp_sched::Workload;

use super::{
    describe::{Describe, Description},
    guard::{Error, dispose, text_of},
    message::Msg,
    outputs::Outputs,
    step::{Next, Step, Transition},
};
use crate::sync::plain::Arc;

/// A process that a [`FlowDef`](super::FlowDef) can be given: how to make one, and what it does.
///
/// A function that makes a [`Step`] is one (`|| Parse`, `Counter::default`); so it seldom has to be named.
#[derive(Clone)]
pub struct Process {
    pub(super) about: Description,
    /// In-ports that a close is to be told of. The check knows whether there are such.
    pub(super) told: Vec<String>,
    pub(super) blueprint: Arc<dyn Blueprint>,
}

impl Process {
    /// A process of a [`Step`]. `make` is called here, once, for the description; and then for each start of
    /// the flow, which so begins with a new state.
    pub fn new<S: Step>(make: impl Fn() -> S + Send + Sync + 'static) -> Self {
        let describe = make().describe();
        Self::build(Box::new(make), describe, Hooks::of_step())
    }

    /// A process of closures, on a state of any type: core.async's `map->step`. `make` makes the state for
    /// each start of the flow.
    ///
    /// ```
    /// use csp::{flow::{Describe, FlowDef, Process}, prelude::*};
    /// let sums = Process::of(
    ///     || 0_u64,
    ///     Describe::new("adds numbers up")
    ///         .input("in", |sum, n: &u64, out| {
    ///             *sum += n;
    ///             out.put("out", *sum);
    ///         })
    ///         .output::<u64>("out"),
    /// );
    /// let flow = FlowDef::new("sums")
    ///     .process("sum", sums)
    ///     .in_port::<u64>(("sum", "in"), 1)
    ///     .out_port::<u64>(("sum", "out"), 1)
    ///     .build()
    ///     .unwrap();
    /// let mut run = flow.start().unwrap();
    /// let numbers = run.in_port::<u64>(("sum", "in")).unwrap();
    /// go!({ for n in 1..=3 { put!(numbers, n).ok(); } });
    /// let sums = run.out_port::<u64>(("sum", "out")).unwrap();
    /// assert_eq!(sums.into_iter().map(|n| *n).collect::<Vec<_>>(), [1, 3, 6]);
    /// ```
    pub fn of<S>(make: impl Fn() -> S + Send + Sync + 'static, describe: Describe<S>) -> Self
    where
        S: fmt::Debug + Send + 'static,
    {
        Self::build(Box::new(make), describe, Hooks::none())
    }

    fn build<S>(make: Make<S>, describe: Describe<S>, hooks: Hooks<S>) -> Self
    where
        S: fmt::Debug + Send + 'static,
    {
        Self {
            about: describe.about.clone(),
            told: describe
                .closed
                .iter()
                .map(|(port, _)| port.clone())
                .collect(),
            blueprint: Arc::new(Typed {
                make,
                plan: Arc::new(Plan { describe, hooks }),
            }),
        }
    }

    /// Runs its steps on other threads than it describes: see [`Step`](Step#where-steps-run).
    #[must_use = "it gives the process back"]
    pub fn workload(mut self, workload: Workload) -> Self {
        self.about.workload = Some(workload);
        self
    }

    /// Runs its steps in its go block, whatever it describes: see [`Describe::in_place`].
    #[must_use = "it gives the process back"]
    pub fn in_place(mut self) -> Self {
        self.about.workload = None;
        self
    }

    /// What it says of itself.
    pub fn description(&self) -> &Description {
        &self.about
    }
}

impl<S: Step, F: Fn() -> S + Send + Sync + 'static> From<F> for Process {
    fn from(make: F) -> Self {
        Self::new(make)
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Process").field(&self.about).finish()
    }
}

/// What makes a process for each start.
pub(crate) trait Blueprint: Send + Sync {
    fn make(&self) -> Box<dyn Body>;
}

/// A process's state with its functions.
pub(crate) trait Body: Send {
    fn init(&mut self) -> Result<(), Error>;
    fn transition(&mut self, to: Transition) -> Result<(), Error>;
    fn message(&mut self, port: usize, msg: &Msg, out: &mut Outputs) -> Result<(), Error>;
    fn closed(&mut self, port: &str, out: &mut Outputs) -> Result<(), Error>;
    fn source(&mut self, out: &mut Outputs) -> Result<Next, Error>;
    /// Before a step: keeps what the step might spoil.
    fn keep(&mut self);
    /// After a step that failed: puts back what was kept.
    fn roll_back(&mut self);
    /// After a step that did not: drops what was kept.
    fn go_on(&mut self);
    fn recover(&mut self);
    fn text(&self) -> String;
}

type Make<S> = Box<dyn Fn() -> S + Send + Sync>;

struct Typed<S> {
    make: Make<S>,
    plan: Arc<Plan<S>>,
}

struct Plan<S> {
    describe: Describe<S>,
    hooks: Hooks<S>,
}

/// The functions of a [`Step`] that are not in its description.
struct Hooks<S> {
    init: fn(&mut S) -> Result<(), Error>,
    transition: fn(&mut S, Transition) -> Result<(), Error>,
    recover: fn(&mut S),
}

impl<S> Hooks<S> {
    fn of_step() -> Self
    where
        S: Step,
    {
        Self {
            init: S::init,
            transition: S::transition,
            recover: S::recover,
        }
    }

    fn none() -> Self {
        Self {
            init: |_| Ok(()),
            transition: |_, _| Ok(()),
            recover: |_| (),
        }
    }
}

impl<S: fmt::Debug + Send + 'static> Blueprint for Typed<S> {
    fn make(&self) -> Box<dyn Body> {
        Box::new(TypedBody {
            state: (self.make)(),
            kept: None,
            plan: Arc::clone(&self.plan),
        })
    }
}

struct TypedBody<S> {
    state: S,
    kept: Option<S>,
    plan: Arc<Plan<S>>,
}

impl<S: fmt::Debug + Send + 'static> Body for TypedBody<S> {
    fn init(&mut self) -> Result<(), Error> {
        (self.plan.hooks.init)(&mut self.state)
    }

    fn transition(&mut self, to: Transition) -> Result<(), Error> {
        (self.plan.hooks.transition)(&mut self.state, to)
    }

    fn message(&mut self, port: usize, msg: &Msg, out: &mut Outputs) -> Result<(), Error> {
        (self.plan.describe.inputs[port])(&mut self.state, msg, out)
    }

    fn closed(&mut self, port: &str, out: &mut Outputs) -> Result<(), Error> {
        let told = self.plan.describe.closed.iter();
        (told.filter(|(name, _)| name == port)).try_for_each(|(_, f)| f(&mut self.state, out))
    }

    fn source(&mut self, out: &mut Outputs) -> Result<Next, Error> {
        let source = self.plan.describe.source.as_ref();
        source.map_or(Ok(Next::Done), |f| f(&mut self.state, out))
    }

    fn keep(&mut self) {
        if let Some(clone) = self.plan.describe.keep {
            self.kept = Some(clone(&self.state));
        }
    }

    fn go_on(&mut self) {
        if let Some(kept) = self.kept.take() {
            dispose(kept);
        }
    }

    fn roll_back(&mut self) {
        if let Some(kept) = self.kept.take() {
            dispose(std::mem::replace(&mut self.state, kept));
        }
    }

    fn recover(&mut self) {
        (self.plan.hooks.recover)(&mut self.state);
    }

    fn text(&self) -> String {
        text_of(&self.state)
    }
}
