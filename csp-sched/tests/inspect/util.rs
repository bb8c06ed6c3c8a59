//! What the tests of stuck blocks share.

use std::thread::yield_now;

use csp::{
    Go,
    inspect::{StuckGroup, stuck},
    prelude::*,
};

pub(crate) fn parked<T>(go: &Go<T>) {
    while go.parked_at().is_none() {
        yield_now();
    }
}

/// The group that the block is in, if it is in one.
fn group_of(id: u64) -> Option<StuckGroup> {
    let found = stuck();
    let has = |group: &&StuckGroup| ids(group).contains(&id);
    found.groups().iter().find(has).cloned()
}

/// What is to be found is found once all that there is to it is parked; this waits for that.
pub(crate) fn found(id: u64) -> StuckGroup {
    loop {
        if let Some(group) = group_of(id) {
            return group;
        }
        yield_now();
    }
}

pub(crate) fn ids(group: &StuckGroup) -> Vec<u64> {
    let blocks = group
        .members()
        .iter()
        .filter_map(|member| member.block.as_ref());
    blocks.map(|block| block.id).collect()
}

/// Nobody is accused, often asked.
#[track_caller]
pub(crate) fn is_free(id: u64) {
    for _ in 0..20 {
        if let Some(group) = group_of(id) {
            panic!("{group}");
        }
    }
}

/// As long as it is parked nobody accuses it; `go_on` has it end, with this value.
#[track_caller]
pub(crate) fn is_free_until(waits: Go<Option<u32>>, go_on: impl FnOnce(), value: u32) {
    parked(&waits);
    is_free(waits.id());
    go_on();
    assert_eq!(waits.wait(), Ok(Some(value)));
}

type Ends<T> = (Sender<T>, Receiver<T>);
type Waits<T> = Go<Option<T>>;

/// Two blocks that have exchanged these values, and then both wait for the other's: the first on the first channel.
pub(crate) fn crossed<T: Send + 'static>(
    (to_a, a): Ends<T>,
    (to_b, b): Ends<T>,
    [one, other]: [T; 2],
) -> (Waits<T>, Waits<T>) {
    let first = go!({
        put!(to_b, one).unwrap();
        take!(a);
        take!(a)
    });
    let second = go!({
        take!(b);
        put!(to_a, other).unwrap();
        take!(b)
    });
    (first, second)
}
