//! One channel to many taps.
