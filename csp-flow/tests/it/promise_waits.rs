//! Every way to wait, for every kind of promise.
#![allow(clippy::type_complexity, reason = "tables of closures")]

use csp::{Error, Promise, Resolver, prelude::*, promise::promise};

fn pair<T: Send + 'static>() -> (Resolver<T, Error>, Promise<T, Error>) {
    promise()
}

/// All four waits, and a channel, for one kind of promise after the other.
#[test]
fn every_kind_of_promise_is_waited_for_in_every_way() {
    let (tx, rx) = chan::<Resolver<u32>>(8);
    let kinds: [fn(Sender<Resolver<u32>>) -> Promise<u32>; 5] = [
        |tx| Promise::with_callback(|resolver| tx.put_blocking(resolver).unwrap()),
        |tx| Promise::with_callback(|resolver| tx.put_blocking(resolver).unwrap()).map(|n| n),
        |tx| {
            Promise::with_callback(|resolver| tx.put_blocking(resolver).unwrap())
                .shared()
                .promise()
        },
        |tx| {
            Promise::from(go!({
                let (resolver, answer) = pair::<u32>();
                put!(tx, resolver).unwrap();
                answer.await.unwrap()
            }))
        },
        |tx| {
            Promise::from_future(async move {
                let (resolver, answer) = pair::<u32>();
                put!(tx, resolver).unwrap();
                Ok(answer.await.unwrap())
            })
        },
    ];
    let settle = |n: u32| rx.take_blocking().unwrap().fulfill(n).unwrap();
    for kind in kinds {
        let waits = kind(tx.clone());
        settle(1);
        assert_eq!(waits.wait().unwrap(), 1);

        let parks = kind(tx.clone());
        let block = go!({ parks.await.unwrap() });
        settle(2);
        assert_eq!(block.wait(), Ok(2));

        let mut chosen = kind(tx.clone());
        let (never_tx, never) = chan::<()>(0);
        let resolvers = rx.clone();
        let block = go!({
            let (_tx, mut rounds) = (never_tx, 0);
            loop {
                alt! {
                    outcome = park!(&mut chosen) => break (rounds > 0, outcome.unwrap()),
                    _ = take!(never) => unreachable!(),
                    _ = take!(timeout(ms(1))) => {
                        rounds += 1;
                        if rounds == 2 { settle_soon(&resolvers).await; }
                    }
                }
            }
        });
        assert_eq!(block.wait(), Ok((true, 3)));

        let (done, called) = chan(1);
        kind(tx.clone()).subscribe(move |n| done.try_put(n).unwrap(), |f| panic!("{f}"));
        settle(4);
        assert_eq!(called.take_blocking(), Some(4));

        let channel = kind(tx.clone()).into_receiver();
        settle(5);
        assert_eq!(channel.take_blocking().unwrap().unwrap(), 5);
        assert!(channel.take_blocking().is_none());
    }
}

async fn settle_soon(rx: &Receiver<Resolver<u32>>) {
    take!(rx).unwrap().fulfill(3).unwrap();
}

/// A channel of a promise whose receiver goes away does not want it any more.
#[test]
fn a_channel_without_takers_gives_the_promise_up() {
    let (resolver, answer) = pair::<u32>();
    let channel = answer.into_receiver();
    assert!(resolver.is_wanted());
    drop(channel);
    csp::block_on(resolver.unwanted());
    assert_eq!(resolver.fulfill(1), Err(1));
}
