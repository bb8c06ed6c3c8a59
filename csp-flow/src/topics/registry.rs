//! Channels that are found by a name.

use std::{borrow::Borrow, fmt, hash::Hash};

use csp_core::{Buffer, chan};

use super::table::Table;
use crate::{Duplex, sync::Arc};

/// Channels that are found by a name: the same name, the same channel, until it closes. Lamina's
/// `named-channel`.
///
/// Unlike the subscribers of [`Topics`](super::Topics), those who take from a named channel compete: it is a
/// channel like any other, only that nobody needs to hand it on. The registry holds both ends. So a
/// channel stays while nobody else has it, and keeps what was put.
///
/// * **Closing.** When the channel has been closed, from either end, its name is free: who asks next gets
///   a new one. Whoever has a receiver of the old one can take what is left in it. Entries of
///   closed channels go when others come.
/// * **[`release`](Self::release)** forgets a channel without closing it. Dropping the last handle of the
///   registry forgets all.
///
/// ```
/// use csp::{Registry, prelude::*};
///
/// let registry = Registry::new();
/// let jobs = registry.named("jobs", 8, |_| {});
/// jobs.tx.put_blocking(1)?;
/// drop(jobs);
/// let same = registry.named("jobs", 8, |_| unreachable!("it is there"));
/// assert_eq!(same.rx.take_blocking(), Some(1));
/// # Ok::<(), Closed<i32>>(())
/// ```
pub struct Registry<K, T> {
    table: Arc<Table<K, Duplex<T>>>,
}

impl<K, T> Registry<K, T> {
    /// A registry without channels.
    pub fn new() -> Self {
        Self {
            table: Arc::new(Table::new(|channel| channel.tx.is_closed())),
        }
    }

    /// How many channels it has that are open.
    pub fn len(&self) -> usize {
        let all = self.table.values();
        all.iter()
            .filter(|entry| !entry.value.tx.is_closed())
            .count()
    }

    /// True if it has no channel that is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<K: Hash + Eq, T> Registry<K, T> {
    /// Both ends of the channel of this name. If there is none, or it was closed, it is made, with this
    /// buffer, and `on_create` is called with it, once.
    ///
    /// Others may find the channel while `on_create` runs. It runs on the caller's stack, without a lock; a
    /// panic of it unwinds into the caller, and leaves the channel there.
    #[track_caller]
    pub fn named(
        &self,
        name: K,
        buffer: impl Into<Buffer<T>>,
        on_create: impl FnOnce(&Duplex<T>),
    ) -> Duplex<T> {
        let buffer = buffer.into();
        let (tx, rx) = chan(buffer);
        let name = Arc::new(name);
        let fresh = Duplex::splice(rx, tx);
        loop {
            let (entry, is_new) = self.table.find_or_add(&name, || fresh.clone());
            if is_new {
                on_create(&entry.value);
                return entry.value.clone();
            }
            if !entry.value.tx.is_closed() {
                return entry.value.clone();
            }
            self.table.remove(&entry);
        }
    }

    /// The channel of this name, if it is there and open.
    pub fn get<Q>(&self, name: &Q) -> Option<Duplex<T>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let entry = self.table.find(name)?;
        Some(entry.value.clone()).filter(|channel| !channel.tx.is_closed())
    }

    /// Forgets the channel of this name, and gives its ends: dropped, they close it, if nobody else has it.
    ///
    /// ```
    /// use csp::{Registry, prelude::*};
    /// let registry = Registry::new();
    /// let old = registry.named("jobs", 1, |_| {});
    /// old.tx.put_blocking(1)?;
    /// let released = registry.release("jobs").unwrap();
    /// assert_eq!(released.rx.take_blocking(), Some(1));
    /// assert!(registry.get("jobs").is_none());
    /// # Ok::<(), Closed<i32>>(())
    /// ```
    pub fn release<Q>(&self, name: &Q) -> Option<Duplex<T>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let entry = self.table.find(name)?;
        self.table.remove(&entry).then(|| entry.value.clone())
    }
}

impl<K, T> Default for Registry<K, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, T> Clone for Registry<K, T> {
    fn clone(&self) -> Self {
        Self {
            table: Arc::clone(&self.table),
        }
    }
}

impl<K, T> fmt::Debug for Registry<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("channels", &self.len())
            .finish()
    }
}
