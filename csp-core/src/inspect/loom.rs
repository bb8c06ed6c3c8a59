//! Models of a dump that looks while others move on.
//!
//! The same code that a dump uses, on real channels, alts and blocks; see [`models`](crate::models) for the
//! bound. What they are there for:
//!
//! * an owner read without LOCK of its alts' word: `an_alts_whose_waker_is_replaced`.
//! * a channel that is freed before it has left the registry: `a_channel_that_is_freed`.
//! * a note that nobody forgets: `a_name_against_the_end`.
//! * a walk that goes on from a task that has left the list: `a_walk_over_blocks_that_end`.

use std::{
    panic::Location,
    pin::pin,
    task::{Context, Poll, Waker},
};

use super::{Survey, blocks, channels, enable, stamp};
use crate::{
    Of2, Order,
    alts::alt,
    block_on, chan,
    models::{Flag, Freed, Payload, SITE, World, model, poll_once, spawn},
};

/// A model with inspection on.
fn inspected(scenario: impl Fn() + Sync + Send + 'static) {
    model(move || {
        enable();
        scenario();
        super::disable();
    });
}

/// Looks at the channels as a dump does: how many takers all of them have.
fn takers() -> usize {
    let (channels, _) = channels::look(stamp());
    channels.iter().map(|channel| channel.takers).sum()
}

/// A dump reads the owner of an alts while one of its arms is committed: it sees both arms, or fewer, and the
/// value arrives.
#[test]
fn an_alts_that_is_committed() {
    inspected(|| {
        let (a_tx, a) = chan(0);
        let (_b_tx, b) = chan::<Payload>(0);
        let value = Payload::new(1);
        let looker = spawn(|| assert!(takers() <= 2));
        {
            let mut parked = pin!(alt((a.take(), b.take()), Order::Priority, &SITE));
            assert!(poll_once(parked.as_mut()).is_pending());
            assert!(a_tx.try_put(value.clone()).is_ok());
            let got = poll_once(parked.as_mut());
            assert!(matches!(got, Poll::Ready(Of2::A(Some(_)))));
        }
        looker.join().unwrap();
        value.assert_alone();
    });
}

/// A dump reads the owner of an alts while that is withdrawn.
#[test]
fn an_alts_that_is_withdrawn() {
    inspected(|| {
        let (a_tx, a) = chan::<u32>(0);
        let (b_tx, b) = chan::<u32>(0);
        let looker = spawn(|| assert!(takers() <= 2));
        {
            let mut parked = pin!(alt((a.take(), b.take()), Order::Priority, &SITE));
            assert!(poll_once(parked.as_mut()).is_pending());
        }
        assert!(a_tx.try_put(1).is_err() && b_tx.try_put(1).is_err());
        looker.join().unwrap();
    });
}

/// A dump reads the owner of an alts while that gets another: the box of the first waker is freed.
#[test]
fn an_alts_whose_waker_is_replaced() {
    inspected(|| {
        let (_a_tx, a) = chan::<u32>(0);
        let (_b_tx, b) = chan::<u32>(0);
        let looker = spawn(|| assert!(takers() <= 2));
        {
            let mut parked = pin!(alt((a.take(), b.take()), Order::Priority, &SITE));
            assert!(poll_once(parked.as_mut()).is_pending());
            let flag = Flag::new();
            let world = World::new();
            let block = world.go(flag.clone().wait());
            // Another waker than the first.
            world.run_due();
            let other: Waker = flag.waker().expect("the block waits for the flag");
            let polled = parked.as_mut().poll(&mut Context::from_waker(&other));
            assert!(matches!(polled, Poll::Pending));
            drop(other);
            flag.set();
            world.run_all();
            block_on(block).expect("the block ends");
        }
        looker.join().unwrap();
    });
}

/// A block in an alts is committed, goes on and ends, while a dump names it: its task stays as long as that
/// takes.
#[test]
fn a_block_that_ends() {
    inspected(|| {
        let world = World::new();
        let (a_tx, a) = chan::<u32>(0);
        let block = world.go(async move {
            alt((a.take(),), Order::Priority, &SITE).await;
        });
        drop(block);
        world.run_due();
        let looker = spawn(|| assert!(takers() <= 1));
        assert!(a_tx.try_put(1).is_ok());
        world.run_all();
        looker.join().unwrap();
    });
}

/// The same of the block's place in its home's list, and of what is put together of the two.
#[test]
fn a_survey_of_a_block_that_ends() {
    inspected(|| {
        let world = World::new();
        drop(world.go(async {}));
        let there = world.clone();
        let looker = spawn(move || {
            let mut survey = Survey::new();
            survey.add(there.home(), 0, stamp(), false);
            assert!(survey.finish().blocks.len() <= 1);
        });
        world.run_all();
        looker.join().unwrap();
    });
}

/// A dump walks the channels while one is freed.
#[test]
fn a_channel_that_is_freed() {
    inspected(|| {
        let (tx, rx) = chan::<u32>(0);
        let (tx, freed) = Freed::watch(tx);
        let other = spawn(move || drop(rx));
        let looker = spawn(|| {
            let (channels, _) = channels::look(stamp());
            assert!(channels.len() <= 1);
        });
        drop(tx);
        other.join().unwrap();
        looker.join().unwrap();
        freed.assert();
        assert!(channels::look(stamp()).0.is_empty());
    });
}

/// A block is named while it ends: no note is left.
#[test]
fn a_name_against_the_end() {
    inspected(|| {
        let world = World::new();
        let block = world.go(async {});
        let namer = spawn(move || block.named("late"));
        world.run_all();
        let block = namer.join().unwrap();
        block_on(block).expect("the block ends");
        assert_eq!(blocks::count(), 0, "a note was left behind");
    });
}

/// The walk over a home's blocks, with its place kept in a block that ends.
#[test]
fn a_walk_over_blocks_that_end() {
    inspected(|| {
        let world = World::new();
        let blocks = [world.go(async {}), world.go(async {}), world.go(async {})];
        let there = world.clone();
        let looker = spawn(move || {
            let mut found = Vec::new();
            there.home().look(&mut found);
            assert!(found.windows(2).all(|two| two[0].id > two[1].id));
        });
        world.run_all();
        looker.join().unwrap();
        for block in blocks {
            block_on(block).expect("the block ends");
        }
    });
}

/// A note says where it was made.
#[test]
fn a_channel_knows_its_place() {
    inspected(|| {
        let here = Location::caller();
        let (tx, _rx) = chan::<u32>(0);
        let (channels, _) = channels::look(stamp());
        assert_eq!(channels[0].id, tx.id());
        assert_eq!(channels[0].created.file(), here.file());
    });
}
