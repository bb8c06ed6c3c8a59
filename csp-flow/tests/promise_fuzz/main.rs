//! Sequences of operations on a promise against a plain model, from bytes that a fuzzer may choose.

#[path = "../../../fuzz/src/bytes.rs"]
mod bytes;
mod promise;

#[test]
fn any_bytes_do_what_the_model_does() {
    bytes::on_random_inputs(20_000, 60, promise::fuzz);
}
