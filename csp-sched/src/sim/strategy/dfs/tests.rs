//! What the toy world cannot show.

use super::{Node, set::Set};
use crate::sim::strategy::{Candidate, Fork};

fn touching(objects: &[u32]) -> Set {
    let mut set = Set::default();
    set.extend(objects);
    set
}

/// Entities 1 and 2 could go on; 1 has been explored.
fn after_one(steps: &[Option<Set>]) -> Node {
    after_one_from(u32::MAX, steps)
}

/// Objects from `unknown` on had no number before.
fn after_one_from(unknown: u32, steps: &[Option<Set>]) -> Node {
    let candidates = [1, 2].map(|entity| Candidate {
        entity,
        objects: Vec::new(),
    });
    let fork = Fork {
        candidates: &candidates,
        is_preemption: false,
    };
    let mut node = Node::new(&fork, 0, unknown, Vec::new());
    node.choose(1);
    for step in steps {
        node.open();
        if let Some(touched) = step {
            node.close(touched);
        }
    }
    node.leave(true);
    node.choose(2);
    node
}

#[test]
fn what_any_arm_touches_wakes_a_sleeper() {
    let node = after_one(&[Some(touching(&[1])), Some(touching(&[2]))]);
    assert!(node.sleeps(1));
    assert_eq!(node.sleepers_after(&touching(&[3])).len(), 1);
    for object in [1, 2] {
        assert_eq!(node.sleepers_after(&touching(&[object])).len(), 0);
    }
    let mut all = Set::default();
    all.meet_all();
    assert_eq!(node.sleepers_after(&all).len(), 0);
}

/// Another execution may give an object that is new another number.
#[test]
fn what_is_new_may_be_the_same() {
    let node = after_one_from(5, &[Some(touching(&[1, 6]))]);
    assert_eq!(node.sleepers_after(&touching(&[7])).len(), 0);
    assert_eq!(node.sleepers_after(&touching(&[4])).len(), 1);
}

/// What an execution that ended in the middle of the step would have touched is not known.
#[test]
fn a_step_that_did_not_end_does_not_sleep() {
    assert!(!after_one(&[None]).sleeps(1));
    assert!(!after_one(&[None, Some(touching(&[1]))]).sleeps(1));
}
