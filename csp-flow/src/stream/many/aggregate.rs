//! Maps of what came with each key.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    hash::Hash,
    mem,
};

use csp_core::xf::{Flow, Then, Transducer};

use super::super::Stream;

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Puts values together into maps by their key. A map is given when a key comes that it has already, or
    /// when it has all keys that ever came.
    ///
    /// ```text
    /// source  a1    b2 c3 a4           b5 b6         |
    /// out     {a1}        {a4 b2 c3}      {b5}   {b6}|     aggregate(letter)
    /// ```
    ///
    /// At the end comes what is there, then the end. It remembers the keys for that, so there should not be
    /// new ones for ever. Back pressure, ends and panics are as for [`apply`](Self::apply), which it is.
    ///
    /// ```
    /// use csp::prelude::*;
    /// use std::collections::HashMap;
    /// let readings = [("a", 1), ("b", 2), ("a", 3), ("b", 4)];
    /// let maps = csp::stream(csp::to_chan(readings)).aggregate(|&(name, _)| name).chan(0);
    /// let last = maps.into_iter().last().unwrap();
    /// assert_eq!(last, HashMap::from([("b", ("b", 4))]));
    /// ```
    ///
    /// The end of Lamina's `distribute-aggregate`. Its other half is [`group_by`](Self::group_by), with a
    /// [`merge`](super::merge()) behind the groups.
    #[doc(alias = "distribute-aggregate")]
    #[expect(
        clippy::type_complexity,
        reason = "it is no worse than those of iterators"
    )]
    pub fn aggregate<K, F>(self, key: F) -> Stream<Then<X, Aggregate<X::Out, K, F>>>
    where
        K: Hash + Eq + Clone + Send + 'static,
        F: FnMut(&X::Out) -> K + Send + 'static,
    {
        self.apply(Aggregate {
            key,
            seen: HashSet::new(),
            map: HashMap::new(),
        })
    }
}

/// Gives maps of what came with each key: see [`Stream::aggregate`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct Aggregate<T, K, F> {
    key: F,
    seen: HashSet<K>,
    map: HashMap<K, T>,
}

impl<T, K, F> Transducer for Aggregate<T, K, F>
where
    K: Hash + Eq + Clone,
    F: FnMut(&T) -> K,
{
    type In = T;
    type Out = HashMap<K, T>;

    fn step(&mut self, value: T, emit: &mut impl FnMut(Self::Out) -> Flow) -> Flow {
        let key = (self.key)(&value);
        if self.map.contains_key(&key) {
            self.complete(emit)?;
        }
        self.seen.insert(key.clone());
        self.map.insert(key, value);
        if self.map.len() == self.seen.len() {
            self.complete(emit)?;
        }
        Flow::Continue(())
    }

    fn complete(&mut self, emit: &mut impl FnMut(Self::Out) -> Flow) -> Flow {
        if self.map.is_empty() {
            return Flow::Continue(());
        }
        emit(mem::take(&mut self.map))
    }
}

impl<T, K, F> fmt::Debug for Aggregate<T, K, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aggregate")
            .field("keys", &self.seen.len())
            .field("held", &self.map.len())
            .finish_non_exhaustive()
    }
}
