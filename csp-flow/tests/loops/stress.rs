//! Many threads at once.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use csp::{
    EventLoop,
    lock::{Mutex, Queue, Semaphore},
    prelude::*,
};

use crate::util::{Log, poll};

const ROUNDS: usize = 500;

/// Blocks, threads, and waits that are given up at any moment: nobody is ever inside with another, and the
/// value survives.
#[test]
fn a_mutex_excludes_under_cancellation() {
    let mutex = Arc::new(Mutex::new(0_usize));
    let inside = Arc::new(AtomicUsize::new(0));
    let locked = Arc::new(AtomicUsize::new(0));
    let enter = {
        let (inside, locked) = (Arc::clone(&inside), Arc::clone(&locked));
        move |count: &mut usize| {
            assert_eq!(inside.fetch_add(1, SeqCst), 0);
            *count += 1;
            locked.fetch_add(1, SeqCst);
            assert_eq!(inside.fetch_sub(1, SeqCst), 1);
        }
    };
    let blocks: Vec<_> = (0..4)
        .map(|n| {
            let (mutex, enter) = (Arc::clone(&mutex), enter.clone());
            go!({
                for round in 0..ROUNDS {
                    if (n + round) % 3 == 0 {
                        // Given up at the first park, perhaps just when it is handed over.
                        let mut wait = Box::pin(mutex.lock());
                        drop(poll(wait.as_mut()));
                        yield_now().await;
                    } else {
                        let mut guard = mutex.lock().await;
                        enter(&mut guard);
                        if round % 7 == 0 {
                            yield_now().await;
                        }
                    }
                }
            })
        })
        .collect();
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let (mutex, enter) = (Arc::clone(&mutex), enter.clone());
            std::thread::spawn(move || {
                for _ in 0..ROUNDS {
                    enter(&mut mutex.lock_blocking());
                }
            })
        })
        .collect();
    for block in blocks {
        block.wait().unwrap();
    }
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(*mutex.try_lock().unwrap(), locked.load(SeqCst));
}

/// Permits of several sizes, given up at any moment: all are there in the end, and never more are out.
#[test]
fn a_semaphore_keeps_count_under_cancellation() {
    let semaphore = Arc::new(Semaphore::new(3));
    let out = Arc::new(AtomicUsize::new(0));
    let blocks: Vec<_> = (0..6)
        .map(|n| {
            let (semaphore, out) = (Arc::clone(&semaphore), Arc::clone(&out));
            go!({
                for round in 0..ROUNDS {
                    let count = 1 + (n + round) % 3;
                    let permit = if round % 4 == 0 {
                        let mut wait = Box::pin(semaphore.acquire_many(count));
                        let polled = poll(wait.as_mut());
                        yield_now().await;
                        match polled {
                            std::task::Poll::Ready(permit) => permit,
                            std::task::Poll::Pending => continue,
                        }
                    } else {
                        semaphore.acquire_many(count).await
                    };
                    assert!(out.fetch_add(permit.count(), SeqCst) + permit.count() <= 3);
                    if round % 5 == 0 {
                        yield_now().await;
                    }
                    out.fetch_sub(permit.count(), SeqCst);
                }
            })
        })
        .collect();
    for block in blocks {
        block.wait().unwrap();
    }
    assert_eq!(semaphore.available(), 3);
}

/// What a queue accepts comes out once, whoever gives up a take.
#[test]
fn a_queue_loses_and_doubles_nothing() {
    let queue = Arc::new(Queue::new(4, 3));
    let accepted = Log::new();
    let taken = Log::new();
    let putters: Vec<_> = (0..2)
        .map(|putter| {
            let (queue, accepted) = (Arc::clone(&queue), accepted.clone());
            go!({
                for n in 0..4 * ROUNDS {
                    let value = putter * 4 * ROUNDS + n;
                    if queue.try_put(value).is_ok() {
                        accepted.add(value);
                    }
                    if n % 3 == 0 {
                        yield_now().await;
                    }
                }
            })
        })
        .collect();
    let over = Arc::new(AtomicUsize::new(0));
    let takers: Vec<_> = (0..4)
        .map(|taker| {
            let (queue, taken, over) = (Arc::clone(&queue), taken.clone(), Arc::clone(&over));
            go!({
                while over.load(SeqCst) == 0 {
                    if taker % 2 == 0 {
                        taken_by(queue.try_take(), &taken);
                    } else if let Ok(wait) = queue.take() {
                        let mut wait = Box::pin(wait);
                        if let std::task::Poll::Ready(value) = poll(wait.as_mut()) {
                            taken.add(value);
                        }
                        yield_now().await;
                    }
                    yield_now().await;
                }
            })
        })
        .collect();
    for putter in putters {
        putter.wait().unwrap();
    }
    over.store(1, SeqCst);
    for taker in takers {
        taker.wait().unwrap();
    }
    assert_eq!(queue.waiting(), 0);
    while let Some(value) = queue.try_take() {
        taken.add(value);
    }
    let (mut accepted, mut taken) = (accepted.take(), taken.take());
    accepted.sort_unstable();
    taken.sort_unstable();
    assert_eq!(accepted, taken);
    assert!(!accepted.is_empty());
}

fn taken_by(value: Option<usize>, taken: &Log<usize>) {
    if let Some(value) = value {
        taken.add(value);
    }
}

/// Threads emit, set and cancel timers, and call, while the loop stops: what was accepted was done.
#[test]
fn a_loop_does_what_it_accepted() {
    for round in 0..20 {
        let events = EventLoop::new();
        let handle = events.handle();
        let handled = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&handled);
        events.on(move |_: &usize, events| {
            if count.fetch_add(1, SeqCst) >= 50 * (round + 1) {
                events.stop();
            }
        });
        let emitters: Vec<_> = (0..3)
            .map(|_| {
                let (handle, handled) = (handle.clone(), Arc::clone(&handled));
                std::thread::spawn(move || {
                    let mut accepted = 0;
                    loop {
                        let there = Arc::clone(&handled);
                        let done = match accepted % 3 {
                            0 => handle.emit(accepted).is_ok(),
                            1 => handle.call(move || _ = there.fetch_add(1, SeqCst)).is_ok(),
                            _ => {
                                if let Ok(timer) = handle.call_later(secs(60), || ()) {
                                    timer.cancel().ok();
                                }
                                handle
                                    .call_blocking(move || _ = there.fetch_add(1, SeqCst))
                                    .is_ok()
                            }
                        };
                        if !done {
                            return accepted;
                        }
                        accepted += 1;
                    }
                })
            })
            .collect();
        events.run();
        let accepted: usize = emitters
            .into_iter()
            .map(|emitter| emitter.join().unwrap())
            .sum();
        assert_eq!(handled.load(SeqCst), accepted);
    }
}
