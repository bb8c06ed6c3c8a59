//! What is built from channels: handles of connectors dropped, connectors cancelled, subscribers that leave, at
//! every moment.

use csp::{
    Connect, Go, Hub, Receiver, Sender, Topics, chan, hub, mix, mult, ops, publish, put_all, secs,
    sleep, stream, yield_now,
};

use crate::harness::{Book, Item, Scene, dropped_at_every_event};

/// What is to be done with what a connector leaves.
trait Left: Send + 'static {
    fn taken(self);
}

impl Left for () {
    fn taken(self) {}
}

impl Left for Vec<Item> {
    fn taken(self) {
        self.into_iter().for_each(Item::taken);
    }
}

impl<T: Left, E: std::fmt::Debug + Send + 'static> Left for Result<T, E> {
    fn taken(self) {
        self.expect("it ends well").taken();
    }
}

/// Cancels its block when dropped.
struct Cancelled<T>(Go<T>);

impl<T> Drop for Cancelled<T> {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// A connector between a channel that is fed with 4 values and one that is eaten empty: its handle is dropped
/// (it goes on), or it is cancelled. Then it may drop `holds` values: those that it has in its hand.
fn connector<R: Left>(
    name: &str,
    holds: usize,
    make: impl Fn(&Book, Receiver<Item>, Sender<Item>) -> Go<R>,
) {
    dropped_at_every_event(&format!("{name}, cancelled"), |book| {
        let (tx, from) = chan(0);
        let (to, rx) = chan(0);
        book.feed(tx, 4);
        book.eat(rx);
        let (book, rest) = (book.clone(), from.clone());
        let mut go = Cancelled(make(&book, from, to));
        let scene = Scene::new(async move {
            let result = std::future::poll_fn(|cx| std::pin::Pin::new(&mut go.0).poll(cx)).await;
            result.expect("it is not cancelled").taken();
        });
        scene.may_drop(holds).then(move || book.eat(rest))
    });
}

/// As [`connector`], for its handle alone.
fn handle<R: Left>(
    name: &str,
    result_holds: usize,
    make: impl Fn(&Book, Receiver<Item>, Sender<Item>) -> Go<R>,
) {
    dropped_at_every_event(&format!("{name}, its handle"), |book| {
        let (tx, from) = chan(0);
        let (to, rx) = chan(0);
        book.feed(tx, 4);
        book.eat(rx);
        let go = make(book, from, to);
        Scene::new(async move { go.await.expect("it is not cancelled").taken() })
            .may_drop(result_holds)
    });
}

#[test]
fn connectors_that_are_cancelled_or_left_alone() {
    connector("ops::pipe", 1, |_, from, to| ops::pipe(from, to));
    handle("ops::pipe", 0, |_, from, to| ops::pipe(from, to));
    connector("ops::collect", 4, |_, from, _| {
        ops::collect::<Vec<_>, _>(from)
    });
    handle("ops::collect", 4, |_, from, _| {
        ops::collect::<Vec<_>, _>(from)
    });
    connector("ops::pipeline_async", 4, |_, from, to| {
        let work = |item: Item| async move {
            yield_now().await;
            item
        };
        ops::pipeline_async(2, from, work).into(to)
    });
    handle("ops::pipeline_async", 0, |_, from, to| {
        let work = |item: Item| async move {
            sleep(secs(1)).await;
            item
        };
        ops::pipeline_async(2, from, work).into(to)
    });
    connector("Stream::drain_into", 1, |_, from, to| {
        stream(from).inspect(|_| ()).drain_into(to)
    });
    handle("Stream::collect", 4, |_, from, _| {
        let all = stream(from).filter(|_| true).collect::<Vec<_>>();
        csp::go!({ all.await.expect("it ends well") })
    });
    handle("Stream::for_each_async", 0, |_, from, _| {
        let each = stream(from).for_each_async(|item: Item| async move {
            yield_now().await;
            item.taken();
        });
        csp::go!({ each.await.map(drop) })
    });
}

#[test]
fn values_onto_a_channel() {
    dropped_at_every_event("ops::onto_chan, its handle", |book| {
        let (to, rx) = chan(0);
        book.eat(rx);
        let items: Vec<_> = (1..=3).map(|n| book.value(n)).collect();
        let go = ops::onto_chan(to, items);
        Scene::new(async move { assert!(go.await.expect("it is not cancelled").is_ok()) })
    });
}

/// A link is a future of how it ended; dropped, it lets the edge be.
#[test]
fn a_link() {
    dropped_at_every_event("Link", |book| {
        let (tx, src) = chan(0);
        let (dst, rx) = chan(0);
        book.feed(tx, 3);
        book.eat(rx);
        let link = csp::connect(src, dst, Connect::default());
        Scene::new(async move {
            let end = link.await.expect("it is not cancelled");
            end.value.into_iter().for_each(Item::taken);
        })
    });
}

/// Everybody else's clones come, whoever leaves.
#[test]
fn a_subscriber_of_a_hub_that_leaves() {
    dropped_at_every_event("Hub::subscribe", |book| {
        let (tx, source) = chan(0);
        let hub = hub(source);
        let (mine, theirs) = (hub.subscribe(0), hub.subscribe(0));
        book.feed(tx, 3);
        book.eat(theirs);
        let feeder = book.clone();
        Scene::new(async move {
            while let Some(item) = mine.take().await {
                item.taken();
            }
        })
        // Its own clones: the one that came, and the next, on its way to it.
        .may_drop(2)
        .then(move || drop((hub, feeder)))
    });
    dropped_at_every_event("Hub::subscribe, alone", |book| {
        let (tx, source) = chan(0);
        let hub: Hub<Item> = hub(source);
        let mine = hub.subscribe(0);
        book.feed(tx, 3);
        let book = book.clone();
        Scene::new(async move {
            while let Some(item) = mine.take().await {
                item.taken();
            }
        })
        // What was its own already; the others wait for the next one, who gets all that is left.
        .may_drop(1)
        .then(move || {
            book.eat(hub.subscribe(0));
            csp::go!({
                // The hub is to know of it before its last handle goes.
                sleep(secs(1)).await;
                hub.take_rest().into_iter().for_each(Item::taken);
            });
        })
    });
}

#[test]
fn a_subscriber_of_a_mult_and_of_a_publication() {
    dropped_at_every_event("Mult::subscribe", |book| {
        let (tx, source) = chan(0);
        let mult = mult(source);
        let (mine, theirs) = (mult.subscribe(0), mult.subscribe(0));
        book.feed(tx, 3);
        book.eat(theirs);
        Scene::new(async move {
            while let Some(item) = mine.take().await {
                item.taken();
            }
        })
        .may_drop(2)
        .then(move || drop(mult))
    });
    dropped_at_every_event("Publication::subscribe", |book| {
        let (tx, source) = chan(0);
        let publication = publish(source, |item: &Item| item.n % 2, |_| 0);
        let (mine, even, odd) = (
            publication.subscribe(1, 0),
            publication.subscribe(0, 0),
            publication.subscribe(1, 0),
        );
        book.feed(tx, 4);
        book.eat(even);
        book.eat(odd);
        Scene::new(async move {
            while let Some(item) = mine.take().await {
                item.taken();
            }
        })
        .may_drop(2)
        .then(move || drop(publication))
    });
}

#[test]
fn a_put_into_many() {
    dropped_at_every_event("put_all", |book| {
        let (txs, rxs): (Vec<_>, Vec<_>) = (0..3).map(|_| chan::<Item>(0)).unzip();
        for rx in rxs {
            book.eat(rx);
        }
        let item = book.value(1);
        Scene::new(async move {
            assert_eq!(put_all(&txs, item).await, 3);
        })
        .may_drop(3)
    });
    dropped_at_every_event("Topics::publish", |book| {
        let topics = Topics::new();
        for _ in 0..2 {
            book.eat(topics.subscribe("news", 0));
        }
        let item = book.value(1);
        Scene::new(async move {
            assert_eq!(topics.publish("news", item).await, 2);
        })
        .may_drop(2)
    });
}

/// Changes of a mix are made whether or not somebody waits for them.
#[test]
fn changes_of_a_mix() {
    dropped_at_every_event("Applied", |book| {
        let (out, rx) = chan(0);
        book.eat(rx);
        let mix = mix(out);
        let (tx, input) = chan(0);
        book.feed(tx, 3);
        let (book, probe) = (book.clone(), input.clone());
        let applied = mix.admix(input);
        let handle = mix.clone();
        Scene::new(async move {
            assert!(applied.await);
            sleep(secs(1)).await;
            if let Some(back) = handle.unmix(&probe).await {
                book.eat(back);
            }
        })
        .then(move || drop(mix))
        .always_drops(1)
    });
}
