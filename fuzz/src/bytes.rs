//! A fuzzer's bytes, read as choices.
#![allow(dead_code, reason = "each of those who share it needs a part")]

/// Bytes that decide. Once they are used up, every choice is the first one.
#[derive(Debug)]
pub(crate) struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    /// A number below `count`.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// One of `choices`.
    pub(crate) fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// Calls `body` with `count` random inputs, each time with the same ones: what a fuzzer does, but for the feedback.
/// `CSP_FUZZ_TIMES=100` makes it that many times as many.
#[cfg(test)]
pub(crate) fn on_random_inputs(count: u64, longest: usize, body: impl Fn(&[u8])) {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move || {
        // xorshift64*
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32
    };
    let times = std::env::var("CSP_FUZZ_TIMES").ok();
    let times: u64 = times.and_then(|times| times.parse().ok()).unwrap_or(1);
    for case in 0..count * times {
        let length = usize::try_from(random()).expect("32 bits") % (longest + 1);
        let input: Vec<u8> = (0..length).map(|_| random().to_le_bytes()[0]).collect();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| body(&input)));
        assert!(caught.is_ok(), "with the random input {case}, {input:?}");
    }
}
