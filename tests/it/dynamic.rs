//! Dynamic bindings, conveyed into what is started inside.

use std::sync::Arc;

use csp::{Local, prelude::*};

use crate::util::{on_one_worker, runtime, value};

csp::dynamic! {
    static USER: &'static str = "nobody";
    static DEPTH: u32 = 0;
    static SHARED: Arc<()> = Arc::new(());
}

/// CA-028: a thread sees the bindings of whoever started it.
#[test]
fn thread_sees_the_callers_bindings() {
    let (bound, plain) = binding!(USER = "ann" => thread(|| (USER.get(), DEPTH.get())))
        .wait()
        .map_or_else(
            |failure| panic!("{failure}"),
            |bound| (bound, value(thread(|| USER.get()))),
        );
    assert_eq!((bound, plain), (("ann", 0), "nobody"));
}

#[test]
fn default_holds_where_nothing_is_bound() {
    assert_eq!((USER.get(), DEPTH.get()), ("nobody", 0));
    assert_eq!(value(go!({ USER.get() })), "nobody");
}

#[test]
fn bindings_nest_and_are_undone() {
    let seen = binding!(USER = "ann", DEPTH = 1 => {
        let inner = binding!(DEPTH = DEPTH.get() + 1 => (USER.get(), DEPTH.get()));
        (inner, (USER.get(), DEPTH.get()))
    });
    assert_eq!(seen, (("ann", 2), ("ann", 1)));
    assert_eq!((USER.get(), DEPTH.get()), ("nobody", 0));
}

#[test]
fn binding_is_undone_by_a_panic() {
    let thrown = std::panic::catch_unwind(
        || binding!(USER = "ann" => panic!("on purpose, as {}", USER.get())),
    );
    let message = thrown.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(*message, "on purpose, as ann");
    assert_eq!(USER.get(), "nobody");
}

/// CA-171: a block keeps the bindings of where it was started, across real park points and threads that
/// have none, long after the binding has ended.
#[test]
fn block_keeps_its_bindings_across_park_points() {
    let rt = runtime(2);
    let (tx, rx) = chan(0);
    let _entered = rt.enter();
    let block = binding!(USER = "ann", DEPTH = 7 => go!({
        let mut seen = vec![USER.get()];
        while let Some(()) = take!(rx) {
            seen.push(USER.get());
            assert_eq!(DEPTH.get(), 7);
        }
        seen
    }));
    assert_eq!(USER.get(), "nobody");
    // The putters' bindings are their own.
    for _ in 0..20 {
        let tx = tx.clone();
        value(binding!(USER = "bob" => go!({ put!(tx, ()).unwrap() })));
    }
    drop(tx);
    assert_eq!(value(block), ["ann"; 21]);
}

/// What a block starts inherits them in turn.
#[test]
fn blocks_and_threads_inherit_in_turn() {
    on_one_worker(async {
        let block = binding!(USER = "ann" => go!({
            let inner = go!({
                yield_now().await;
                (USER.get(), thread(|| (USER.get(), go!({ USER.get() }).wait().unwrap())).await.unwrap())
            });
            inner.await.unwrap()
        }));
        assert_eq!(block.await, Ok(("ann", ("ann", "ann"))));
        // Another block on the same worker has none of it.
        assert_eq!(go!({ USER.get() }).await, Ok("nobody"));
    });
}

/// In async code a binding holds across park points, on whatever thread it goes on.
#[test]
fn async_binding_holds_across_park_points() {
    on_one_worker(async {
        let (tx, rx) = chan(0);
        let block = go!({
            let inside = USER.bind_async("ann", async {
                put!(tx, USER.get()).unwrap();
                yield_now().await;
                let nested = USER.bind_async("bob", async {
                    put!(tx, USER.get()).unwrap();
                    USER.get()
                });
                (nested.await, USER.get(), go!({ USER.get() }).await.unwrap())
            });
            (USER.get(), inside.await, USER.get())
        });
        assert_eq!(
            (take!(rx), USER.get(), take!(rx)),
            (Some("ann"), "nobody", Some("bob"))
        );
        assert_eq!(block.await, Ok(("nobody", ("bob", "ann", "ann"), "nobody")));
    });
}

/// Bindings hold in the destructors of what the block held.
#[test]
fn bindings_hold_while_a_frame_is_dropped() {
    struct Tell(Sender<&'static str>);
    impl Drop for Tell {
        fn drop(&mut self) {
            self.0.try_put(USER.get()).unwrap();
        }
    }
    on_one_worker(async {
        let (tx, rx) = chan(1);
        let tell = Tell(tx);
        let block = binding!(USER = "ann" => go!({
            let _tell = tell;
            std::future::pending::<()>().await;
        }));
        yield_now().await;
        block.cancel();
        assert_eq!(take!(rx), Some("ann"));
        assert_eq!(block.await, Err(Failure::Cancelled));
    });
}

/// The value lives as long as somebody may see it, and no longer.
#[test]
fn bound_values_are_dropped() {
    on_one_worker(async {
        let shared = Arc::new(());
        let (tx, rx) = chan::<()>(0);
        let block = binding!(SHARED = Arc::clone(&shared) => go!({
            take!(rx);
            SHARED.with(Arc::strong_count)
        }));
        yield_now().await;
        assert_eq!(Arc::strong_count(&shared), 2);
        drop(tx);
        assert_eq!(block.await, Ok(2));
        assert_eq!(Arc::strong_count(&shared), 1);
    });
}

#[test]
fn bindings_on_a_local_executor() {
    let local = Local::new();
    let block = binding!(USER = "ann" => {
        local.run_until(async { go!({ yield_now().await; USER.get() }).await })
    });
    assert_eq!(block, Ok("ann"));
}

/// Each keeps its own, whoever runs where.
#[test]
fn stress_many_bindings_at_once() {
    let rt = runtime(4);
    let _entered = rt.enter();
    let blocks: Vec<_> = (0..200_u32)
        .map(|n| {
            binding!(DEPTH = n => go!({
                for _ in 0..50 {
                    yield_now().await;
                    assert_eq!(DEPTH.get(), n);
                    if n % 10 == 0 {
                        assert_eq!(DEPTH.bind_async(n + 1, async { yield_now().await; DEPTH.get() }).await, n + 1);
                    }
                }
            }))
        })
        .collect();
    blocks.into_iter().for_each(value);
}
