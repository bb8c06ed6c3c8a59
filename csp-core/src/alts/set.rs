//! An alts over operations that are known only at run time.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    ptr::NonNull,
    task::{Context, Poll},
};

use super::{
    Order,
    arm::{Arm, RawArm},
    block::Choice,
    choose::MAX_ARMS,
    future::{Alt, alt},
    keep::Keeper,
};
use crate::{
    chan::{PutOp, Receiver, Sender, TakeOp},
    error::Closed,
    site::{ParkSite, Place},
};

/// What the chosen operation of an [`AltSet`] gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<T> {
    /// A take: the value, or `None` if the channel is closed and drained.
    Took(Option<T>),
    /// A put: done, or the value back if the channel is closed.
    Put(Result<(), Closed<T>>),
}

impl<T> Event<T> {
    /// The value that was taken, if one was.
    pub fn took(self) -> Option<T> {
        match self {
            Self::Took(value) => value,
            Self::Put(_) => None,
        }
    }
}

/// Operations to choose among, put together at run time: core.async's vector of ports, Go's
/// `reflect.Select`.
///
/// The set keeps its nodes from round to round: after the first, a round allocates nothing. A take
/// stays in the set; a put that was chosen is off until it is given another value with
/// [`put_again`](Self::put_again). A take whose channel has closed is chosen at every round: take it out
/// with [`disable`](Self::disable).
///
/// # Cost
/// Operations stand in their channels' queues also between the rounds, where nothing is taken or put for them: it is
/// only noted that something came. So a round costs as much as there are operations to which something came since the
/// last, not as there are in the set. A loop that chooses among the same channels again and again is best written with
/// a set, be it of a thousand operations or of three. (An operation has its place in the queue since it found nothing,
/// as if the set had waited ever since.)
///
/// # Closed channels
/// A put that waits while the *putting* side closes the channel stays, as every parked put, also for later rounds, until
/// it is taken; one for which nobody waited then is given back as closed.
///
/// ```
/// use csp::prelude::*;
/// let (txs, rxs): (Vec<_>, Vec<_>) = (0..3).map(|_| chan::<u32>(1)).unzip();
/// let mut set = AltSet::new();
/// for rx in &rxs { set.take(rx); }
/// txs[2].try_put(7).unwrap();
/// let (index, event) = alts_blocking!(&mut set);
/// assert_eq!((index, event), (2, Event::Took(Some(7))));
/// ```
///
/// # Cancellation
/// Dropping the future of a round gives it up at once: from then on no operation is done. Values stay in the set or go
/// back to their channel.
pub struct AltSet<T> {
    // Boxed one by one: they must not move while they are queued.
    nodes: Vec<Pin<Box<Node<T>>>>,
    raws: Vec<RawArm>,
    // Boxed, since operations are queued when the set moves.
    keeper: Box<Keeper>,
}

// SAFETY: the raw arms point into the nodes, which are Send as operations on channels of T are.
unsafe impl<T: Send> Send for AltSet<T> {}
// SAFETY: `&AltSet` gives access to nothing but numbers.
unsafe impl<T: Send> Sync for AltSet<T> {}

// Each operation stands before the handle that keeps its channel alive, and is dropped before it.
enum Node<T> {
    Take(
        TakeOp<T>,
        #[expect(dead_code, reason = "keeps the channel alive")] Receiver<T>,
    ),
    Put(
        PutOp<T>,
        #[expect(dead_code, reason = "keeps the channel alive")] Sender<T>,
    ),
}

impl<T> Node<T> {
    fn raw(self: Pin<&mut Self>) -> RawArm {
        // SAFETY: structural pinning of the operation; nothing is moved.
        match unsafe { self.get_unchecked_mut() } {
            // SAFETY: as above.
            Self::Take(op, _) => unsafe { Pin::new_unchecked(op) }.raw(),
            // SAFETY: as above.
            Self::Put(op, _) => unsafe { Pin::new_unchecked(op) }.raw(),
        }
    }

    fn finish(self: Pin<&mut Self>) -> Event<T> {
        // SAFETY: structural pinning of the operation; nothing is moved.
        match unsafe { self.get_unchecked_mut() } {
            Self::Take(op, _) => {
                // SAFETY: as above.
                let value = unsafe { Pin::new_unchecked(&mut *op) }.finish();
                op.rearm(Place::nowhere());
                Event::Took(value)
            }
            // SAFETY: as above.
            Self::Put(op, _) => Event::Put(unsafe { Pin::new_unchecked(op) }.finish()),
        }
    }
}

impl<T> AltSet<T> {
    /// An empty set.
    pub fn new() -> Self {
        Self {
            nodes: Vec::new(),
            raws: Vec::new(),
            keeper: Box::new(Keeper::new()),
        }
    }

    /// Adds a take, and gives its index.
    ///
    /// # Panics
    /// If the set has 65,536 operations.
    #[track_caller]
    pub fn take(&mut self, rx: &Receiver<T>) -> usize {
        let rx = rx.clone();
        // SAFETY: the handle beside it keeps the channel alive.
        let op = unsafe { TakeOp::new(NonNull::from(rx.inner()), Place::nowhere()) };
        self.add(Node::Take(op, rx))
    }

    /// Adds a put, and gives its index.
    ///
    /// # Panics
    /// If the set has 65,536 operations.
    #[track_caller]
    pub fn put(&mut self, tx: &Sender<T>, value: T) -> usize {
        let tx = tx.clone();
        // SAFETY: the handle beside it keeps the channel alive.
        let op = unsafe { PutOp::new(NonNull::from(tx.inner()), value, Place::nowhere()) };
        self.add(Node::Put(op, tx))
    }

    /// Gives put `index`, which was chosen, another value, and switches it on again.
    ///
    /// # Panics
    /// If `index` is not a put that was chosen: its value would be lost.
    #[track_caller]
    pub fn put_again(&mut self, index: usize, value: T) {
        self.settle();
        let node = self
            .nodes
            .get_mut(index)
            .unwrap_or_else(|| panic!("there is no operation {index} in the set"));
        // SAFETY: nothing is moved.
        let Node::Put(op, _) = (unsafe { node.as_mut().get_unchecked_mut() }) else {
            panic!("operation {index} of the set is a take")
        };
        assert!(op.is_spent(), "put {index} of the set still has its value");
        op.rearm(value, Place::nowhere());
        // (It is on still if its channel's policy panicked over the value.)
        if !self.raws[index].is_on() {
            self.switch_on(index);
        }
    }

    /// Switches an operation off. A put keeps its value, unless it was chosen.
    ///
    /// # Panics
    /// If there is no operation `index`.
    #[track_caller]
    pub fn disable(&mut self, index: usize) {
        self.settle();
        if self.raws[index].is_on() {
            self.keeper.withdraw(&self.raws[index]);
            self.switch_off(index);
        }
    }

    /// Switches an operation on again.
    ///
    /// # Panics
    /// If there is no operation `index`, or it is a put that was chosen: give it a value with
    /// [`put_again`](Self::put_again).
    #[track_caller]
    pub fn enable(&mut self, index: usize) {
        self.settle();
        // SAFETY: nothing is moved.
        if let Node::Put(op, _) = unsafe { self.nodes[index].as_mut().get_unchecked_mut() } {
            assert!(
                !op.is_spent(),
                "put {index} of the set has no value: use put_again"
            );
        }
        if !self.raws[index].is_on() {
            self.switch_on(index);
        }
    }

    fn switch_on(&mut self, index: usize) {
        self.raws[index] = self.nodes[index].as_mut().raw();
        self.keeper.enable(&self.raws, number(index));
    }

    /// The operation is in no queue.
    fn switch_off(&mut self, index: usize) {
        self.raws[index] = self.raws[index].off();
        self.keeper.disable();
    }

    /// How many operations are in the set, on or off.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    #[track_caller]
    fn add(&mut self, node: Node<T>) -> usize {
        self.settle();
        assert!(
            self.nodes.len() < MAX_ARMS,
            "an alts takes at most {MAX_ARMS} operations"
        );
        let mut node = Box::pin(node);
        let index = self.nodes.len();
        self.raws.push(node.as_mut().raw());
        self.nodes.push(node);
        self.keeper.add(number(index));
        index
    }

    /// Chooses one operation: a future of its index and what it gave. [`alts!`](crate::alts) writes it
    /// for you.
    ///
    /// # Panics
    /// When polled, if no operation is on: it would wait for ever.
    pub fn choose(&mut self, order: Order) -> Choose<'_, T> {
        self.settle();
        self.keeper.set_order(order, Place::nowhere());
        Choose { set: self }
    }

    /// Ends a round that was given up. What one was handed already goes back
    /// to its channel; a put that was done stays done.
    fn settle(&mut self) {
        let Some(index) = self.keeper.give_up(&self.raws) else {
            return;
        };
        let index = index as usize;
        // SAFETY: nothing is moved.
        match unsafe { self.nodes[index].as_mut().get_unchecked_mut() } {
            Node::Take(op, _) => op.abandon(),
            Node::Put(op, _) => {
                if !op.recall() {
                    self.switch_off(index);
                }
            }
        }
    }

    fn finish(&mut self, index: u32) -> (usize, Event<T>) {
        let index = index as usize;
        let event = self.nodes[index].as_mut().finish();
        if let Event::Put(_) = event {
            self.switch_off(index);
        }
        (index, event)
    }
}

/// An index as the arms have it.
fn number(index: usize) -> u32 {
    u32::try_from(index).expect("operations are limited in number")
}

impl<T> Drop for AltSet<T> {
    fn drop(&mut self) {
        // A leaked `Choose` may have left its round waiting.
        self.settle();
        self.keeper.leave(&self.raws);
    }
}

impl<T> Default for AltSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for AltSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AltSet")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// A round of an [`AltSet`]: future of the chosen index and what it gave.
#[must_use = "an alts does nothing until it is awaited"]
pub struct Choose<'a, T> {
    set: &'a mut AltSet<T>,
}

impl<T> Choose<'_, T> {
    /// Chooses without parking. `None` only if at one instant no operation was ready.
    pub fn now(self) -> Option<(usize, Event<T>)> {
        let set = &mut *self.set;
        // It may have been polled before, and wait.
        if let Some(index) = set.keeper.give_up(&set.raws) {
            return Some(set.finish(index));
        }
        // SAFETY: as in `poll`.
        let index = unsafe { set.keeper.try_now(&set.raws) }?;
        Some(set.finish(index))
    }
}

impl<T> Future for Choose<'_, T> {
    type Output = (usize, Event<T>);

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let set = &mut *self.get_mut().set;
        // SAFETY: nodes and keeper are pinned in their boxes. A node that was finished is armed anew, or off, and
        // `drop` has them leave.
        match unsafe { set.keeper.poll(&set.raws, cx) } {
            Some(index) => Poll::Ready(set.finish(index)),
            None => Poll::Pending,
        }
    }
}

impl<T> Choice for Choose<'_, T> {
    fn soon(self: Pin<&mut Self>) -> Option<Self::Output> {
        let set = &mut *self.get_mut().set;
        // SAFETY: as in `poll`.
        let index = unsafe { set.keeper.soon(&set.raws) }?;
        Some(set.finish(index))
    }
}

impl<T> Drop for Choose<'_, T> {
    fn drop(&mut self) {
        self.set.settle();
    }
}

impl<T> fmt::Debug for Choose<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Choose").field("set", &self.set).finish()
    }
}

/// The one argument of `alts!(x)`: a set, or a single operation.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is nothing that `alts!` can choose from",
    label = "`alts!` takes operations (`rx.take()`, `tx.put(v)`, `park(future)`) or `&mut set`"
)]
pub trait Alternatives {
    /// A round under way.
    type Round;

    /// Starts a round.
    fn round(self, order: Order, site: &'static ParkSite) -> Self::Round;
}

impl<'a, T> Alternatives for &'a mut AltSet<T> {
    type Round = Choose<'a, T>;

    fn round(self, order: Order, site: &'static ParkSite) -> Choose<'a, T> {
        let choose = self.choose(order);
        choose.set.keeper.set_order(order, Place::site(site));
        choose
    }
}

impl<A: Arm> Alternatives for A {
    type Round = Alt<(A,)>;

    fn round(self, order: Order, site: &'static ParkSite) -> Alt<(A,)> {
        alt((self,), order, site)
    }
}

/// Used by `alts!`.
#[doc(hidden)]
pub fn alts_set<A: Alternatives>(from: A, order: Order, site: &'static ParkSite) -> A::Round {
    from.round(order, site)
}

/// Takes one value from many receivers: index and value, `None` if that channel is closed and drained.
///
/// The receivers are tried in random order. For a loop, keep an [`AltSet`]: it reuses its nodes.
///
/// ```
/// use csp::prelude::*;
/// let (txs, rxs): (Vec<_>, Vec<_>) = (0..3).map(|_| chan::<u32>(1)).unzip();
/// txs[1].try_put(5).unwrap();
/// assert_eq!(csp::block_on(take_any(&rxs)), (1, Some(5)));
/// ```
///
/// # Panics
/// If there is no receiver: it would wait for ever.
pub async fn take_any<T>(receivers: &[Receiver<T>]) -> (usize, Option<T>) {
    let mut set = AltSet::new();
    for rx in receivers {
        set.take(rx);
    }
    let (index, event) = set.choose(Order::Random).await;
    (index, event.took())
}
