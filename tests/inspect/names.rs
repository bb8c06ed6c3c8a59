//! Names, and who started what.

use csp::{
    Local,
    inspect::{Starter, dump, name_block},
    prelude::*,
};

use crate::util::{named, on};

#[test]
fn names_from_outside_and_from_inside() {
    let _on = on();
    let local = Local::new();
    let (_tx, rx) = chan::<u32>(0);
    let outside = local.go(async move { take!(rx) }).named("outside");
    let (_tx2, rx) = chan::<u32>(0);
    let inside = local.go(async move {
        assert!(name_block("inside"));
        take!(rx)
    });
    local.run_until_idle();
    assert_eq!(named(&dump(), "outside").id, outside.id());
    assert_eq!(named(&dump(), "inside").id, inside.id());
    assert_eq!(outside.name().as_deref(), Some("outside"));
    let outside = outside.named("another");
    assert_eq!(named(&dump(), "another").id, outside.id());
    assert!(!name_block("nobody"), "no block runs here");
}

/// A name is kept while inspection is off, and goes with its block.
#[test]
fn a_name_outlives_neither_its_block_nor_the_switch() {
    let _on = on();
    csp::inspect::disable();
    let local = Local::new();
    let (tx, rx) = chan::<u32>(0);
    let block = local.go(async move { take!(rx) }).named("early");
    local.run_until_idle();
    csp::inspect::enable();
    let seen = dump();
    assert!(named(&seen, "early").started_by.is_none());
    drop(tx);
    local.run_until_idle();
    assert!(block.name().is_none(), "its block has ended");
    let block = block.named("late");
    assert!(block.name().is_none(), "a block that has ended has no name");
}

#[test]
fn who_started_whom() {
    let _on = on();
    let local = Local::new();
    let (tx, rx) = chan::<u32>(0);
    let rx2 = rx.clone();
    let parent = local
        .go(async move {
            drop(go!({ take!(rx2) }).named("child"));
            take!(rx)
        })
        .named("parent");
    let parent_id = parent.id();
    let here = std::thread::current();
    local.run_until_idle();
    let dump = dump();
    let child = named(&dump, "child");
    assert_eq!(child.started_by, Some(Starter::Block(parent_id)));
    let Some(Starter::Thread(name)) = &named(&dump, "parent").started_by else {
        panic!("{dump}");
    };
    assert_eq!(Some(&**name), here.name());
    drop(tx);
}

/// The numbers of blocks are small, and grow.
#[test]
fn numbers() {
    let local = Local::new();
    let blocks: Vec<_> = (0..200).map(|_| local.go(async {})).collect();
    assert!(blocks.windows(2).all(|two| two[0].id() < two[1].id()));
    assert!(blocks[199].id() < 1 << 40);
}
