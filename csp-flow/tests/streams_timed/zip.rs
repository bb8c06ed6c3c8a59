use csp::{
    prelude::*,
    stream::{zip, zip_with_rest},
};

use crate::util::{failure, run, seen, source};

#[test]
fn the_nth_goes_with_the_nth() {
    let (rows, end) = run(async {
        let a = source([(0, 1), (1, 2), (30, 3)], 100);
        let b = source([(10, 'a'), (20, 'b'), (25, 'c')], 40);
        seen(&stream(a).zip(b).receiver()).await
    });
    assert_eq!(rows, [(10, (1, 'a')), (20, (2, 'b')), (30, (3, 'c'))]);
    assert_eq!(end, 40, "as soon as one has ended");
}

/// EV-150: zip of 3 × 10,000.
#[test]
fn ev_150_three_times_ten_thousand() {
    run(async {
        let three = (to_chan(0..10_000), to_chan(10_000..20_000), to_chan(0..));
        let (rows, end) = seen(&zip(three).receiver()).await;
        assert_eq!(end, 0);
        assert!(
            rows.into_iter()
                .map(|(_, row)| row)
                .eq((0..10_000).map(|n| (n, n + 10_000, n)))
        );
        let three = vec![
            to_chan(0..10_000),
            to_chan(10_000..20_000),
            to_chan(0..20_000),
        ];
        let (rows, _) = seen(&zip(three).receiver()).await;
        let rows = rows.into_iter().map(|(_, row)| row);
        assert!(rows.eq((0..10_000).map(|n| vec![n, n + 10_000, n])));
    });
}

#[test]
fn it_ends_when_one_ends_though_the_others_are_silent() {
    run(async {
        let (_tx, silent) = chan::<u32>(0);
        let ends = source(Vec::<(u64, u32)>::new(), 20);
        assert_eq!(seen(&zip((silent, ends)).receiver()).await, (vec![], 20));
    });
}

#[test]
fn it_fails_when_one_fails() {
    run(async {
        let (_tx, silent) = chan::<u32>(0);
        let (tx, fails) = chan::<u32>(0);
        let rows = zip(vec![silent, fails]).receiver();
        tx.fail("boom");
        assert_eq!(take!(rows), None);
        assert_eq!(failure(&rows).unwrap(), "boom");
    });
}

#[test]
fn what_is_left_over_of_the_last_row_comes_back() {
    run(async {
        let (tx, a) = chan(8);
        for n in 1..=4 {
            tx.try_put(n).unwrap();
        }
        let b = source([(10, 'x'), (20, 'y')], 30);
        let (rows, rest) = zip_with_rest((a.clone(), b), 0);
        let (seen, end) = seen(&rows).await;
        assert_eq!((seen, end), (vec![(10, (1, 'x')), (20, (2, 'y'))], 30));
        assert_eq!(rest.await, Ok((Some(3), None)));
        assert_eq!(a.try_take(), Ok(4), "the others are in the source");
    });
}

#[test]
fn a_row_that_nobody_takes_comes_back() {
    run(async {
        let sources = vec![to_chan([1, 2]), to_chan([10, 20]), to_chan([100, 200])];
        let (rows, rest) = zip_with_rest(sources, 0);
        assert_eq!(take!(rows), Some(vec![1, 10, 100]));
        sleep(ms(1)).await;
        drop(rows);
        assert_eq!(rest.await, Ok(vec![Some(2), Some(20), Some(200)]));
        let (_tx, silent) = chan::<()>(0);
        let (rows, rest) = zip_with_rest((to_chan([1]), silent, to_chan(['x']), to_chan(["y"])), 0);
        sleep(ms(1)).await;
        drop(rows);
        assert_eq!(rest.await, Ok((Some(1), None, Some('x'), Some("y"))));
    });
}

#[test]
fn nothing_to_zip_is_closed() {
    run(async {
        let (rows, rest) = zip_with_rest(Vec::<Receiver<u32>>::new(), 0);
        assert_eq!(take!(rows), None);
        assert!(rows.failure().is_none());
        assert_eq!(rest.await, Ok(vec![]));
    });
}

#[test]
fn a_row_of_many_that_come_one_by_one() {
    run(async {
        let sources = (0..100).map(|n| source([(n, n), (100 + n, n)], 300));
        let (rows, _) = seen(&zip(sources.collect::<Vec<_>>()).receiver()).await;
        let row: Vec<_> = (0..100).collect();
        assert_eq!(rows, [(99, row.clone()), (199, row)]);
    });
}
