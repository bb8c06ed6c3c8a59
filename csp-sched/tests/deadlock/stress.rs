//! A program that blocks and wakes without end, and looks for a deadlock all the time.

use csp::{Local, Runtime, prelude::*};
use csp_core::inspect::deadlock::look_after;

const ROUNDS: u32 = 30_000;

/// All kinds of naps at once; a report would abort it.
pub(crate) fn stress() {
    // So that the checks are had while others wake: with 100 ms there would be none.
    look_after(std::time::Duration::from_micros(1));
    let rounds = if cfg!(debug_assertions) {
        ROUNDS
    } else {
        10 * ROUNDS
    };
    let (rt, one) = (
        Runtime::builder().workers(2).build(),
        Runtime::builder().workers(1).name("one").build(),
    );
    let mut players = Vec::new();
    for pair in 0..2 {
        let (ping, pinged) = chan::<u32>(pair);
        let (back, answers) = chan::<u32>(0);
        // A thread and a block.
        let echo = if pair == 0 {
            rt.go(echo(pinged, back))
        } else {
            one.go(echo(pinged, back))
        };
        players.push(std::thread::spawn(move || {
            for n in 0..rounds {
                ping.put_blocking(n).unwrap();
                assert_eq!(answers.take_blocking(), Some(n));
            }
            drop(ping);
            echo.wait().unwrap();
        }));
    }
    // Two threads of the pool.
    let (ping, pinged) = chan::<u32>(0);
    let blocking = thread(move || pinged.into_iter().count());
    players.push(std::thread::spawn(move || {
        (0..rounds).for_each(|n| ping.put_blocking(n).unwrap());
        drop(ping);
        assert_eq!(blocking.wait(), Ok(rounds as usize));
    }));
    // A Local and a thread; and threads that come and go.
    let (ping, pinged) = chan::<u32>(0);
    players.push(std::thread::spawn(move || {
        let local = Local::new();
        let count = local.go(async move {
            let mut count = 0;
            while take!(pinged).is_some() {
                count += 1;
            }
            count
        });
        assert_eq!(local.run_until(count), Ok(rounds));
    }));
    for n in 0..rounds {
        if n % 64 == 0 {
            let ping = ping.clone();
            std::thread::spawn(move || ping.put_blocking(n).unwrap())
                .join()
                .unwrap();
        } else {
            ping.put_blocking(n).unwrap();
        }
    }
    drop(ping);
    // Here all sleep in operations of ours.
    let (done, ended) = chan::<()>(0);
    for player in players {
        let done = done.clone();
        std::thread::spawn(move || {
            player.join().unwrap();
            drop(done);
        });
    }
    drop(done);
    assert_eq!(ended.take_blocking(), None);
}

/// One is awake at any time, and nobody else is there: whoever has woken the other sleeps at once, and looks.
pub(crate) fn stress_two() {
    look_after(std::time::Duration::from_micros(1));
    let (ping, pinged) = chan::<u32>(0);
    let (back, answers) = chan::<u32>(0);
    let thread = std::thread::spawn(move || {
        for n in pinged {
            back.put_blocking(n).unwrap();
        }
    });
    let rally = |ping: Sender<u32>, answers: Receiver<u32>| {
        for n in 0..2 * ROUNDS {
            ping.put_blocking(n).unwrap();
            assert_eq!(answers.take_blocking(), Some(n));
        }
    };
    rally(ping, answers);
    thread.join().unwrap();
    // A worker's bed.
    let rt = Runtime::builder().workers(1).build();
    let (ping, pinged) = chan::<u32>(0);
    let (back, answers) = chan::<u32>(0);
    let block = rt.go(echo(pinged, back));
    rally(ping, answers);
    block.wait().unwrap();
    drop(rt);
}

async fn echo(pinged: Receiver<u32>, back: Sender<u32>) {
    while let Some(n) = take!(pinged) {
        put!(back, n).unwrap();
    }
}
