//! Eventual values: what waits for one, dropped at every moment. A value that was settled into a promise goes with
//! the promise; one that comes too late is given back to the settler.

use csp::{
    Completer, Promise, Resolver, Shared, flow,
    promise::{all, any, fold, promise, race, repeat, settled, traverse},
    secs, sleep, yield_now,
};

use crate::harness::{Book, Item, Scene, dropped_at_every_event};

/// A promise that a block settles after some turns; a value that nobody wants comes back.
fn later(book: &Book, n: u32) -> Promise<Item> {
    let (resolver, answer) = promise();
    settle_later(book, n, resolver);
    answer
}

fn settle_later(book: &Book, n: u32, resolver: Resolver<Item, csp::Error>) {
    let item = book.value(n);
    csp::go!({
        for _ in 0..n {
            yield_now().await;
        }
        if let Err(back) = resolver.fulfill(item) {
            back.taken();
        }
    });
}

#[test]
fn a_promise_awaited() {
    dropped_at_every_event("Promise", |book| {
        let answer = later(book, 2);
        Scene::new(async move { answer.await.expect("it is fulfilled").taken() }).may_drop(1)
    });
    dropped_at_every_event("Promise, cancel on drop", |book| {
        let answer = later(book, 2).cancel_on_drop();
        Scene::new(async move { answer.await.expect("it is fulfilled").taken() }).may_drop(1)
    });
}

/// Each reader has a clone; the promise's own value goes with its last handle.
#[test]
fn a_shared_promise_with_several_readers() {
    dropped_at_every_event("Shared", |book| {
        let answer: Shared<_, _> = later(book, 2).shared();
        let (other, third) = (answer.clone(), answer.clone());
        csp::go!({ other.await.expect("it is fulfilled").taken() });
        Scene::new(async move {
            (&answer).await.expect("it is fulfilled").taken();
            answer.await.expect("it is fulfilled").taken();
        })
        .may_drop(1)
        .always_drops(1)
        .then(move || {
            assert!(third.waiting() <= 1, "{} wait", third.waiting());
        })
    });
}

#[test]
fn chains_of_steps() {
    dropped_at_every_event("Promise::map, and_then, timeout", |book| {
        let more = book.clone();
        let answer = later(book, 2)
            .map(|item| item)
            .and_then(move |item| {
                let next = later(&more, 3);
                next.map(move |second| (item, second))
            })
            .delay(secs(1))
            .timeout(secs(5));
        Scene::new(async move {
            let (first, second) = answer.await.expect("it is fulfilled");
            first.taken();
            second.taken();
        })
        .may_drop(2)
    });
}

#[test]
fn several_at_a_time() {
    dropped_at_every_event("promise::all", |book| {
        let answers = all((1..=3).map(|n| later(book, n)).collect::<Vec<_>>());
        Scene::new(async move {
            let items = answers.await.expect("all are fulfilled");
            items.into_iter().for_each(Item::taken);
        })
        .may_drop(3)
    });
    dropped_at_every_event("promise::settled", |book| {
        let answers = settled((1..=3).map(|n| later(book, n)).collect::<Vec<_>>());
        Scene::new(async move {
            let items = answers.await.expect("all are settled");
            items.into_iter().flatten().for_each(Item::taken);
        })
        .may_drop(3)
    });
    dropped_at_every_event("promise::race", |book| {
        let answers = race((1..=3).map(|n| later(book, n)).collect::<Vec<_>>());
        Scene::new(async move {
            answers.await.expect("one is fulfilled").1.taken();
        })
        .may_drop(3)
        // Losers that were settled at the same time.
        .always_drops(2)
    });
    dropped_at_every_event("promise::any", |book| {
        let answers = any((1..=3).map(|n| later(book, n)).collect::<Vec<_>>());
        Scene::new(async move {
            assert!(answers.await.map(|(_, item)| item.taken()).is_ok());
        })
        .may_drop(3)
        .always_drops(2)
    });
}

#[test]
fn loops_of_promises() {
    dropped_at_every_event("promise::traverse", |book| {
        let book = book.clone();
        let answers = traverse(1..=3_u32, 2, move |n| later(&book, n));
        Scene::new(async move {
            let items = answers.await.expect("all are fulfilled");
            items.into_iter().for_each(Item::taken);
        })
        .may_drop(3)
    });
    dropped_at_every_event("promise::fold", |book| {
        let book = book.clone();
        let sum = fold(1..=3_u32, 0, move |sum: u32, n| {
            later(&book, n).map(move |item| {
                let n = item.n;
                item.taken();
                sum + n
            })
        });
        Scene::new(async move { assert_eq!(sum.await.expect("it ends"), 6) }).may_drop(1)
    });
    dropped_at_every_event("promise::repeat", |book| {
        let book = book.clone();
        let end = repeat(0_u32, move |n| {
            later(&book, 1).map(move |item| {
                item.taken();
                if n < 3 {
                    std::ops::ControlFlow::Continue(n + 1)
                } else {
                    std::ops::ControlFlow::Break(n)
                }
            })
        });
        Scene::new(async move { assert_eq!(end.await.expect("it ends"), 3) }).may_drop(1)
    });
}

/// The settler's side: waits until nobody wants its work.
#[test]
fn a_settler_that_learns_that_it_is_not_wanted() {
    dropped_at_every_event("Unwanted, of a resolver", |book| {
        let (resolver, answer) = promise::<Item, csp::Error>();
        csp::go!({
            yield_now().await;
            yield_now().await;
            drop(answer);
        });
        let item = book.value(1);
        let keep = crate::harness::kept();
        keep.set(Some(resolver));
        let again = std::rc::Rc::clone(&keep);
        Scene::new(async move {
            let resolver = keep.take().expect("it is there");
            let back = PutBack(&keep, Some(resolver));
            back.1.as_ref().expect("it is there").unwanted().await;
        })
        .then(move || {
            let resolver = again.take().expect("it was put back");
            match resolver.fulfill(item) {
                Ok(()) => (),
                Err(back) => back.taken(),
            }
        })
        // Fulfilled while the other still held the promise, which is then dropped.
        .may_drop(1)
    });
    dropped_at_every_event("Unwanted, of a completer", |book| {
        let (resolver, answer) = promise::<Item, csp::Error>();
        let completer: Completer<_, _> = resolver.into_completer();
        let other = completer.clone();
        csp::go!({
            yield_now().await;
            answer.cancel();
        });
        let item = book.value(1);
        Scene::new(async move { completer.unwanted().await })
            .then(move || {
                if let Err(back) = other.fulfill(item) {
                    back.taken();
                }
            })
            .may_drop(1)
    });
}

struct PutBack<'a, T>(&'a crate::harness::Kept<T>, Option<T>);

impl<T> Drop for PutBack<'_, T> {
    fn drop(&mut self) {
        self.0.set(self.1.take());
    }
}

/// Callbacks of a shared promise come in their order, whoever else is dropped meanwhile.
#[test]
fn callbacks_beside_a_reader_that_is_dropped() {
    dropped_at_every_event("Shared, with subscribers", |book| {
        let answer = later(book, 2).shared();
        let seen = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        for _ in 0..3 {
            let seen = std::sync::Arc::clone(&seen);
            let callbacks = answer.subscribe(
                move |_| {
                    seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                },
                |failure| panic!("{failure}"),
            );
            drop(callbacks);
        }
        let mut receiver = Some(answer.clone().into_receiver());
        Scene::new(async move {
            let rx = receiver.take().expect("it is there");
            let outcome = rx.take().await.expect("it has the outcome");
            outcome.expect("it is fulfilled").taken();
            answer.await.expect("it is fulfilled").taken();
        })
        // The promise's own, and the clone that its receiver holds for ever.
        .may_drop(2)
        .always_drops(3)
    });
}

/// `flow!` starts what can be started, and drops what is left with it.
#[test]
fn dataflow() {
    dropped_at_every_event("flow!", |book| {
        let book = book.clone();
        Scene::new(async move {
            let (one, two, third) = (book.clone(), book.clone(), book.clone());
            let sum = flow! {
                let x = later(&one, 3).await.expect("it is fulfilled");
                let y = later(&two, 1).await.expect("it is fulfilled");
                let z = { sleep(secs(1)).await; third.value(y.n) };
                {
                    let sum = x.n + y.n + z.n;
                    x.taken();
                    y.taken();
                    z.taken();
                    sum
                }
            };
            let sum = sum.await;
            assert_eq!(sum, 5);
        })
        .may_drop(3)
    });
}
