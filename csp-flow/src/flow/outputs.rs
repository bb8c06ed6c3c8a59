//! What a step puts.

use std::{fmt, marker::PhantomData, mem};

use super::{
    describe::Port,
    guard::{Error, dispose},
    message::{Kind, Message, Msg},
};
use crate::sync::plain::Arc;

/// The name of an out-port with the type of its messages, so that the compiler checks every put.
///
/// ```
/// use csp::flow::{Describe, Out, Outputs, Step};
///
/// const EVEN: Out<u64> = Out::new("even");
///
/// #[derive(Debug)]
/// struct Evens;
///
/// impl Step for Evens {
///     fn describe(&self) -> Describe<Self> {
///         Describe::new("lets even numbers pass").input("in", Self::number).output(EVEN)
///     }
/// }
///
/// impl Evens {
///     fn number(&mut self, n: &u64, out: &mut Outputs) {
///         if n % 2 == 0 {
///             out.put(EVEN, *n);
///         }
///     }
/// }
/// ```
///
/// A plain string names a port as well; then the step fails if there is no such port, or one of another
/// type.
pub struct Out<T> {
    name: &'static str,
    of: PhantomData<fn(T)>,
}

impl<T> Out<T> {
    /// The out-port `name`.
    pub const fn new(name: &'static str) -> Self {
        Self {
            name,
            of: PhantomData,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

impl<T> Clone for Out<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Out<T> {}

impl<T> AsRef<str> for Out<T> {
    fn as_ref(&self) -> &str {
        self.name
    }
}

impl<T> From<Out<T>> for String {
    fn from(port: Out<T>) -> Self {
        port.name.to_owned()
    }
}

impl<T> fmt::Debug for Out<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Out({:?})", self.name)
    }
}

/// What names an out-port for messages of type `T`: an [`Out<T>`](Out), or a `&str`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name an out-port for `{T}`",
    note = "an out-port is named by an `Out<T>` of the message's type, or by a `&str`"
)]
pub trait OutPort<T>: AsRef<str> + Copy {}

impl<T> OutPort<T> for Out<T> {}
impl<T> OutPort<T> for &str {}
impl<T> OutPort<T> for &String {}

/// Where a step puts what it makes.
///
/// What is put is held until the step has ended. Then it goes out, in order; the process takes nothing
/// more before all of it has. Of a step that fails or panics, nothing goes out.
///
/// A put on a port that was not described, or of another type than described, makes the step fail, with
/// an error that says so.
#[derive(Debug)]
pub struct Outputs {
    ports: Arc<[Port]>,
    held: Vec<(usize, Msg)>,
    reports: Vec<Msg>,
    /// The message that the step works on.
    current: Option<Msg>,
    misuse: Option<Error>,
}

impl Outputs {
    pub(crate) fn new(ports: Arc<[Port]>) -> Self {
        Self {
            ports,
            held: Vec::new(),
            reports: Vec::new(),
            current: None,
            misuse: None,
        }
    }

    /// Puts a value.
    ///
    /// If nothing is connected to the port, the value is dropped, and counted: see
    /// [`PortPing::dropped`](super::PortPing::dropped).
    pub fn put<T: Message>(&mut self, port: impl OutPort<T>, value: T) {
        self.put_shared(port, Arc::new(value));
    }

    /// Puts a value that is shared already.
    pub fn put_shared<T: Message>(&mut self, port: impl OutPort<T>, value: Arc<T>) {
        self.hold(port.as_ref(), value);
    }

    /// Puts the very message that the step works on, without a clone: for what lets messages pass, or
    /// sorts them. The step fails if it works on none, as at a close.
    ///
    /// ```
    /// use csp::flow::{Describe, Process};
    /// let sort = || Describe::new("sorts by sign")
    ///     .input("in", |(), n: &i64, out| out.pass(if *n < 0 { "negative" } else { "positive" }))
    ///     .output::<i64>("negative")
    ///     .output::<i64>("positive");
    /// let sorts = Process::of(|| (), sort());
    /// ```
    pub fn pass(&mut self, port: impl AsRef<str>) {
        match self.current.clone() {
            Some(msg) => self.hold(port.as_ref(), msg),
            None => self.misused(format!(
                "it passes on to `{}` what it works on, which is no message",
                port.as_ref()
            )),
        }
    }

    /// Puts a value on the flow's report channel: see [`Running::reports`](super::Running::reports).
    pub fn report<T: Message>(&mut self, value: T) {
        self.reports.push(Arc::new(value));
    }

    fn hold(&mut self, port: &str, msg: Msg) {
        let Some(index) = self.ports.iter().position(|known| known.name() == port) else {
            let known = super::names::list(self.ports.iter().map(Port::name));
            self.misused(format!(
                "it puts to `{port}`, which is none of the out-ports that it describes ({known})"
            ));
            dispose(msg);
            return;
        };
        let (declared, given) = (self.ports[index].kind, msg.kind());
        if declared == given {
            self.held.push((index, msg));
            return;
        }
        self.misused(wrong_type(port, declared, given));
        dispose(msg);
    }

    /// The first misuse is told: the others may follow from it.
    fn misused(&mut self, text: String) {
        self.misuse.get_or_insert_with(|| text.into());
    }

    /// A step begins.
    pub(crate) fn begin(&mut self, current: Option<&Msg>) {
        self.current = current.cloned();
    }

    /// The step ended by itself.
    pub(crate) fn end(&mut self) -> Result<(), Error> {
        self.current = None;
        self.misuse.take().map_or(Ok(()), Err)
    }

    /// The step failed: nothing goes out.
    pub(crate) fn discard(&mut self) {
        self.current = None;
        self.misuse = None;
        for (_, msg) in self.held.drain(..) {
            dispose(msg);
        }
        for report in self.reports.drain(..) {
            dispose(report);
        }
    }

    /// Puts as if a step had.
    pub(crate) fn inject(&mut self, port: usize, msg: Msg) {
        self.held.push((port, msg));
    }

    pub(crate) fn take_held(&mut self) -> Vec<(usize, Msg)> {
        mem::take(&mut self.held)
    }

    /// Gives the emptied list back, for the next step.
    pub(crate) fn reuse(&mut self, emptied: Vec<(usize, Msg)>) {
        self.held = emptied;
    }

    pub(crate) fn take_reports(&mut self) -> Vec<Msg> {
        mem::take(&mut self.reports)
    }
}

fn wrong_type(port: &str, declared: Kind, given: Kind) -> String {
    format!(
        "it puts a value of type {} to `{port}`, whose messages it describes as {}",
        given.name(),
        declared.name()
    )
}
