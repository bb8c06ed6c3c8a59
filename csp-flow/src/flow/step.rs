//! What users write: [`Step`].

use std::{fmt, time::Duration};

use super::{describe::Describe, guard::Error};

/// A process of a flow, as functions of its steps. It has no channel and no thread in it: the flow takes
/// its messages, calls it, and puts what it made.
///
/// | core.async | here |
/// |------------|------|
/// | `describe` | [`describe`](Self::describe) |
/// | `init` | the function that makes it, given to [`FlowDef::process`](super::FlowDef::process), and [`init`](Self::init) |
/// | `transition` | [`transition`](Self::transition) |
/// | `transform` | one function for each in-port, of the right type, in [`Describe::input`] |
///
/// ```
/// use csp::{flow::{Describe, FlowDef, Out, Outputs, Step}, prelude::*};
///
/// const TOTALS: Out<u64> = Out::new("totals");
///
/// #[derive(Debug, Default)]
/// struct Letters {
///     total: u64,
/// }
///
/// impl Step for Letters {
///     fn describe(&self) -> Describe<Self> {
///         Describe::new("counts letters")
///             .input("words", Self::word)
///             .closed("words", |me, out| out.put(TOTALS, me.total))
///             .output(TOTALS)
///     }
/// }
///
/// impl Letters {
///     fn word(&mut self, word: &String, _out: &mut Outputs) {
///         self.total += word.len() as u64;
///     }
/// }
///
/// let flow = FlowDef::new("letters")
///     .process("count", Letters::default)
///     .in_port::<String>(("count", "words"), 10)
///     .out_port::<u64>(("count", "totals"), 10)
///     .build()
///     .unwrap();
/// let mut run = flow.start().unwrap();
/// let words = run.in_port::<String>(("count", "words")).unwrap();
/// let totals = run.out_port::<u64>(("count", "totals")).unwrap();
/// words.put_blocking("two".to_owned()).unwrap();
/// words.put_blocking("words".to_owned()).unwrap();
/// drop(words); // the port closes, so the process gives its total, and ends
/// assert_eq!(totals.take_blocking().as_deref(), Some(&8));
/// assert_eq!(totals.take_blocking(), None);
/// ```
///
/// # When a step fails
/// A step that gives an error or panics sends nothing, and the flow's
/// [error channel](super::Running::errors) tells of it, with the message and the state. The process goes on
/// with the next message. Its state is a plain value that the step was changing, so it may be half changed:
/// restore it in [`recover`](Self::recover), or have it cloned before each step with
/// [`Describe::rollback`].
///
/// # Where steps run
/// Each process is a go block, which holds no thread while it waits. Its steps run
///
/// * on a thread of the [`Workload`](csp_sched::Workload) that [`Describe::workload`] names, `Mixed` unless
///   told otherwise: there a step may block, or compute for long, and holds up nobody else. If the runtime
///   was given an executor for that kind, it is that one; one that drops the work ends the process. The
///   process keeps the thread as long as it does not have to wait, at most for some hundred steps;
/// * with [`Describe::in_place`], in the go block itself: for steps that are short and never block.
///
/// Steps of one process never run at the same time.
///
/// # The end of a process
/// A process that has in-ports or a [source](Describe::source) ends by itself when every in-port has closed
/// and the source is [`Done`](Next::Done). Then its out-ports close, so the end travels down the flow. A
/// port that is only [left open](super::FlowDef::leave_open) never closes; neither do the ports in a cycle.
pub trait Step: fmt::Debug + Send + Sized + 'static {
    /// What it does, and its ports. Called once, when the flow is defined.
    fn describe(&self) -> Describe<Self>;

    /// Makes it ready: opens the file, connects. Called at each start of a flow, on the thread that calls
    /// [`Flow::start`](super::Flow::start), before any process runs.
    ///
    /// # Errors
    /// The flow does not start then; its [`StartError`](super::StartError) names the process.
    fn init(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// It begins to run, or runs on, is about to pause, or ends. Nothing can be put here: for a last
    /// message there is [`Describe::closed`].
    ///
    /// # Errors
    /// They go to the error channel. The transition takes place all the same.
    #[expect(unused_variables, reason = "it is for those who write their own")]
    fn transition(&mut self, to: Transition) -> Result<(), Error> {
        Ok(())
    }

    /// A step has failed or panicked, and was reported; puts right what it left half done. With
    /// [`Describe::rollback`], the state is the one before the step already.
    fn recover(&mut self) {}
}

/// What a process is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transition {
    /// It begins to run, for the first time or after a pause.
    Resume,
    /// It takes nothing more until it is resumed.
    Pause,
    /// It ends: by a stop, or since there is nothing more to do. Not called when the flow's runtime is
    /// shut down.
    Stop,
}

/// When a [source](Describe::source) is to be called again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Next {
    /// As soon as there is room for more.
    Now,
    /// After this time.
    After(Duration),
    /// Never: it has given all.
    Done,
}

/// What a function of a step may give: `T` (mostly `()`), or a `Result` of it with any error.
#[diagnostic::on_unimplemented(
    message = "a step's function gives `{T}`, or a `Result` of it, not `{Self}`"
)]
pub trait Outcome<T>: sealed::Sealed {
    /// As a result.
    #[doc(hidden)]
    fn outcome(self) -> Result<T, Error>;
}

impl Outcome<()> for () {
    fn outcome(self) -> Result<(), Error> {
        Ok(())
    }
}

impl Outcome<Next> for Next {
    fn outcome(self) -> Result<Next, Error> {
        Ok(self)
    }
}

impl<T, E: Into<Error>> Outcome<T> for Result<T, E> {
    fn outcome(self) -> Result<T, Error> {
        self.map_err(E::into)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl Sealed for super::Next {}
    impl<T, E> Sealed for Result<T, E> {}
}
