//! Several promises as one.

use csp::{
    Error, Failure, Promise, Resolver,
    prelude::*,
    promise::{AllFailed, Indexed, all, any, promise, race, settled},
};

use crate::util::promises::{Stage, failure, outcome, value};

type Pairs = (Vec<Resolver<u32>>, Vec<Promise<u32>>);

fn pairs(count: usize) -> Pairs {
    (0..count).map(|_| promise()).unzip()
}

fn ready(n: u32) -> Promise<u32> {
    Promise::ready(n)
}

/// EV-087, EV-089, EV-162: all values, in the order given, whatever settles first.
#[test]
fn ev_162_all_keeps_the_order() {
    let (resolvers, members) = pairs(10);
    let all = all(members);
    for (n, resolver) in (0..).zip(resolvers).collect::<Vec<_>>().into_iter().rev() {
        resolver.fulfill(n).unwrap();
    }
    assert_eq!(value(all), (0..10).collect::<Vec<_>>());
}

/// EV-087, EV-211: the first failure in time is that of the whole, at once, with its place; the others are
/// cancelled.
#[test]
fn ev_211_all_fails_fast_and_cancels_the_rest() {
    let (mut resolvers, members) = pairs(3);
    let all = all(members);
    resolvers.remove(1).fail("second").unwrap();
    let Err(Failure::Error(Indexed { index, failure })) = outcome(all) else {
        panic!("it fails");
    };
    assert_eq!((index, failure.to_string().as_str()), (1, "second"));
    for resolver in resolvers {
        csp::block_on(resolver.unwanted());
        assert!(resolver.fulfill(1).is_err());
    }
}

/// EV-087: a member that has failed already.
#[test]
fn ev_087_all_with_a_member_that_failed_before() {
    let failed = all([ready(1), Promise::failed("before"), Promise::pending()]);
    assert_eq!(failure(failed), "promise 1 failed: before");
    // Also one that was cancelled, abandoned, …: it is not an error, but has a place as well.
    let cancelled = Promise::<u32>::pending();
    cancelled.cancel();
    let failed = all([Promise::pending(), cancelled]);
    assert_eq!(failure(failed), "promise 1 failed: cancelled");
}

/// EV-107: what failed says which it was, and is compared by that.
#[test]
fn ev_107_indexed_failures_in_words() {
    let first = Indexed {
        index: 1,
        failure: Failure::Error("x"),
    };
    assert_eq!(first.to_string(), "promise 1 failed: x");
    assert_eq!(
        format!("{first:?}"),
        "Indexed { index: 1, failure: Error(\"x\") }"
    );
    assert_eq!(
        first,
        Indexed {
            index: 1,
            failure: Failure::Error("x")
        }
    );
    assert_ne!(
        first,
        Indexed {
            index: 2,
            failure: Failure::Error("x")
        }
    );
    assert_ne!(
        first,
        Indexed {
            index: 1,
            failure: Failure::Error("y")
        }
    );
    let none = AllFailed::<&str>(vec![Failure::Error("x"), Failure::TimedOut]);
    assert_eq!(none.to_string(), "all 2 promises failed: x, timed out");
    // Both are errors, so `?` takes them.
    let errors: [Error; 2] = [first.into(), none.into()];
    assert!(errors[0].is::<Indexed<&str>>() && errors[1].is::<AllFailed<&str>>());
    let in_a_block = csp::promise::go_try(async {
        let values = all([ready(1), Promise::failed("no")]).await?;
        Ok::<_, Error>(values.len())
    });
    assert_eq!(failure(in_a_block), "promise 1 failed: no");
}

/// EV-086: nothing to wait for is over at once; where one is needed it fails, and never hangs.
#[test]
fn ev_086_of_none() {
    let none = || Vec::<Promise<u32>>::new();
    assert!(all(none()).now().unwrap().unwrap().is_empty());
    assert!(settled(none()).now().unwrap().unwrap().is_empty());
    assert!(matches!(outcome(race(none())), Err(Failure::Abandoned)));
    assert!(matches!(outcome(any(none())), Err(Failure::Abandoned)));
}

/// EV-085: all outcomes, in the order given.
#[test]
fn ev_085_settled_gives_every_outcome() {
    let cancelled = Promise::pending();
    cancelled.cancel();
    let outcomes = value(settled([
        ready(1),
        Promise::failed("no"),
        cancelled,
        ready(2).map(|_| panic!("oh")),
        ready(3).delay(ms(1)),
    ]));
    let words: Vec<_> = outcomes
        .into_iter()
        .map(|outcome| match outcome {
            Ok(n) => n.to_string(),
            Err(Failure::Panicked(panic)) => panic.message().to_owned(),
            Err(failure) => failure.to_string(),
        })
        .collect();
    assert_eq!(words, ["1", "no", "cancelled", "oh", "3"]);
}

/// EV-106, EV-142, EV-162: the first that settles wins, with a value or not; the others are cancelled and
/// what they come to does not count.
#[test]
fn ev_162_race_is_won_by_the_first_either_way() {
    for fails in [false, true] {
        let (mut resolvers, members) = pairs(3);
        let first = race(members);
        let winner = resolvers.remove(2);
        if fails {
            winner.fail("lost").unwrap();
            assert_eq!(failure(first), "lost");
        } else {
            winner.fulfill(5).unwrap();
            assert_eq!(value(first), (2, 5));
        }
        for resolver in resolvers {
            csp::block_on(resolver.unwanted());
            assert!(resolver.fail("late").is_err());
        }
    }
    assert_eq!(
        value(race([Promise::pending(), ready(1), ready(2)])),
        (1, 1)
    );
}

/// EV-106, EV-162: the first value wins, failures before it or not.
#[test]
fn ev_162_any_takes_the_first_value() {
    let (mut resolvers, members) = pairs(3);
    let first = any(members);
    resolvers.remove(0).fail("first").unwrap();
    resolvers.remove(1).fulfill(7).unwrap();
    assert_eq!(value(first), (2, 7));
    csp::block_on(resolvers.remove(0).unwanted());
}

/// EV-106, EV-162: if none has a value, there are all failures, in the order given.
#[test]
fn ev_106_any_gives_all_failures() {
    let (resolvers, members) = pairs(3);
    let none = any(members);
    for (n, resolver) in (0..3).zip(resolvers).collect::<Vec<_>>().into_iter().rev() {
        resolver.fail(format!("{n}")).unwrap();
    }
    let Err(Failure::Error(AllFailed(failures))) = outcome(none) else {
        panic!("all failed");
    };
    let words: Vec<_> = failures.iter().map(ToString::to_string).collect();
    assert_eq!(words, ["0", "1", "2"]);
}

/// EV-077, EV-078: promises of several types, blocks and shared ones, in one.
#[test]
fn ev_077_a_tuple_of_different_types() {
    let mixed = csp::promise::all!(
        Promise::<_, Error>::ready(123),
        go!({ 9_u8 }),
        Promise::ready("hello").shared(),
        thread(|| 'c'),
    );
    assert_eq!(value(mixed), (123, 9, "hello", 'c'));
    let sum = csp::promise::all!(ready(5), go!({ 4 }), ready(2)).map(|(a, b, c)| a + b + c);
    assert_eq!(value(sum), 11);
    assert_eq!(value(csp::promise::all!(ready(1))), (1,));
    let (a, b, c, d, e, f, g, h) = value(csp::promise::all!(
        ready(1),
        ready(2),
        ready(3),
        ready(4),
        ready(5),
        ready(6),
        ready(7),
        ready(8)
    ));
    assert_eq!([a, b, c, d, e, f, g, h], [1, 2, 3, 4, 5, 6, 7, 8]);
}

/// A tuple fails fast, with the place, and cancels the rest.
#[test]
fn ev_211_a_tuple_fails_fast() {
    let stage = Stage::new();
    let (resolver, pending) = promise::<u32, Error>();
    let failed =
        stage.with(|| csp::promise::all!(ready(1), pending, Promise::<&str>::failed("third")));
    assert_eq!(failure(failed), "promise 2 failed: third");
    assert!(!resolver.is_wanted());
}

/// Aggregates take any kind of eventual value.
#[test]
fn aggregates_of_blocks_and_shared_values() {
    let blocks: Promise<Vec<u32>, Indexed> = all((0..3).map(|n| go!({ n * n })));
    assert_eq!(value(blocks), [0, 1, 4]);
    let one = ready(1).shared();
    assert_eq!(value(all([one.clone(), one.clone(), one])), [1, 1, 1]);
}

/// Fail fast, but not at the cost of those who share a member.
#[test]
fn a_member_that_is_shared_elsewhere_goes_on() {
    let stage = Stage::new();
    let (resolver, answer) = promise::<u32, Error>();
    let answer = answer.shared();
    let failed = stage.with(|| all([answer.promise(), Promise::failed("no")]));
    assert_eq!(failure(failed), "promise 1 failed: no");
    assert!(resolver.is_wanted());
    resolver.fulfill(1).unwrap();
    assert_eq!(answer.wait().unwrap(), 1);
}

/// EV-142: among arms that are ready `alt!` chooses uniformly, and a ready one beats a pending one.
#[test]
fn ev_142_alt_chooses_promises_uniformly() {
    let block = go!({
        let mut wins = [0_u32; 3];
        for _ in 0..10_000 {
            let (a, mut b, c) = (ready(0), Promise::<u32>::failed("1"), ready(2));
            let pending = Promise::<u32>::pending();
            alt! {
                a = park!(a) => wins[a.unwrap() as usize] += 1,
                b = park!(&mut b) => { assert!(b.is_err()); wins[1] += 1 }
                _ = park!(pending) => unreachable!(),
                c = park!(c) => wins[c.unwrap() as usize] += 1,
            }
            b.ignore();
        }
        wins
    });
    let wins = block.wait().unwrap();
    assert_eq!(wins.iter().sum::<u32>(), 10_000);
    for win in wins {
        // 15 % of a third, as Manifold's test; that is more than ten standard deviations.
        assert!((2833..=3833).contains(&win), "{wins:?}");
    }
}

/// Many members, each of which is asked only when it was woken: a wake-up for all would take minutes.
#[test]
fn many_members_are_asked_only_when_woken() {
    let stage = Stage::new();
    let (resolvers, members) = pairs(100_000);
    let all = stage.with(|| all(members));
    for (n, resolver) in (0..).zip(resolvers) {
        resolver.fulfill(n).unwrap();
        if n % 100 == 0 {
            stage.idle();
        }
    }
    stage.idle();
    assert_eq!(value(all).len(), 100_000);
}
