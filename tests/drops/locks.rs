//! Locks: who waits for one, or holds it, is dropped; the others get it, and what it guards is still there.

use std::sync::Arc;

use csp::{
    Go,
    lock::{Bulkhead, Mutex, Queue, Semaphore, lock_all},
    yield_now,
};

use crate::harness::{Scene, dropped_at_every_event};

/// A block that does something after some turns.
fn other<F>(turns: usize, work: impl FnOnce() -> F + 'static + Send) -> Go<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    csp::go!({
        for _ in 0..turns {
            yield_now().await;
        }
        work().await;
    })
}

#[test]
fn a_mutex() {
    dropped_at_every_event("Mutex::lock and run", |book| {
        let mutex = Arc::new(Mutex::new(book.value(0)));
        for turns in 0..2 {
            let mutex = Arc::clone(&mutex);
            drop(other(turns, move || async move {
                let mut item = mutex.lock().await;
                yield_now().await;
                item.n += 1;
            }));
        }
        let later = Arc::clone(&mutex);
        Scene::new(async move {
            let mut item = mutex.lock().await;
            item.n += 10;
            yield_now().await;
            drop(item);
            mutex.run(async |item| item.n += 10).await;
        })
        .then(move || {
            drop(other(8, move || async move {
                let item = later.lock().await;
                assert_eq!(item.n % 10, 2);
                drop(item);
                let mutex = Arc::into_inner(later).expect("all others have ended");
                mutex.into_inner().expect("nobody has it").taken();
            }));
        })
    });
    dropped_at_every_event("lock_all", |book| {
        let (a, b) = (
            Arc::new(Mutex::new(book.value(1))),
            Arc::new(Mutex::new(book.value(2))),
        );
        let (x, y) = (Arc::clone(&a), Arc::clone(&b));
        drop(other(0, move || async move {
            let held = y.lock().await;
            yield_now().await;
            drop(held);
            let held = x.lock().await;
            yield_now().await;
            drop(held);
        }));
        let (x, y) = (Arc::clone(&a), Arc::clone(&b));
        Scene::new(async move {
            let both = lock_all(&[&x, &y]).await;
            yield_now().await;
            drop(both);
        })
        .then(move || {
            drop(other(8, move || async move {
                drop(lock_all(&[&b, &a]).await);
                for mutex in [a, b] {
                    let mutex = Arc::into_inner(mutex).expect("all others have ended");
                    mutex.into_inner().expect("nobody has it").taken();
                }
            }));
        })
    });
}

#[test]
fn a_semaphore() {
    dropped_at_every_event("Semaphore::acquire, acquire_many, run", |_| {
        let permits = Arc::new(Semaphore::new(3));
        for turns in 0..3 {
            let permits = Arc::clone(&permits);
            drop(other(turns, move || async move {
                let one = permits.acquire().await;
                yield_now().await;
                drop(one);
            }));
        }
        let later = Arc::clone(&permits);
        Scene::new(async move {
            let one = permits.acquire().await;
            yield_now().await;
            drop(one);
            let all = permits.acquire_many(3).await;
            yield_now().await;
            drop(all);
            permits.run(async || yield_now().await).await;
        })
        .then(move || {
            drop(other(8, move || async move {
                drop(later.acquire_many(3).await);
                assert_eq!(later.available(), 3);
            }));
        })
    });
}

#[test]
fn a_bulkhead() {
    dropped_at_every_event("Bulkhead::enter and run", |_| {
        let bulkhead = Bulkhead::new(1, 5);
        for turns in 0..2 {
            let bulkhead = bulkhead.clone();
            drop(other(turns, move || async move {
                let place = bulkhead.enter().expect("there is room").await;
                yield_now().await;
                drop(place);
            }));
        }
        let later = bulkhead.clone();
        Scene::new(async move {
            let place = bulkhead.enter().expect("there is room").await;
            yield_now().await;
            drop(place);
            bulkhead
                .run(async || yield_now().await)
                .await
                .expect("there is room");
        })
        .then(move || {
            drop(other(8, move || async move {
                assert_eq!((later.inside(), later.running()), (0, 0));
                drop(later.enter().expect("there is room").await);
            }));
        })
    });
}

#[test]
fn a_queue() {
    dropped_at_every_event("Queue::take", |book| {
        let queue = Arc::new(Queue::new(5, 5));
        let puts = Arc::clone(&queue);
        let values = book.clone();
        drop(other(0, move || async move {
            for n in 1..=3 {
                yield_now().await;
                assert!(puts.try_put(values.value(n)).is_ok());
            }
        }));
        let later = Arc::clone(&queue);
        Scene::new(async move {
            for n in 1..=3 {
                let item = queue.take().expect("there is room to wait").await;
                assert_eq!(item.n, n);
                item.taken();
            }
        })
        .then(move || {
            drop(other(8, move || async move {
                let mut last = 0;
                while let Some(item) = later.try_take() {
                    assert!(item.n > last);
                    last = item.n;
                    item.taken();
                }
                assert_eq!((later.len(), later.waiting()), (0, 0));
            }));
        })
    });
}
