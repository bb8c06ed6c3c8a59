//! What chaos must not change.
#![cfg(not(csp_loom))]

use csp::{Local, Runtime, prelude::*};

/// Chaos ends turns of its workers early, also after no operation at all. What runs on another executor inside such a
/// turn gets its own share: else it would yield for ever.
#[test]
fn a_local_inside_a_short_turn_goes_on() {
    for seed in 0..20 {
        let rt = Runtime::builder().workers(1).chaos(seed).build();
        let sum = rt.go(async {
            let local = Local::new();
            let (tx, rx) = chan::<u32>(0);
            local.go(async move { put!(tx, 1).ok() });
            let taker = local.go(async move { take!(rx) });
            local.run_until(taker)
        });
        assert_eq!(sum.wait(), Ok(Ok(Some(1))));
    }
}
