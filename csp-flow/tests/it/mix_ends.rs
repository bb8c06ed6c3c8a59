//! How a mix ends, and how its inputs do.

use csp::{AtEnd, MixState, SoloMode, prelude::*};

use crate::{
    mix::{inputs, new},
    util::blocks::{Stage, failure, is_over},
};

/// Ended inputs are forgotten, in whatever order they end.
#[test]
fn inputs_that_end_are_removed() {
    let stage = Stage::new();
    let (mix, heard) = new(&stage);
    let (mut txs, rxs): (Vec<_>, Vec<_>) = (0..40).map(|_| chan(1)).unzip();
    for rx in &rxs {
        mix.admix(rx.clone());
    }
    stage.idle();
    let mut n = 0;
    while !txs.is_empty() {
        // One ends, with a value in it; the others are still heard.
        let ended = txs.swap_remove((n * 7) % txs.len());
        ended.try_put(1).unwrap();
        drop(ended);
        assert_eq!(stage.take_all(&heard), [1]);
        for tx in &txs {
            stage.put(tx, [2]);
        }
        assert_eq!(stage.take_all(&heard), vec![2; txs.len()]);
        n += 1;
    }
    let left = mix.unmix_all();
    stage.idle();
    assert!(left.wait().is_empty());
    drop(mix);
    assert_eq!(stage.live(), 0);
    assert!(is_over(&heard));
}

/// When the output closes, an idle mix ends at once and takes nothing more.
#[test]
fn a_closed_output_ends_the_mix_and_no_value_is_lost() {
    for by_receiver in [true, false] {
        let stage = Stage::new();
        let (out, heard) = chan::<u32>(0);
        let mix = stage.start(|| csp::mix(out.clone()));
        let ([a], [a_in]) = inputs();
        mix.admix(a_in.clone());
        stage.idle();
        if by_receiver {
            drop(heard);
        } else {
            out.close();
        }
        assert_eq!(stage.live(), 0);
        stage.put(&a, [1]);
        assert_eq!(a_in.try_take(), Ok(1));
        assert_eq!(mix.undelivered(), None);
        // Nothing can be asked of it any more.
        let refused = mix.admix(a_in);
        assert!(!refused.wait());
        assert!(!mix.solo_mode(SoloMode::Pause).wait());
        assert!(mix.unmix_all().wait().is_empty());
        assert!(a.is_closed());
    }
}

#[test]
fn a_value_that_the_output_refuses_comes_back() {
    let stage = Stage::new();
    let (out, heard) = chan(0);
    let mix = stage.start(|| csp::mix(out));
    let ([a], [a_in]) = inputs();
    mix.admix(a_in.clone());
    stage.put(&a, [1, 2]);
    drop(heard);
    assert_eq!(stage.live(), 0);
    assert_eq!(
        (mix.undelivered(), mix.clone().undelivered()),
        (Some(1), None)
    );
    assert_eq!(a_in.try_take(), Ok(2));
    // A change that crosses the end is answered.
    let (out, heard) = chan(0);
    let mix = stage.start(|| csp::mix(out));
    mix.admix(a_in.clone());
    drop(heard);
    let late = mix.unmix(&a_in);
    assert_eq!(stage.live(), 0);
    drop(late.wait());
}

/// Without handles it goes on as long as something can be read, and then does what it was told.
#[test]
fn without_handles_it_ends_with_its_inputs() {
    for (at_end, paused, fails) in [
        (AtEnd::KeepOpen, false, false),
        (AtEnd::KeepOpen, false, true),
        (AtEnd::Close, false, false),
        (AtEnd::Close, true, false),
        (AtEnd::Close, false, true),
    ] {
        let stage = Stage::new();
        let (out, heard) = chan(100);
        let mix = stage.start(|| csp::mix_with(out.clone(), at_end));
        let ([a, b], [a_in, b_in]) = inputs();
        mix.admix(a_in);
        if paused {
            // Nobody will ever be able to resume it.
            mix.toggle([(b_in, MixState::PAUSED)]);
        } else {
            mix.admix(b_in);
        }
        stage.idle();
        drop(mix);
        stage.put(&a, [1]);
        if fails {
            a.fail("broken");
        }
        drop(a);
        stage.idle();
        if !paused {
            stage.put(&b, [2]);
            assert_eq!(
                stage.take_all(&heard),
                [1, 2],
                "one failed input leaves the others"
            );
        }
        drop(b);
        assert_eq!(stage.live(), 0);
        stage.take_all(&heard);
        assert_eq!(is_over(&heard), at_end == AtEnd::Close);
        let said = (fails && at_end == AtEnd::Close).then_some("broken");
        assert_eq!(failure(&heard).as_deref(), said);
    }
}

#[test]
fn a_mix_that_never_had_an_input_ends_with_its_handle() {
    let stage = Stage::new();
    let (mix, heard) = new(&stage);
    stage.idle();
    drop(mix);
    assert_eq!(stage.live(), 0);
    assert!(is_over(&heard));
}

#[test]
fn when_the_executor_goes_the_output_is_told() {
    for at_end in [AtEnd::KeepOpen, AtEnd::Close] {
        let stage = Stage::new();
        let (out, heard) = chan::<u32>(0);
        let mix = stage.start(|| csp::mix_with(out.clone(), at_end));
        let ([a], [a_in]) = inputs();
        mix.admix(a_in);
        stage.idle();
        let pending = mix.admix(chan(0).1);
        drop(stage);
        assert!(!pending.wait());
        assert!(a.is_closed());
        let said = (at_end == AtEnd::Close).then_some("the mix was cancelled");
        assert_eq!(failure(&heard).as_deref(), said);
        assert_eq!(heard.is_closed(), at_end == AtEnd::Close);
    }
}
