//! A map whose keys are compared without its lock.
//!
//! `hash` and `==` of a key are code of the user's. So a key is hashed first, its bucket is read under the
//! lock, and compared without it. To change a bucket is to put another in its place, if it is still
//! the one that was read; else the look begins anew.

use std::{
    borrow::Borrow,
    collections::HashMap,
    fmt,
    hash::{BuildHasher, Hash},
};

use csp_core::context::at_once;

use crate::{
    hashing::Hashing,
    sync::{Arc, Mutex},
};

pub(super) struct Entry<K, V> {
    key: Arc<K>,
    pub(super) value: V,
}

/// The entries whose keys have one and the same hash: nearly always one.
type Bucket<K, V> = Arc<[Arc<Entry<K, V>>]>;

pub(super) struct Table<K, V> {
    hasher: Hashing,
    state: Mutex<State<K, V>>,
    /// Tells, under the lock, that nobody uses an entry any more; it must not be used from then on.
    is_unused: fn(&V) -> bool,
}

struct State<K, V> {
    buckets: HashMap<u64, Bucket<K, V>, Hashing>,
    /// How many buckets there may be before those that nobody uses are looked for.
    sweep_at: usize,
}

/// As many entries are not worth a look.
const FEW: usize = 64;

impl<K, V> Table<K, V> {
    pub(super) fn new(is_unused: fn(&V) -> bool) -> Self {
        Self {
            hasher: Hashing::default(),
            state: Mutex::new(State {
                buckets: HashMap::default(),
                sweep_at: FEW,
            }),
            is_unused,
        }
    }

    fn bucket(&self, hash: u64) -> Option<Bucket<K, V>> {
        self.state.lock().buckets.get(&hash).cloned()
    }

    /// Puts `new` in the place of `old`. `None` if that is not there any more. What it gives is to be
    /// dropped: keys and values of the user's.
    fn replace(
        &self,
        hash: u64,
        old: Option<&Bucket<K, V>>,
        new: Bucket<K, V>,
    ) -> Option<Vec<Bucket<K, V>>> {
        let mut gone = Vec::new();
        let mut state = self.state.lock();
        let is = state.buckets.get(&hash);
        let same = match (is, old) {
            (Some(is), Some(old)) => Arc::ptr_eq(is, old),
            (None, None) => true,
            _ => false,
        };
        if !same {
            return None;
        }
        if state.buckets.len() >= state.sweep_at {
            let unused = |at: &u64, bucket: &mut Bucket<K, V>| *at != hash && self.is_free(bucket);
            let swept = state.buckets.extract_if(unused);
            at_once(|| gone.extend(swept.map(|(_, bucket)| bucket)));
            // So that a look costs a new entry no more than its share.
            let sweep_at = 2 * state.buckets.len().max(FEW);
            state.sweep_at = sweep_at;
            state.buckets.shrink_to(sweep_at);
        }
        if new.is_empty() {
            gone.extend(state.buckets.remove(&hash));
        } else {
            gone.extend(state.buckets.insert(hash, new));
        }
        Some(gone)
    }

    fn is_free(&self, bucket: &Bucket<K, V>) -> bool {
        // All of them, since whoever is told so must go.
        bucket.len() == 1 && (self.is_unused)(&bucket[0].value)
    }

    /// Every value, as it is now.
    pub(super) fn values(&self) -> Vec<Arc<Entry<K, V>>> {
        let state = self.state.lock();
        let buckets = state.buckets.values();
        buckets.flat_map(|bucket| bucket.iter().cloned()).collect()
    }
}

impl<K: Hash + Eq, V> Table<K, V> {
    pub(super) fn find<Q>(&self, key: &Q) -> Option<Arc<Entry<K, V>>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let bucket = self.bucket(self.hasher.hash_one(key))?;
        bucket
            .iter()
            .find(|entry| (*entry.key).borrow() == key)
            .cloned()
    }

    /// The entry of this key, made if there is none; true if it was.
    pub(super) fn find_or_add(
        &self,
        key: &Arc<K>,
        make: impl FnOnce() -> V,
    ) -> (Arc<Entry<K, V>>, bool) {
        let hash = self.hasher.hash_one(&**key);
        let mut old = self.bucket(hash);
        let in_bucket = |bucket: &Option<Bucket<K, V>>| {
            let entries = bucket.iter().flat_map(|bucket| bucket.iter());
            entries.into_iter().find(|entry| entry.key == *key).cloned()
        };
        if let Some(entry) = in_bucket(&old) {
            return (entry, false);
        }
        let entry = Arc::new(Entry {
            key: Arc::clone(key),
            value: make(),
        });
        loop {
            let others = old.iter().flat_map(|bucket| bucket.iter()).cloned();
            let new = others.chain([Arc::clone(&entry)]).collect();
            if let Some(gone) = self.replace(hash, old.as_ref(), new) {
                drop(gone);
                return (entry, true);
            }
            old = self.bucket(hash);
            if let Some(entry) = in_bucket(&old) {
                return (entry, false);
            }
        }
    }

    /// Takes this entry out. False if it is out already.
    pub(super) fn remove(&self, entry: &Arc<Entry<K, V>>) -> bool {
        let hash = self.hasher.hash_one(&*entry.key);
        loop {
            let old = self.bucket(hash);
            let entries = old.iter().flat_map(|bucket| bucket.iter());
            let others = entries.filter(|other| !Arc::ptr_eq(other, entry)).cloned();
            let new: Bucket<K, V> = others.collect();
            if old.as_ref().is_none_or(|old| old.len() == new.len()) {
                return false;
            }
            if let Some(gone) = self.replace(hash, old.as_ref(), new) {
                drop(gone);
                return true;
            }
        }
    }
}

impl<K, V> fmt::Debug for Table<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").finish_non_exhaustive()
    }
}
