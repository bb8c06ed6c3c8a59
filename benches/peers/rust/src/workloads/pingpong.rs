//! A ball between two blocks, over two unbuffered channels.

use crate::{
    chan::{Channel, chan},
    measure::Outcome,
    menu::{Menu, pairs, stackful},
    ours,
    rt::Runtime,
    stackful::Stackful,
};

pub(super) fn add(menu: &mut Menu) {
    let n = menu.workload("pingpong", 1_000_000);
    menu.csp(move || {
        ours::blocks::pingpong(n);
        Outcome::of(n)
    });
    pairs!(menu, 0, "",
        Tokio: [TokioMpsc, Kanal, Flume, AsyncChannel, Tachyonix],
        Smol: [Kanal, Flume, AsyncChannel];
        |R, C| move || pingpong::<R, C>(n)
    );
    stackful!(menu, |S| move || stackful_pingpong::<S>(n));
}

fn pingpong<R: Runtime, C: Channel>(rounds: u64) -> Outcome {
    let (mut ping_tx, mut ping_rx) = chan::<C>(0);
    let (mut pong_tx, mut pong_rx) = chan::<C>(0);
    let ball = R::run(async move {
        R::go(async move {
            while let Some(ball) = C::take(&mut ping_rx).await {
                C::put(&mut pong_tx, ball + 1).await;
            }
        });
        let mut ball = 0;
        for _ in 0..rounds {
            C::put(&mut ping_tx, ball).await;
            match C::take(&mut pong_rx).await {
                Some(back) => ball = back,
                None => break,
            }
        }
        ball
    });
    outcome(rounds, ball)
}

fn stackful_pingpong<S: Stackful>(rounds: u64) -> Outcome {
    let ball = S::run(move || {
        let (ping_tx, ping_rx) = S::bounded(0);
        let (pong_tx, pong_rx) = S::bounded(0);
        S::go(move || {
            while let Some(ball) = S::take(&ping_rx) {
                S::put(&pong_tx, ball + 1);
            }
        });
        let mut ball = 0;
        for _ in 0..rounds {
            S::put(&ping_tx, ball);
            match S::take(&pong_rx) {
                Some(back) => ball = back,
                None => break,
            }
        }
        ball
    });
    outcome(rounds, ball)
}

fn outcome(rounds: u64, ball: u64) -> Outcome {
    Outcome {
        lost: rounds.saturating_sub(ball),
        right: ball == rounds,
        ..Outcome::of(rounds)
    }
}
