//! Primes by a chain of blocks, one for each prime, over unbuffered channels.

use crate::{
    chan::{Channel, chan},
    measure::Outcome,
    menu::{Menu, pairs, stackful},
    ours,
    rt::Runtime,
    stackful::Stackful,
};

pub(super) fn add(menu: &mut Menu) {
    let count = menu.workload("sieve", 1_500);
    menu.csp(move || {
        ours::blocks::sieve(usize::try_from(count).expect("they are few"));
        Outcome::of(1)
    });
    pairs!(menu, 0, "",
        Tokio: [TokioMpsc, Kanal, Flume, AsyncChannel, Tachyonix],
        Smol: [Kanal, Flume, AsyncChannel];
        |R, C| move || sieve::<R, C>(count)
    );
    stackful!(menu, |S| move || stackful_sieve::<S>(count));
}

fn sieve<R: Runtime, C: Channel>(count: u64) -> Outcome {
    let primes = R::run(async move {
        let (mut tx, mut numbers) = chan::<C>(0);
        let mut members = vec![R::spawn(async move {
            for n in 2.. {
                if !C::put(&mut tx, n).await {
                    break;
                }
            }
        })];
        let mut primes = Vec::new();
        for _ in 0..count {
            let Some(prime) = C::take(&mut numbers).await else {
                break;
            };
            primes.push(prime);
            let (mut tx, rx) = chan::<C>(0);
            members.push(R::spawn(async move {
                while let Some(n) = C::take(&mut numbers).await {
                    if n % prime != 0 && !C::put(&mut tx, n).await {
                        break;
                    }
                }
            }));
            numbers = rx;
        }
        drop(numbers);
        for member in members {
            member.await;
        }
        primes
    });
    outcome(count, &primes)
}

/// Leaves its blocks as they are: not all these channels let a putter see that nobody takes.
fn stackful_sieve<S: Stackful>(count: u64) -> Outcome {
    let primes = S::run(move || {
        let (tx, mut numbers) = S::bounded(0);
        S::go(move || {
            for n in 2..100 * count {
                S::put(&tx, n);
            }
        });
        let mut primes = Vec::new();
        for _ in 0..count {
            let Some(prime) = S::take(&numbers) else {
                break;
            };
            primes.push(prime);
            let (tx, rx) = S::bounded(0);
            S::go(move || {
                while let Some(n) = S::take(&numbers) {
                    if n % prime != 0 {
                        S::put(&tx, n);
                    }
                }
            });
            numbers = rx;
        }
        // So that the last block can put.
        std::mem::forget(numbers);
        primes
    });
    outcome(count, &primes)
}

fn outcome(count: u64, primes: &[u64]) -> Outcome {
    let is_prime = |n: u64| {
        (2..)
            .take_while(|d| d * d <= n)
            .all(|d| !n.is_multiple_of(d))
    };
    let first = (2..).filter(|&n| is_prime(n));
    Outcome {
        right: primes.len() as u64 == count && first.zip(primes).all(|(n, &prime)| n == prime),
        ..Outcome::of(1)
    }
}
