//! The channel of a future's value: `to_promise_chan`.

use csp::{prelude::*, to_promise_chan};

use crate::util::{Census, on_one_worker, runtime, until};

/// CA-189: a future's value as a channel, which gives it again and again.
#[test]
fn ca_189_promise_channel_gives_its_value_for_ever() {
    on_one_worker(async {
        let (tx, rx) = chan(0);
        let promise = to_promise_chan(go!({ take!(rx).unwrap() }));
        let other = promise.clone();
        let waiter = go!({ (take!(other), take!(other)) });
        yield_now().await;
        assert!(promise.try_take().is_err() && !waiter.is_finished());
        put!(tx, 5_u32).unwrap();
        assert_eq!(waiter.await, Ok((Some(5), Some(5))));
        assert_eq!((take!(promise), promise.try_take()), (Some(5), Ok(5)));
        assert!(promise.is_closed() && promise.failure().is_none());
    });
}

/// CA-189: what goes wrong is the failure of the channel; no take waits for ever.
#[test]
fn ca_189_promise_channel_fails_with_its_future() {
    on_one_worker(async {
        let why = async |rx: Receiver<u32>| {
            assert_eq!((take!(rx), take!(rx)), (None, None));
            rx.failure().unwrap().to_string()
        };
        // A future's own error, a block's panic, a cancelled block.
        let error = to_promise_chan(async { Err(std::fmt::Error) });
        assert_eq!(why(error).await, std::fmt::Error.to_string());
        let panicked = to_promise_chan(go!({ panic!("on purpose, in a promise") }));
        assert!(why(panicked).await.ends_with("on purpose, in a promise"));
        let block: Go<u32> = go!({ std::future::pending().await });
        block.cancel();
        assert_eq!(why(to_promise_chan(block)).await, "cancelled");
        // The future itself panics.
        let bomb = to_promise_chan(async {
            yield_now().await;
            if true {
                std::panic::panic_any("on purpose, in a future");
            }
            Ok::<u32, Failure>(1)
        });
        assert_eq!(why(bomb).await, "abandoned by its settler");
    });
    // The runtime ends first.
    let rt = runtime(1);
    let rx = {
        let _entered = rt.enter();
        to_promise_chan(std::future::pending::<Result<u32, Failure>>())
    };
    drop(rt);
    assert_eq!(rx.take_blocking(), None);
    assert_eq!(
        rx.failure().unwrap().to_string(),
        "abandoned by its settler"
    );
}

/// When nobody can take any more the future is dropped; a block it awaited runs on.
#[test]
fn promise_channel_that_nobody_wants_drops_its_future() {
    on_one_worker(async {
        let census = Census::default();
        for by_close in [false, true] {
            let item = census.item();
            let rx = to_promise_chan(async move {
                let _item = item;
                std::future::pending::<Result<u32, Failure>>().await
            });
            yield_now().await;
            assert_eq!(census.living(), 1);
            let kept = by_close.then(|| {
                rx.close();
                rx.clone()
            });
            drop(rx);
            until(|| census.living() == 0).await;
            if let Some(rx) = kept {
                assert_eq!((take!(rx), rx.failure().is_none()), (None, true));
            }
        }
        let (tx, rx) = chan(0);
        let (out, done) = chan(1);
        drop(to_promise_chan(go!({
            let got: Option<u32> = take!(rx);
            out.try_put(got).unwrap();
        })));
        yield_now().await;
        put!(tx, 3).unwrap();
        assert_eq!(take!(done), Some(Some(3)));
    });
}
