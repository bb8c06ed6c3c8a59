//! The topologies of a round. Each starts its blocks, and says how many values may be dropped.

use std::{ops::ControlFlow, sync::Arc, time::Duration};

use csp::{
    AltSet, Buffer, Closed, Event, Failure, Go, Order, PutTimeoutError, Receiver, Sender, alts,
    chan, dropping, fixed, go, hub,
    lock::{Mutex, Semaphore},
    mult, ops,
    promise::{all, promise},
    sliding, stream, thread, within, yield_now,
};

use crate::book::{Book, Dice, Value};

/// Starts a topology with values of the book. How many of them may be dropped.
type Build = fn(&Book, &mut Dice) -> u64;

/// No bound: buffers that drop, or ends that leave values behind in a buffer.
const ANY: u64 = u64::MAX;

pub(crate) const TOPOLOGIES: [(&str, Build); 9] = [
    ("crowd", crowd),
    ("pipes", pipes),
    ("merge", merge),
    ("many", many),
    ("ring of alts", ring),
    ("workers", workers),
    ("locks", locks),
    ("promises", promises),
    ("stream", streams),
];

/// A buffer, and whether it drops values.
fn buffer(dice: &mut Dice) -> (Buffer<Value>, bool) {
    match dice.below(6) {
        0 => (sliding(3), true),
        1 => (dropping(3), true),
        2 | 3 => (fixed(0), false),
        _ => (fixed(1 + dice.index(10)), false),
    }
}

fn micros(dice: &mut Dice, bound: u64) -> Duration {
    Duration::from_micros(dice.below(bound))
}

/// Puts so many values, and accounts for those that come back.
async fn feed(book: &Book, tx: &Sender<Value>, values: u64, mut dice: Dice) {
    for n in 0..values {
        if let Err(Closed(back)) = tx.put(book.value(n)).await {
            return back.given_back();
        }
        if dice.one_in(16) {
            yield_now().await;
        }
    }
}

/// Takes everything, now and then with a limit.
async fn eat(rx: &Receiver<Value>, mut dice: Dice) {
    loop {
        let taken = if dice.one_in(8) {
            match within(micros(&mut dice, 2000), rx.take()).await {
                Ok(taken) => taken,
                Err(csp::Elapsed) => continue,
            }
        } else {
            rx.take().await
        };
        match taken {
            Some(value) => value.delivered(),
            None => return,
        }
    }
}

/// Cancels some of the blocks, each after a while.
fn cancel_some(blocks: Vec<Go<()>>, one_in: u64, dice: &mut Dice) -> u64 {
    let mut cancelled = 0;
    for block in blocks {
        if dice.one_in(one_in) {
            cancelled += 1;
            let pause = micros(dice, 3000);
            drop(go!({
                csp::sleep(pause).await;
                block.cancel();
            }));
        }
    }
    cancelled
}

/// Putters and takers of all kinds on one channel; some are cancelled.
fn crowd(book: &Book, dice: &mut Dice) -> u64 {
    let (buffer, drops) = buffer(dice);
    let (tx, rx) = chan(buffer);
    let (mut putters, mut takers) = (Vec::new(), Vec::new());
    for _ in 0..=dice.below(6) {
        let (book, tx, dice) = (book.clone(), tx.clone(), dice.split());
        putters.push(go!({ feed(&book, &tx, 200, dice).await }));
    }
    for _ in 0..=dice.below(6) {
        let (rx, dice) = (rx.clone(), dice.split());
        takers.push(go!({ eat(&rx, dice).await }));
    }
    let (own, blocking, mut limits) = (book.clone(), tx.clone(), dice.split());
    drop(thread(move || {
        for n in 0..20 {
            match blocking.put_blocking_for(own.value(n), micros(&mut limits, 300)) {
                Ok(()) => (),
                Err(PutTimeoutError::Elapsed(back) | PutTimeoutError::Closed(back)) => {
                    back.given_back();
                }
            }
        }
    }));
    // The last taker is not cancelled, so that the putters come to their end.
    let last = takers.pop();
    // A cancelled put takes its own value with it. A cancelled take gives its value to the others; if it was the
    // last of all, and they have seen the end already, it goes with the channel.
    let cancelled = cancel_some(putters, 3, dice) + cancel_some(takers, 2, dice);
    drop((tx, rx, last));
    if drops { ANY } else { cancelled }
}

/// Channels one behind the other; the last may leave before the end.
fn pipes(book: &Book, dice: &mut Dice) -> u64 {
    let (tx, mut rx) = chan(dice.index(4));
    for _ in 0..=dice.below(8) {
        let (to, next) = chan(dice.index(4));
        let pipe = ops::pipe(rx, to);
        drop(go!({
            if let Ok(Err(error)) = pipe.await {
                error.into_inner().into_iter().for_each(Value::given_back);
            }
        }));
        rx = next;
    }
    let (own, feeds) = (book.clone(), dice.split());
    drop(go!({ feed(&own, &tx, 200, feeds).await }));
    let leaves = dice.one_in(2);
    let eats = dice.split();
    drop(go!({
        if !leaves {
            return eat(&rx, eats).await;
        }
        for _ in 0..50 {
            rx.take().await.into_iter().for_each(Value::delivered);
        }
    }));
    if leaves { ANY } else { 0 }
}

/// Several sources into one.
fn merge(book: &Book, dice: &mut Dice) -> u64 {
    let mut sources = Vec::new();
    let mut putters = Vec::new();
    for _ in 0..=dice.below(10) {
        let (tx, rx) = chan(dice.index(3));
        sources.push(rx);
        let (book, dice) = (book.clone(), dice.split());
        putters.push(go!({ feed(&book, &tx, 50, dice).await }));
    }
    let out = ops::merge(sources, dice.index(3));
    let eats = dice.split();
    drop(go!({ eat(&out, eats).await }));
    cancel_some(putters, 4, dice)
}

/// One to many: subscribers come late, and leave early.
fn many(book: &Book, dice: &mut Dice) -> u64 {
    let (tx, source) = chan(dice.index(3));
    let mut all = Vec::new();
    if dice.one_in(2) {
        let hub = hub(source);
        all.extend((0..=dice.below(5)).map(|_| hub.subscribe(dice.index(3))));
        let pause = micros(dice, 2000);
        let late = dice.split();
        drop(go!({
            csp::sleep(pause).await;
            // (The last handle goes with this one; what was left for nobody comes back.)
            let rx = hub.subscribe(1);
            eat(&rx, late).await;
            hub.take_rest().into_iter().for_each(Value::given_back);
        }));
    } else {
        let mult = mult(source);
        all.extend((0..=dice.below(5)).map(|_| mult.subscribe(dice.index(3))));
    }
    let (own, feeds) = (book.clone(), dice.split());
    drop(go!({ feed(&own, &tx, 100, feeds).await }));
    let takers: Vec<_> = all
        .into_iter()
        .map(|rx| {
            let dice = dice.split();
            go!({ eat(&rx, dice).await })
        })
        .collect();
    let _cancelled = cancel_some(takers, 2, dice);
    ANY
}

/// Blocks that put to the right or take from the left, whichever goes.
fn ring(book: &Book, dice: &mut Dice) -> u64 {
    let size = 2 + dice.index(6);
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..size).map(|_| chan::<Value>(dice.index(2))).unzip();
    for n in 0..size {
        let (tx, rx) = (txs[n].clone(), rxs[(n + 1) % size].clone());
        let (book, mut dice) = (book.clone(), dice.split());
        drop(go!({
            let mut set = AltSet::new();
            let put = set.put(&tx, book.value(0));
            set.take(&rx);
            for n in 1..100 {
                let order = if dice.one_in(2) {
                    Order::Random
                } else {
                    Order::Priority
                };
                let chosen = within(micros(&mut dice, 1000), set.choose(order)).await;
                match chosen {
                    Ok((_, Event::Took(Some(value)))) => value.delivered(),
                    Ok((_, Event::Took(None))) => break,
                    Ok((_, Event::Put(Ok(())))) => set.put_again(put, book.value(n)),
                    Ok((_, Event::Put(Err(Closed(back))))) => {
                        back.given_back();
                        break;
                    }
                    Err(csp::Elapsed) => {}
                }
            }
            // Values that were put and not taken go with the channels, and the set's own with it.
        }));
    }
    let (a, b) = (rxs[0].clone(), rxs[1 % size].clone());
    drop(go!({
        for _ in 0..20 {
            match within(Duration::from_millis(1), async {
                alts!(a.take(), b.take())
            })
            .await
            {
                Ok(csp::Of2::A(Some(value)) | csp::Of2::B(Some(value))) => value.delivered(),
                _ => return,
            }
        }
    }));
    ANY
}

/// Parallel work, in order or not.
fn workers(book: &Book, dice: &mut Dice) -> u64 {
    let (tx, rx) = chan(dice.index(3));
    let work = |value: Value| async move {
        if value.n.is_multiple_of(7) {
            yield_now().await;
        }
        value
    };
    let pipeline = ops::pipeline_async(1 + dice.index(4), rx, work);
    let out = if dice.one_in(2) {
        pipeline.unordered().chan(1)
    } else {
        pipeline.chan(0)
    };
    let (own, feeds, eats) = (book.clone(), dice.split(), dice.split());
    drop(go!({ feed(&own, &tx, 200, feeds).await }));
    drop(go!({ eat(&out, eats).await }));
    0
}

/// A value behind a mutex, and a limit on who works; who waits may be cancelled.
fn locks(book: &Book, dice: &mut Dice) -> u64 {
    let mutex = Arc::new(Mutex::new(book.value(0)));
    let permits = Arc::new(Semaphore::new(1 + dice.index(3)));
    let mut blocks = Vec::new();
    for _ in 0..2 + dice.below(10) {
        let (mutex, permits) = (Arc::clone(&mutex), Arc::clone(&permits));
        blocks.push(go!({
            for _ in 0..20 {
                let permit = permits.acquire().await;
                let mut value = mutex.lock().await;
                value.n += 1;
                yield_now().await;
                drop(value);
                drop(permit);
            }
        }));
    }
    let _cancelled = cancel_some(blocks, 2, dice);
    let count = permits.permits();
    drop(go!({
        let all = permits.acquire_many(count).await;
        drop(mutex.lock().await);
        drop(all);
        while permits.available() < count || mutex.is_locked() {
            yield_now().await;
        }
        // (If others still have it, it is dropped with the last.)
        if let Ok(Ok(value)) = Arc::try_unwrap(mutex).map(Mutex::into_inner) {
            value.delivered();
        }
    }));
    1
}

/// Chains of steps, several at a time, some cancelled.
fn promises(book: &Book, dice: &mut Dice) -> u64 {
    let mut answers = Vec::new();
    for n in 0..=dice.below(20) {
        let (resolver, answer) = promise::<Value, csp::Error>();
        let (value, pause) = (book.value(n), micros(dice, 500));
        drop(go!({
            csp::sleep(pause).await;
            if let Err(back) = resolver.fulfill(value) {
                back.given_back();
            }
        }));
        answers.push(answer.map(|value| value).timeout(Duration::from_secs(20)));
    }
    let (limit, cancels) = (micros(dice, 1500), dice.one_in(2));
    let together = all(answers);
    drop(go!({
        if cancels {
            csp::sleep(limit).await;
            together.cancel();
        }
        match together.await {
            Ok(values) => values.into_iter().for_each(Value::delivered),
            Err(Failure::Cancelled) => (),
            Err(other) => panic!("{other}"),
        }
    }));
    if cancels { ANY } else { 0 }
}

/// Operators in a row, and an end that may come early.
fn streams(book: &Book, dice: &mut Dice) -> u64 {
    let (tx, rx) = chan(dice.index(4));
    let (own, feeds) = (book.clone(), dice.split());
    drop(go!({ feed(&own, &tx, 200, feeds).await }));
    let stop = if dice.one_in(2) {
        dice.below(200)
    } else {
        u64::MAX
    };
    let parts =
        stream(rx)
            .map(|value| value)
            .par_map(1 + dice.index(3), |value: Value| async move {
                yield_now().await;
                value
            });
    let folded = parts.try_fold(0, move |count: u64, value: Value| {
        value.delivered();
        if count == stop {
            ControlFlow::Break(count)
        } else {
            ControlFlow::Continue(count + 1)
        }
    });
    drop(go!({ drop(folded.await) }));
    if stop == u64::MAX { 0 } else { ANY }
}
