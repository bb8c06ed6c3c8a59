//! Go's small channel library, written with our operations and run on threads.

use std::thread;

use csp_core::{Of2, Of3, Receiver, Sender, alt_blocking, alts_blocking, chan, take};

fn read_all(done: &Receiver<()>, rx: &Receiver<u32>) -> Vec<u32> {
    let mut all = Vec::new();
    loop {
        match alts_blocking!(done.take(), rx.take()) {
            Of2::A(_) | Of2::B(None) => return all,
            Of2::B(Some(n)) => all.push(n),
        }
    }
}

/// GO-084
#[test]
fn go_084_read_all_collects_until_close_or_cancel() {
    let (cancel, done) = chan(0);
    let (tx, rx) = chan(0);
    thread::scope(|scope| {
        let all = scope.spawn(|| read_all(&done, &rx));
        for n in 0..50 {
            tx.put_blocking(n).unwrap();
        }
        tx.close();
        assert!(all.join().unwrap().into_iter().eq(0..50));
    });
    let (tx, rx) = chan(0);
    thread::scope(|scope| {
        let all = scope.spawn(|| read_all(&done, &rx));
        tx.put_blocking(1).unwrap();
        drop(cancel);
        assert_eq!(all.join().unwrap(), [1]);
    });
}

/// Each input is switched off as it closes.
fn merge(a: &Receiver<u32>, b: &Receiver<u32>, done: &Receiver<()>, out: &Sender<u32>) {
    let (mut a_open, mut b_open) = (true, true);
    while a_open || b_open {
        let value = alt_blocking! {
            v = take!(a), if a_open => { a_open = v.is_some(); v }
            v = take!(b), if b_open => { b_open = v.is_some(); v }
            _ = take!(done) => return,
        };
        if let Some(value) = value
            && !matches!(alts_blocking!(out.put(value), done.take()), Of2::A(Ok(())))
        {
            return;
        }
    }
}

/// GO-085
#[test]
fn go_085_merge_closes_after_both_inputs() {
    let (a_tx, a) = chan(0);
    let (b_tx, b) = chan(0);
    let (_cancel, done) = chan(0);
    let (out, merged) = chan(0);
    thread::scope(|scope| {
        scope.spawn(move || (0..100).for_each(|n| a_tx.put_blocking(2 * n).unwrap()));
        scope.spawn(move || (0..50).for_each(|n| b_tx.put_blocking(2 * n + 1).unwrap()));
        scope.spawn(move || merge(&a, &b, &done, &out));
        let mut all: Vec<_> = merged.into_iter().collect();
        assert!(all.iter().filter(|n| *n % 2 == 0).is_sorted());
        all.sort_unstable();
        assert!(all.into_iter().eq((0..100).chain((100..200).step_by(2))));
    });
}

/// GO-085: on cancel
#[test]
fn go_085_merge_ends_on_cancel() {
    let (_a_tx, a) = chan(0);
    let (_b_tx, b) = chan(0);
    let (cancel, done) = chan(0);
    let (out, merged) = chan(0);
    thread::scope(|scope| {
        scope.spawn(move || merge(&a, &b, &done, &out));
        drop(cancel);
        assert_eq!(merged.take_blocking(), None);
    });
}

/// GO-086
#[test]
fn go_086_filter_passes_what_matches_and_closes() {
    let (tx, rx) = chan(0);
    let (out, even) = chan(0);
    thread::scope(|scope| {
        scope.spawn(move || {
            for n in rx.into_iter().filter(|n| n % 2 == 0) {
                out.put_blocking(n).unwrap();
            }
        });
        scope.spawn(move || (0..100).for_each(|n| tx.put_blocking(n).unwrap()));
        assert!(even.into_iter().eq((0..100).step_by(2)));
    });
}

/// GO-087
#[test]
fn go_087_a_sink_never_holds_a_sender_back() {
    let (cancel, done) = chan::<()>(0);
    let (tx, rx) = chan(0);
    thread::scope(|scope| {
        scope.spawn(
            move || {
                while let Of2::B(Some(_)) = alts_blocking!(done.take(), rx.take()) {}
            },
        );
        (0..100).for_each(|n| tx.put_blocking(n).unwrap());
        drop(cancel);
        // It ends, and drops the receiver: the sender learns of it.
        csp_core::block_on(tx.closed());
        assert!(tx.try_put(0).unwrap_err().is_closed());
    });
}

/// GO-088: a buffer of one is a lock that owns its value
#[test]
fn go_088_a_buffer_of_one_is_a_lock() {
    let (release, acquire) = chan(1);
    release.try_put(0).unwrap();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..1000 {
                    let n = acquire.take_blocking().unwrap();
                    release.try_put(n + 1).unwrap();
                }
            });
        }
    });
    let held = acquire.try_take().unwrap();
    assert_eq!(held, 2000);
    assert!(acquire.try_take().is_err());
    release.try_put(held).unwrap();
    assert!(
        release.try_put(held).unwrap_err().is_full(),
        "released without being held"
    );
}

/// GO-017 (its heart): an elastic proxy, whose put is off while it has nothing
#[test]
fn go_017_an_elastic_proxy_keeps_order_and_ends() {
    let (tx, rx) = chan(10);
    let (out, got) = chan(0);
    thread::scope(|scope| {
        scope.spawn(move || (0..2000).for_each(|n| tx.put_blocking(n).unwrap()));
        scope.spawn(move || {
            let mut queue = std::collections::VecDeque::new();
            let mut open = true;
            while open || !queue.is_empty() {
                let head = queue.front().copied().unwrap_or_default();
                alt_blocking! {
                    v = csp_core::take!(rx), if open => match v {
                        Some(n) => queue.push_back(n),
                        None => open = false,
                    },
                    done = csp_core::put!(out, head), if !queue.is_empty() => {
                        done.unwrap();
                        queue.pop_front();
                    }
                }
            }
        });
        assert!(got.into_iter().eq(0..2000));
    });
}

/// GO-016: a sieve of threads over rendezvous channels; leaving it with all filters parked is clean
#[test]
fn go_016_a_sieve_finds_the_primes_to_100() {
    let (tx, mut rx) = chan::<u32>(0);
    let mut threads = vec![thread::spawn(move || {
        let _ = (2..).try_for_each(|n| tx.put_blocking(n));
    })];
    let mut primes = Vec::new();
    while primes.last().is_none_or(|last| *last < 97) {
        let prime = rx.take_blocking().unwrap();
        primes.push(prime);
        let (tx, next) = chan(0);
        threads.push(thread::spawn(move || {
            let _ = rx
                .into_iter()
                .filter(|n| n % prime != 0)
                .try_for_each(|n| tx.put_blocking(n));
        }));
        rx = next;
    }
    assert_eq!(primes.len(), 25);
    assert_eq!(primes[..6], [2, 3, 5, 7, 11, 13]);
    // The end is heard up the chain, from filter to filter.
    drop(rx);
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
}

/// Three ways of a request: answered, refused, cancelled.
#[test]
fn requests_carry_their_answer_channel() {
    let (ask, asked) = chan::<(u32, Sender<u32>)>(0);
    let (stop, stopped) = chan::<()>(0);
    thread::scope(|scope| {
        scope.spawn(move || {
            while let Of2::A(Some((n, answer))) = alts_blocking!(asked.take(), stopped.take()) {
                if n % 2 == 0 {
                    answer.put_blocking(n * n).unwrap();
                }
            }
        });
        for n in 0..10 {
            let (tx, rx) = chan(0);
            ask.put_blocking((n, tx)).ok().unwrap();
            let (quiet_tx, quiet) = chan::<()>(0);
            match alts_blocking!(rx.take(), quiet.take(), quiet_tx.put(())) {
                Of3::A(answer) => assert_eq!(answer, (n % 2 == 0).then_some(n * n)),
                other => panic!("{other:?}"),
            }
        }
        drop(stop);
    });
}
