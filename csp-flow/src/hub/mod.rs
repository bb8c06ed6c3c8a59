//! One channel to many subscribers, each of which gets every value.

mod block;
mod options;
mod subs;

use std::{convert::Infallible, fmt, panic::resume_unwind};

use csp_core::{Buffer, Receiver, Sender, chan};
use csp_sched::go;

pub use self::options::{HubOptions, Severed, SlowConsumer};
use self::{block::Block, subs::Sub};
use crate::{
    block::{cancelled, caught, changes, panicked},
    sync::{
        Arc, Mutex,
        plain::atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

const NAME: &str = "the hub";

/// Gives every value of a channel to each of its *subscribers*, who come and go as they like. Made by
/// [`hub`] and [`hub_with`].
///
/// ```text
/// source   1 2     3     4 5 |
/// a        1 2     3
///                    ^ left: nobody is there, so 4 and 5 wait
/// b                          4 5 |      subscribed after that
/// ```
///
/// It is what a channel of Lamina's is: whoever listens hears everything, and while nobody listens,
/// values are kept. A [`Mult`](crate::Mult) is core.async's form of it, which drops them then.
///
/// * **Nothing is lost.** Values are taken from the source only while somebody subscribes; else they
///   stay there, and back pressure tells the putters. A value that was on its way when the last
///   subscriber left is held for the next one, or [given back](Self::take_rest) if the hub ends.
/// * **Taps** only look on: they get what subscribers get, and the hub takes no value for them. (While there
///   are taps alone one value waits in the hub, since it must learn when the source ends.)
/// * **Back pressure.** A value goes to all at the same time, and the next is taken when everybody has
///   accepted it: the slowest governs. A buffer lets one lag behind; [`SlowConsumer`] tells what
///   else can be done about it, for each subscriber.
/// * **Leaving.** Drop or close the receiver. It is noticed at once, also while the hub waits for a value
///   or for room, and concerns nobody else.
/// * **Closing down.** When the source has ended, and everything was delivered, subscribers and taps
///   close; if it [failed](Sender::fail), they fail with the same cause. Who comes after that is closed at
///   once.
/// * **Closing up.** The hub stays when its last subscriber leaves, but for
///   [`close_on_last`](HubOptions::close_on_last). Then it lets go of the source, which closes if nobody else
///   takes from it, and taps close, after the value that they were given last. The same comes to pass when also the last handle is gone, since
///   nobody can come any more. Clones are handles of the same hub.
/// * **Panics.** If a `clone` of a value panics, all fail with the message, and the hub ends. If its runtime
///   shuts down, they fail as well. If a subscriber's own buffer policy panics, that one alone fails.
///
/// One go block serves everybody. A value is cloned for all but the last, who gets the value itself.
///
/// ```
/// use csp::prelude::*;
///
/// let (news, source) = chan(8);
/// let hub = csp::hub(source);
/// news.put_blocking("kept")?; // nobody is there yet
/// let (a, b) = (hub.subscribe(8), hub.subscribe(8));
/// assert_eq!(a.take_blocking(), Some("kept"));
/// drop(a);
/// news.put_blocking("for b alone")?;
/// drop(news);
/// assert_eq!(b.into_iter().last(), Some("for b alone"));
/// # Ok::<(), Closed<&str>>(())
/// ```
pub struct Hub<T> {
    joins: Sender<Sub<T>>,
    /// Carries nothing: it closes with the hub, and tells why.
    end: Receiver<Infallible>,
    shared: Arc<Shared<T>>,
}

/// What block and handles both know.
struct Shared<T> {
    name: Option<Arc<str>>,
    subscribers: AtomicUsize,
    taps: AtomicUsize,
    delivered: AtomicU64,
    /// The values that nobody was there for at the end.
    rest: Mutex<Vec<T>>,
}

// Ordering: of all of these, Relaxed. They are counts to be looked at, and order nothing.
impl<T> Shared<T> {
    fn count(&self, (subscribers, taps): (usize, usize)) {
        self.subscribers.store(subscribers, Ordering::Relaxed);
        self.taps.store(taps, Ordering::Relaxed);
    }

    fn one_more(&self) {
        self.delivered.fetch_add(1, Ordering::Relaxed);
    }

    fn leave(&self, rest: impl IntoIterator<Item = T>) {
        self.rest.lock().extend(rest);
    }
}

/// A [`Hub`] of `source`: keeps values while nobody subscribes, stays when the last one leaves, and
/// replays nothing.
///
/// ```
/// use csp::prelude::*;
/// let (numbers, source) = chan(0);
/// let hub = csp::hub(source);
/// let both = [hub.subscribe(2), hub.subscribe(2)];
/// for n in 1..=2 { numbers.put_blocking(n)?; }
/// drop(numbers);
/// for rx in both { assert!(rx.into_iter().eq([1, 2])); }
/// # Ok::<(), Closed<i32>>(())
/// ```
#[track_caller]
pub fn hub<T>(source: Receiver<T>) -> Hub<T>
where
    T: Clone + Send + 'static,
{
    hub_with(source, HubOptions::default())
}

/// As [`hub`]; `options` say how many values are replayed, how many subscribers it begins with, and whether
/// it ends when the last one leaves.
///
/// ```
/// use csp::{HubOptions, prelude::*};
/// let (numbers, source) = chan(0);
/// let options = HubOptions { replay: 2, close_on_last: true, ..HubOptions::default() };
/// let hub = csp::hub_with(source, options);
/// let first = hub.subscribe(9);
/// for n in 1..=5 { numbers.put_blocking(n)?; }
/// assert!(first.iter_blocking().take(5).eq(1..=5));
/// let second = hub.subscribe(0);
/// assert!(second.iter_blocking().take(2).eq([4, 5]));
/// drop((first, second));
/// csp::block_on(numbers.closed());
/// # Ok::<(), Closed<i32>>(())
/// ```
#[track_caller]
pub fn hub_with<T>(source: Receiver<T>, options: HubOptions) -> Hub<T>
where
    T: Clone + Send + 'static,
{
    let (joins_tx, joins) = changes();
    let (end_tx, end) = chan(0);
    let shared = Arc::new(Shared {
        name: options.name.clone().or_else(|| source.name()),
        subscribers: AtomicUsize::new(0),
        taps: AtomicUsize::new(0),
        delivered: AtomicU64::new(0),
        rest: Mutex::new(Vec::new()),
    });
    let cause = cancelled(NAME);
    let mut block = Block::new(joins, options, Arc::clone(&shared), end_tx, cause);
    drop(go(async move {
        let ran = caught(block.run(&source)).await;
        block.let_go(&source);
        block.end_with(match &ran {
            Ok(()) => source.failure(),
            Err(payload) => Some(panicked(NAME, payload)),
        });
        if let Err(payload) = ran {
            resume_unwind(payload);
        }
    }));
    Hub {
        joins: joins_tx,
        end,
        shared,
    }
}

impl<T> Hub<T> {
    /// Every value from now on, after those that are [replayed](HubOptions::replay).
    ///
    /// "From now on" begins with the next value that is taken from the source: one that is put into the
    /// source after this call is among them. Dropping the receiver ends the subscription.
    #[must_use = "dropping the receiver ends the subscription"]
    #[track_caller]
    pub fn subscribe(&self, buffer: impl Into<Buffer<T>>) -> Receiver<T> {
        self.add(buffer.into(), true, SlowConsumer::Backpressure)
    }

    /// As [`subscribe`](Self::subscribe), with a buffer of `n` values; `slow` says what becomes of this
    /// subscriber when it is full.
    ///
    /// ```
    /// use csp::{Local, Severed, SlowConsumer, prelude::*};
    ///
    /// let local = Local::virtual_time();
    /// local.run_until(async {
    ///     let (numbers, source) = chan(0);
    ///     let hub = csp::hub(source);
    ///     let quick = hub.subscribe(9);
    ///     let asleep = hub.subscribe_with(1, SlowConsumer::Sever(secs(5)));
    ///     for n in 1..=3 { put!(numbers, n).unwrap(); }
    ///     drop(numbers);
    ///     for n in 1..=3 { assert_eq!(take!(quick), Some(n)); }
    ///     // 2 waited for five seconds.
    ///     assert_eq!((take!(asleep), take!(asleep)), (Some(1), None));
    ///     assert!(asleep.failure().unwrap().is::<Severed>());
    /// });
    /// ```
    ///
    /// # Panics
    /// If `n` is 0 and `slow` is `Drop` or `Slide`, which would keep nothing; if the time of `Sever` is zero.
    #[must_use = "dropping the receiver ends the subscription"]
    #[track_caller]
    pub fn subscribe_with(&self, n: usize, slow: SlowConsumer) -> Receiver<T> {
        self.add(slow.buffer(n), true, slow)
    }

    /// What subscribers get, for somebody who only looks on: the hub takes no value for a tap, nor stays
    /// for it. Lamina's `tap`.
    ///
    /// It exerts back pressure as a subscriber does; give it a [`sliding`](csp_core::sliding) buffer if it is
    /// not to.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let (numbers, source) = chan(3);
    /// let hub = csp::hub(source);
    /// let log = hub.tap(9);
    /// for n in 1..=3 { numbers.put_blocking(n)?; }
    /// drop(numbers);
    /// assert!(hub.subscribe(0).into_iter().eq([1, 2, 3]));
    /// assert!(log.into_iter().eq([1, 2, 3]));
    /// # Ok::<(), Closed<i32>>(())
    /// ```
    #[must_use = "dropping the receiver ends the tap"]
    #[track_caller]
    pub fn tap(&self, buffer: impl Into<Buffer<T>>) -> Receiver<T> {
        self.add(buffer.into(), false, SlowConsumer::Backpressure)
    }

    #[track_caller]
    fn add(&self, buffer: Buffer<T>, counts: bool, slow: SlowConsumer) -> Receiver<T> {
        let (tx, rx) = chan(buffer);
        let sub = Sub {
            tx,
            counts,
            limit: slow.limit(),
        };
        if let Err(refused) = self.joins.try_put(sub) {
            refused.into_inner().end(self.end.failure().as_ref());
        }
        rx
    }

    /// A hub of its own that subscribes to this one: Lamina's `fork`.
    ///
    /// Its subscribers come and go without this hub's knowing; when it ends, that is one subscriber
    /// less here. When this hub ends or fails, so does the fork. While nobody subscribes to it, it
    /// holds as many values as the buffer has room for, and one more, and then back pressure reaches this
    /// hub.
    ///
    /// ```
    /// use csp::prelude::*;
    /// let (numbers, source) = chan(3);
    /// let hub = csp::hub(source);
    /// let fork = hub.fork(3);
    /// for n in 1..=3 { numbers.put_blocking(n)?; }
    /// drop(numbers);
    /// assert!(fork.subscribe(0).into_iter().eq([1, 2, 3]));
    /// # Ok::<(), Closed<i32>>(())
    /// ```
    #[must_use = "a fork that is dropped leaves at once"]
    #[track_caller]
    pub fn fork(&self, buffer: impl Into<Buffer<T>>) -> Self
    where
        T: Clone + Send + 'static,
    {
        let options = HubOptions {
            name: self.shared.name.clone(),
            ..HubOptions::default()
        };
        hub_with(self.subscribe(buffer), options)
    }

    /// The hub's name, or its source's.
    pub fn name(&self) -> Option<Arc<str>> {
        self.shared.name.clone()
    }

    /// True once it has ended: nobody gets a value any more.
    pub fn is_ended(&self) -> bool {
        self.end.is_closed()
    }

    /// The values that had been put and that nobody was there for when the hub [ended](Self::is_ended), in
    /// order, once: the one that was on its way, and what was left in the source, if nobody else takes from
    /// that.
    ///
    /// There can be some after [`close_on_last`](HubOptions::close_on_last), or after a panic.
    pub fn take_rest(&self) -> Vec<T> {
        std::mem::take(&mut *self.shared.rest.lock())
    }
}

impl<T> Clone for Hub<T> {
    fn clone(&self) -> Self {
        Self {
            joins: self.joins.clone(),
            end: self.end.clone(),
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<T> fmt::Debug for Hub<T> {
    /// The counts are those of the last time that the hub looked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = &*self.shared;
        let mut out = f.debug_struct("Hub");
        if let Some(name) = &shared.name {
            out.field("name", name);
        }
        // Ordering: see `Shared`.
        out.field("subscribers", &shared.subscribers.load(Ordering::Relaxed))
            .field("taps", &shared.taps.load(Ordering::Relaxed))
            .field("delivered", &shared.delivered.load(Ordering::Relaxed))
            .field("ended", &self.is_ended())
            .finish_non_exhaustive()
    }
}
