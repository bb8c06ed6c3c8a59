//! One to many, while taps come, go and are cancelled.

use csp::prelude::*;

use crate::util::{World, explore};

/// A tap's block is cancelled while values come: the other tap has them all, in order.
#[test]
fn a_mult_loses_a_tap() {
    explore(2000, || {
        let world = World::new(2);
        let (tx, source) = chan(0);
        let mult = csp::mult(source);
        let (stays, goes) = (mult.subscribe(0), mult.subscribe(0));
        drop(mult);
        let cancelled = go!({ while take!(goes).is_some() {} });
        let all = go!({
            let mut seen = Vec::new();
            while let Some(n) = take!(stays) {
                seen.push(n);
            }
            seen
        });
        let putter = go!({
            for n in 0..3_u32 {
                put!(tx, n).unwrap();
            }
        });
        cancelled.cancel();
        putter.wait().unwrap();
        assert_eq!(all.wait(), Ok(vec![0, 1, 2]));
        drop(world);
    });
}

/// A subscriber of a publication goes while its topic is served: the other topic is not held up.
#[test]
fn a_publication_loses_a_subscriber() {
    explore(2000, || {
        let world = World::new(2);
        let (tx, source) = chan(0);
        let parity = csp::publish(source, |n: &u32| n % 2, |_| 0);
        let (even, odd) = (parity.subscribe(0, 0), parity.subscribe(1, 0));
        drop(parity);
        let cancelled = go!({ while take!(even).is_some() {} });
        let all = go!({
            let mut seen = Vec::new();
            while let Some(n) = take!(odd) {
                seen.push(n);
            }
            seen
        });
        let putter = go!({
            for n in 0..4_u32 {
                put!(tx, n).unwrap();
            }
        });
        cancelled.cancel();
        putter.wait().unwrap();
        assert_eq!(all.wait(), Ok(vec![1, 3]));
        drop(world);
    });
}
