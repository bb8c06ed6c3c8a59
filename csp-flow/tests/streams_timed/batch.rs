use csp::prelude::*;

use crate::util::{run, seen, seen_slowly, source};

#[test]
fn ev_151_a_batch_is_given_when_it_is_full() {
    let (batches, end) = run(async {
        let numbers = source((1..=7).map(|n| (n * 10, n)), 100);
        seen(&stream(numbers).batch(3, secs(1)).receiver()).await
    });
    assert_eq!(
        batches,
        [(30, vec![1, 2, 3]), (60, vec![4, 5, 6]), (100, vec![7])]
    );
    assert_eq!(end, 100);
}

#[test]
fn ev_151_a_batch_is_given_when_it_is_old_by_its_first_value() {
    let (batches, end) = run(async {
        let numbers = source([(5, 1), (15, 2), (24, 3), (25, 4), (100, 5)], 200);
        seen(&stream(numbers).batch(9, ms(20)).receiver()).await
    });
    // What comes at the very end of a batch's time belongs to the next one.
    assert_eq!(
        batches,
        [(25, vec![1, 2, 3]), (45, vec![4]), (120, vec![5])]
    );
    assert_eq!(end, 200, "no empty batches");
}

#[test]
fn the_clock_of_a_batch_starts_with_its_first_value_also_after_a_full_one() {
    let (batches, _) = run(async {
        let numbers = source([(0, 1), (10, 2), (15, 3)], 100);
        seen(&stream(numbers).batch(2, ms(20)).receiver()).await
    });
    assert_eq!(batches, [(10, vec![1, 2]), (35, vec![3])]);
}

#[test]
fn ev_151_a_batch_by_weight_and_a_heavy_value_alone() {
    let (batches, _) = run(async {
        let words = ["aa", "bb", "c", "dddddddd", "e", "", "fff", "gg"];
        let words = source(words.into_iter().zip(1..).map(|(word, at)| (at, word)), 100);
        seen(
            &stream(words)
                .batch_by(|word| word.len(), 4, secs(1))
                .receiver(),
        )
        .await
    });
    assert_eq!(
        batches,
        [
            (2, vec!["aa", "bb"]),
            (4, vec!["c"]),
            (4, vec!["dddddddd"]),
            (7, vec!["e", "", "fff"]),
            (100, vec!["gg"]),
        ]
    );
}

#[test]
fn a_value_that_was_too_heavy_waits_from_when_it_came() {
    let (batches, _) = run(async {
        let numbers = source([(0, 3), (10, 3)], 500);
        let batches = stream(numbers).batch_by(|&n| n, 4, ms(50)).receiver();
        sleep(ms(100)).await;
        seen(&batches).await
    });
    // 3 and 3 do not go together: the first waits for the taker from 10 to 100, and the other is old then.
    assert_eq!(batches, [(0, vec![3]), (0, vec![3])]);
}

#[test]
fn the_clock_of_a_value_that_was_too_heavy_is_its_own() {
    let (batches, _) = run(async {
        let numbers = source([(0, 3), (40, 3)], 500);
        seen(&stream(numbers).batch_by(|&n| n, 4, ms(50)).receiver()).await
    });
    assert_eq!(batches, [(40, vec![3]), (90, vec![3])]);
}

#[test]
fn a_batch_that_waits_to_be_taken_holds_the_source_back() {
    let (batches, _) = run(async {
        let (tx, rx) = chan(0);
        let batches = stream(rx).batch(2, ms(10)).receiver();
        let put = go!({
            let mut put = 0;
            for n in 1..=6 {
                put!(tx, n).unwrap();
                put = n;
            }
            put
        });
        sleep(ms(100)).await;
        assert!(!put.is_finished());
        let seen = seen_slowly(&batches, 10).await;
        assert_eq!(put.await, Ok(6));
        seen
    });
    assert_eq!(
        batches,
        [(0, vec![1, 2]), (10, vec![3, 4]), (20, vec![5, 6])]
    );
}

#[test]
fn without_a_time_a_batch_waits_for_its_number() {
    let (batches, _) = run(async {
        let numbers = source(
            [(0, 1), (1_000_000_000, 2), (1_000_000_001, 3)],
            2_000_000_000,
        );
        seen(&stream(numbers).batch(2, secs(u64::MAX)).receiver()).await
    });
    assert_eq!(
        batches,
        [(1_000_000_000, vec![1, 2]), (2_000_000_000, vec![3])]
    );
}

#[test]
fn a_batch_without_latency_is_a_value() {
    let (batches, _) =
        run(async { seen(&stream(to_chan([1, 2])).batch(2, ms(0)).receiver()).await });
    assert_eq!(batches, [(0, vec![1]), (0, vec![2])]);
}

#[test]
fn many_values_in_batches() {
    let sum = run(async {
        let batches = stream(to_chan(0..100_000_u64))
            .batch(1000, secs(1))
            .receiver();
        let (mut sum, mut count) = (0, 0);
        while let Some(batch) = take!(batches) {
            assert_eq!(batch.len(), 1000);
            sum += batch.iter().sum::<u64>();
            count += 1;
        }
        (sum, count)
    });
    assert_eq!(sum, (4_999_950_000, 100));
}

#[test]
#[should_panic(expected = "write batch(1, ..) or more")]
fn a_batch_of_none() {
    drop(stream(to_chan([1])).batch(0, ms(1)));
}

#[test]
#[should_panic(expected = "write a limit of 1 or more")]
fn a_batch_of_no_weight() {
    drop(stream(to_chan([1])).batch_by(|_| 1, 0, ms(1)));
}
