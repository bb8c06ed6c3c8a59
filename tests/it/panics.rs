//! A block that panics ends alone, and everybody who should know of it does.

use std::sync::{Arc, Mutex, Once};

use csp::{Local, Panicked, prelude::*};

use crate::util::{Census, failure_of, on_one_worker, outcome, parked, runtime, until, value};

/// What the hook has seen. One hook for all tests of the process; each looks for its own message.
static SEEN: Mutex<Vec<Panicked>> = Mutex::new(Vec::new());

fn watch_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        csp::set_panic_hook(|panicked| {
            SEEN.lock().unwrap().push(panicked.clone());
            assert_ne!(
                panicked.message(),
                "and so does the hook",
                "on purpose, in the hook"
            );
        });
    });
}

fn seen(message: &str) -> Vec<Panicked> {
    let seen = SEEN.lock().unwrap();
    seen.iter()
        .filter(|panicked| panicked.message() == message)
        .cloned()
        .collect()
}

#[track_caller]
fn panicked<T>(block: Go<T>) -> Panicked {
    match outcome(block) {
        Err(Failure::Panicked(panicked)) => panicked,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the block ended well"),
    }
}

/// CA-094, CA-159: the handle says what happened and where; the hook sees it.
#[test]
fn panic_is_told_with_message_and_site() {
    watch_panics();
    let line = line!() + 1;
    let block = go!({
        yield_now().await;
        panic!("on purpose, number {}", 7)
    });
    let panicked: Panicked = panicked::<()>(block);
    assert_eq!(panicked.message(), "on purpose, number 7");
    let site = panicked.site().unwrap();
    assert!(site.file().ends_with("panics.rs"));
    assert_eq!(site.line(), line);
    let text = panicked.to_string();
    assert!(
        text.starts_with("the go block at ") && text.ends_with(": on purpose, number 7"),
        "{text}"
    );
    assert_eq!(seen("on purpose, number 7"), [panicked]);
}

/// CA-160: after an alts, and in an arm.
#[test]
fn panic_in_an_arm() {
    let (tx, rx) = chan(1);
    tx.try_put(1).unwrap();
    let block = go!({
        alt! {
            v = take!(rx) => assert_eq!(v, None, "on purpose, in an arm"),
            _ = take!(timeout(secs(1))) => {}
        }
    });
    assert!(failure_of(block).contains("on purpose, in an arm"));
}

#[test]
fn payloads_of_every_kind() {
    #[derive(Debug, PartialEq)]
    struct Own(u32);
    assert_eq!(
        panicked::<()>(go!({ panic!("literal") })).message(),
        "literal"
    );
    let text = String::from("formatted");
    assert_eq!(
        panicked::<()>(go!({ panic!("{text}") })).message(),
        "formatted"
    );
    let block = go!({
        if true {
            std::panic::panic_any(Own(5));
        }
    });
    let own = panicked(block);
    assert_eq!(own.message(), "a panic without a text message");
    // The payload itself goes on with `resume`, once.
    let again = own.clone();
    let payload = std::panic::catch_unwind(move || own.resume()).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&Own(5)));
    let payload = std::panic::catch_unwind(move || again.resume()).unwrap_err();
    assert_eq!(
        payload.downcast_ref(),
        Some(&"a panic without a text message".to_owned())
    );
}

/// A panic costs no worker: on the only one, a hundred in a row.
#[test]
fn workers_survive_panics() {
    on_one_worker(async {
        let (tx, rx) = chan::<u32>(0);
        let bystander = go!({ take!(rx) });
        for n in 0..100 {
            let block = go!({
                if n % 2 == 0 {
                    yield_now().await;
                }
                assert_eq!(n, 1_000, "on purpose");
            });
            assert!(matches!(block.await, Err(Failure::Panicked(_))));
        }
        put!(tx, 1).unwrap();
        assert_eq!(bystander.await, Ok(Some(1)));
    });
}

/// The ends that the block held drop, so channels close and partners go on.
#[test]
fn ends_of_a_panicked_block_drop() {
    on_one_worker(async {
        let (tx, rx) = chan::<u32>(0);
        let (back_tx, back) = chan::<u32>(0);
        let taker = go!({ take!(back) });
        parked(&taker).await;
        let putter = go!({ put!(tx, 1).is_ok() && put!(tx, 2).is_ok() });
        parked(&putter).await;
        let block = go!({
            let value = take!(rx).unwrap();
            let _held = back_tx;
            assert_eq!(value, 0, "on purpose");
        });
        assert!(block.await.is_err());
        assert_eq!(taker.await, Ok(None));
        assert_eq!(putter.await, Ok(false), "the second put fails");
    });
}

/// What the block held is dropped once.
#[test]
fn frame_of_a_panicked_block_is_dropped_once() {
    let census = Census::default();
    let items = census.clone();
    on_one_worker(async move {
        let (one, two) = (items.item(), items.item());
        let block = go!({
            let _one = one;
            yield_now().await;
            let _two = two;
            assert!(yield_and_fail().await, "on purpose");
        });
        assert!(block.await.is_err());
        assert_eq!(items.living(), 0);
    });
}

async fn yield_and_fail() -> bool {
    yield_now().await;
    false
}

/// GO-126: a panic while others are blocked is told, and hangs nothing.
#[test]
fn panic_while_others_are_parked() {
    let rt = runtime(2);
    let (tx, rx) = chan::<u32>(0);
    let others: Vec<_> = (0..10)
        .map(|_| {
            let rx = rx.clone();
            rt.go(async move { take!(rx) })
        })
        .collect();
    assert!(failure_of(rt.go(async { panic!("on purpose") })).contains("on purpose"));
    drop(tx);
    for other in others {
        assert_eq!(value(other), None);
    }
    rt.shutdown(secs(50)).unwrap();
}

/// CA-096: a panic in a put's callback reaches the hook; the taker is unharmed.
#[test]
fn panic_in_a_put_callback_harms_nobody() {
    watch_panics();
    on_one_worker(async {
        let (tx, rx) = chan(0);
        tx.put_then(1, |_| panic!("on purpose, in a put's callback"))
            .unwrap();
        assert_eq!(take!(rx), Some(1));
        let putter = go!({ put!(tx, 2).is_ok() });
        assert_eq!(take!(rx), Some(2));
        assert_eq!(putter.await, Ok(true));
    });
    let told = seen("on purpose, in a put's callback");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].site(), None);
}

/// CA-097: the same for a take's callback and the putter.
#[test]
fn panic_in_a_take_callback_harms_nobody() {
    watch_panics();
    on_one_worker(async {
        let (tx, rx) = chan(0);
        rx.take_then(|_| panic!("on purpose, in a take's callback"))
            .unwrap();
        assert_eq!(put!(tx, 1), Ok(()));
        let taker = go!({ take!(rx) });
        assert_eq!(put!(tx, 2), Ok(()));
        assert_eq!(taker.await, Ok(Some(2)));
    });
    assert_eq!(seen("on purpose, in a take's callback").len(), 1);
}

/// A hook that panics harms nobody either.
#[test]
fn panic_in_the_hook_harms_nobody() {
    watch_panics();
    on_one_worker(async {
        let block: Go<()> = go!({ panic!("and so does the hook") });
        assert!(matches!(block.await, Err(Failure::Panicked(_))));
        assert_eq!(go!({ 1 }).await, Ok(1));
    });
    // The hook's own lock is poisoned for nobody: it was free when the hook panicked.
    assert_eq!(seen("and so does the hook").len(), 1);
}

/// A value that nobody wants and whose drop panics reaches the hook, and nobody else.
#[test]
fn panic_in_the_drop_of_an_unwanted_value() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("on purpose, in the drop of a value");
        }
    }
    watch_panics();
    on_one_worker(async {
        drop(go!({ Bomb }));
        until(|| !seen("on purpose, in the drop of a value").is_empty()).await;
        assert_eq!(go!({ 1 }).await, Ok(1));
    });
}

/// A panic on a local executor ends the block, not the executor; one in the main future ends that.
#[test]
fn panics_on_a_local_executor() {
    let local = Local::new();
    let block: Go<()> = local.go(async { panic!("on purpose") });
    local.run_until_idle();
    assert!(failure_of(block).contains("on purpose"));
    let thrown = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        local.run_until(async { panic!("on purpose, in the main future") });
    }));
    assert!(thrown.is_err());
    assert_eq!(local.run_until(async { go!({ 5 }).await }), Ok(5));
}

/// The waiter that finds a panic can go on with it.
#[test]
#[should_panic(expected = "on purpose, resumed")]
fn panic_is_resumed_by_the_waiter() {
    let block: Go<()> = go!({ panic!("on purpose, resumed") });
    panicked(block).resume();
}

/// Nested: the inner block's panic is the outer one's value.
#[test]
fn panic_of_a_nested_block_is_a_value() {
    let outer = go!({
        let inner: Go<()> = go!({ panic!("on purpose, inside") });
        inner.await.unwrap_err().to_string()
    });
    assert!(value(outer).ends_with("on purpose, inside"));
}

/// A user's lock that is held across a panic is poisoned, as always; ours are not.
#[test]
fn stress_panics_beside_traffic() {
    let rt = runtime(4);
    let (tx, rx) = chan::<u32>(0);
    let panicking: Vec<_> = (0..4)
        .map(|_| {
            let rx = rx.clone();
            rt.go(async move {
                let mut panics = 0;
                for _ in 0..200 {
                    let rx = rx.clone();
                    let block = go!({
                        let value = take!(rx);
                        assert_eq!(value, None, "on purpose");
                    });
                    panics += usize::from(block.await.is_err());
                }
                panics
            })
        })
        .collect();
    let putter = rt.go(async move {
        let mut put = 0;
        while put!(tx, 1).is_ok() {
            put += 1;
        }
        put
    });
    drop(rx);
    let panics: usize = panicking.into_iter().map(value).sum();
    assert_eq!((panics, value(putter)), (800, 800));
    let alive = Arc::new(());
    assert_eq!(value(rt.go(async move { Arc::strong_count(&alive) })), 1);
}

/// Design section 6: nothing aborts. A value whose drop panics while its block is cancelled costs no more
/// than the block; the values beside it are dropped too.
#[test]
fn panic_in_the_drop_of_a_cancelled_block() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("on purpose, in the drop of a frame");
        }
    }
    let census = Census::default();
    let item = census.item();
    on_one_worker(async move {
        let (tx, rx) = chan::<u32>(0);
        let block = go!({
            let _held = (item, tx);
            let _bomb = Bomb;
            std::future::pending::<()>().await;
        });
        yield_now().await;
        block.cancel();
        assert!(block.await.is_err());
        assert_eq!(take!(rx), None);
    });
    assert_eq!(census.living(), 0);
}
