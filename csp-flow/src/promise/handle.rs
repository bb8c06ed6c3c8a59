//! [`Promise`]: the read end, for one reader.

use std::{
    cell::RefCell,
    fmt,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use csp_core::Go;
use csp_sched::Handle;

use super::{
    Shared,
    cell::{At, Cell, word},
    failure::Outcome,
    run,
    source::Source,
    step::{Link, Settled, of_block},
};
use crate::sync::Arc;

/// A value that is not there yet, for exactly one reader.
///
/// ```text
/// pending ──▸ fulfilled Ok(v)
///         ╰─▸ failed    Err(Error(e) | Panicked | Cancelled | TimedOut | Abandoned | Closed)
/// ```
///
/// Wait for it in four ways: `.await` it (in a go block, in any async code), block a thread with
/// [`wait`](Self::wait), make it an arm of `alt!` (`p = park!(promise) => …`), or give it a callback with
/// [`subscribe`](Self::subscribe). Or do not wait, and say with [`map`](Self::map),
/// [`and_then`](Self::and_then), [`or_else`](Self::or_else) and their kin what is to become of it. Each of
/// these consumes the promise and gives the next one, so the order of steps is the order of the text, and
/// no value needs to be `Clone` or `Sync`.
///
/// ```
/// use csp::prelude::*;
/// use csp::{Error, Promise};
/// let length = Promise::from(go!({ "8080".to_owned() }))
///     .and_then(|text| Ok(text.parse::<u16>()?))
///     .map(|port| port + 1)
///     .or(0);
/// let length: Result<u16, csp::Failure<Error>> = length.wait();
/// assert_eq!(length.unwrap(), 8081);
/// ```
///
/// # Where the steps run
/// Each step is a go block on the executor that is current where it is added (see [`on`](Self::on)): never
/// on the stack of whoever settles the promise, under a lock, or on the thread that keeps the time. So a
/// chain of a million steps is no deeper than one of two. A step that blocks holds up a worker, as any
/// block does.
///
/// # Panics
/// A panic in a step's closure fails that step's promise as [`Panicked`](csp_core::Failure::Panicked), and reaches
/// nobody else. Awaiting a promise again after it gave its outcome panics.
///
/// # Cancellation
/// * [`cancel`](Self::cancel) ends it: the block behind it at its next park point, and in turn what that
///   block waits for, up to the resolver, which [hears of it](super::Resolver::on_cancel).
/// * Dropping it says that nobody wants the outcome; steps that are under way go on. A failure that nobody
///   looked at is then [told](super::set_unhandled_hook).
/// * Dropping a future that awaits `&mut promise` (a lost `alt!`, say) loses nothing and leaves nothing
///   behind. `park!(promise)` moves the promise: write `park!(&mut promise)` to have it again.
///
/// Twisted's `Deferred`, with its chain made of types; Manifold's `deferred`, Task's task.
#[must_use = "a promise that is dropped says that its outcome is not wanted; `.ignore()` says it in words"]
pub struct Promise<T, E = super::Error> {
    // A look at the state may move the outcome of a finished block to a cell: hence the RefCell.
    repr: RefCell<Repr<T, E>>,
    on: Option<Handle>,
}

enum Repr<T, E> {
    Cell(Reader<T, E>),
    Step(Go<Settled<T, E>>, Arc<Link>),
    Other(Box<dyn Source<T, E>>, At),
}

/// The reader's end of a cell.
struct Reader<T, E> {
    cell: Arc<Cell<T, E>>,
    ignored: bool,
}

impl<T, E> Drop for Reader<T, E> {
    fn drop(&mut self) {
        if let Some((Err(failure), at)) = self.cell.leave()
            && !self.ignored
        {
            self.cell.report(&failure, at);
        }
    }
}

impl<T, E> Promise<T, E> {
    fn make(repr: Repr<T, E>, on: Option<Handle>) -> Self {
        let repr = RefCell::new(repr);
        Self { repr, on }
    }

    pub(super) fn of_cell(cell: Arc<Cell<T, E>>) -> Self {
        let ignored = false;
        Self::make(Repr::Cell(Reader { cell, ignored }), None)
    }

    pub(super) fn of_step(go: Go<Settled<T, E>>, link: Arc<Link>) -> Self {
        Self::make(Repr::Step(go, link), None)
    }

    pub(super) fn of_source(source: Box<dyn Source<T, E>>, created: At) -> Self {
        Self::make(Repr::Other(source, created), None)
    }

    pub(crate) fn with_handle(mut self, on: Option<Handle>) -> Self {
        self.on = on;
        self
    }

    pub(super) fn handle(&self) -> Option<&Handle> {
        self.on.as_ref()
    }

    pub(super) fn created(&self) -> At {
        match &*self.repr.borrow() {
            Repr::Cell(reader) => reader.cell.created,
            Repr::Step(_, link) => link.created,
            Repr::Other(_, created) => created,
        }
    }

    /// True once it has come to an outcome, of whatever kind.
    pub fn is_settled(&self) -> bool {
        match &mut *self.repr.borrow_mut() {
            Repr::Cell(reader) => reader.cell.is_settled(),
            Repr::Step(go, _) => go.is_finished(),
            Repr::Other(source, _) => source.is_settled(),
        }
    }

    /// The `Shared` that it is a reader of, if it is one.
    pub(super) fn take_shared(&mut self) -> Option<Shared<T, E>>
    where
        T: 'static,
        E: 'static,
    {
        match self.repr.get_mut() {
            Repr::Other(source, _) => Some(*source.take_shared()?.downcast().ok()?),
            _ => None,
        }
    }

    /// Does not tell of its failure when it is dropped.
    pub(super) fn set_ignored(&mut self) {
        match self.repr.get_mut() {
            Repr::Cell(reader) => reader.ignored = true,
            Repr::Step(_, link) => link.ignore(),
            Repr::Other(source, _) => source.ignore(),
        }
    }

    /// Lets go of it, and says that its failure, if it is one, is nobody's concern.
    ///
    /// Steps that are under way go on; see [`cancel`](Self::cancel) to end them. Use it for what is started
    /// for its effect alone:
    ///
    /// ```
    /// use csp::Promise;
    /// Promise::<u32>::failed("no disk").ignore(); // nothing is told
    /// ```
    ///
    /// Twisted's `consumeErrors`.
    pub fn ignore(mut self) {
        self.set_ignored();
    }
}

impl<T, E> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    /// Asks for its end: it settles as [`Cancelled`](csp_core::Failure::Cancelled). True if it was not settled yet.
    ///
    /// * A [resolver's](super::Resolver) promise is cancelled at once, or when the
    ///   [cancellers](super::Resolver::on_cancel) have run, one of which may settle it in its own way. It
    ///   cannot be cancelled (false) while somebody holds a [`Claim`](super::Claim) on it.
    /// * A step's block is cancelled at its next park point, and what it waits for after it, all the way
    ///   up, one turn of the executor for each: so its closure is not run, and the source is cancelled too
    ///   (if that is [`Shared`](super::Shared), only if nobody else has it). A closure that is running now
    ///   runs on.
    /// * A go block is cancelled as by [`Go::cancel`].
    ///
    /// Cancelling says also that failures are of no interest any more. To settle it after that is a quiet
    /// no-op, which gives the value back to the settler.
    ///
    /// ```
    /// use csp::{Failure, promise::promise};
    /// let (resolver, answer) = promise::<u32, csp::Error>();
    /// let next = answer.map(|n| n + 1);
    /// assert!(next.cancel());
    /// assert!(matches!(next.wait(), Err(Failure::Cancelled)));
    /// csp::block_on(resolver.unwanted()); // it reaches the resolver
    /// assert_eq!(resolver.fulfill(1), Err(1));
    /// ```
    ///
    /// Twisted's `cancel`, which is forwarded in the same way. (Task's and `CompletableFuture`'s reach
    /// neither the running body nor the source.)
    pub fn cancel(&self) -> bool {
        match &mut *self.repr.borrow_mut() {
            Repr::Cell(reader) => {
                let cell = &reader.cell;
                cell.cancel(|cancellers| {
                    let cell = Arc::clone(cell);
                    run::cancellers(cancellers, move || cell.end_cancel());
                })
            }
            Repr::Step(go, link) => {
                link.cancel();
                go.cancel()
            }
            Repr::Other(source, _) => source.cancel(),
        }
    }

    /// Asks something of the outcome, if it is there.
    pub(super) fn look<R>(&self, f: impl FnOnce(&Outcome<T, E>) -> R) -> Option<R> {
        if !self.is_settled() {
            return None;
        }
        let mut repr = self.repr.borrow_mut();
        if let Repr::Cell(reader) = &*repr {
            return reader.cell.peek(f);
        }
        // A block's outcome can only be moved out.
        let mut cx = Context::from_waker(Waker::noop());
        let Poll::Ready(outcome) = repr.poll(&mut cx) else {
            return None;
        };
        let answer = f(&outcome);
        let created = repr.created();
        let cell = Cell::settled(outcome, created, None);
        let ignored = matches!(&*repr, Repr::Step(_, link) if link.is_ignored());
        *repr = Repr::Cell(Reader { cell, ignored });
        Some(answer)
    }
}

impl<T, E> Promise<T, E> {
    pub(super) fn poll_outcome(&mut self, cx: &mut Context<'_>) -> Poll<Outcome<T, E>> {
        self.repr.get_mut().poll(cx)
    }
}

impl<T, E> Repr<T, E> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcome<T, E>> {
        match self {
            Self::Cell(reader) => reader.cell.poll(cx),
            Self::Step(go, _) => Pin::new(go).poll(cx).map(of_block),
            Self::Other(source, _) => source.poll(cx),
        }
    }

    fn created(&self) -> At {
        match self {
            Self::Cell(reader) => reader.cell.created,
            Self::Step(_, link) => link.created,
            Self::Other(_, created) => created,
        }
    }
}

impl<T, E> Unpin for Promise<T, E> {}

impl<T, E> Future for Promise<T, E> {
    type Output = Outcome<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_outcome(cx)
    }
}

impl<T, E> fmt::Debug for Promise<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut repr = self.repr.borrow_mut();
        let word = |settled| if settled { "settled" } else { "pending" };
        let (state, waits_for) = match &mut *repr {
            Repr::Cell(reader) => (reader.cell.word(), None),
            Repr::Step(go, link) => (word(go.is_finished()), link.waits_for()),
            Repr::Other(source, _) => (word(source.is_settled()), None),
        };
        let created = repr.created();
        let mut out = f.debug_struct("Promise");
        out.field("state", &format_args!("{state}"));
        out.field("created", &format_args!("{created}"));
        if let Some(at) = waits_for {
            out.field("waits_for", &format_args!("the promise made at {at}"));
        }
        out.finish_non_exhaustive()
    }
}

/// A failure in a word, for other handles.
pub(super) fn state_word<T, E>(outcome: &Outcome<T, E>) -> &'static str {
    match outcome {
        Ok(_) => "fulfilled",
        Err(failure) => word(failure),
    }
}
