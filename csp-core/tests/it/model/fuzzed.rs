//! Sequences from a fuzzer's bytes.

use super::{CHANS, Kind, SLOTS, Step, run};
use crate::bytes::Bytes;

/// Does what the bytes say, as the model does.
pub(crate) fn fuzz(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let kinds = std::array::from_fn(|_| kind(&mut bytes));
    let mut steps = Vec::new();
    while !bytes.is_empty() {
        steps.push(step(&mut bytes));
    }
    run(kinds, &steps);
}

fn kind(bytes: &mut Bytes<'_>) -> Kind {
    match bytes.below(6) {
        0 => Kind::Rendezvous,
        1 => Kind::Fixed(1 + bytes.below(3)),
        2 => Kind::Custom(1 + bytes.below(3)),
        3 => Kind::Sliding(1 + bytes.below(2)),
        4 => Kind::Dropping(1 + bytes.below(2)),
        _ => Kind::Promise,
    }
}

fn step(bytes: &mut Bytes<'_>) -> Step {
    // One byte tells slot, channel and which of the two wakers.
    let (what, place) = (bytes.below(28), bytes.below(256));
    let (slot, on) = (place % SLOTS, place / SLOTS % CHANS);
    let flag = place / SLOTS / CHANS % 2 == 1;
    match what {
        0..=3 => Step::Put(slot, on),
        4..=7 => Step::Take(slot, on),
        8..=11 => Step::Alts {
            slot,
            arms: arms(bytes),
            priority: flag,
        },
        12..=15 => Step::Poll(slot, flag),
        16 | 17 => Step::Drop(slot),
        18 => Step::Withdraw(slot),
        19 => Step::TryPut(on),
        20 => Step::TryTake(on),
        21 => Step::TryAlts(arms(bytes)),
        22 => Step::CloseSender(on),
        23 => Step::CloseReceiver(on),
        24 => Step::Fail(on),
        25 => Step::TakeThen(on),
        26 => Step::PutThen(on),
        _ => Step::Handles(on),
    }
}

fn arms(bytes: &mut Bytes<'_>) -> Vec<(usize, bool)> {
    let arm = |bits: usize| (bits / 2 % CHANS, bits % 2 == 1);
    (0..=bytes.below(6))
        .map(|_| arm(bytes.below(256)))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::bytes::on_random_inputs;

    #[test]
    fn any_bytes_do_what_the_model_does() {
        on_random_inputs(1000, 200, super::fuzz);
    }
}
