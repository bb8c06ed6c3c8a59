//! One channel to many taps.

use std::{convert::Infallible, fmt, panic::resume_unwind};

use csp_core::{Buffer, Cause, Receiver, Sender, TryTakeError, alt, chan, park, take};
use csp_sched::{go, yield_now};

use crate::{
    AtEnd,
    block::{PUTS_A_TURN, cancelled, caught, changes, panicked},
    fan::{Fan, First, Tap, Taps, first},
};

/// Gives every value of a channel to each of its *taps*, which come and go as they like: core.async's
/// `mult`. Made by [`mult`].
///
/// ```text
/// source   1     2     3  |
/// tap a    1     2     3  |
/// tap b          2     3  |      tapped after 1
/// tap c    1     2                untapped, or closed by its taker, after 2
/// ```
///
/// * **Back pressure.** A value goes to all taps at the same time, and the next is taken from the source
///   when every tap has accepted it: *the slowest tap governs*. Give a tap a buffer to let it lag behind,
///   [`sliding`](csp_core::sliding) or [`dropping`](csp_core::dropping) to let it miss values instead.
/// * **A tap that goes** holds nobody up: when its channel closes, from either end, or it is
///   [untapped](Self::untap), while a value waits for room in it, that value is dropped for this tap and
///   the others go on.
/// * **Without taps** values are dropped, as in core.async, as long as there is a `Mult` to tap.
/// * **The end.** When the source has ended the taps close ([`tap_with`](Self::tap_with) can leave them
///   open); if it [failed](Sender::fail), they fail with the same cause. A tap that comes after the
///   end is closed at once.
/// * **Dropped.** Clones are handles of the same mult. When the last one is dropped it goes on for
///   the taps that it has; when they are gone too it stops, and drops the source.
/// * **Panics.** If a `clone` of a value panics, the taps fail with the message, and the block ends. If
///   its runtime shuts down, they fail as well. If a tap's own buffer policy panics, it is that tap alone
///   that fails.
///
/// One go block serves all taps. Whoever else takes from the source competes with it.
///
/// ```
/// use csp::prelude::*;
///
/// let (news, source) = chan(0);
/// let mult = csp::mult(source);
/// let (log, screen) = (mult.subscribe(8), mult.subscribe(sliding(1)));
/// for item in ["a", "b", "c"] {
///     news.put_blocking(item)?;
/// }
/// drop(news);
/// assert!(log.iter_blocking().eq(["a", "b", "c"]));
/// assert!(screen.iter_blocking().eq(["c"]));
/// # Ok::<(), Closed<&str>>(())
/// ```
pub struct Mult<T> {
    changes: Sender<Change<T>>,
    /// Carries nothing: it closes with the mult, and tells why.
    end: Receiver<Infallible>,
}

/// What a handle asks for.
enum Change<T> {
    Tap(Tap<T>),
    Untap(Sender<T>),
    UntapAll,
    /// The last handle is gone.
    LetGo,
}

/// Starts to give every value of `source` to as many taps as come: see [`Mult`].
///
/// It starts to take at once, so tap before the first value comes.
///
/// ```
/// use csp::prelude::*;
/// let (numbers, source) = chan(0);
/// let mult = csp::mult(source);
/// let taps = [mult.subscribe(2), mult.subscribe(2)];
/// for n in 1..=2 { numbers.put_blocking(n)?; }
/// drop(numbers);
/// for tap in taps { assert!(tap.into_iter().eq([1, 2])); }
/// # Ok::<(), Closed<i32>>(())
/// ```
#[track_caller]
pub fn mult<T>(source: Receiver<T>) -> Mult<T>
where
    T: Clone + Send + 'static,
{
    let (changes_tx, changes) = changes();
    let (end_tx, end) = chan(0);
    let mut block = Block {
        taps: Taps::new(),
        changes,
        open: true,
        end: end_tx,
        cause: Some(cancelled(NAME)),
    };
    drop(go(async move {
        let ran = caught(block.run(&source)).await;
        block.end_with(match &ran {
            Ok(()) => source.failure(),
            Err(payload) => Some(panicked(NAME, payload)),
        });
        if let Err(payload) = ran {
            resume_unwind(payload);
        }
    }));
    Mult {
        changes: changes_tx,
        end,
    }
}

const NAME: &str = "the mult";

impl<T> Mult<T> {
    /// Gives every value from now on to `tx`, and closes it at the end.
    ///
    /// "From now on" begins with the next value that is taken from the source: a value that is put into
    /// the source after this call is among them. Tapping the same channel again changes nothing.
    ///
    /// Keep a clone of `tx` if you want to [`untap`](Self::untap) it.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let (numbers, source) = chan(0);
    /// let mult = csp::mult(source);
    /// let (tx, rx) = chan(1);
    /// mult.tap(tx.clone());
    /// numbers.put_blocking(1)?;
    /// assert_eq!(rx.take_blocking(), Some(1));
    /// mult.untap(&tx);
    /// numbers.put_blocking(2)?; // nobody gets it
    /// # Ok::<(), Closed<i32>>(())
    /// ```
    pub fn tap(&self, tx: Sender<T>) {
        self.tap_with(tx, AtEnd::Close);
    }

    /// As [`tap`](Self::tap); `at_end` says what becomes of `tx` when the source has ended or failed.
    /// If the channel is a tap already, that is all that changes.
    ///
    /// ```
    /// use csp::{AtEnd, prelude::*};
    /// let (numbers, source) = chan(0);
    /// let (tx, rx) = chan(8);
    /// csp::mult(source).tap_with(tx.clone(), AtEnd::KeepOpen);
    /// numbers.put_blocking(1)?;
    /// drop(numbers);
    /// assert_eq!(rx.take_blocking(), Some(1));
    /// tx.put_blocking(2)?;
    /// assert_eq!(rx.take_blocking(), Some(2));
    /// # Ok::<(), Closed<i32>>(())
    /// ```
    pub fn tap_with(&self, tx: Sender<T>, at_end: AtEnd) {
        if let Err(refused) = self.changes.try_put(Change::Tap(Tap { tx, at_end }))
            && let Change::Tap(tap) = refused.into_inner()
        {
            tap.end(self.end.failure().as_ref());
        }
    }

    /// Taps with a new channel. Dropping its receiver ends it.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let (numbers, source) = chan(0);
    /// let mult = csp::mult(source);
    /// let last = mult.subscribe(sliding(1));
    /// for n in 1..=9 { numbers.put_blocking(n)?; }
    /// drop(numbers);
    /// assert_eq!(last.into_iter().last(), Some(9));
    /// # Ok::<(), Closed<i32>>(())
    /// ```
    #[must_use = "dropping the receiver ends the subscription"]
    #[track_caller]
    pub fn subscribe(&self, buffer: impl Into<Buffer<T>>) -> Receiver<T> {
        let (tx, rx) = chan(buffer);
        self.tap(tx);
        rx
    }

    /// Ends the tap of this channel, if it is one, and leaves the channel open.
    ///
    /// A value that is on its way when this is called reaches it, once, or does not; the mult does not
    /// wait for it. One that is put into the source afterwards does not.
    pub fn untap(&self, tx: &Sender<T>) {
        // It ended: there are no taps.
        self.changes.try_put(Change::Untap(tx.clone())).ok();
    }

    /// Ends all taps, and leaves their channels open, as far as they have other senders.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let (numbers, source) = chan::<u32>(0);
    /// let mult = csp::mult(source);
    /// let tap = mult.subscribe(0);
    /// mult.untap_all();
    /// assert_eq!(tap.take_blocking(), None); // only the mult could put into it
    /// ```
    pub fn untap_all(&self) {
        self.changes.try_put(Change::UntapAll).ok();
    }
}

impl<T> Clone for Mult<T> {
    fn clone(&self) -> Self {
        Self {
            changes: self.changes.clone(),
            end: self.end.clone(),
        }
    }
}

impl<T> fmt::Debug for Mult<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mult")
            .field("ended", &self.end.is_closed())
            .finish_non_exhaustive()
    }
}

/// The state of the go block. Its drop ends the taps, however it comes to it.
struct Block<T> {
    taps: Taps<T>,
    changes: Receiver<Change<T>>,
    /// There are handles.
    open: bool,
    end: Sender<Infallible>,
    cause: Option<Cause>,
}

enum Next<T> {
    Value(T),
    Change(Change<T>),
    End,
}

impl<T: Clone> Block<T> {
    async fn run(&mut self, source: &Receiver<T>) {
        let mut puts = 0;
        let mut next = None;
        loop {
            // Until the list changes, the fan can keep what it has. (While there are two of the list, a change is
            // a copy: so this one goes before.)
            let taps = self.taps.clone();
            let mut fan = Fan::new();
            let change = loop {
                let value = match next.take() {
                    Some(value) => value,
                    None => match self.next(source).await {
                        Next::Value(value) => value,
                        Next::Change(change) => break Some(change),
                        Next::End => return,
                    },
                };
                if let Some(change) = self.look() {
                    next = Some(value);
                    break Some(change);
                }
                fan.offer(taps.iter().map(|tap| &tap.tx), value);
                let changed = self.settle(&mut fan).await;
                puts += taps.len() + 1;
                if puts >= PUTS_A_TURN {
                    puts = 0;
                    yield_now().await;
                }
                if changed {
                    break None;
                }
            };
            drop(fan);
            drop(taps);
            let mut change = change;
            while let Some(asked) = change {
                self.apply(asked);
                change = self.look();
            }
        }
    }

    async fn next(&mut self, source: &Receiver<T>) -> Next<T> {
        loop {
            if let Some(change) = self.look() {
                return Next::Change(change);
            }
            let wanted = self.taps.open();
            if !self.open && wanted.is_none() {
                return Next::End;
            }
            let value = match (source.try_take(), wanted) {
                (Ok(value), _) => Some(value),
                (Err(TryTakeError::Closed), _) => None,
                (Err(TryTakeError::Empty), Some(tap)) if !self.open => alt! {
                    priority;
                    value = take!(source) => value,
                    // Nobody taps any more: when all have closed, it is over.
                    () = park!(tap.closed()) => continue,
                },
                (Err(TryTakeError::Empty), _) => alt! {
                    priority;
                    value = take!(source) => value,
                    change = take!(self.changes) => {
                        return Next::Change(change.unwrap_or(Change::LetGo));
                    }
                },
            };
            return value.map_or(Next::End, Next::Value);
        }
    }

    /// Waits until every tap has the value or is gone. True if the list has changed.
    async fn settle(&mut self, fan: &mut Fan<'_, T>) -> bool {
        let mut changed = false;
        while fan.is_waiting() {
            if !self.open {
                fan.settled().await;
            } else if let First::B(change) = first(fan.settled(), self.changes.take()).await {
                self.apply(change.unwrap_or(Change::LetGo));
                changed = true;
                fan.keep(|tx| self.taps.has(tx));
            }
        }
        if fan.refused() > 0 {
            self.taps.forget_closed();
            changed = true;
        }
        changed
    }

    /// What a handle has asked for.
    fn look(&self) -> Option<Change<T>> {
        if !self.open {
            return None;
        }
        match self.changes.try_take() {
            Ok(change) => Some(change),
            Err(TryTakeError::Closed) => Some(Change::LetGo),
            Err(TryTakeError::Empty) => None,
        }
    }
}

impl<T> Block<T> {
    /// Nothing more comes, perhaps for a reason.
    fn end_with(mut self, cause: Option<Cause>) {
        self.cause = cause;
    }

    fn apply(&mut self, change: Change<T>) {
        match change {
            Change::Tap(tap) => self.taps.add(tap),
            Change::Untap(tx) => self.taps.remove(&tx),
            Change::UntapAll => self.taps = Taps::new(),
            Change::LetGo => self.open = false,
        }
    }
}

impl<T> Drop for Block<T> {
    fn drop(&mut self) {
        // In this order: a handle that is turned away looks why.
        match &self.cause {
            Some(cause) => self.end.fail(cause.clone()),
            None => self.end.close(),
        };
        self.changes.close();
        while let Ok(change) = self.changes.try_take() {
            self.apply(change);
        }
        for tap in self.taps.iter() {
            tap.end(self.cause.as_ref());
        }
    }
}
