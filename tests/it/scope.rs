//! Blocks that borrow from the stack.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use csp::prelude::*;

use crate::util::{LIMIT, on_one_worker, runtime, value};

#[test]
fn blocks_borrow_and_their_values_come_back() {
    let words = ["go", "blocks", "borrow"].map(str::to_owned);
    let mut counts = [0; 3];
    let longest = scope(|s| {
        let blocks: Vec<_> = words
            .iter()
            .zip(&mut counts)
            .map(|(word, count)| {
                s.go(async move {
                    yield_now().await;
                    *count = word.len();
                    word.as_str()
                })
            })
            .collect();
        blocks
            .into_iter()
            .map(|block| block.wait().unwrap())
            .max_by_key(|word| word.len())
    });
    assert_eq!(longest, Some("borrow"));
    assert_eq!(counts, [2, 6, 6]);
}

/// The scope ends after its blocks, wanted or not.
#[test]
fn scope_ends_after_its_blocks() {
    let ended = AtomicUsize::new(0);
    for _ in 0..20 {
        scope(|s| {
            for n in 0..10_u64 {
                let ended = &ended;
                drop(s.go(async move {
                    if n % 3 == 0 {
                        sleep(ms(1)).await;
                    }
                    yield_now().await;
                    ended.fetch_add(1, Ordering::SeqCst);
                }));
            }
        });
        assert_eq!(ended.swap(0, Ordering::SeqCst), 10);
    }
}

/// Blocks start blocks on the same scope, which waits for those too.
#[test]
fn blocks_start_blocks_on_the_scope() {
    let log = Mutex::new(Vec::new());
    scope(|s| {
        let log = &log;
        s.go(async move {
            for n in 0..5 {
                drop(s.go(async move {
                    yield_now().await;
                    log.lock().unwrap().push(n);
                }));
            }
        })
        .wait()
        .unwrap();
    });
    assert_eq!(
        crate::util::sorted(log.into_inner().unwrap()),
        [0, 1, 2, 3, 4]
    );
}

/// In a block, on the only worker: its queue is handed over meanwhile.
#[test]
fn scope_inside_a_block_on_one_worker() {
    let sum = on_one_worker(async {
        let numbers = [1, 2, 3];
        let other = go!({ 10 });
        let sum = scope(|s| {
            let blocks = numbers.each_ref().map(|n| s.go(async move { *n * 2 }));
            blocks
                .into_iter()
                .map(|block| block.wait().unwrap())
                .sum::<i32>()
        });
        sum + other.await.unwrap()
    });
    assert_eq!(sum, 22);
}

#[test]
fn scopes_nest() {
    let outer = [1, 2];
    let total = scope(|s| {
        let block = s.go(async {
            let inner = [10, 20];
            scope(|t| {
                let sum = t.go(async { inner.iter().sum::<i32>() + outer.iter().sum::<i32>() });
                sum.wait().unwrap()
            })
        });
        block.wait()
    });
    assert_eq!(total, Ok(33));
}

#[test]
fn blocks_of_a_scope_talk_over_channels() {
    let words = ["a", "b", "c"];
    let all = scope(|s| {
        let (tx, rx) = chan(0);
        drop(s.go(async {
            let tx = tx;
            for word in &words {
                put!(tx, *word).unwrap();
            }
        }));
        let all = s.go(async move {
            let mut all = String::new();
            while let Some(word) = take!(rx) {
                all.push_str(word);
            }
            all
        });
        all.wait()
    });
    assert_eq!(all, Ok("abc".to_owned()));
}

/// A panic of a block is in its handle, and nowhere else.
#[test]
fn panic_of_a_block_is_in_its_handle() {
    let kept = [1, 2, 3];
    let sum = scope(|s| {
        let bad = s.go(async {
            assert_eq!(kept.len(), 4, "on purpose, in a scope");
        });
        let good = s.go(async { kept.iter().sum::<i32>() });
        let failure = bad.wait().unwrap_err().to_string();
        assert!(failure.contains("on purpose, in a scope"), "{failure}");
        good.wait()
    });
    assert_eq!(sum, Ok(6));
}

/// If the scope's own function panics, its blocks still end first.
#[test]
fn panic_of_the_scope_waits_for_its_blocks() {
    let ended = AtomicUsize::new(0);
    let thrown = catch_unwind(AssertUnwindSafe(|| {
        scope(|s| {
            for _ in 0..5 {
                drop(s.go(async {
                    sleep(ms(2)).await;
                    ended.fetch_add(1, Ordering::SeqCst);
                }));
            }
            panic!("on purpose");
        });
    }));
    assert_eq!(thrown.unwrap_err().downcast_ref(), Some(&"on purpose"));
    assert_eq!(ended.load(Ordering::SeqCst), 5);
}

#[test]
fn cancelling_a_block_of_a_scope() {
    let local = Cell::new(0);
    scope(|s| {
        let (_tx, rx) = chan::<u32>(0);
        let block = s.go(async move { take!(rx) });
        assert!(!block.is_finished());
        assert!(block.cancel());
        assert_eq!(block.wait(), Err(Failure::Cancelled));
        local.set(1);
    });
    assert_eq!(local.get(), 1);
}

#[test]
fn joining_inside_another_block() {
    let text = String::from("text");
    let len = scope(|s| {
        let one = s.go(async { text.len() });
        let two = s.go(async move { one.join().await.unwrap() * 2 });
        two.wait()
    });
    assert_eq!(len, Ok(8));
}

#[test]
fn empty_scope_gives_its_value() {
    assert_eq!(scope(|_| 5), 5);
}

/// On a runtime that ends: its blocks are cancelled, and the scope ends.
#[test]
fn scope_on_a_runtime_that_ended() {
    let rt = runtime(1);
    let entered = rt.enter();
    rt.shutdown(LIMIT).unwrap();
    let kept = [1];
    scope(|s| {
        assert_eq!(s.go(async { kept.len() }).wait(), Err(Failure::Cancelled));
    });
    drop(entered);
}

#[test]
fn stress_scopes_on_every_worker() {
    let rt = runtime(2);
    let blocks: Vec<_> = (0..8_u64)
        .map(|seed| {
            rt.go(async move {
                let mut sum = 0;
                for round in 0..50 {
                    let data: Vec<u64> = (0..10).map(|n| n * seed + round).collect();
                    sum += scope(|s| {
                        let parts = data
                            .chunks(3)
                            .map(|part| s.go(async move { part.iter().sum::<u64>() }));
                        let parts: Vec<_> = parts.collect();
                        parts
                            .into_iter()
                            .map(|part| part.wait().unwrap())
                            .sum::<u64>()
                    });
                    yield_now().await;
                }
                sum
            })
        })
        .collect();
    for (seed, block) in (0..).zip(blocks) {
        assert_eq!(
            value(block),
            (0..50).map(|round| 45 * seed + 10 * round).sum::<u64>()
        );
    }
}
