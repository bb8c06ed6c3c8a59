//! Several inputs into one channel.

use csp::{Mix, MixState, Sender, SoloMode, prelude::*};

use crate::util::blocks::{LIMIT, Stage, value};

pub(crate) fn inputs<const N: usize>() -> ([Sender<u32>; N], [Receiver<u32>; N]) {
    let pairs: Vec<_> = (0..N).map(|_| chan(8)).collect();
    let (txs, rxs): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
    (txs.try_into().unwrap(), rxs.try_into().unwrap())
}

pub(crate) fn new(stage: &Stage) -> (Mix<u32>, Receiver<u32>) {
    let (out, heard) = chan(100);
    (stage.start(|| csp::mix(out)), heard)
}

fn sorted(mut values: Vec<u32>) -> Vec<u32> {
    values.sort_unstable();
    values
}

#[test]
fn ca_052_the_output_is_the_union_of_the_inputs() {
    let stage = Stage::new();
    let (out, heard) = chan(0);
    let mix = stage.start(|| csp::mix(out));
    for values in [1..=3, 4..=6] {
        mix.admix(stage.start(|| to_chan(values)));
    }
    assert_eq!(sorted(stage.take_all(&heard)), [1, 2, 3, 4, 5, 6]);
    assert!(
        !heard.is_closed(),
        "a mix never closes its output by itself"
    );
}

/// ASYNC-145: no limit of 1024.
#[test]
fn ca_053_2048_inputs_each_with_a_pending_put() {
    let rt = csp::Runtime::builder().workers(2).build();
    let _entered = rt.enter();
    let (out, heard) = chan(0);
    let mix = csp::mix(out);
    for n in 0..2048_u32 {
        let (tx, rx) = chan(0);
        mix.admix(rx);
        go!({ put!(tx, n).unwrap() });
    }
    let all = go!({
        let mut all = Vec::new();
        while all.len() < 2048 {
            all.push(take!(heard).unwrap());
        }
        all
    });
    assert!(sorted(value(all)).into_iter().eq(0..2048));
}

#[test]
fn a_muted_input_is_read_and_dropped_a_paused_one_is_not_read() {
    let stage = Stage::new();
    let (mix, heard) = new(&stage);
    let ([a, b, c], [a_in, b_in, c_in]) = inputs();
    let toggled = mix.toggle([
        (a_in.clone(), MixState::default()),
        (b_in.clone(), MixState::MUTED),
        (c_in.clone(), MixState::PAUSED),
    ]);
    stage.idle();
    assert!(toggled.wait());
    for (tx, n) in [(&a, 1), (&b, 10), (&c, 100)] {
        stage.put(tx, [n, n + 1]);
    }
    assert_eq!(stage.take_all(&heard), [1, 2]);
    assert_eq!((b_in.len(), c_in.len()), (0, 2));
    mix.toggle([(b_in, MixState::default()), (c_in, MixState::default())]);
    stage.put(&b, [12]);
    assert_eq!(sorted(stage.take_all(&heard)), [12, 100, 101]);
    mix.toggle([(
        a_in.clone(),
        MixState {
            mute: true,
            ..MixState::PAUSED
        },
    )]);
    stage.put(&a, [3]);
    assert_eq!((stage.take_all(&heard), a_in.len()), (vec![], 1));
}

/// The whole table of `MixState`: what is heard, and what is left in each input.
#[test]
fn solo_says_who_is_heard_whatever_else_is_set() {
    let states: Vec<MixState> = (0..8)
        .map(|bits| MixState {
            mute: bits & 1 != 0,
            pause: bits & 2 != 0,
            solo: bits & 4 != 0,
        })
        .collect();
    for mode in [SoloMode::Mute, SoloMode::Pause] {
        for first in &states {
            for second in &states {
                let stage = Stage::new();
                let (mix, heard) = new(&stage);
                let ([a, b], [a_in, b_in]) = inputs();
                mix.solo_mode(mode);
                mix.toggle([(a_in.clone(), *first), (b_in.clone(), *second)]);
                stage.put(&a, [1]);
                stage.put(&b, [2]);
                let got = sorted(stage.take_all(&heard));
                let solos = first.solo || second.solo;
                for (state, rx, n) in [(first, &a_in, 1), (second, &b_in, 2)] {
                    let (is_heard, is_left) = match (state.solo, solos, state.pause) {
                        (true, ..) => (true, false),
                        (false, _, true) => (false, true),
                        (false, true, false) => (false, mode == SoloMode::Pause),
                        (false, false, false) => (!state.mute, false),
                    };
                    let what = format!("{state:?} of {first:?} and {second:?}, {mode:?}");
                    assert_eq!(got.contains(&n), is_heard, "{what}");
                    assert_eq!(rx.len() == 1, is_left, "{what}");
                }
            }
        }
    }
}

/// When the soloed input ends, the others are heard again.
#[test]
fn the_end_of_the_last_soloed_input_ends_the_solo() {
    let stage = Stage::new();
    let (mix, heard) = new(&stage);
    let ([a, b], [a_in, b_in]) = inputs();
    mix.solo_mode(SoloMode::Pause);
    mix.toggle([(a_in, MixState::SOLO), (b_in, MixState::default())]);
    stage.put(&a, [1]);
    stage.put(&b, [10]);
    assert_eq!(stage.take_all(&heard), [1]);
    drop(a);
    assert_eq!(stage.take_all(&heard), [10]);
}

/// Two inputs change places as soloists: at no time are both heard, or none.
#[test]
fn a_toggle_is_applied_as_a_whole() {
    let stage = Stage::new();
    let (out, heard) = chan(0);
    let mix = stage.start(|| csp::mix(out));
    let ([a, b], [a_in, b_in]) = inputs();
    let mut soloist = 0;
    for round in 0..100 {
        let quiet = MixState::default();
        let states = if soloist == 0 {
            [MixState::SOLO, quiet]
        } else {
            [quiet, MixState::SOLO]
        };
        let pairs = [a_in.clone(), b_in.clone()].into_iter().zip(states);
        // From the moment it is applied, all that is read is the soloist's.
        let toggled = mix.toggle(pairs);
        stage.idle();
        assert!(toggled.wait());
        for tx in [&a, &b] {
            tx.try_put(round).unwrap();
        }
        let got = stage.take_all(&heard);
        assert_eq!(got, [round], "one of the two");
        soloist = 1 - soloist;
    }
}

/// A change does not wait for a slow output, and what was read before still comes.
#[test]
fn changes_are_applied_while_a_value_waits_for_the_output() {
    let stage = Stage::new();
    let (out, heard) = chan(0);
    let mix = stage.start(|| csp::mix(out));
    let ([a], [a_in]) = inputs();
    mix.admix(a_in.clone());
    stage.put(&a, [1, 2]);
    let toggled = mix.toggle([(a_in.clone(), MixState::PAUSED)]);
    stage.idle();
    assert!(toggled.wait());
    assert_eq!(stage.take_all(&heard), [1], "it had been read");
    let back = mix.unmix(&a_in);
    stage.idle();
    assert_eq!(back.wait().unwrap().try_take(), Ok(2));
}

#[test]
fn unmix_gives_the_receiver_back_and_keeps_nothing() {
    let stage = Stage::new();
    let (mix, heard) = new(&stage);
    let ([a, b, c], [a_in, b_in, c_in]) = inputs();
    for rx in [&a_in, &b_in, &c_in] {
        mix.admix(rx.clone());
    }
    let (_, stranger) = chan(0);
    let (back, none) = (mix.unmix(&b_in), mix.unmix(&stranger));
    stage.idle();
    assert!(none.wait().is_none());
    let back = back.wait().unwrap();
    assert!(back.same_channel(&b_in));
    stage.put(&b, [20]);
    assert_eq!(back.try_take(), Ok(20));
    drop((b_in, back));
    assert!(b.is_closed(), "the mix has no receiver of it");
    stage.put(&a, [1]);
    stage.put(&c, [2]);
    assert_eq!(sorted(stage.take_all(&heard)), [1, 2]);

    let all = mix.unmix_all();
    stage.idle();
    assert_eq!(all.wait().len(), 2);
    stage.put(&a, [3]);
    assert_eq!((stage.take_all(&heard), a_in.len()), (vec![], 1));
    // An answer that nobody waits for changes nothing.
    drop((mix.admix(a_in), mix.admix(c_in)));
    assert_eq!(stage.take_all(&heard), [3]);
    drop(mix.unmix_all());
    stage.idle();
    assert!(a.is_closed() && c.is_closed());
}

#[test]
fn an_input_that_is_admixed_again_is_set_back_and_counts_once() {
    let stage = Stage::new();
    let (mix, heard) = new(&stage);
    let ([a], [a_in]) = inputs();
    mix.toggle([(a_in.clone(), MixState::PAUSED)]);
    mix.admix(a_in.clone());
    stage.put(&a, [1, 2, 3]);
    assert_eq!(stage.take_all(&heard), [1, 2, 3]);
    let (back, again) = (mix.unmix(&a_in), mix.unmix(&a_in));
    stage.idle();
    assert!(back.wait().is_some() && again.wait().is_none());
}

#[test]
fn too_many_inputs_are_refused_as_a_whole() {
    let stage = Stage::new();
    let (mix, heard) = new(&stage);
    let ([a], [a_in]) = inputs();
    mix.admix(a_in);
    let too_many = mix.toggle((0..65_536).map(|_| (chan(0).1, MixState::default())));
    stage.idle();
    assert!(!too_many.wait());
    stage.put(&a, [1]);
    assert_eq!(stage.take_all(&heard), [1]);
}

/// The answers can be awaited, alone and as an arm.
#[test]
fn answers_can_be_awaited() {
    let rt = csp::Runtime::builder().workers(2).build();
    let _entered = rt.enter();
    let (out, heard) = chan::<u32>(0);
    let (tx, rx) = chan(0);
    let all = go!({
        let mix = csp::mix(out);
        let admixed = mix.admix(rx.clone()).await;
        let muted = alt! {
            muted = park!(mix.toggle([(rx.clone(), MixState::MUTED)])) => muted,
            _ = take!(timeout(secs(50))) => false,
        };
        put!(tx, 1).unwrap();
        let back = park!(mix.unmix(&rx));
        (admixed, muted, back.is_some())
    });
    assert_eq!(value(all), (true, true, true));
    assert_eq!(heard.take_blocking_for(LIMIT), Ok(None), "it was muted");
}

/// A busy mix is fair to its inputs, and lets other blocks run.
#[test]
fn no_input_starves_another() {
    let stage = Stage::new();
    let (out, heard) = chan(100);
    let mix = stage.start(|| csp::mix(out));
    let busy: Vec<_> = (0..2)
        .map(|n| {
            let (tx, rx) = chan(10_000);
            for _ in 0..10_000 {
                tx.try_put(n).unwrap();
            }
            mix.admix(rx);
            tx
        })
        .collect();
    stage.idle();
    let first: Vec<u32> = (0..100).map(|_| heard.try_take().unwrap()).collect();
    let ones = first.iter().sum::<u32>();
    assert!((1..100).contains(&ones), "{ones} of 100");
    drop(busy);
}
