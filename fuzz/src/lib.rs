//! The targets of the fuzzer.
//!
//! Their bodies stand with the crates' own tests, which run them on fixed inputs. They are compiled here once
//! more, at the paths that they have there, since a fuzzer can call neither a procedural macro nor a test.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "the tests use more of these modules"
)]

#[path = "../../csp-macros/src"]
mod macros {
    pub(crate) mod alt;
    pub(crate) mod alts;
    pub(crate) mod call;
    pub(crate) mod errors;
    pub(crate) mod flow;
    pub(crate) mod fuzz;
    pub(crate) mod go;
    pub(crate) mod op;
    pub(crate) mod tokens;
}

#[path = "../../csp-core/tests/it"]
#[allow(unused_imports, reason = "tests use them")]
mod it {
    pub(crate) mod custom;
    pub(crate) mod model;
    pub(crate) mod util;
    pub(crate) mod xform_model;
    pub(crate) mod xform_reference;
}

#[path = "../../csp-flow/tests/promise_fuzz"]
mod flow_tests {
    pub(crate) mod promise;
}

mod bytes;

use flow_tests::promise;
use it::{custom, model, util, xform_model, xform_reference};
use macros::{alt, alts, call, errors, flow, fuzz, go, op, tokens};

use fuzz::Target;

/// What comes out of `go!`.
pub fn go_target(data: &[u8]) {
    Target::Go.run(data);
}

/// What comes out of `alt!`.
pub fn alt_target(data: &[u8]) {
    Target::Alt.run(data);
}

/// What comes out of `alts!`.
pub fn alts_target(data: &[u8]) {
    Target::Alts.run(data);
}

/// What comes out of `flow!`.
pub fn flow_target(data: &[u8]) {
    Target::Flow.run(data);
}

/// Operations on two channels, against the model.
pub fn channel_target(data: &[u8]) {
    model::fuzzed::fuzz(data);
}

/// Operations on a channel with a transducer, against the model.
pub fn transducer_target(data: &[u8]) {
    xform_model::fuzzed::fuzz(data);
}

/// Operations on a promise, against the model.
pub fn promise_target(data: &[u8]) {
    promise::fuzz(data);
}
