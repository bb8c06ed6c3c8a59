//! How the operators end: at once, and in both directions.

use csp::{
    Local, Receiver, Stream,
    prelude::*,
    stream::{combine_latest, priority_merge},
};

use crate::util::{Start, failure, run, seen};

/// What an operator makes of a source, as text.
type Op = fn(Receiver<u32>) -> Receiver<String>;

fn shown<X>(out: Stream<X>) -> Receiver<String>
where
    X: Transducer<In: Send + 'static, Out: std::fmt::Debug + Send + 'static> + Send + 'static,
{
    out.apply(xf::map(|value| format!("{value:?}"))).receiver()
}

/// A source that is open and has nothing.
fn silent() -> Receiver<u32> {
    let (tx, rx) = chan(0);
    go!({ tx.closed().await });
    rx
}

fn ops() -> Vec<(&'static str, Op)> {
    vec![
        ("batch", |rx| shown(stream(rx).batch(10, ms(10)))),
        ("batch_by", |rx| {
            shown(stream(rx).batch_by(|_| 2, 7, ms(10)))
        }),
        ("throttle", |rx| shown(stream(rx).throttle(1, ms(10), 1))),
        ("debounce", |rx| shown(stream(rx).debounce(ms(10)))),
        ("sample_every", |rx| shown(stream(rx).sample_every(ms(10)))),
        ("chunk_every", |rx| shown(stream(rx).chunk_every(ms(10)))),
        ("close_on_idle", |rx| {
            shown(stream(rx).close_on_idle(ms(10)))
        }),
        ("timeout_each", |rx| shown(stream(rx).timeout_each(ms(10)))),
        ("delay", |rx| shown(stream(rx).delay(ms(10)))),
        ("by_timestamp", |rx| {
            let start = Start::now();
            shown(stream(rx).by_timestamp(move |&n| start.at(n.into())))
        }),
        ("zip", |rx| shown(stream(rx).zip(silent()))),
        ("zip, second", |rx| shown(stream(silent()).zip(rx))),
        ("zip of a vec", |rx| {
            shown(stream::zip(vec![silent(), rx, silent()]))
        }),
        ("zip_latest", |rx| {
            shown(stream(rx).zip_latest(to_chan([7])))
        }),
        ("combine_latest", |rx| {
            shown(combine_latest(vec![to_chan([7]), rx], Vec::len))
        }),
        ("merge", |rx| shown(stream(rx).merge(to_chan([])))),
        ("priority_merge", |rx| {
            shown(priority_merge([to_chan([]), rx]))
        }),
        ("group_by", |rx| shown(stream(rx).group_by(|n| n % 2))),
        ("aggregate", |rx| shown(stream(rx).aggregate(|n| n % 2))),
    ]
}

/// EV-217: downstream learns at once that the source has closed.
#[test]
fn ev_217_when_the_source_closes_so_does_the_stream() {
    for (name, op) in ops() {
        run(async move {
            let (tx, rx) = chan(0);
            let out = op(rx);
            go!({
                sleep(ms(5)).await;
                drop(tx);
            });
            let (_, end) = seen(&out).await;
            assert_eq!((end, failure(&out)), (5, None), "{name}");
        });
    }
}

#[test]
fn when_the_source_fails_so_does_the_stream() {
    for (name, op) in ops() {
        run(async move {
            let (tx, rx) = chan(0);
            let out = op(rx);
            go!({
                sleep(ms(5)).await;
                tx.fail("boom");
            });
            let (_, end) = seen(&out).await;
            assert_eq!((end, failure(&out).as_deref()), (5, Some("boom")), "{name}");
        });
    }
}

/// EV-049: the end comes after the last value, and that not later than it has to.
#[test]
fn ev_049_what_was_on_its_way_comes_before_the_end() {
    let come: &[(&str, &[&str], u64)] = &[
        ("batch", &["[1, 2, 3]"], 3),
        ("batch_by", &["[1, 2, 3]"], 3),
        // The third is due at 21, and the end is looked for when the next would be.
        ("throttle", &["1", "2", "3"], 31),
        ("debounce", &["3"], 3),
        ("sample_every", &["3"], 3),
        ("chunk_every", &["[1, 2, 3]"], 3),
        ("close_on_idle", &["1", "2", "3"], 3),
        ("timeout_each", &["1", "2", "3"], 3),
        ("delay", &["1", "2", "3"], 13),
        ("by_timestamp", &["1", "2", "3"], 3),
        ("merge", &["1", "2", "3"], 3),
        ("priority_merge", &["1", "2", "3"], 3),
        ("zip_latest", &["(1, 7)", "(2, 7)", "(3, 7)"], 3),
        ("combine_latest", &["2", "2", "2"], 3),
        ("aggregate", &["{1: 1}", "{0: 2, 1: 3}"], 3),
    ];
    for fails in [false, true] {
        for (name, op) in ops() {
            let Some((_, values, at)) = come.iter().find(|(of, ..)| *of == name) else {
                continue;
            };
            run(async move {
                let (tx, rx) = chan(0);
                let out = op(rx);
                go!({
                    for n in 1..=3 {
                        sleep(ms(1)).await;
                        put!(tx, n).unwrap();
                    }
                    if fails {
                        tx.fail("boom");
                    }
                });
                let (seen, end) = seen(&out).await;
                let seen: Vec<_> = seen.into_iter().map(|(_, value)| sorted(&value)).collect();
                assert_eq!(seen, *values, "{name}");
                assert_eq!(end, *at, "{name}");
                assert_eq!(failure(&out).is_some(), fails, "{name}");
            });
        }
    }
}

/// The text of a map, whose order is not fixed.
fn sorted(text: &str) -> String {
    match text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'))
    {
        Some(pairs) => {
            let mut pairs: Vec<_> = pairs.split(", ").collect();
            pairs.sort_unstable();
            format!("{{{}}}", pairs.join(", "))
        }
        None => text.to_owned(),
    }
}

/// EV-217: the source learns at once that nobody takes any more, also while it has nothing to put.
#[test]
fn ev_217_when_nobody_takes_a_silent_source_is_let_go_at_once() {
    for dropped in [true, false] {
        for (name, op) in ops() {
            run(async move {
                let start = Start::now();
                let (tx, rx) = chan(0);
                let out = op(rx);
                let gone = go!({
                    tx.closed().await;
                    start.passed()
                });
                sleep(ms(5)).await;
                let kept = if dropped {
                    drop(out);
                    None
                } else {
                    out.close();
                    Some(out)
                };
                assert_eq!(gone.await, Ok(5), "{name}");
                drop(kept);
            });
        }
    }
}

#[test]
fn when_nobody_takes_a_source_with_values_is_let_go_at_once() {
    for (name, op) in ops() {
        run(async move {
            let start = Start::now();
            let (tx, rx) = chan(0);
            let out = op(rx);
            let gone = go!({
                let mut n = 0;
                while put!(tx, n).is_ok() {
                    n += 1;
                    sleep(ms(1)).await;
                }
                tx.closed().await;
                start.passed()
            });
            sleep(ms(5)).await;
            start.until(5).await;
            drop(out);
            // Who sleeps sees it a little later.
            let gone = gone.await.unwrap();
            assert!((5..=6).contains(&gone), "{name}: {gone}");
        });
    }
}

/// EV-217: nothing more is taken once nobody takes: it is there for others.
#[test]
fn ev_217_what_is_put_afterwards_goes_to_others() {
    for (name, op) in ops() {
        run(async move {
            let (tx, rx) = chan(8);
            let out = op(rx.clone());
            sleep(ms(5)).await;
            drop(out);
            tx.try_put(1).unwrap();
            tx.try_put(2).unwrap();
            sleep(secs(1)).await;
            assert_eq!((rx.try_take(), rx.try_take()), (Ok(1), Ok(2)), "{name}");
        });
    }
}

#[test]
fn when_the_executor_goes_the_stream_fails() {
    for (name, op) in ops() {
        let local = Local::virtual_time();
        let (tx, rx) = chan(8);
        let out = local.run_until(async move { op(rx) });
        local.run_until_idle();
        assert!(!out.is_closed(), "{name}");
        drop(local);
        assert!(tx.is_closed(), "{name}");
        assert_eq!(out.try_take(), Err(TryTakeError::Closed), "{name}");
    }
}

#[test]
fn an_operator_that_is_cancelled_says_so() {
    let local = Local::virtual_time();
    let (_tx, rx) = chan::<u32>(0);
    let (batches, rows, groups, group) = local.run_until(async move {
        let batches = stream(rx).batch(2, ms(1)).receiver();
        let rows = stream::zip((to_chan([1]), silent())).receiver();
        let (numbers, from) = chan(1);
        numbers.try_put(1).unwrap();
        let groups = stream(from).group_by(|&n| n).receiver();
        let (_, group) = take!(groups).unwrap();
        assert_eq!(take!(group), Some(1));
        go!({ numbers.closed().await });
        (batches, rows, groups, group)
    });
    local.run_until_idle();
    drop(local);
    let said = [
        failure(&batches),
        failure(&rows),
        failure(&groups),
        failure(&group),
    ];
    for said in said {
        assert_eq!(said.unwrap(), "an operator was cancelled");
    }
}

/// Nothing runs, and no timer is kept, once a stream has ended.
#[test]
fn nothing_is_left_behind() {
    for (name, op) in ops() {
        let local = Local::virtual_time();
        let out = local.run_until(async move { op(to_chan([1, 2, 3])) });
        local.advance(ms(8));
        drop(out);
        local.run_until_idle();
        // The channels' own feeders and the silent sources have ended as well.
        assert_eq!(local.live(), 0, "{name}");
    }
}
