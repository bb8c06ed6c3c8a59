//! What the suites of Lamina, Twisted, Manifold and promesa check of channels and of awaiting, where no
//! other test of ours has it. The rest of it stands with promises, streams and hubs in csp-flow's tests.

use csp::{Elapsed, Failure, Local, grounded, prelude::*, promise::promise};

use crate::util::value;

/// EV-010, EV-154: nothing is a value as any other.
#[test]
fn ev_010_none_is_a_message() {
    let (tx, rx) = chan(3);
    for value in [None, Some(1), None] {
        tx.try_put(value).unwrap();
    }
    drop(tx);
    let got: Vec<Option<u32>> = rx.into_iter().collect();
    assert_eq!(got, [None, Some(1), None]);
}

/// EV-011: what is put into a grounded channel while nobody takes is dropped.
#[test]
fn ev_011_a_grounded_channel_keeps_nothing() {
    let local = Local::new();
    let (tx, rx) = local.run_until(async { grounded() });
    let put = |value| {
        let tx = tx.clone();
        local.go(async move { tx.put(value).await.unwrap() });
        local.run_until_idle();
    };
    put(1);
    assert_eq!(rx.try_take(), Err(TryTakeError::Empty));
    let taker = rx.clone();
    let heard = local.go(async move { taker.take().await });
    local.run_until_idle();
    put(2);
    assert_eq!(local.run_until(heard), Ok(Some(2)));
}

/// EV-012, EV-051: those who wait for one value each get one each, in the order in which they came.
#[test]
fn ev_051_a_thousand_one_shot_takers_are_served_in_order() {
    const TAKERS: usize = 1000;
    let local = Local::new();
    let (tx, rx) = chan(0);
    let takers: Vec<_> = (0..TAKERS)
        .map(|_| {
            let rx = rx.clone();
            local.go(async move { take!(rx) })
        })
        .collect();
    local.run_until_idle();
    for n in 0..TAKERS {
        tx.try_put(n).unwrap();
    }
    for (n, taker) in takers.into_iter().enumerate() {
        assert_eq!(local.run_until(taker), Ok(Some(n)));
    }
}

/// EV-015, EV-016: a take that is given up takes nothing, whichever of the two came first; the other that
/// waits gets the value.
#[test]
fn ev_016_a_take_that_is_given_up_leaves_the_value_to_the_next() {
    let local = Local::new();
    let (tx, rx) = chan(1);
    let wait = || {
        let rx = rx.clone();
        local.go(async move { take!(rx) })
    };
    let (given_up, next) = (wait(), wait());
    local.run_until_idle();
    assert!(given_up.cancel());
    tx.try_put("for the next").unwrap();
    local.run_until_idle();
    assert_eq!(local.run_until(given_up), Err(Failure::Cancelled));
    assert_eq!(local.run_until(next), Ok(Some("for the next")));

    tx.try_put("it stays").unwrap();
    let given_up = wait();
    assert!(given_up.cancel());
    local.run_until_idle();
    assert_eq!(rx.try_take(), Ok("it stays"));
    let never_waited: Go<()> = local.go(async {});
    local.run_until_idle();
    assert!(
        !never_waited.cancel(),
        "it has ended, and there is nothing to give up"
    );
}

/// EV-053: whoever takes from whichever of two channels has something loses nothing, and each channel keeps its
/// order. A look at two empty ones finds nothing.
#[test]
fn ev_053_a_choice_between_two_channels_keeps_the_order_of_each() {
    const VALUES: u32 = 1000;
    let (channels, takers): (Vec<_>, Vec<_>) = (0..2).map(|_| chan(3)).unzip();
    let looked = go!({
        let rxs: Vec<Receiver<u32>> = takers;
        let mut seen = [0, 0];
        let found = alt! {
            _ = take!(rxs[0]) => true,
            _ = take!(rxs[1]) => true,
            default => false,
        };
        for tx in channels {
            go!({
                for n in 0..VALUES {
                    put!(tx, n).unwrap();
                }
            });
        }
        while seen != [VALUES; 2] {
            let (of, value) = take_any(&rxs).await;
            // A closed one is as ready as one with a value.
            if let Some(value) = value {
                assert_eq!(value, seen[of]);
                seen[of] += 1;
            }
        }
        found
    });
    assert!(!value(looked));
}

/// EV-054: a thread that waits for one value after the other gets them in order; what looks takes only what
/// is there.
#[test]
fn ev_054_a_thread_waits_for_each_of_a_hundred() {
    let (tx, rx) = chan(0);
    let there = std::thread::spawn(move || (0..100).try_for_each(|n| tx.put_blocking(n)));
    for n in 0..100 {
        assert_eq!(rx.take_blocking(), Some(n));
    }
    there.join().unwrap().unwrap();
    let (tx, rx) = chan(8);
    for n in 0..5 {
        tx.try_put(n).unwrap();
    }
    let there: Vec<u32> = std::iter::from_fn(|| rx.try_take().ok()).collect();
    assert_eq!(there, [0, 1, 2, 3, 4]);
    assert!(!tx.is_closed());
}

/// EV-056: who takes only some leaves the rest in the source, for whoever has it; longer than the source is no
/// harm.
#[test]
fn ev_056_take_and_take_while_leave_the_rest_on_the_source() {
    let source = to_chan(0..10);
    let rest = source.clone();
    let first = stream(source.clone()).take(3).chan(0);
    assert_eq!(first.into_iter().collect::<Vec<_>>(), [0, 1, 2]);
    let low = stream(source).take_while(|n| *n < 6).chan(0);
    assert_eq!(low.into_iter().collect::<Vec<_>>(), [3, 4, 5]);
    // The one that was too high was taken to be looked at.
    let all = stream(rest).take(100).chan(0);
    assert_eq!(all.into_iter().collect::<Vec<_>>(), [7, 8, 9]);
}

/// EV-120, EV-159: a block waits for what is eventual and for what is ready alike; a failure is caught with
/// `match`, or goes up with `?`; nested blocks give values, not blocks of blocks.
#[test]
fn ev_120_a_block_awaits_values_and_failures() {
    let outcome = go!({
        let (resolver, later) = promise::<u32, csp::Error>();
        go!({ resolver.fulfill(40).unwrap() });
        let ready = Promise::<_, csp::Error>::ready(2).await?;
        let caught = match Promise::<u32>::failed("no disk").await {
            Err(Failure::Error(error)) => error.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(caught, "no disk");
        let nested = go!({ go!({ 1 }).await.unwrap() }).await.unwrap();
        assert_eq!(nested, 1);
        Ok::<_, Failure<csp::Error>>(later.await? + ready)
    });
    assert_eq!(value(outcome).unwrap(), 42);
    let fails = go!({
        let n: u32 = Promise::<u32>::failed("no disk").await?;
        Ok::<_, Failure<csp::Error>>(n)
    });
    assert_eq!(value(fails).unwrap_err().to_string(), "no disk");
}

/// EV-159: what was done before a park is not done again after it, also with a choice in between.
#[test]
fn ev_159_nothing_runs_twice() {
    let local = Local::virtual_time();
    let count = local.go(async {
        let mut runs = 0;
        for _ in 0..3 {
            runs += 1;
            Promise::<(), csp::Error>::ready(()).await.unwrap();
            sleep(secs(1)).await;
            let late = within(secs(1), Promise::<u32>::pending()).await;
            assert!(matches!(late, Err(Elapsed)));
        }
        runs
    });
    assert_eq!(local.run_until(count), Ok(3));
}

/// EV-146: takes and puts that were given up by the thousand leave nothing behind, and one more works.
#[test]
fn ev_146_timed_out_takes_and_puts_leave_nothing() {
    const MANY: usize = 16_384;
    let local = Local::virtual_time();
    let (tx, rx) = chan::<u32>(0);
    for _ in 0..MANY {
        let rx = rx.clone();
        local.go(async move {
            assert_eq!(within(ms(1), rx.take()).await, Err(Elapsed));
        });
    }
    local.advance(ms(1));
    assert_eq!(local.live(), 0);
    assert!(tx.try_put(1).is_err(), "no taker is left in the queue");
    for n in 0..MANY {
        let tx = tx.clone();
        local.go(async move {
            let put = within(ms(1), tx.put(u32::try_from(n).unwrap())).await;
            assert!(put.is_err());
        });
    }
    local.advance(ms(1));
    assert_eq!(rx.try_take(), Err(TryTakeError::Empty), "no putter is left");
    let one_more = local.go(async move { rx.take().await });
    local.run_until_idle();
    tx.try_put(7).unwrap();
    assert_eq!(local.run_until(one_more), Ok(Some(7)));
}

/// EV-148, EV-166: a put on a closed channel is refused, one that was parked at the close can still be taken,
/// and then it is drained.
#[test]
fn ev_148_a_pending_put_survives_the_close() {
    let local = Local::new();
    let (tx, rx) = chan(0);
    let putter = tx.clone();
    let pending = local.go(async move { putter.put(1).await });
    local.run_until_idle();
    assert!(tx.close());
    assert_eq!(tx.try_put(2).unwrap_err().into_inner(), 2);
    assert_eq!(rx.try_take(), Ok(1));
    assert_eq!(rx.try_take(), Err(TryTakeError::Closed));
    assert_eq!(local.run_until(pending), Ok(Ok(())));
}

/// EV-166: what a transducer holds back comes at the close; one that wants no more closes the channel.
#[test]
fn ev_166_a_stateful_transducer_flushes_and_a_terminating_one_closes() {
    let (tx, rx) = chan_with(8, xf::partition_all(2));
    for n in 0..3 {
        tx.try_put(n).unwrap();
    }
    drop(tx);
    assert_eq!(rx.into_iter().collect::<Vec<_>>(), [vec![0, 1], vec![2]]);
    let (tx, rx) = chan_with(8, xf::take(1));
    tx.try_put(0).unwrap();
    assert!(tx.is_closed());
    assert_eq!(rx.into_iter().collect::<Vec<u32>>(), [0]);
}

/// EV-157: a value later, a failure later, something eventual later, given up before its time, all on a mock
/// clock; a periodic job that panics is not called again.
#[test]
fn ev_157_what_is_done_later_on_a_mock_clock() {
    let events = csp::EventLoop::virtual_time();
    let handle = events.handle();
    let (said, heard) = chan(8);
    let say = |what: &'static str| {
        let said = said.clone();
        move || said.try_put(what).unwrap()
    };
    handle.call_later(secs(2), say("in time")).unwrap();
    let given_up = handle.call_later(secs(1), say("never")).unwrap();
    given_up.cancel().unwrap();
    let later = events.go(async {
        sleep(secs(3)).await;
        Promise::<u32>::failed("too late").delay(secs(5)).await
    });
    let mut beats = 0;
    let beat = say("beat");
    let ticker = handle
        .every(secs(1), move |_| {
            beats += 1;
            assert!(beats < 3, "the third beat panics");
            beat();
        })
        .unwrap();
    let start = events.now();
    let outcome = events.run_until(later).unwrap();
    assert_eq!(outcome.unwrap_err().to_string(), "too late");
    assert_eq!(events.now() - start, secs(3), "a failure is not held up");
    events.advance(secs(60));
    assert!(!ticker.is_active());
    let heard: Vec<_> = std::iter::from_fn(|| heard.try_take().ok()).collect();
    assert_eq!(heard, ["beat", "in time", "beat"]);
}
