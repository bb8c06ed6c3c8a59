//! The tests of csp-core that need no executor: futures polled by hand, `block_on`, and threads.
//!
//! Numbers such as `GO-041` and `CA-195` name the behaviours of Go and core.async that a test checks.
#![allow(
    clippy::too_many_lines,
    clippy::similar_names,
    clippy::items_after_statements,
    clippy::needless_for_each,
    clippy::needless_pass_by_value,
    reason = "a test reads best from top to bottom, each step on its line; tx and rx are the field's \
              names; ends of channels are given away"
)]

mod alt_macro;
mod alt_set;
mod alts;
mod blocking;
mod buffers;
#[path = "../../../fuzz/src/bytes.rs"]
mod bytes;
mod callbacks;
mod cancel;
mod chan;
mod close;
mod counts;
mod custom;
mod library;
mod model;
mod odd_panics;
mod payload;
mod probes;
mod put_all;
mod put_all_hostile;
mod put_all_model;
mod put_all_stress;
mod put_all_told;
mod put_all_wait;
mod released;
mod select;
#[cfg(feature = "futures")]
mod stream;
mod stress;
mod stress_cancel;
mod text;
mod util;
mod xf;
mod xf_laws;
mod xf_rules;
mod xf_uses;
mod xform;
mod xform_crowd;
mod xform_ends;
mod xform_hostile;
mod xform_model;
mod xform_policies;
mod xform_reference;
mod xform_util;
