//! Timeouts, sleeps, beats and limits; they hold no values, but who waits on them does.

use csp::{Closed, chan, interval, secs, sleep, timeout, within, yield_now};

use crate::harness::{Item, Scene, dropped_at_every_event};

#[test]
fn a_timeout_and_a_sleep() {
    dropped_at_every_event("Timeout, awaited", |_| {
        let (one, two) = (timeout(secs(1)), timeout(secs(1)));
        Scene::new(async move { one.await }).then(move || {
            csp::go!({ two.await });
        })
    });
    dropped_at_every_event("Timeout::take, twice", |_| {
        let limit = timeout(secs(2));
        Scene::new(async move {
            limit.take().await;
            limit.take().await;
        })
    });
    dropped_at_every_event("sleep", |_| {
        Scene::new(async move {
            for _ in 0..3 {
                sleep(secs(1)).await;
            }
        })
    });
}

#[test]
fn the_beats_of_an_interval() {
    dropped_at_every_event("Interval::beat", |_| {
        let mut every = interval(secs(3));
        Scene::new(async move {
            let mut last = csp::now();
            for _ in 0..3 {
                let at = every.beat().await;
                assert!(at >= last);
                last = at;
            }
        })
    });
}

/// A limit that comes first drops what it limits, and that loses nothing.
#[test]
fn a_limit_on_a_take() {
    dropped_at_every_event("within a limit", |book| {
        let (tx, rx) = chan(0);
        let probe = rx.clone();
        let feeder = book.clone();
        csp::go!({
            for n in 0..4 {
                sleep(secs(2)).await;
                if let Err(Closed(back)) = tx.put(feeder.value(n)).await {
                    back.taken();
                }
            }
        });
        let book = book.clone();
        Scene::new(async move {
            for limit in [1, 2, 3, 4, 5] {
                if let Ok(Some(item)) = within(secs(limit), rx.take()).await {
                    item.taken();
                }
            }
        })
        .then(move || book.eat(probe))
    });
}

#[test]
fn a_yield() {
    dropped_at_every_event("yield_now", |_| {
        Scene::new(async {
            for _ in 0..3 {
                yield_now().await;
            }
        })
    });
}

/// A go block awaited: its value is dropped with the handle, and nothing else is.
#[test]
fn a_go_block() {
    dropped_at_every_event("Go", |book| {
        let item = book.value(1);
        let go = csp::go!({
            yield_now().await;
            yield_now().await;
            item
        });
        Scene::new(async move { go.await.expect("it ends well").taken() }).may_drop(1)
    });
    dropped_at_every_event("a dynamic binding's future", |book| {
        let (tx, rx) = chan::<Item>(0);
        book.feed(tx, 2);
        let (book, probe) = (book.clone(), rx.clone());
        csp::dynamic! { static WHO: u32 = 0; }
        Scene::new(async move {
            let body = async {
                while let Some(item) = rx.take().await {
                    assert_eq!(WHO.get(), 5);
                    item.taken();
                }
            };
            WHO.bind_async(5, body).await;
        })
        .then(move || book.eat(probe))
    });
}
