//! `sample_every`, `chunk_every`.

use csp::prelude::*;

use crate::util::{run, seen, seen_slowly, source};

#[test]
fn a_sample_is_the_last_value_again_and_again() {
    // Lamina: `1 2 | - | 3` gives `2 2 3`.
    let (seen, end) = run(async {
        let all = source([(3, 1), (4, 2), (25, 3)], 26);
        seen(&stream(all).sample_every(ms(10)).receiver()).await
    });
    assert_eq!(seen, [(13, 2), (23, 2), (26, 3)]);
    assert_eq!(end, 26);
}

#[test]
fn a_sample_that_was_given_is_not_given_again_at_the_end() {
    let (seen, end) = run(async {
        let all = source([(0, 1)], 25);
        seen(&stream(all).sample_every(ms(10)).receiver()).await
    });
    assert_eq!((seen, end), (vec![(10, 1), (20, 1)], 25));
}

#[test]
fn no_sample_before_the_first_value() {
    let samples = run(async {
        let all = source([(95, 1), (105, 2)], 106);
        seen(&stream(all).sample_every(ms(10)).receiver()).await
    });
    // At 105 the beat comes before the value.
    assert_eq!(samples, (vec![(105, 1), (106, 2)], 106));
    let nothing = run(async {
        let none = source(Vec::<(u64, u32)>::new(), 55);
        seen(&stream(none).sample_every(ms(10)).receiver()).await
    });
    assert_eq!(nothing, (vec![], 55));
}

#[test]
fn beats_that_a_slow_taker_misses_are_skipped() {
    let (seen, _) = run(async {
        let all = source([(0, 1), (24, 2)], 55);
        seen_slowly(&stream(all).sample_every(ms(10)).receiver(), 25).await
    });
    // The sample of 20 waits until 35, so 2 comes then. The next beat is that of 40, and waits until 60.
    assert_eq!(seen, [(10, 1), (35, 1), (60, 2)]);
}

#[test]
fn a_chunk_is_all_of_a_period_and_empty_if_nothing_came() {
    let (seen, end) = run(async {
        let all = source([(3, 1), (4, 2), (12, 3), (13, 4), (44, 5)], 45);
        seen(&stream(all).chunk_every(ms(10)).receiver()).await
    });
    let chunks = [
        (13, vec![1, 2, 3]),
        (23, vec![4]),
        (33, vec![]),
        (43, vec![]),
        (45, vec![5]),
    ];
    assert_eq!(seen, chunks);
    assert_eq!(end, 45);
}

#[test]
fn no_empty_chunk_at_the_end() {
    let (seen, end) = run(async {
        let all = source([(0, 1)], 15);
        seen(&stream(all).chunk_every(ms(10)).receiver()).await
    });
    assert_eq!((seen, end), (vec![(10, vec![1])], 15));
}

#[test]
fn a_busy_source_does_not_keep_the_clock_waiting() {
    let (seen, _) = run(async {
        let all = source((0..1000_u64).map(|n| (n, n)), 1000);
        seen(&stream(all).chunk_every(ms(10)).receiver()).await
    });
    assert_eq!(seen.len(), 100);
    for ((at, chunk), n) in seen.into_iter().zip(0..) {
        assert_eq!(at, (n + 1) * 10);
        assert!(chunk.into_iter().eq(n * 10..(n + 1) * 10));
    }
}

#[test]
fn nothing_is_lost_between_chunks_for_a_slow_taker() {
    let (seen, _) = run(async {
        let all = source((0..100_u64).map(|n| (n, n)), 100);
        seen_slowly(&stream(all).chunk_every(ms(10)).receiver(), 35).await
    });
    let all: Vec<_> = seen.into_iter().flat_map(|(_, chunk)| chunk).collect();
    assert!(all.into_iter().eq(0..100));
}

#[test]
#[should_panic(expected = "sample_every with a period of zero")]
fn a_sample_every_nothing() {
    drop(stream(to_chan([1])).sample_every(ms(0)));
}

#[test]
#[should_panic(expected = "chunk_every with a period of zero")]
fn a_chunk_every_nothing() {
    drop(stream(to_chan([1])).chunk_every(ms(0)));
}
