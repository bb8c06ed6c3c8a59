//! Alts with few arms and many, of takes, puts and futures, in both forms; sets, round after round.

use csp::{AltSet, Event, Of2, Order, Receiver, Sender, alt, alts, chan, yield_now};

use csp::{park, put, take};

use crate::harness::{Book, Item, Scene, drain, dropped_at_every_event};

/// What came back or came in.
fn settle(event: Event<Item>) {
    match event {
        Event::Took(item) => item.into_iter().for_each(Item::taken),
        Event::Put(result) => {
            if let Err(csp::Closed(back)) = result {
                back.taken();
            }
        }
    }
}

type Ends = (Sender<Item>, Receiver<Item>);
type Pair = (Ends, Ends);

/// Channels and partners: one puts into the first, one takes from the second.
fn partners(book: &Book) -> Pair {
    let (a, b) = (chan(0), chan(0));
    let (tx, rx) = (a.0.clone(), b.1.clone());
    let item = book.value(1);
    csp::go!({
        yield_now().await;
        if let Err(csp::Closed(back)) = tx.put(item).await {
            back.taken();
        }
    });
    csp::go!({
        yield_now().await;
        yield_now().await;
        rx.take().await.into_iter().for_each(Item::taken);
    });
    (a, b)
}

/// Nobody but the two partners waits, and then not even they.
fn over((a, b): Pair) {
    let (shown_a, shown_b) = (format!("{:?}", a.0), format!("{:?}", b.0));
    assert!(shown_a.contains("takers: 0"), "{shown_a}");
    assert!(shown_b.contains("putters: 0"), "{shown_b}");
    a.1.close();
    b.0.close();
    drain(&a.1);
}

#[test]
fn two_arms_a_take_and_a_put() {
    dropped_at_every_event("alts! of 2", |book| {
        let (a, b) = partners(book);
        let (rx, tx, all) = (a.1.clone(), b.0.clone(), (a, b));
        let book = book.clone();
        Scene::new(async move {
            for n in 0..2 {
                match alts!(rx.take(), tx.put(book.value(10 + n))) {
                    Of2::A(item) => item.into_iter().for_each(Item::taken),
                    Of2::B(result) => assert!(result.is_ok()),
                }
            }
        })
        // The value of a put arm that was not chosen, or never will be.
        .may_drop(2)
        .always_drops(2)
        .then(move || over(all))
    });
}

/// The loser's value of `alt!` comes back to its variable, and is not lost.
#[test]
fn three_arms_with_a_future() {
    dropped_at_every_event("alt! of 3, a future among them", |book| {
        let (a, b) = partners(book);
        let (rx, tx, all) = (a.1.clone(), b.0.clone(), (a, b));
        let (book, later) = (book.clone(), book.value(3));
        let future = csp::go!({
            yield_now().await;
            yield_now().await;
            yield_now().await;
            later
        });
        let again: crate::harness::Kept<csp::Go<Item>> = crate::harness::kept();
        let keep = std::rc::Rc::clone(&again);
        Scene::new(async move {
            let mut future = Some(future);
            let _back = GiveBack(&keep, None);
            for n in 0..3 {
                let mine = book.value(20 + n);
                let mut go = future.take();
                alt! {
                    item = take!(rx), if n < 3 => item.into_iter().for_each(Item::taken),
                    put = put!(tx, mine) => assert!(put.is_ok()),
                    done = park!(async { match &mut go {
                        Some(go) => go.await,
                        None => std::future::pending().await,
                    } }) => {
                        done.expect("it gives its value").taken();
                        go = None;
                    }
                }
                future = go;
            }
        })
        .may_drop(3)
        .always_drops(4)
        .then(move || over(all))
    });
}

/// Puts something back for others when it is dropped.
struct GiveBack<'a, T>(&'a crate::harness::Kept<T>, Option<T>);

impl<T> Drop for GiveBack<'_, T> {
    fn drop(&mut self) {
        self.0.set(self.1.take());
    }
}

#[test]
fn sixteen_arms() {
    dropped_at_every_event("alts! of 16", |book| {
        let chans: Vec<_> = (0..16).map(|_| chan::<Item>(0)).collect();
        for n in [3, 8, 15] {
            let (tx, item) = (chans[n].0.clone(), book.value(1));
            csp::go!({
                for _ in 0..n {
                    yield_now().await;
                }
                if let Err(csp::Closed(back)) = tx.put(item).await {
                    back.taken();
                }
            });
        }
        let rx: Vec<_> = chans.iter().map(|(_, rx)| rx.clone()).collect();
        Scene::new(async move {
            for _ in 0..3 {
                alt! {
                    v = take!(rx[0]) => v.into_iter().for_each(Item::taken),
                    v = take!(rx[1]) => v.into_iter().for_each(Item::taken),
                    v = take!(rx[2]) => v.into_iter().for_each(Item::taken),
                    v = take!(rx[3]) => v.into_iter().for_each(Item::taken),
                    v = take!(rx[4]) => v.into_iter().for_each(Item::taken),
                    v = take!(rx[5]) => v.into_iter().for_each(Item::taken),
                    v = take!(rx[6]) => v.into_iter().for_each(Item::taken),
                    v = take!(rx[7]) => v.into_iter().for_each(Item::taken),
                    v = take!(rx[8]) => v.into_iter().for_each(Item::taken),
                    v = take!(rx[9]) => v.into_iter().for_each(Item::taken),
                    v = take!(rx[10]) => v.into_iter().for_each(Item::taken),
                    v = take!(rx[11]) => v.into_iter().for_each(Item::taken),
                    v = take!(rx[12]) => v.into_iter().for_each(Item::taken),
                    v = take!(rx[13]) => v.into_iter().for_each(Item::taken),
                    v = take!(rx[14]) => v.into_iter().for_each(Item::taken),
                    v = take!(rx[15]) => v.into_iter().for_each(Item::taken),
                }
            }
        })
        .then(move || {
            for (tx, rx) in &chans {
                let shown = format!("{tx:?}");
                assert!(shown.contains("takers: 0"), "{shown}");
                drain(rx);
                rx.close();
            }
        })
    });
}

/// A set keeps the values of its put arms between rounds; dropped with it they go.
#[test]
fn rounds_of_a_set() {
    dropped_at_every_event("AltSet, choose", |book| {
        let (a, b) = partners(book);
        let mut set = AltSet::new();
        set.take(&a.1);
        set.put(&b.0, book.value(5));
        let all = (a, b);
        Scene::new(async move {
            for round in 0..2 {
                let order = if round == 0 {
                    Order::Random
                } else {
                    Order::Priority
                };
                let (arm, event) = set.choose(order).await;
                settle(event);
                set.disable(arm);
            }
        })
        .may_drop(1)
        .then(move || over(all))
    });
}

/// Two alts that can only meet each other.
#[test]
fn alts_against_alts() {
    dropped_at_every_event("alts! against alts!", |book| {
        let (a, b) = (chan::<Item>(0), chan::<Item>(0));
        let (put_a, take_b) = (a.0.clone(), b.1.clone());
        let (mine, theirs) = (book.clone(), book.clone());
        csp::go!({
            for n in 0..3 {
                yield_now().await;
                match alts!(put_a.put(theirs.value(n)), take_b.take()) {
                    Of2::A(result) => drop(result),
                    Of2::B(None) => return,
                    Of2::B(Some(item)) => item.taken(),
                }
            }
        });
        let (take_a, put_b) = (a.1.clone(), b.0.clone());
        Scene::new(async move {
            for n in 0..3 {
                match alts!(take_a.take(), put_b.put(mine.value(10 + n))) {
                    Of2::A(item) => item.into_iter().for_each(Item::taken),
                    Of2::B(result) => assert!(result.is_ok()),
                }
            }
        })
        // Each round the value of the put arm that is not chosen is dropped: of either side.
        .may_drop(3)
        .always_drops(4)
        .then(move || {
            a.1.close();
            b.1.close();
            drain(&a.1);
            drain(&b.1);
        })
    });
}
