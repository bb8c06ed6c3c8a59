//! Some values, at random.

use std::{
    hash::{BuildHasher, RandomState},
    marker::PhantomData,
};

use super::{Flow, Transducer, common};

/// Lets each value through with some probability: see [`random_sample`].
#[must_use = "a transducer does nothing until it is given values"]
pub struct RandomSample<T> {
    probability: f64,
    /// Of the generator. None until it is first needed, so that clones made before differ.
    state: Option<u64>,
    of: PhantomData<fn(T)>,
}

common::clone!(RandomSample<T>, probability, state);
common::debug!(RandomSample<T>, probability);

/// Lets each value through with the given probability, by itself: 0.0 none, 1.0 all.
///
/// A clone made before the first value decides by itself, one made later goes on as the original does.
///
/// ```text
/// in    1  2  3  4  5  6  |
/// out      2  3        6  |     random_sample(0.5), for example
/// ```
///
/// # Panics
/// If `probability` is not in 0.0 to 1.0.
///
/// ```
/// use csp::prelude::*;
///
/// let some = xf::random_sample(0.1).iter(0..10_000).count();
/// assert!((500..1500).contains(&some));
/// ```
#[track_caller]
pub fn random_sample<T>(probability: f64) -> RandomSample<T> {
    sample(probability, None)
}

/// [`random_sample`] whose decisions depend on the seed alone: the same in every run, and in every clone.
///
/// # Panics
/// If `probability` is not in 0.0 to 1.0.
///
/// ```
/// use csp::prelude::*;
///
/// let some = xf::random_sample_seeded(0.5, 42);
/// assert!(some.clone().iter(0..100).eq(some.iter(0..100)));
/// ```
#[track_caller]
pub fn random_sample_seeded<T>(probability: f64, seed: u64) -> RandomSample<T> {
    sample(probability, Some(seed))
}

#[track_caller]
fn sample<T>(probability: f64, state: Option<u64>) -> RandomSample<T> {
    assert!(
        (0.0..=1.0).contains(&probability),
        "xf::random_sample({probability}): write a probability from 0.0 (none) to 1.0 (all)"
    );
    RandomSample {
        probability,
        state,
        of: PhantomData,
    }
}

impl<T> Transducer for RandomSample<T> {
    type In = T;
    type Out = T;

    #[inline]
    fn step(&mut self, value: T, emit: &mut impl FnMut(T) -> Flow) -> Flow {
        let state = self.state.get_or_insert_with(fresh_seed);
        if next_unit(state) < self.probability {
            emit(value)
        } else {
            Flow::Continue(())
        }
    }
}

#[cold]
fn fresh_seed() -> u64 {
    RandomState::new().hash_one(())
}

/// In 0.0 to 1.0, without 1.0.
fn next_unit(state: &mut u64) -> f64 {
    // As many random bits as an f64 holds exactly.
    let random = split_mix(state) >> (64 - f64::MANTISSA_DIGITS);
    #[expect(
        clippy::cast_precision_loss,
        reason = "it has no more bits than an f64 holds"
    )]
    let (random, all) = (random as f64, (1_u64 << f64::MANTISSA_DIGITS) as f64);
    random / all
}

/// `SplitMix64`, by Steele, Lea and Flood ("Fast splittable pseudorandom number generators", 2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = *state;
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
