//! Sequences from a fuzzer's bytes.

use super::{Buf, Kind, SLOTS, Side, Step, run};
use crate::bytes::Bytes;

/// Does what the bytes say, as the model does.
pub(crate) fn fuzz(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let (buf, kind) = (buf(&mut bytes), kind(&mut bytes));
    let mut steps = Vec::new();
    while !bytes.is_empty() {
        steps.push(step(&mut bytes));
    }
    run(buf, kind, &steps);
}

fn buf(bytes: &mut Bytes<'_>) -> Buf {
    match bytes.below(5) {
        0 => Buf::Fixed(1 + bytes.below(3)),
        1 => Buf::Custom(bytes.below(4)),
        2 => Buf::Sliding(1 + bytes.below(2)),
        3 => Buf::Dropping(1 + bytes.below(2)),
        _ => Buf::Promise,
    }
}

fn kind(bytes: &mut Bytes<'_>) -> Kind {
    match bytes.below(7) {
        0 => Kind::Identity,
        1 => Kind::Odd,
        2 => Kind::Copies,
        3 => Kind::Groups(1 + bytes.below(3)),
        4 => Kind::First(1 + bytes.below(8)),
        5 => Kind::Panics,
        _ => Kind::PanicsAtTheEnd,
    }
}

fn step(bytes: &mut Bytes<'_>) -> Step {
    let (what, place) = (bytes.below(24), bytes.below(2 * SLOTS));
    let slot = place % SLOTS;
    let side = if place < SLOTS { Side::Put } else { Side::Take };
    match what {
        0..=4 => Step::Start(slot, side),
        5 | 6 => Step::StartAlts(slot, side),
        7 => Step::ChooseOther(slot),
        8..=11 => Step::Poll(slot),
        12 | 13 => Step::Drop(slot),
        14 => Step::Withdraw(slot),
        15 => Step::Then(side),
        16..=18 => Step::Try(side),
        19 | 20 => Step::TryAlts(side),
        21 => Step::Close(side),
        22 => Step::Fail,
        _ => Step::DropEnd(side),
    }
}

#[cfg(test)]
mod tests {
    use crate::bytes::on_random_inputs;

    #[test]
    fn any_bytes_do_what_the_model_does() {
        on_random_inputs(1000, 200, super::fuzz);
    }
}
