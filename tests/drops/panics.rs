//! A panic in each call of each callback: what the docs say is lost, nothing hangs, and nobody else is unwound.

use std::collections::VecDeque;

use csp::{
    Buffer, BufferPolicy, Closed, Error, Go, Pipeline, Receiver, chan, chan_with, go, hub, mult,
    ops,
    pipeline::{Recover, next},
    promise::{go_try, promise},
    publish,
    requests::{client, serve},
    stream, xf, yield_now,
};

use crate::harness::{Book, Item, Scene, panics_at_every_call};

/// An operator whose function panics: it takes the value with it that it was given, and `more`.
fn operator(name: &str, more: usize, make: impl Fn(&Book, Receiver<Item>) -> Receiver<Item>) {
    panics_at_every_call(name, |book| {
        let (tx, from) = chan(0);
        book.feed(tx, 5);
        let out = make(book, from);
        Scene::new(async move {
            let mut last = 0;
            while let Some(item) = out.take().await {
                assert!(item.n > last);
                last = item.n;
                item.taken();
            }
        })
        .always_drops(1 + more)
    });
}

#[test]
fn functions_of_connectors() {
    // A round is shown to the function, which is to take what it wants.
    operator("ops::map", 0, |book, from| {
        let book = book.clone();
        let first = move |round: &mut Vec<Item>| {
            book.call();
            round.remove(0)
        };
        ops::map([from], first, 0)
    });
    operator("ops::apply, map and filter", 0, |book, from| {
        let (a, b) = (book.clone(), book.clone());
        let xf = csp::Transducer::filter(
            xf::map(move |item: Item| {
                a.call();
                item
            }),
            move |_: &Item| {
                b.call();
                true
            },
        );
        ops::apply(from, xf, 0)
    });
    operator("ops::split", 0, |book, from| {
        let other = book.clone();
        let (yes, no) = ops::split(
            from,
            move |_| {
                other.call();
                true
            },
            0,
            0,
        );
        book.eat(no);
        yes
    });
    operator("Stream::map and inspect, in a channel", 0, |book, from| {
        let (a, b) = (book.clone(), book.clone());
        stream(from)
            .map(move |item| {
                a.call();
                item
            })
            .inspect(move |_| b.call())
            .chan(0)
    });
    // Two are under way, and one waits for its turn to be delivered.
    operator("ops::pipeline_async", 3, |book, from| {
        let book = book.clone();
        let work = move |item: Item| {
            book.call();
            let book = book.clone();
            async move {
                yield_now().await;
                book.call();
                item
            }
        };
        ops::pipeline_async(2, from, work).chan(0)
    });
}

#[test]
fn functions_that_fold() {
    fn fold<R: Send + 'static>(
        name: &str,
        lost: usize,
        make: impl Fn(&Book, Receiver<Item>) -> Go<R>,
    ) {
        panics_at_every_call(name, |book| {
            let (tx, from) = chan(0);
            book.feed(tx, 4);
            let go = make(book, from);
            Scene::new(async move {
                drop(go.await);
            })
            .always_drops(lost)
        });
    }
    fold("ops::reduce", 1, |book, from| {
        let book = book.clone();
        ops::reduce(from, 0, move |sum, item: Item| {
            book.call();
            let sum = sum + item.n;
            item.taken();
            sum
        })
    });
    fold("Stream::for_each_async", 1, |book, from| {
        let book = book.clone();
        let each = stream(from).for_each_async(move |item: Item| {
            let book = book.clone();
            async move {
                yield_now().await;
                book.call();
                item.taken();
            }
        });
        go!({ each.await.map(drop) })
    });
}

/// A transducer in a channel: the channel fails, who puts has the value back, but the step's own.
#[test]
fn steps_of_a_channel() {
    panics_at_every_call("a channel's transducer", |book| {
        let step = book.clone();
        let xform = xf::mapcat(move |item: Item| {
            step.call();
            let two = [step.value(item.n), step.value(item.n)];
            item.taken();
            two
        });
        let (tx, rx) = chan_with(1, xform);
        book.feed(tx, 3);
        Scene::new(async move {
            while let Some(item) = rx.take().await {
                item.taken();
            }
        })
        .always_drops(1)
    });
}

/// A policy that panics fails the operation that met it, and nothing else.
struct Shaky {
    items: VecDeque<Item>,
    book: Book,
}

impl BufferPolicy<Item> for Shaky {
    fn len(&self) -> usize {
        self.items.len()
    }

    fn is_full(&self) -> bool {
        self.book.call();
        self.items.len() >= 2
    }

    fn add(&mut self, value: Item) -> Option<Item> {
        self.book.call();
        self.items.push_back(value);
        None
    }

    fn remove(&mut self) -> Option<Item> {
        self.book.call();
        self.items.pop_front()
    }
}

#[test]
fn policies_of_buffers() {
    panics_at_every_call("a buffer's policy", |book| {
        let items = VecDeque::new();
        let (tx, rx) = chan(Buffer::custom(Shaky {
            items,
            book: book.clone(),
        }));
        let feeder = book.clone();
        // Each operation in a block of its own: the panic is its own.
        let putter = go!({
            for n in 1..=4 {
                let (tx, item) = (tx.clone(), feeder.value(n));
                let put = go!({
                    if let Err(Closed(back)) = tx.put(item).await {
                        back.taken();
                    }
                });
                drop(put.await);
            }
        });
        let eater = go!({
            loop {
                let rx = rx.clone();
                match go!({ rx.take().await }).await {
                    Ok(Some(item)) => item.taken(),
                    Ok(None) => return,
                    Err(_) => yield_now().await,
                }
            }
        });
        Scene::new(async move {
            putter.await.expect("it catches panics");
            eater.await.expect("it catches panics");
        })
        // The one whose operation met the panic.
        .always_drops(1)
    });
}

#[test]
fn callbacks_of_puts_and_takes() {
    panics_at_every_call("put_then and take_then", |book| {
        let (tx, rx) = chan(0);
        for n in 0..3 {
            let (a, b) = (book.clone(), book.clone());
            let taken = rx.take_then(move |item: Option<Item>| {
                a.call();
                item.into_iter().for_each(Item::taken);
            });
            assert!(taken.is_ok());
            let put = tx.put_then(book.value(n), move |result| {
                b.call();
                assert!(result.is_ok());
            });
            assert!(put.is_ok());
        }
        Scene::new(async move {
            tx.close();
            assert!(rx.take().await.is_none());
        })
        .always_drops(1)
    });
}

/// One for all: subscribers fail together; what was taken and not delivered is dropped or left.
#[test]
fn clones_and_topics() {
    fn subscribers(
        name: &str,
        lost: usize,
        make: impl Fn(&Book, Receiver<Item>) -> Vec<Receiver<Item>>,
    ) {
        panics_at_every_call(name, |book| {
            let (tx, from) = chan(0);
            let all = make(book, from);
            book.feed(tx, 3);
            let all: Vec<_> = all
                .into_iter()
                .map(|rx| {
                    go!({
                        while let Some(item) = rx.take().await {
                            item.taken();
                        }
                    })
                })
                .collect();
            Scene::new(async move {
                for subscriber in all {
                    subscriber.await.expect("nobody is unwound");
                }
            })
            .always_drops(lost)
        });
    }
    // The value whose clone panicked, and clones of it that were made before.
    subscribers("Mult, clone", 3, |_, from| {
        let mult = mult(from);
        (0..3).map(|_| mult.subscribe(0)).collect()
    });
    subscribers("Hub, clone", 3, |_, from| {
        let hub = hub(from);
        (0..3).map(|_| hub.subscribe(0)).collect()
    });
    subscribers("Publication, topic_fn and clone", 2, |book, from| {
        let (topic, buffer) = (book.clone(), book.clone());
        let publication = publish(
            from,
            move |item: &Item| {
                topic.call();
                item.n % 2
            },
            move |_| {
                buffer.call();
                0
            },
        );
        [0, 1, 1]
            .into_iter()
            .map(|topic| publication.subscribe(topic, 0))
            .collect()
    });
}

#[test]
fn steps_of_promises() {
    panics_at_every_call(
        "Promise: map, and_then, or_else, inspect, finally, then",
        |book| {
            let (resolver, answer) = promise::<Item, Error>();
            let item = book.value(1);
            go!({
                yield_now().await;
                if let Err(back) = resolver.fulfill(item) {
                    back.taken();
                }
            });
            let books: [Book; 6] = std::array::from_fn(|_| book.clone());
            let [one, two, three, four, five, six] = books;
            let answer = answer
                .map(move |item| {
                    one.call();
                    item
                })
                .and_then(move |item| {
                    two.call();
                    go_try(async move { Ok::<_, Error>(item) })
                })
                .inspect(move |_| three.call())
                .finally(move || {
                    four.call();
                })
                .or_else(move |failure| {
                    five.call();
                    Err(failure)
                })
                .then(move |outcome| {
                    six.call();
                    outcome
                });
            Scene::new(async move {
                if let Ok(item) = answer.await {
                    item.taken();
                }
            })
            .always_drops(1)
        },
    );
    panics_at_every_call("Shared: subscribe; Resolver: on_cancel", |book| {
        let (resolver, answer) = promise::<Item, Error>();
        let answer = answer.shared();
        let canceller = book.clone();
        resolver.on_cancel(move || canceller.call());
        for _ in 0..3 {
            let (ok, err) = (book.clone(), book.clone());
            drop(answer.subscribe(move |_| ok.call(), move |_| err.call()));
        }
        let item = book.value(1);
        go!({
            resolver.unwanted().await;
            // (It is settled when its canceller has run: until then it can be fulfilled.)
            if let Err(back) = resolver.fulfill(item) {
                back.taken();
            }
        });
        Scene::new(async move {
            yield_now().await;
            assert!(answer.cancel());
            // (In a block: to clone the value may panic, as everything here.)
            drop(go!({ answer.await }).await);
        })
        .always_drops(2)
    });
}

#[test]
fn stages_of_pipelines() {
    panics_at_every_call(
        "Pipeline: map, stage, step, inspect, on_error, finally",
        |book| {
            let books: [Book; 6] = std::array::from_fn(|_| book.clone());
            let [one, two, three, four, five, six] = books;
            let pipeline = Pipeline::<Item, Item>::builder()
                .map(move |item| {
                    one.call();
                    item
                })
                .stage(move |item| {
                    two.call();
                    go_try(async move { Ok::<_, Error>(item) })
                })
                .step(move |item| {
                    three.call();
                    next(item)
                })
                .inspect(move |_| four.call())
                .on_error(move |_, _| {
                    five.call();
                    Recover::Propagate
                })
                .finally(move || six.call())
                .build();
            let item = book.value(1);
            Scene::new(async move {
                if let Ok(item) = pipeline.run(item).await {
                    item.taken();
                }
            })
            // The value, and the clone of the input that is kept for a restart.
            .always_drops(2)
        },
    );
}

#[test]
fn handlers_of_servers_and_clients() {
    panics_at_every_call("requests: connect, handler", |book| {
        let (connects, works) = (book.clone(), book.clone());
        let client = client(move || {
            connects.call();
            let works = works.clone();
            async move {
                let (requests, to_serve) = chan(0);
                let (answers, rx) = chan(0);
                let answer = move |item: Item| {
                    works.call();
                    let works = works.clone();
                    async move {
                        yield_now().await;
                        works.call();
                        Ok::<_, Error>(item)
                    }
                };
                drop(serve(to_serve, answers, answer).start());
                Ok::<_, Error>((requests, rx))
            }
        });
        let client = client.pipelined(2).start();
        let items = [book.value(1), book.value(2)];
        Scene::new(async move {
            for item in items {
                match client.call(item).await {
                    Ok(item) => item.taken(),
                    Err(csp::Failure::Error(error)) => {
                        error.into_request().into_iter().for_each(Item::taken);
                    }
                    Err(_) => (),
                }
            }
        })
        .always_drops(1)
    });
}
