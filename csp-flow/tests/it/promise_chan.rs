//! promise_chan
