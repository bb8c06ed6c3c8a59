use std::{collections::HashSet, thread};

use super::*;

/// Each thread goes through the ends of several runs.
#[test]
fn no_two_channels_of_any_threads_have_one_number() {
    const EACH: u32 = 5 * AT_A_TIME + 7;
    let numbers: Vec<Vec<u32>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| (0..EACH).map(|_| next()).collect()))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    for of_one in &numbers {
        assert!(of_one.is_sorted(), "they grow");
        let runs = of_one.chunk_by(|a, b| a + 1 == *b).map(<[u32]>::len);
        assert!(runs.max() >= Some(AT_A_TIME as usize), "they come in runs");
    }
    let all: HashSet<u32> = numbers.into_iter().flatten().collect();
    assert_eq!(all.len(), 8 * EACH as usize);
    assert!(!all.contains(&0));
}
