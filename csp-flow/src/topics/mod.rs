//! One event bus with many topics, and channels that are found by a name.

mod registry;
mod table;

use std::{borrow::Borrow, fmt, hash::Hash};

use csp_core::{Buffer, Receiver, Sender, block_on, chan, context::at_once};
use csp_sched::yield_now;

pub use self::registry::Registry;
use self::table::Table;
use crate::{
    put_all,
    sync::{
        Arc, Mutex,
        plain::atomic::{AtomicUsize, Ordering},
    },
};

/// An event bus: whoever has subscribed to a topic gets what is published to it. Manifold's `event-bus`.
///
/// ```text
/// publish       A:1      B:2      A:3
/// gives         2        0        1
/// sub of A      1                 3
/// sub of A      1  | left
/// ```
///
/// There is no channel and no block behind it: [`publish`](Self::publish) puts into the subscribers'
/// channels itself. If what is to be distributed comes out of a channel, use [`publish`](crate::publish()) or a
/// [`Hub`](crate::Hub).
///
/// * **Topics** are compared by value, and exist while somebody is subscribed to them. What is left behind by
///   topics that nobody uses any more goes when others come, so that memory follows the topics in use.
/// * **Back pressure.** Publishing is done when every subscriber has accepted the value; they may do so in
///   any order. A buffer lets one lag behind, [`sliding`](csp_core::sliding) or
///   [`dropping`](csp_core::dropping) lets it miss values. Other topics are not held up.
/// * **Order.** What one block publishes to a topic, one after the other, arrives in that order. Two that
///   publish at the same time may be seen in another order by each subscriber.
/// * **Leaving.** Drop or close the receiver, also while a value waits for it.
/// * **Closing.** When the last handle is dropped, or a topic is [closed](Self::close), subscribers close
///   after what was published. Clones are handles of the same bus.
/// * **Panics** of `clone`, `==` or `hash` unwind into the caller, and harm nothing else.
///
/// ```
/// use csp::{Topics, prelude::*};
///
/// let bus = Topics::new();
/// let (a, b) = (bus.subscribe("news", 8), bus.subscribe("news", 8));
/// assert_eq!(bus.publish_blocking("news", 1), 2);
/// assert_eq!(bus.publish_blocking("sport", 2), 0); // nobody is there
/// drop(a);
/// assert_eq!(bus.publish_blocking("news", 3), 1);
/// drop(bus);
/// assert!(b.into_iter().eq([1, 3]));
/// ```
pub struct Topics<K, T>(Arc<Bus<K, T>>);

struct Bus<K, T> {
    table: Table<K, Topic<T>>,
    /// How many values were published: now and then others are to run.
    published: AtomicUsize,
}

const PUBLISHED_A_TURN: usize = 128;

/// The subscribers of one topic.
struct Topic<T>(Mutex<State<T>>);

struct State<T> {
    subscribers: Arc<Vec<Sender<T>>>,
    /// How many there may be before those who have left are looked for.
    sweep_at: usize,
    /// It is out of the table: nobody would find who subscribes now.
    over: bool,
}

impl<T> Topic<T> {
    fn new() -> Self {
        Self(Mutex::new(State {
            subscribers: Arc::new(Vec::new()),
            sweep_at: 4,
            over: false,
        }))
    }

    /// Adds a subscriber. It comes back if the topic is out of the table.
    fn add(&self, tx: Sender<T>) -> Result<(), Sender<T>> {
        let mut state = self.0.lock();
        if state.over {
            return Err(tx);
        }
        let gone = (state.subscribers.len() >= state.sweep_at).then(|| at_once(|| state.sweep()));
        Arc::make_mut(&mut state.subscribers).push(tx);
        drop(state);
        drop(gone);
        Ok(())
    }

    fn subscribers(&self) -> Arc<Vec<Sender<T>>> {
        Arc::clone(&self.0.lock().subscribers)
    }

    fn forget_closed(&self) {
        let gone = at_once(|| self.0.lock().sweep());
        drop(gone);
    }

    /// True if nobody is subscribed; then nobody can any more.
    fn end_if_unused(&self) -> bool {
        let mut state = self.0.lock();
        state.over = state.over || at_once(|| state.subscribers.iter().all(Sender::is_closed));
        state.over
    }

    fn end(&self) -> Arc<Vec<Sender<T>>> {
        let mut state = self.0.lock();
        state.over = true;
        Arc::clone(&state.subscribers)
    }
}

impl<T> State<T> {
    /// Keeps those who are there. Gives the old list, to be dropped without the lock.
    fn sweep(&mut self) -> Arc<Vec<Sender<T>>> {
        let open = |tx: &&Sender<T>| !tx.is_closed();
        let kept: Vec<_> = self.subscribers.iter().filter(open).cloned().collect();
        self.sweep_at = 2 * kept.len().max(2);
        std::mem::replace(&mut self.subscribers, Arc::new(kept))
    }
}

impl<K, T> Topics<K, T> {
    /// A bus without topics.
    pub fn new() -> Self {
        Self(Arc::new(Bus {
            table: Table::new(Topic::end_if_unused),
            published: AtomicUsize::new(0),
        }))
    }

    /// How many topics have subscribers now.
    pub fn len(&self) -> usize {
        self.counts().0
    }

    /// True if nobody is subscribed to anything.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many topics, and how many subscribers of them all.
    fn counts(&self) -> (usize, usize) {
        let topics = self.0.table.values();
        let open = topics.iter().map(|topic| {
            let subscribers = topic.value.subscribers();
            subscribers.iter().filter(|tx| !tx.is_closed()).count()
        });
        let used = open.filter(|&open| open > 0);
        used.fold((0, 0), |(topics, all), open| (topics + 1, all + open))
    }
}

impl<K: Hash + Eq, T> Topics<K, T> {
    /// What is published to `topic` from now on. Dropping the receiver ends the subscription.
    #[must_use = "dropping the receiver ends the subscription"]
    #[track_caller]
    pub fn subscribe(&self, topic: K, buffer: impl Into<Buffer<T>>) -> Receiver<T> {
        let topic = Arc::new(topic);
        let (mut tx, rx) = chan(buffer);
        loop {
            let (entry, _) = self.0.table.find_or_add(&topic, Topic::new);
            match entry.value.add(tx) {
                Ok(()) => return rx,
                Err(back) => tx = back,
            }
            self.0.table.remove(&entry);
        }
    }

    /// Gives a clone of `value` to each subscriber of `topic`, and waits until all have accepted it, or have
    /// left. Tells how many have it: 0 if nobody is subscribed, and then `value` is dropped.
    ///
    /// # Cancellation
    /// Dropping the future withdraws the value from those who have not accepted it; the others have it.
    pub async fn publish<Q>(&self, topic: &Q, value: T) -> usize
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
        T: Clone,
    {
        // Ordering: Relaxed, a count that orders nothing.
        let before = self.0.published.fetch_add(1, Ordering::Relaxed);
        if before.is_multiple_of(PUBLISHED_A_TURN) {
            // Puts that are only tried do not count against the turn's own budget.
            yield_now().await;
        }
        let Some(entry) = self.0.table.find(topic) else {
            return 0;
        };
        let subscribers = entry.value.subscribers();
        let accepted = put_all(&subscribers, value).await;
        if accepted < subscribers.len() {
            entry.value.forget_closed();
        }
        accepted
    }

    /// As [`publish`](Self::publish), blocking the thread.
    pub fn publish_blocking<Q>(&self, topic: &Q, value: T) -> usize
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
        T: Clone,
    {
        block_on(self.publish(topic, value))
    }

    /// Ends all subscriptions to `topic`: they close after what was published. Tells how many were open.
    ///
    /// ```
    /// use csp::Topics;
    /// let bus = Topics::new();
    /// let news = bus.subscribe("news".to_owned(), 1);
    /// bus.publish_blocking("news", 1);
    /// assert_eq!(bus.close("news"), 1);
    /// assert!(news.into_iter().eq([1]));
    /// assert!(bus.is_empty());
    /// ```
    pub fn close<Q>(&self, topic: &Q) -> usize
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let Some(entry) = self.0.table.find(topic) else {
            return 0;
        };
        let subscribers = entry.value.end();
        self.0.table.remove(&entry);
        subscribers.iter().filter(|tx| tx.close()).count()
    }
}

impl<K, T> Default for Topics<K, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, T> Clone for Topics<K, T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K, T> fmt::Debug for Topics<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (topics, subscribers) = self.counts();
        f.debug_struct("Topics")
            .field("topics", &topics)
            .field("subscribers", &subscribers)
            .finish()
    }
}
