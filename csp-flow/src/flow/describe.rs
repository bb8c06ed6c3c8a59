//! What a process says of itself.

use std::fmt;

use csp_sched::Workload;

use super::{
    guard::Error,
    message::{Kind, Message, Msg, downcast_ref},
    outputs::{OutPort, Outputs},
    step::{Next, Outcome},
};
use crate::sync::plain::Arc;

/// A port of a process: its name and the type of its messages.
#[derive(Clone, PartialEq, Eq)]
pub struct Port {
    name: Arc<str>,
    pub(super) kind: Kind,
}

impl Port {
    fn new<T: Message>(name: &str) -> Self {
        Self {
            name: name.into(),
            kind: Kind::of::<T>(),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn shared_name(&self) -> Arc<str> {
        Arc::clone(&self.name)
    }

    /// The name of its messages' type.
    pub fn type_name(&self) -> &'static str {
        self.kind.name()
    }
}

impl fmt::Debug for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.type_name())
    }
}

/// What is known of a process without running it: what it does, its ports, its parameters, where its
/// steps run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    pub(super) doc: String,
    pub(super) params: Vec<(String, String)>,
    pub(super) ins: Arc<[Port]>,
    pub(super) outs: Arc<[Port]>,
    pub(super) has_source: bool,
    pub(super) workload: Option<Workload>,
}

impl Description {
    /// What the process does.
    pub fn doc(&self) -> &str {
        &self.doc
    }

    /// Its parameters: name, and what it is for.
    pub fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        (self.params.iter()).map(|(name, doc)| (name.as_str(), doc.as_str()))
    }

    /// Its in-ports.
    pub fn ins(&self) -> &[Port] {
        &self.ins
    }

    /// Its out-ports.
    pub fn outs(&self) -> &[Port] {
        &self.outs
    }

    /// True if it also runs by itself: see [`Describe::source`].
    pub fn has_source(&self) -> bool {
        self.has_source
    }

    /// On what threads its steps run; `None`: in its go block.
    pub fn workload(&self) -> Option<Workload> {
        self.workload
    }
}

type OnMessage<S> = Box<dyn Fn(&mut S, &Msg, &mut Outputs) -> Result<(), Error> + Send + Sync>;
type OnClosed<S> = Box<dyn Fn(&mut S, &mut Outputs) -> Result<(), Error> + Send + Sync>;
type OnSource<S> = Box<dyn Fn(&mut S, &mut Outputs) -> Result<Next, Error> + Send + Sync>;

/// Describes a process whose state is an `S`: what it does, and its ports, each with what it does with a
/// message there.
///
/// ```
/// use csp::flow::{Describe, Outputs};
///
/// // The state is the sum so far.
/// let sums = Describe::new("adds numbers up")
///     .input("numbers", |sum: &mut u64, n: &u64, out: &mut Outputs| {
///         *sum += n;
///         out.put("sums", *sum);
///     })
///     .output::<u64>("sums")
///     .in_place();
/// assert_eq!(sums.description().doc(), "adds numbers up");
/// assert_eq!(sums.description().ins()[0].type_name(), "u64");
/// ```
///
/// A function of a step gives nothing, or a `Result` with any error; the error goes to the flow's error
/// channel, and so does a panic: see [`ProcessError`](super::ProcessError).
pub struct Describe<S> {
    pub(super) about: Description,
    pub(super) inputs: Vec<OnMessage<S>>,
    pub(super) closed: Vec<(String, OnClosed<S>)>,
    pub(super) source: Option<OnSource<S>>,
    /// Clones the state, if it is to be rolled back.
    pub(super) keep: Option<fn(&S) -> S>,
}

impl<S: 'static> Describe<S> {
    /// A process that does what `doc` says. It has no ports yet, and its steps may do anything:
    /// [`Workload::Mixed`].
    pub fn new(doc: impl Into<String>) -> Self {
        Self {
            about: Description {
                doc: doc.into(),
                params: Vec::new(),
                ins: [].into(),
                outs: [].into(),
                has_source: false,
                workload: Some(Workload::Mixed),
            },
            inputs: Vec::new(),
            closed: Vec::new(),
            source: None,
            keep: None,
        }
    }

    /// Says what a parameter of the process is for. Only documentation: a parameter itself is a field of
    /// the state, or a variable that a closure captures.
    #[must_use = "it gives the description back"]
    pub fn param(mut self, name: impl Into<String>, doc: impl Into<String>) -> Self {
        self.about.params.push((name.into(), doc.into()));
        self
    }

    /// An in-port, and what to do with each of its messages: the process's *transform* for this port.
    ///
    /// The type of the messages is that of the function's second argument. A method of the state fits
    /// (`Self::line`), and so does a closure; that has to name the type.
    #[must_use = "it gives the description back"]
    pub fn input<T, F, R>(mut self, port: impl AsRef<str>, transform: F) -> Self
    where
        T: Message,
        F: Fn(&mut S, &T, &mut Outputs) -> R + Send + Sync + 'static,
        R: Outcome<()>,
    {
        let port = Port::new::<T>(port.as_ref());
        self.about.ins = with(&self.about.ins, port);
        self.inputs.push(Box::new(move |state, msg, out| {
            // Checked when the flow was built, and when it was injected.
            let message = downcast_ref::<T>(msg).ok_or("a message of another type")?;
            transform(state, message, out).outcome()
        }));
        self
    }

    /// What to do when an in-port has closed, which is told once: give the rest, say. Every sender has
    /// ended or is closed by then, and every message been taken.
    #[must_use = "it gives the description back"]
    pub fn closed<F, R>(mut self, port: impl Into<String>, f: F) -> Self
    where
        F: Fn(&mut S, &mut Outputs) -> R + Send + Sync + 'static,
        R: Outcome<()>,
    {
        let on_closed: OnClosed<S> = Box::new(move |state, out| f(state, out).outcome());
        self.closed.push((port.into(), on_closed));
        self
    }

    /// An out-port for messages of type `T`: `.output(EVENTS)` with an [`Out`](super::Out), or
    /// `.output::<Event>("events")`.
    #[must_use = "it gives the description back"]
    pub fn output<T: Message>(mut self, port: impl OutPort<T>) -> Self {
        let port = Port::new::<T>(port.as_ref());
        self.about.outs = with(&self.about.outs, port);
        self
    }

    /// What the process does by itself, without a message: read a file, give the next number, or do
    /// something once a second.
    ///
    /// It is called when the process has been started, and then as its [`Next`] says. Between two calls what
    /// it put goes out, so it is held back by a full buffer, and messages and commands get their turn. A
    /// pause holds it up as well. If it fails, it is called again after the time that it last asked for, but
    /// not within a tenth of a second.
    #[must_use = "it gives the description back"]
    pub fn source<F, R>(mut self, f: F) -> Self
    where
        F: Fn(&mut S, &mut Outputs) -> R + Send + Sync + 'static,
        R: Outcome<Next>,
    {
        self.about.has_source = true;
        self.source = Some(Box::new(move |state, out| f(state, out).outcome()));
        self
    }

    /// On what threads the steps run: see [`Step`](super::Step#where-steps-run).
    #[must_use = "it gives the description back"]
    pub fn workload(mut self, workload: Workload) -> Self {
        self.about.workload = Some(workload);
        self
    }

    /// The steps are short and never block: they run in the process's go block, which costs no thread
    /// and no switch to one.
    #[must_use = "it gives the description back"]
    pub fn in_place(mut self) -> Self {
        self.about.workload = None;
        self
    }

    /// A step that fails or panics leaves the state as it was before: it is cloned before each step.
    ///
    /// Otherwise the state stays as the failed step left it, perhaps half changed, and
    /// [`Step::recover`](super::Step::recover) has to see to it.
    #[must_use = "it gives the description back"]
    pub fn rollback(mut self) -> Self
    where
        S: Clone,
    {
        self.keep = Some(S::clone);
        self
    }

    /// What it says of the process, as plain data.
    pub fn description(&self) -> &Description {
        &self.about
    }
}

/// A process has few ports, and they are read far more often than written.
fn with(ports: &Arc<[Port]>, port: Port) -> Arc<[Port]> {
    ports.iter().cloned().chain([port]).collect()
}

impl<S> fmt::Debug for Describe<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.about.fmt(f)
    }
}
