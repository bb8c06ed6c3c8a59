#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| csp_fuzz::channel_target(data));
