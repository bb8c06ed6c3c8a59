//! What a channel's own futures are: takes, puts, the wait for its close, streams and sinks, transactions.

use csp::{
    Buffer, Closed, Receiver, Sender, chan, chan_with, dropping, promise_buffer, put_all_or_none,
    sliding, take_any, xf, yield_now,
};

use crate::harness::{Book, Item, Scene, drain, dropped_at_every_event};

type Make = fn() -> Buffer<Item>;

/// Channels that lose nothing by themselves.
fn buffers() -> [(&'static str, Make); 3] {
    [
        ("rendezvous", || Buffer::from(0)),
        ("buffer of 1", || Buffer::from(1)),
        ("buffer of 3", || Buffer::from(3)),
    ]
}

/// Another value goes through, and nobody waits.
fn still_works(book: &Book, tx: Sender<Item>, rx: &Receiver<Item>) {
    let shown = format!("{rx:?}");
    assert!(shown.contains("takers: 0"), "{shown}");
    drain(rx);
    let shown = format!("{rx:?}");
    assert!(shown.contains("putters: 0"), "{shown}");
    let put = tx.put_then(book.value(99), |result| assert!(result.is_ok()));
    assert!(put.is_ok());
    assert_eq!(rx.try_take().map(Item::taken), Ok(()));
    drop(tx);
}

/// Takes, one after the other; the putter goes on, and the rest is still there.
#[test]
fn a_take_dropped_anywhere_loses_nothing() {
    for (name, buffer) in buffers() {
        dropped_at_every_event(&format!("Take, {name}"), |book| {
            let (tx, rx) = chan(buffer());
            let (book, probe, again) = (book.clone(), rx.clone(), tx.clone());
            book.feed(tx, 4);
            Scene::new(async move {
                for n in 1..=4 {
                    let item = rx.take().await.expect("four come");
                    assert_eq!(item.n, n);
                    item.taken();
                }
            })
            .then(move || {
                // What was under way comes in its order.
                let rest = probe.clone();
                let eaten = book.clone();
                csp::go!({
                    let mut last = 0;
                    while let Ok(item) = rest.try_take() {
                        assert!(item.n > last);
                        last = item.n;
                        item.taken();
                        yield_now().await;
                    }
                    drop(rest);
                    drop(eaten);
                });
                drop(again);
                book.eat(probe);
            })
        });
    }
}

/// Puts, one after the other: a put that is dropped takes at most its own value with it.
#[test]
fn a_put_dropped_anywhere_loses_at_most_its_own_value() {
    for (name, buffer) in buffers() {
        dropped_at_every_event(&format!("Put, {name}"), |book| {
            let (tx, rx) = chan(buffer());
            let (mine, probe, again) = (book.clone(), rx.clone(), tx.clone());
            let eater = book.clone();
            csp::go!({
                for _ in 0..2 {
                    yield_now().await;
                    rx.take().await.into_iter().for_each(Item::taken);
                }
            });
            let values = book.clone();
            Scene::new(async move {
                for n in 1..=2 {
                    tx.put(values.value(n)).await.expect("somebody takes");
                }
            })
            .may_drop(1)
            .then(move || {
                // If the future put too few, its taker still waits, and has what comes now.
                for n in 0..2 {
                    let put = again.put_then(eater.value(50 + n), |result| {
                        if let Err(Closed(back)) = result {
                            back.taken();
                        }
                    });
                    assert!(put.is_ok());
                }
                drop(again);
                mine.eat(probe);
            })
        });
    }
}

/// A channel nobody takes from: the put is refused by the close, and has its value again.
#[test]
fn a_put_that_a_close_refuses_gives_its_value_back() {
    dropped_at_every_event("Put, closed meanwhile", |book| {
        let (tx, rx) = chan(0);
        csp::go!({
            yield_now().await;
            rx.close();
        });
        let item = book.value(1);
        Scene::new(async move {
            let Err(Closed(back)) = tx.put(item).await else {
                panic!("nobody took it");
            };
            back.taken();
        })
        .may_drop(1)
    });
}

/// What a transducer makes of a value is accounted for like the value.
#[test]
fn takes_and_puts_of_a_transduced_channel() {
    dropped_at_every_event("Take, transduced", |book| {
        let twice = book.clone();
        let xform = xf::mapcat(move |item: Item| {
            let pair = [twice.value(item.n), twice.value(item.n)];
            item.taken();
            pair
        });
        let (tx, rx) = chan_with(2, xform);
        let probe = rx.clone();
        let feeder = book.clone();
        csp::go!({
            for n in 1..=2 {
                yield_now().await;
                if let Err(Closed(back)) = tx.put(feeder.value(n)).await {
                    back.taken();
                }
            }
        });
        let book = book.clone();
        Scene::new(async move {
            while let Some(item) = rx.take().await {
                item.taken();
            }
        })
        .then(move || book.eat(probe))
    });
}

/// Buffers that drop by rule: nothing but what the rule says.
#[test]
fn buffers_that_drop_by_rule() {
    let kinds: [(&str, Make); 3] = [
        ("sliding", || sliding(1)),
        ("dropping", || dropping(1)),
        ("promise", promise_buffer),
    ];
    for (name, buffer) in kinds {
        dropped_at_every_event(&format!("Take, {name}"), |book| {
            let (tx, rx) = chan(buffer());
            book.feed(tx, 3);
            let (book, probe) = (book.clone(), rx.clone());
            Scene::new(async move {
                rx.take().await.expect("one comes").taken();
            })
            // At most all; what is counted is that each was, once.
            .always_drops(3)
            .then(move || {
                let _seen = probe.try_take().map(Item::taken);
                probe.close();
                drop(book);
            })
        });
    }
}

#[test]
fn a_wait_for_the_close() {
    dropped_at_every_event("WaitClosed", |book| {
        let (tx, rx) = chan(0);
        let again = tx.clone();
        csp::go!({
            yield_now().await;
            yield_now().await;
            drop(rx);
        });
        let item = book.value(1);
        Scene::new(async move { tx.closed().await }).then(move || {
            if let Err(refused) = again.try_put(item) {
                refused.into_inner().taken();
            }
        })
    });
}

#[test]
fn one_of_many_takes() {
    dropped_at_every_event("take_any", |book| {
        let (txs, rxs): (Vec<_>, Vec<_>) = (0..20).map(|_| chan::<Item>(0)).unzip();
        let probes = rxs.clone();
        for (n, tx) in txs.into_iter().enumerate() {
            let item = book.value(u32::try_from(n).expect("small"));
            if n % 7 == 3 {
                csp::go!({
                    yield_now().await;
                    if let Err(Closed(back)) = tx.put(item).await {
                        back.taken();
                    }
                    // Open until the end: a closed channel would be chosen.
                    tx.closed().await;
                });
            } else {
                item.taken();
                csp::go!({ tx.closed().await });
            }
        }
        Scene::new(async move {
            for _ in 0..3 {
                let (n, item) = take_any(&rxs).await;
                let item = item.expect("none closes");
                assert_eq!(usize::try_from(item.n).expect("small"), n);
                item.taken();
            }
        })
        .then(move || {
            for rx in &probes {
                drain(rx);
                let shown = format!("{rx:?}");
                assert!(shown.contains("takers: 0"), "{shown}");
            }
        })
    });
}

/// A transaction is dropped whole: all its values, or none; and the takers still wait for others.
#[test]
fn a_transaction_dropped_anywhere_is_whole() {
    dropped_at_every_event("PutAllOrNone", |book| {
        let ((tx_a, a), (tx_b, b)) = (chan::<Item>(0), chan::<Item>(1));
        let (again_a, again_b) = (tx_a.clone(), tx_b.clone());
        let filler = book.value(7);
        assert!(tx_b.try_put(filler).is_ok());
        let values = book.clone();
        csp::go!({
            // First b has no room, then a has no taker.
            yield_now().await;
            b.take().await.expect("the filler").taken();
            yield_now().await;
            let from_a = a.take().await;
            let from_b = b.try_take().ok();
            assert_eq!(
                from_a.as_ref().map(|item| item.n),
                from_b.as_ref().map(|item| item.n)
            );
            from_a.into_iter().chain(from_b).for_each(Item::taken);
        });
        let pair = (values.value(1), values.value(1));
        Scene::new(async move {
            let put = put_all_or_none((tx_a.put(pair.0), tx_b.put(pair.1))).await;
            assert!(put.is_ok());
        })
        .may_drop(2)
        .then(move || drop((again_a, again_b)))
    });
}

#[test]
fn operations_that_go_on_after_a_drop() {
    dropped_at_every_event("Take and Put in turn", |book| {
        let (tx, rx) = chan(1);
        let (again, probe, book) = (tx.clone(), rx.clone(), book.clone());
        let values = book.clone();
        Scene::new(async move {
            for n in 0..3 {
                tx.put(values.value(n)).await.expect("open");
                yield_now().await;
                rx.take().await.expect("it is there").taken();
            }
        })
        .may_drop(1)
        .then(move || still_works(&book, again, &probe))
    });
}

#[cfg(feature = "futures")]
#[test]
fn a_stream_and_a_sink() {
    use futures_util::{SinkExt, StreamExt};
    dropped_at_every_event("TakeStream, next", |book| {
        let (tx, rx) = chan(1);
        book.feed(tx, 3);
        let (book, probe) = (book.clone(), rx.clone());
        let mut stream = rx.stream();
        Scene::new(async move {
            while let Some(item) = stream.next().await {
                item.taken();
            }
        })
        .then(move || book.eat(probe))
    });
    dropped_at_every_event("PutSink, send", |book| {
        let (tx, rx) = chan(0);
        book.eat(rx);
        let mut sink = tx.sink();
        let book = book.clone();
        Scene::new(async move {
            for n in 0..3 {
                sink.send(book.value(n)).await.expect("somebody takes");
            }
            sink.close().await.expect("it closes");
        })
        .may_drop(1)
    });
}
