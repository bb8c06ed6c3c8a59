//! `zip_latest`, `combine_latest`.

use csp::{
    Receiver,
    prelude::*,
    stream::{combine_latest, zip_latest},
};

use crate::util::{failure, run, seen, source};

#[test]
fn the_last_of_each_once_all_have_spoken() {
    let (rows, end) = run(async {
        let a = source([(0, 1), (5, 2), (30, 3)], 100);
        let b = source([(10, 'a'), (20, 'b'), (40, 'c')], 50);
        seen(&stream(a).zip_latest(b).receiver()).await
    });
    assert_eq!(
        rows,
        [
            (10, (2, 'a')),
            (20, (2, 'b')),
            (30, (3, 'b')),
            (40, (3, 'c'))
        ]
    );
    assert_eq!(end, 100, "when all have ended");
}

#[test]
fn of_many_of_one_type_and_with_a_function() {
    let (sums, end) = run(async {
        let sources = vec![
            source([(0, 1), (50, 2)], 60),
            source([(10, 10)], 11),
            source([(20, 100), (30, 200)], 70),
        ];
        seen(&combine_latest(sources, |row| row.iter().sum::<u32>()).receiver()).await
    });
    assert_eq!(sums, [(20, 111), (30, 211), (50, 212)]);
    assert_eq!(end, 70);
}

#[test]
fn values_need_no_clone_with_a_function() {
    struct Plain(u32);
    let (rows, _) = run(async {
        let (a, b) = (source([(0, Plain(1))], 5), source([(1, "x")], 5));
        let both = combine_latest((a, b), |(a, b)| format!("{}{b}", a.0));
        seen(&both.receiver()).await
    });
    assert_eq!(rows, [(1, "1x".to_owned())]);
}

#[test]
fn it_ends_at_once_when_one_ends_that_never_spoke() {
    run(async {
        let (other, open) = chan(1);
        let silent = source(Vec::<(u64, u32)>::new(), 20);
        let rows = zip_latest((open, silent)).receiver();
        other.try_put(1).unwrap();
        assert_eq!(seen(&rows).await, (vec![], 20));
        assert!(other.is_closed());
    });
}

#[test]
fn it_fails_then_and_there() {
    run(async {
        let (other, open) = chan(1);
        let (tx, fails) = chan(1);
        let rows = zip_latest(vec![open, fails]).receiver();
        other.try_put(1).unwrap();
        tx.try_put(2).unwrap();
        assert_eq!(take!(rows), Some(vec![1, 2]));
        tx.fail("boom");
        assert_eq!(take!(rows), None);
        assert_eq!(failure(&rows).unwrap(), "boom");
        assert!(other.is_closed());
    });
}

#[test]
fn no_value_of_a_busy_source_keeps_the_other_waiting() {
    run(async {
        let rows = zip_latest((to_chan(0..), to_chan(0..))).receiver();
        let mut last = (0, 0);
        for _ in 0..1000 {
            last = take!(rows).unwrap();
        }
        assert!(last.0 > 300 && last.1 > 300, "{last:?}");
    });
}

#[test]
fn nothing_to_combine_is_closed() {
    run(async {
        let rows = zip_latest(Vec::<Receiver<u32>>::new()).receiver();
        assert_eq!(take!(rows), None);
        assert!(rows.failure().is_none());
    });
}
