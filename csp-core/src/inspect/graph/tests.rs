//! Who is left without hope.

use std::collections::{BTreeMap, BTreeSet};

use super::{User, without_hope};

fn needs(pairs: impl IntoIterator<Item = (u64, u64)>) -> BTreeMap<User, BTreeSet<User>> {
    let mut all: BTreeMap<User, BTreeSet<User>> = BTreeMap::new();
    for (user, need) in pairs {
        let needs = all.entry(User::Block(user)).or_default();
        needs.insert(User::Block(need));
    }
    all
}

#[test]
fn only_those_who_need_each_other_are_left() {
    // 1 and 2 need each other; 3 needs them; 4 needs 5, who is awake; 6 needs 4 and itself; 7 needs itself.
    let all = needs([(1, 2), (2, 1), (3, 1), (4, 5), (6, 4), (6, 6), (7, 7)]);
    let left: Vec<User> = without_hope(all).into_keys().collect();
    assert_eq!(left, [1, 2, 3, 7].map(User::Block));
}

/// Each round over all of them found one more, before: four hundred million steps here.
#[test]
fn a_long_chain_is_no_matter() {
    let many = 20_000;
    // In either order of their numbers.
    assert!(without_hope(needs((0..many).map(|n| (n, n + 1)))).is_empty());
    assert!(without_hope(needs((1..=many).map(|n| (n, n - 1)))).is_empty());
    let ring = needs((0..many).map(|n| (n, (n + 1) % many)));
    assert_eq!(without_hope(ring.clone()), ring);
}
