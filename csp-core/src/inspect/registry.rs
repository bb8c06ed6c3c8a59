//! Tables by number, of things that many threads make and end.

use std::collections::BTreeMap;

use crate::sync::{Guard, Mutex};

/// So many parts has each, with a lock of its own.
#[cfg(not(csp_loom))]
const SHARDS: usize = 16;
#[cfg(csp_loom)]
const SHARDS: usize = 1;

type Shard<K, V> = BTreeMap<K, V>;

/// A table in parts. Numbers are given out in order, so new entries are appended, which is cheap.
pub(super) struct Registry<K, V>([Mutex<Shard<K, V>>; SHARDS]);

impl<K: Ord, V> Registry<K, V> {
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(BTreeMap::new())))
    }

    /// The part where `number` belongs.
    pub(super) fn lock(&self, number: u64) -> Guard<'_, Shard<K, V>> {
        self.0[usize::try_from(number).unwrap_or(0) % SHARDS].lock()
    }

    pub(super) fn shards(&self) -> impl Iterator<Item = &Mutex<Shard<K, V>>> {
        self.0.iter()
    }
}

/// Makes a registry that is there from the first use on; one for each execution of a model.
macro_rules! registry {
    ($name:ident: $key:ty => $value:ty) => {
        #[cfg(not(csp_loom))]
        static $name: crate::sync::plain::LazyLock<
            crate::inspect::registry::Registry<$key, $value>,
        > = crate::sync::plain::LazyLock::new(crate::inspect::registry::Registry::new);
        #[cfg(csp_loom)]
        loom::lazy_static! {
            static ref $name: crate::inspect::registry::Registry<$key, $value> =
                crate::inspect::registry::Registry::new();
        }
    };
}
pub(super) use registry;
