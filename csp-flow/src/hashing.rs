//! How keys are hashed: at random, but in a simulation.

use std::hash::{BuildHasher, DefaultHasher, RandomState};

/// As std's `RandomState`, so that nobody who chooses the keys can make them collide. In a simulation the same in each
/// run, since the order of a map follows from it.
#[derive(Debug, Clone)]
pub(crate) struct Hashing(Option<RandomState>);

impl Default for Hashing {
    fn default() -> Self {
        Self((!csp_core::context::is_simulated()).then(RandomState::new))
    }
}

impl BuildHasher for Hashing {
    type Hasher = DefaultHasher;

    fn build_hasher(&self) -> DefaultHasher {
        match &self.0 {
            Some(random) => random.build_hasher(),
            None => DefaultHasher::new(),
        }
    }
}
