//! The go block of a publication.

use std::{
    collections::{HashMap, hash_map::Entry},
    convert::Infallible,
    hash::Hash,
};

use csp_core::{Buffer, Cause, Receiver, Sender, TryTakeError, alt, chan, park, take};
use csp_sched::yield_now;

use super::NAME;
use crate::{
    AtEnd,
    block::{PUTS_A_TURN, cancelled},
    fan::{Fan, First, Tap, Taps, first},
    hashing::Hashing,
    mult::{Mult, mult},
};

/// What a handle asks for.
pub(super) enum Change<K, T> {
    Sub(K, Tap<T>),
    Unsub(K, Sender<T>),
    UnsubTopic(K),
    UnsubAll,
}

/// The state of the block. Its drop ends the subscribers, however it comes to it.
pub(super) struct Block<K, T, B>
where
    K: Eq + Hash,
{
    topics: HashMap<K, Topic<T>, Hashing>,
    /// How many topics there were when all of them were last looked through.
    looked_through: usize,
    changes: Receiver<Change<K, T>>,
    /// There are handles.
    open: bool,
    buffer_fn: B,
    end: Sender<Infallible>,
    cause: Option<Cause>,
}

impl<K, T, B, R> Block<K, T, B>
where
    K: Eq + Hash,
    T: Clone + Send + 'static,
    B: FnMut(&K) -> R,
    R: Into<Buffer<T>>,
{
    pub(super) async fn run(&mut self, source: &Receiver<T>, mut topic_fn: impl FnMut(&T) -> K) {
        let (mut puts, mut since_look) = (0, 0);
        while let Some(value) = self.next(source).await {
            self.look();
            let topic = topic_fn(&value);
            puts += 1 + self.publish(topic, value).await;
            if puts >= PUTS_A_TURN {
                since_look += puts;
                puts = 0;
                yield_now().await;
                // (Not more often: a look costs as much as there are topics.)
                if !self.open && since_look >= self.topics.len() {
                    since_look = 0;
                    self.look_through();
                }
            }
        }
    }

    /// The next value. `None`: none comes any more, or nobody can want one.
    async fn next(&mut self, source: &Receiver<T>) -> Option<T> {
        loop {
            self.look();
            if !self.open && self.topics.is_empty() {
                return None;
            }
            match source.try_take() {
                Ok(value) => return Some(value),
                Err(TryTakeError::Closed) => return None,
                Err(TryTakeError::Empty) => {}
            }
            if self.open {
                alt! {
                    priority;
                    value = take!(source) => return value,
                    change = take!(self.changes) => self.apply(change),
                }
            } else {
                // Nobody subscribes any more: when all have closed, it is over.
                let sub = self.topics.values().find_map(|topic| topic.subs.open())?;
                let sub = sub.clone();
                alt! {
                    priority;
                    value = take!(source) => return value,
                    () = park!(sub.closed()) => self.look_through(),
                }
            }
        }
    }

    /// Puts a value to those who are subscribed to its topic, and waits until all have it or are gone.
    /// Tells how many there were.
    async fn publish(&mut self, topic: K, value: T) -> usize {
        let Some(found) = self.topics.get(&topic) else {
            return 0;
        };
        if found.subs.open().is_none() {
            self.topics.remove(&topic);
            return 0;
        }
        let targets = found.targets().clone();
        let mut fan = Fan::new();
        fan.offer(targets.iter().map(|tap| &tap.tx), value);
        while fan.is_waiting() {
            if !self.open {
                fan.settled().await;
            } else if let First::B(change) = first(fan.settled(), self.changes.take()).await {
                self.apply(change);
                let found = self.topics.get(&topic);
                fan.keep(|tx| found.is_some_and(|found| found.targets().has(tx)));
            }
        }
        if fan.refused() > 0 {
            self.forget_closed(&topic);
        }
        targets.len()
    }

    /// Looks whether handles have asked for something.
    fn look(&mut self) {
        while self.open {
            match self.changes.try_take() {
                Ok(change) => self.apply(Some(change)),
                Err(TryTakeError::Closed) => self.apply(None),
                Err(TryTakeError::Empty) => return,
            }
        }
    }

    fn apply(&mut self, change: Option<Change<K, T>>) {
        match change {
            Some(Change::Sub(topic, tap)) => self.sub(topic, tap),
            Some(change) => self.apply_plainly(change),
            None => {
                // The last handle is gone.
                self.open = false;
                self.look_through();
            }
        }
    }

    fn sub(&mut self, topic: K, tap: Tap<T>) {
        // A topic whose subscribers have closed, and that no value comes for, is found only so.
        if self.topics.len() >= 2 * self.looked_through + 16 {
            self.look_through();
        }
        match self.topics.entry(topic) {
            Entry::Occupied(mut found) => found.get_mut().add(tap),
            Entry::Vacant(none) => {
                // Should `buffer_fn` panic, the tap is in its place already.
                let mut made = none.insert_entry(Topic::of(tap));
                let (tx, rx) = chan((self.buffer_fn)(made.key()));
                if tx.capacity() > 0 {
                    made.get_mut().relay(tx, rx);
                }
            }
        }
    }
}

impl<K, T, B> Block<K, T, B>
where
    K: Eq + Hash,
{
    pub(super) fn new(
        changes: Receiver<Change<K, T>>,
        end: Sender<Infallible>,
        buffer_fn: B,
    ) -> Self {
        Self {
            topics: HashMap::default(),
            looked_through: 0,
            changes,
            open: true,
            buffer_fn,
            end,
            cause: Some(cancelled(NAME)),
        }
    }

    /// Nothing more comes, perhaps for a reason.
    pub(super) fn end_with(mut self, cause: Option<Cause>) {
        self.cause = cause;
    }

    /// Without a buffer for a new topic.
    fn apply_plainly(&mut self, change: Change<K, T>) {
        match change {
            Change::Sub(topic, tap) => match self.topics.entry(topic) {
                Entry::Occupied(mut found) => found.get_mut().add(tap),
                Entry::Vacant(none) => {
                    none.insert(Topic::of(tap));
                }
            },
            Change::Unsub(topic, tx) => {
                if let Some(found) = self.topics.get_mut(&topic) {
                    found.remove(&tx);
                    self.forget_closed(&topic);
                }
            }
            Change::UnsubTopic(topic) => {
                if let Some(found) = self.topics.remove(&topic) {
                    found.dissolve();
                }
            }
            Change::UnsubAll => {
                for (_, topic) in self.topics.drain() {
                    topic.dissolve();
                }
            }
        }
    }

    /// A put to this topic found a channel closed.
    fn forget_closed(&mut self, topic: &K) {
        if let Some(found) = self.topics.get_mut(topic)
            && !found.forget_closed()
        {
            self.topics.remove(topic);
        }
    }

    fn look_through(&mut self) {
        self.topics.retain(|_, topic| topic.forget_closed());
        self.looked_through = self.topics.len();
    }
}

impl<K, T, B> Drop for Block<K, T, B>
where
    K: Eq + Hash,
{
    fn drop(&mut self) {
        // In this order: a handle that is turned away looks why.
        match &self.cause {
            Some(cause) => self.end.fail(cause.clone()),
            None => self.end.close(),
        };
        self.changes.close();
        while let Ok(change) = self.changes.try_take() {
            self.apply_plainly(change);
        }
        for topic in self.topics.values() {
            // What stands in the topic's own buffer comes before the end.
            for tap in topic.targets().iter() {
                tap.end(self.cause.as_ref());
            }
        }
    }
}

struct Topic<T> {
    subs: Taps<T>,
    relay: Option<Relay<T>>,
}

/// A topic with a buffer of its own: values go into that, and a mult gives them to the subscribers.
struct Relay<T> {
    into: Taps<T>,
    mult: Mult<T>,
}

impl<T> Topic<T> {
    fn of(tap: Tap<T>) -> Self {
        Self {
            subs: Taps::of(tap),
            relay: None,
        }
    }

    fn relay(&mut self, tx: Sender<T>, rx: Receiver<T>)
    where
        T: Clone + Send + 'static,
    {
        let mult = mult(rx);
        for tap in self.subs.iter().cloned() {
            mult.tap_with(tap.tx, tap.at_end);
        }
        let at_end = AtEnd::Close;
        let into = Taps::of(Tap { tx, at_end });
        self.relay = Some(Relay { into, mult });
    }

    /// Where its values are put.
    fn targets(&self) -> &Taps<T> {
        self.relay.as_ref().map_or(&self.subs, |relay| &relay.into)
    }

    fn add(&mut self, tap: Tap<T>) {
        if let Some(relay) = &self.relay {
            relay.mult.tap_with(tap.tx.clone(), tap.at_end);
        }
        self.subs.add(tap);
    }

    fn remove(&mut self, tx: &Sender<T>) {
        if let Some(relay) = &self.relay {
            relay.mult.untap(tx);
        }
        self.subs.remove(tx);
    }

    /// Nobody is subscribed any more.
    fn dissolve(self) {
        if let Some(relay) = self.relay {
            relay.mult.untap_all();
        }
    }

    /// False if the topic can go: nobody is left, or its mult is not.
    fn forget_closed(&mut self) -> bool {
        self.subs.forget_closed();
        !self.subs.is_empty() && self.targets().open().is_some()
    }
}
