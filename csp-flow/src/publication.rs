//! One channel to many subscribers, by topic.

mod block;

use std::{convert::Infallible, fmt, hash::Hash, panic::resume_unwind};

use csp_core::{Buffer, Receiver, Sender, chan};
use csp_sched::go;

use self::block::{Block, Change};
use crate::{
    AtEnd,
    block::{caught, changes, panicked},
    fan::Tap,
};

const NAME: &str = "the publication";

/// Gives each value of a channel to those who have *subscribed* to its topic: core.async's `pub` and
/// `sub`. Made by [`publish`].
///
/// ```text
/// source     A1    B1    A2    C1    B2  |
/// sub of A   A1          A2              |
/// sub of A   A1          A2              |
/// sub of B         B1                B2  |
/// ```
///
/// * **Topics** exist as long as somebody is subscribed to them. A value whose topic nobody has
///   subscribed to is dropped.
/// * **Back pressure.** A topic without a buffer of its own is served directly: *a slow subscriber of one
///   topic then stalls them all*, as in core.async. A topic to which `buffer_fn` gives a buffer has a
///   [`Mult`](crate::Mult) behind it, so that it holds the others up only when the buffer is full, and
///   never if it [slides](csp_core::sliding) or [drops](csp_core::dropping). (A value that is in that
///   buffer may reach a subscriber who came after it.) A subscriber's own buffer helps in both cases.
/// * **A subscriber that goes** holds nobody up: when its channel closes, from either end, or it is
///   [unsubscribed](Self::unsub), while a value waits for room in it, that value is dropped for it.
/// * **The end.** When the source has ended all subscribers close ([`sub_with`](Self::sub_with) can leave
///   them open); if it [failed](Sender::fail), they fail with the same cause. One that comes after the
///   end is closed at once.
/// * **Dropped.** Clones are handles of the same publication. When the last one is dropped it goes on
///   for the subscribers that it has; when they are gone too it stops, and drops the source.
/// * **Panics.** If `topic_fn` or `buffer_fn` panics, or `==` or `hash` of a topic, all subscribers fail
///   with the message, and the block ends. So they do if a `clone` of a value panics; but those of a
///   topic that has a buffer fail by themselves. If the runtime shuts down, all fail as well. If a
///   subscriber's own buffer policy panics, it is that one alone that fails.
///
/// One go block serves all topics, and one more each topic that has a buffer.
///
/// ```
/// use csp::prelude::*;
///
/// let (words, source) = chan(0);
/// let by_length = csp::publish(source, |word: &&str| word.len(), |_| 0);
/// let (three, five) = (by_length.subscribe(3, 8), by_length.subscribe(5, 8));
/// for word in ["one", "two", "three", "four", "five", "six"] {
///     words.put_blocking(word)?;
/// }
/// drop(words);
/// assert!(three.into_iter().eq(["one", "two", "six"]));
/// assert!(five.into_iter().eq(["three"]));
/// # Ok::<(), Closed<&str>>(())
/// ```
pub struct Publication<K, T> {
    changes: Sender<Change<K, T>>,
    /// Carries nothing: it closes with the publication, and tells why.
    end: Receiver<Infallible>,
}

/// Starts to give the values of `source` to those who subscribe to their topics: see [`Publication`].
///
/// `topic_fn` tells a value's topic. `buffer_fn` is asked for a topic's own buffer when it gets its first
/// subscriber; `0` is none. Both run in the publication's go block, so they should not block.
///
/// It starts to take at once, so subscribe before the first value comes.
///
/// ```
/// use csp::prelude::*;
/// let (numbers, source) = chan(0);
/// // The even ones are wanted fresh, the odd ones all.
/// let parity = csp::publish(source, |n: &u32| n % 2, |&odd| if odd == 1 { fixed(9) } else { sliding(1) });
/// let odd = parity.subscribe(1, 0);
/// for n in 1..=5 { numbers.put_blocking(n)?; }
/// drop(numbers);
/// assert!(odd.into_iter().eq([1, 3, 5]));
/// # Ok::<(), Closed<u32>>(())
/// ```
#[track_caller]
pub fn publish<K, T, F, B, R>(source: Receiver<T>, topic_fn: F, buffer_fn: B) -> Publication<K, T>
where
    K: Eq + Hash + Send + 'static,
    T: Clone + Send + 'static,
    F: FnMut(&T) -> K + Send + 'static,
    B: FnMut(&K) -> R + Send + 'static,
    R: Into<Buffer<T>>,
{
    let (changes_tx, changes) = changes();
    let (end_tx, end) = chan(0);
    let mut block = Block::new(changes, end_tx, buffer_fn);
    drop(go(async move {
        let ran = caught(block.run(&source, topic_fn)).await;
        block.end_with(match &ran {
            Ok(()) => source.failure(),
            Err(payload) => Some(panicked(NAME, payload)),
        });
        if let Err(payload) = ran {
            resume_unwind(payload);
        }
    }));
    Publication {
        changes: changes_tx,
        end,
    }
}

impl<K, T> Publication<K, T> {
    /// Gives every value of `topic` from now on to `tx`, and closes it at the end.
    ///
    /// A value that is put into the source after this call is among them. Subscribing a channel to
    /// the same topic again changes nothing; it may be subscribed to several topics.
    ///
    /// Keep a clone of `tx` if you want to [`unsub`](Self::unsub) it.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let (numbers, source) = chan(0);
    /// let parity = csp::publish(source, |n: &u32| n % 2, |_| 0);
    /// let (tx, rx) = chan(8);
    /// parity.sub(0, tx.clone());
    /// parity.sub(1, tx.clone());
    /// for n in 1..=2 { numbers.put_blocking(n)?; }
    /// assert!(rx.iter_blocking().take(2).eq([1, 2]));
    /// parity.unsub(0, &tx);
    /// for n in 3..=5 { numbers.put_blocking(n)?; }
    /// drop(numbers);
    /// assert!(rx.into_iter().eq([3, 5]));
    /// # Ok::<(), Closed<u32>>(())
    /// ```
    pub fn sub(&self, topic: K, tx: Sender<T>) {
        self.sub_with(topic, tx, AtEnd::Close);
    }

    /// As [`sub`](Self::sub); `at_end` says what becomes of `tx` when the source has ended or failed.
    /// If the channel has subscribed to the topic already, that is all that changes.
    ///
    /// ```
    /// use csp::{AtEnd, prelude::*};
    /// let (numbers, source) = chan(0);
    /// let parity = csp::publish(source, |n: &u32| n % 2, |_| 0);
    /// let (tx, rx) = chan(1);
    /// parity.sub_with(1, tx.clone(), AtEnd::KeepOpen);
    /// numbers.put_blocking(1)?;
    /// drop(numbers);
    /// assert_eq!(rx.take_blocking(), Some(1));
    /// assert!(!tx.is_closed());
    /// # Ok::<(), Closed<u32>>(())
    /// ```
    pub fn sub_with(&self, topic: K, tx: Sender<T>, at_end: AtEnd) {
        let tap = Tap { tx, at_end };
        if let Err(refused) = self.changes.try_put(Change::Sub(topic, tap))
            && let Change::Sub(_, tap) = refused.into_inner()
        {
            tap.end(self.end.failure().as_ref());
        }
    }

    /// Subscribes a new channel. Dropping its receiver ends the subscription.
    #[must_use = "dropping the receiver ends the subscription"]
    #[track_caller]
    pub fn subscribe(&self, topic: K, buffer: impl Into<Buffer<T>>) -> Receiver<T> {
        let (tx, rx) = chan(buffer);
        self.sub(topic, tx);
        rx
    }

    /// Ends the subscription of this channel to `topic`, if there is one, and leaves the channel open.
    ///
    /// A value that is on its way when this is called reaches it, once, or does not; nobody waits for
    /// it. One that is put into the source afterwards does not.
    pub fn unsub(&self, topic: K, tx: &Sender<T>) {
        self.ask(Change::Unsub(topic, tx.clone()));
    }

    /// Ends all subscriptions to `topic`, and leaves their channels open, as far as they have other
    /// senders. Values that stand in the topic's own buffer are dropped.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let (numbers, source) = chan::<u32>(0);
    /// let parity = csp::publish(source, |n: &u32| n % 2, |_| 0);
    /// let (even, odd) = (parity.subscribe(0, 1), parity.subscribe(1, 1));
    /// parity.unsub_topic(0);
    /// assert_eq!(even.take_blocking(), None); // only the publication could put into it
    /// numbers.put_blocking(1)?;
    /// assert_eq!(odd.take_blocking(), Some(1));
    /// # Ok::<(), Closed<u32>>(())
    /// ```
    pub fn unsub_topic(&self, topic: K) {
        self.ask(Change::UnsubTopic(topic));
    }

    /// Ends all subscriptions: [`unsub_topic`](Self::unsub_topic) for every topic.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let (_numbers, source) = chan::<u32>(0);
    /// let parity = csp::publish(source, |n: &u32| n % 2, |_| 0);
    /// let subs = [parity.subscribe(0, 1), parity.subscribe(1, 1)];
    /// parity.unsub_all();
    /// for sub in subs { assert_eq!(sub.take_blocking(), None); }
    /// ```
    pub fn unsub_all(&self) {
        self.ask(Change::UnsubAll);
    }

    fn ask(&self, change: Change<K, T>) {
        // It ended: there is nothing to be undone.
        self.changes.try_put(change).ok();
    }
}

impl<K, T> Clone for Publication<K, T> {
    fn clone(&self) -> Self {
        Self {
            changes: self.changes.clone(),
            end: self.end.clone(),
        }
    }
}

impl<K, T> fmt::Debug for Publication<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publication")
            .field("ended", &self.end.is_closed())
            .finish_non_exhaustive()
    }
}
