//! Promises that are settled, subscribed to and cancelled on several threads.

use std::sync::Arc;

use csp::{Error, prelude::*};

use crate::util::{Ledger, Value, World, explore};

/// A promise is settled while a step is added to it, another thread reads that one, and the value is counted.
#[test]
fn settle_against_steps() {
    explore(3000, || {
        let world = World::new(2);
        let ledger = Ledger::default();
        let (resolver, promise) = csp::promise::<Value, Error>();
        let there = ledger.clone();
        let settler = go!({
            let value = there.value(1);
            there.put(1, &resolver.fulfill(value));
        });
        let log = ledger.clone();
        let last = promise
            .map(|value| (value.n, value))
            .map(move |(n, value)| {
                log.taken(value);
                n
            });
        assert_eq!(last.wait().unwrap(), 1);
        settler.wait().unwrap();
        drop(world);
        ledger.assert_balanced();
    });
}

/// A promise is cancelled while it is settled and while a block awaits it: the settler has its value back, or the block
/// has it.
#[test]
fn cancel_against_settle_and_reader() {
    explore(3000, || {
        let world = World::new(2);
        let ledger = Ledger::default();
        let (resolver, promise) = csp::promise::<Arc<Value>, Error>();
        let shared = promise.shared();
        let reader = {
            let shared = shared.clone();
            go!({ shared.await.is_ok() })
        };
        let there = ledger.clone();
        let settler = go!({
            let value = Arc::new(there.value(1));
            resolver.fulfill(value).is_ok()
        });
        let canceller = go!({ shared.cancel() });
        let (read, settled, _) = (
            reader.wait().unwrap(),
            settler.wait().unwrap(),
            canceller.wait().unwrap(),
        );
        assert_eq!(read, settled);
        drop(world);
        ledger.assert_gone();
    });
}

/// Many promises of blocks, of which one fails: `all` has every value or the failure, and nobody hangs.
#[test]
fn many_settle_at_once() {
    explore(2000, || {
        let world = World::new(2);
        let many = (0..4_u32).map(|n| {
            csp::promise::go_try(async move {
                yield_now().await;
                Ok::<_, Error>(n)
            })
        });
        let sum = csp::promise::all(many).map(|all: Vec<u32>| all.iter().sum::<u32>());
        assert_eq!(sum.wait().unwrap(), 6);
        drop(world);
    });
}
