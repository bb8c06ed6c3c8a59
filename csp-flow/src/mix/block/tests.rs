use csp_core::{Receiver, Sender, chan};

use super::{Block, Change};
use crate::{AtEnd, MixState, SoloMode, mix::state::Treatment};

/// Numbers that look random.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// What the block has noted is what it would find if it looked at all inputs.
fn assert_is_right(block: &Block<u32>, expected: &[(Sender<u32>, Receiver<u32>, MixState)]) {
    let inputs: Vec<_> = block.inputs.iter().flatten().collect();
    assert_eq!(inputs.len(), expected.len());
    assert_eq!(block.places.len(), expected.len());
    let soloed = expected.iter().filter(|(.., state)| state.solo).count();
    assert_eq!(block.soloed, soloed);
    assert_eq!(block.solos, (soloed > 0).then_some(block.solo_mode));
    for (_, rx, state) in expected {
        let at = block.places[&rx.address()];
        let input = block.inputs[at].as_ref().unwrap();
        assert!(input.rx.same_channel(rx) && input.state == *state);
        let treatment = state.treatment(block.solos);
        assert_eq!(input.read, treatment != Treatment::NotRead);
        assert_eq!(block.is_heard(at), treatment == Treatment::Heard);
    }
    let read = inputs.iter().filter(|input| input.read).count();
    assert_eq!(block.readable, read);
}

#[test]
fn what_is_noted_is_true_after_any_changes() {
    for seed in 0..20 {
        let mut dice = Dice(seed);
        let (_handle, changes) = chan(0);
        let (out, _rx) = chan(0);
        let mut block = Block::new(changes, out, AtEnd::Close);
        let mut expected: Vec<(Sender<u32>, Receiver<u32>, MixState)> = Vec::new();
        for _ in 0..300 {
            let (answer, _) = chan(1);
            match dice.below(8) {
                0..=2 => {
                    let (tx, rx) = chan(0);
                    let state = any_state(&mut dice);
                    block.apply(Some(Change::Toggle(vec![(rx.clone(), state)], answer)));
                    expected.push((tx, rx, state));
                }
                3 if !expected.is_empty() => {
                    let changes = (0..3).map(|_| {
                        let at = dice.below(expected.len());
                        expected[at].2 = any_state(&mut dice);
                        (expected[at].1.clone(), expected[at].2)
                    });
                    let changes = changes.collect();
                    block.apply(Some(Change::Toggle(changes, answer)));
                }
                4 => {
                    let mode = [SoloMode::Mute, SoloMode::Pause][dice.below(2)];
                    block.apply(Some(Change::SoloMode(mode, answer)));
                }
                5 | 6 if !expected.is_empty() => {
                    let (_, rx, _) = expected.swap_remove(dice.below(expected.len()));
                    let at = block.places[&rx.address()];
                    block.has_ended(at);
                }
                7 if !expected.is_empty() && dice.below(3) > 0 => {
                    let (_, rx, _) = expected.swap_remove(dice.below(expected.len()));
                    assert!(block.unmix(&rx).is_some_and(|it| it.same_channel(&rx)));
                    assert!(block.unmix(&rx).is_none());
                }
                7 if dice.below(10) == 0 => {
                    block.apply(Some(Change::UnmixAll(chan(1).0)));
                    expected.clear();
                }
                _ => {}
            }
            assert_is_right(&block, &expected);
        }
    }
}

fn any_state(dice: &mut Dice) -> MixState {
    MixState {
        mute: dice.below(2) == 0,
        pause: dice.below(2) == 0,
        solo: dice.below(6) == 0,
    }
}
