//! Connectors under random schedules.

use csp::{
    Connect, LinkReason, Promise, ops,
    prelude::*,
    requests::{client, serve},
};

use crate::util::{explore, three};

#[test]
fn pipe_passes_on_all_and_closes() {
    explore(|| {
        let (tx, rx) = chan(1);
        let done = ops::pipe(three(), tx);
        assert_eq!(rx.into_iter().collect::<Vec<_>>(), [1, 2, 3]);
        done.wait().unwrap().unwrap();
    });
}

/// Nothing is lost when the target closes at any moment: it came out, comes back, or is still there.
#[test]
fn pipe_gives_back_what_it_cannot_deliver() {
    explore(|| {
        let (tx, from) = chan(3);
        let (to, rx) = chan(0);
        for n in 1..=3 {
            tx.try_put(n).unwrap();
        }
        drop(tx);
        let done = ops::pipe(from.clone(), to);
        let got = go!({
            let first = take!(rx);
            rx.close();
            let rest = take!(rx);
            [first, rest]
        });
        let mut all: Vec<i32> = got.wait().unwrap().into_iter().flatten().collect();
        if let Err(error) = done.wait().unwrap() {
            all.extend(error.into_inner());
        }
        all.extend(from);
        assert_eq!(all, [1, 2, 3]);
    });
}

#[test]
fn merge_gives_each_value_once_in_the_order_of_its_source() {
    explore(|| {
        let all: Vec<_> = ops::merge([three(), three()], 0).into_iter().collect();
        let mut sorted = all.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [1, 1, 2, 2, 3, 3], "{all:?}");
    });
}

#[test]
fn split_parts() {
    explore(|| {
        let (odd, even) = ops::split(three(), |n| n % 2 == 1, 0, 0);
        let odd = ops::reduce(odd, 0, |sum, n| sum + n);
        assert_eq!(even.into_iter().collect::<Vec<_>>(), [2]);
        assert_eq!(odd.wait().unwrap().unwrap(), 4);
    });
}

#[test]
fn map2_goes_round_by_round() {
    explore(|| {
        let rows = ops::map2(three(), three(), |a, b| 10 * a + b, 0);
        assert!(rows.into_iter().eq([11, 22, 33]));
    });
}

#[test]
fn pipeline_keeps_the_order() {
    explore(|| {
        let out = ops::pipeline_async(2, three(), |n| async move {
            yield_now().await;
            n * 10
        })
        .chan(0);
        assert!(out.into_iter().eq([10, 20, 30]));
    });
    explore(|| {
        let out = ops::pipeline(2, three(), xf::map(|n| n * 10)).chan(0);
        assert!(out.into_iter().eq([10, 20, 30]));
    });
    explore(|| {
        let out = ops::pipeline_blocking(2, three(), xf::map(|n| n * 10)).chan(0);
        assert!(out.into_iter().eq([10, 20, 30]));
    });
}

#[test]
fn a_link_ends_whichever_side_closes() {
    explore(|| {
        let (tx, src) = chan(0);
        let (dst, rx) = chan(0);
        let link = csp::connect(src, dst, Connect::default());
        let puts = go!({
            let mut put = 0;
            while put!(tx, put).is_ok() {
                put += 1;
            }
            put
        });
        assert_eq!(rx.take_blocking(), Some(0));
        assert_eq!(rx.take_blocking(), Some(1));
        drop(rx);
        let end = link.wait().unwrap();
        assert!(matches!(end.reason, LinkReason::TargetClosed));
        // What it had taken comes back, in hand or into the source: as many came out or back as were put.
        let put = puts.wait().unwrap();
        let back = end.value.into_iter().chain(end.src.into_iter().flatten());
        assert!(back.eq(2..put));
    });
}

#[test]
fn put_all_or_none_is_one_step() {
    explore(|| {
        let (a_tx, a) = chan(1);
        let (b_tx, b) = chan(1);
        let puts = go!({
            for n in 1..=3 {
                park!(csp::put_all_or_none((a_tx.put(n), b_tx.put(n)))).unwrap();
            }
        });
        for n in 1..=3 {
            assert_eq!(a.take_blocking(), Some(n));
            // (Both are there, or neither.)
            assert_eq!(b.try_take(), Ok(n));
        }
        puts.wait().unwrap();
    });
}

#[test]
fn calls_are_answered_in_order() {
    explore(|| {
        let client = client(|| async {
            let (requests, to_serve) = chan(1);
            let (to, answers) = chan(1);
            serve(
                to_serve,
                to,
                |n: u32| async move { Ok::<_, csp::Error>(n + 1) },
            )
            .start();
            Ok::<_, &str>((requests, answers))
        })
        .start();
        let first: Promise<u32, _> = client.call(1);
        let second = client.call(10);
        assert_eq!(second.wait().unwrap(), 11);
        assert_eq!(first.wait().unwrap(), 2);
    });
}

#[test]
fn an_alt_set_and_take_any_take_each_value_once() {
    explore(|| {
        let all = [three(), three()];
        let mut sum = 0;
        let mut set = AltSet::new();
        for rx in &all {
            set.take(rx);
        }
        for _ in 0..6 {
            match alts_blocking!(&mut set) {
                (_, Event::Took(Some(n))) => sum += n,
                (_, Event::Took(None)) => break,
                other => panic!("{other:?}"),
            }
        }
        drop(set);
        sum += all.into_iter().flatten().sum::<u32>();
        assert_eq!(sum, 12);
    });
}

csp::dynamic! { static WHO: &'static str = "nobody"; }

#[test]
fn bindings_go_with_the_block() {
    explore(|| {
        let ann = binding!(WHO = "ann" => go!({ yield_now().await; WHO.get() }));
        let bob = binding!(WHO = "bob" => thread(|| go!({ WHO.get() }).wait().unwrap()));
        assert_eq!(ann.wait(), Ok("ann"));
        assert_eq!(bob.wait(), Ok("bob"));
        assert_eq!(WHO.get(), "nobody");
    });
}

#[test]
fn callbacks_run_once() {
    explore(|| {
        let (tx, rx) = chan(0);
        let (seen_tx, seen) = chan(2);
        let _ready = rx.take_then(csp::dispatch(move |n: Option<u32>| {
            seen_tx.try_put(n).unwrap();
        }));
        go!({ put!(tx, 7).unwrap() });
        assert_eq!(seen.take_blocking(), Some(Some(7)));
        assert_eq!(seen.take_blocking(), None);

        let late = csp::to_promise_chan(async {
            sleep(secs(1)).await;
            Ok::<_, std::io::Error>(3)
        });
        assert_eq!(late.take_blocking(), Some(3));
        assert_eq!(late.take_blocking(), Some(3));
    });
}
