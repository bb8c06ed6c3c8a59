//! Sequences from a fuzzer's bytes.

use super::{Kind, SLOTS, Step, run};
use crate::bytes::Bytes;

/// Does what the bytes say, as the model does.
pub(crate) fn fuzz(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let kinds = [kind(&mut bytes), kind(&mut bytes)];
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
    let choice = bytes.below(24);
    let (what, place) = (choice, bytes.below(256));
    let (slot, on, flag) = (place % SLOTS, place / SLOTS % 2, place / SLOTS / 2 % 2 == 1);
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
        _ => Step::CloseReceiver(on),
    }
}

fn arms(bytes: &mut Bytes<'_>) -> Vec<(usize, bool)> {
    let arm = |bits: usize| (bits & 1, bits & 2 != 0);
    let bits = bytes.below(256);
    (0..=(bits >> 6) % 3)
        .map(|n| arm(bits >> (2 * n)))
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
