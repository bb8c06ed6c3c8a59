//! What a channel says of how many have it. (Found to be untested by mutants.)

use csp_core::chan;

/// Connectors ask it to find out whether somebody else still takes.
#[test]
fn the_receivers_of_a_channel_are_counted() {
    let (tx, rx) = chan::<u8>(0);
    assert_eq!(rx.receiver_count(), 1);
    let mut others: Vec<_> = (0..5).map(|_| rx.clone()).collect();
    assert_eq!(rx.receiver_count(), 6);
    while others.pop().is_some() {
        assert_eq!(rx.receiver_count(), 1 + others.len());
    }
    drop(tx);
    assert_eq!(rx.receiver_count(), 1);
}
