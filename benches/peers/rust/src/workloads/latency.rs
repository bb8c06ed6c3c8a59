//! How long clients wait for their answers while others are busy: a stream of messages, and a process that
//! takes a CPU for itself.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use csp::{Runtime as Csp, ms, put, sleep, take};

use crate::{
    chan::Channel,
    hog::Hog,
    measure::Outcome,
    menu::{Menu, pairs},
    rt::Runtime,
};

const CLIENTS: u64 = 16;
const SERVERS: usize = 4;
const ROOM: usize = 16;
/// The pause of a client is 1 to 5 ms, so that all of them ask some 5,000 times a second.
const PAUSE: Duration = Duration::from_millis(1);
const PAUSES: u64 = 5;

pub(super) fn add(menu: &mut Menu) {
    let each = menu.workload("latency", 15_000) / CLIENTS;
    menu.csp(move || outcome(each, csp));
    pairs!(menu, ROOM, "",
        Tokio: [TokioMpsc, Kanal, Flume, AsyncChannel, Tachyonix],
        Smol: [Kanal, Flume, AsyncChannel], SmolIo: [Kanal, Flume];
        |R, C| move || outcome(each, on::<R, C>)
    );
}

/// How long a client has waited for an answer.
struct Waited {
    /// Since it asked.
    asked: Duration,
    /// Since the end of its pause, which it may have been late to see.
    due: Duration,
}

impl Waited {
    fn since(asked: Instant, due: Instant) -> Self {
        Self {
            asked: asked.elapsed(),
            due: due.elapsed(),
        }
    }
}

/// Runs it beside a process that spins, and sorts how long the clients have waited.
fn outcome(each: u64, run: impl FnOnce(u64) -> Vec<Waited>) -> Outcome {
    let hog = Hog::start();
    let waited = run(each);
    drop(hog);
    let sorted = |which: fn(&Waited) -> Duration| {
        let mut all: Vec<Duration> = waited.iter().map(which).collect();
        all.sort_unstable();
        move |permille: usize| all[(all.len() - 1) * permille / 1000].as_secs_f64() * 1e6
    };
    let (asked, due) = (sorted(|w| w.asked), sorted(|w| w.due));
    Outcome {
        lost: (CLIENTS * each).saturating_sub(waited.len() as u64),
        right: waited.len() as u64 == CLIENTS * each,
        ..Outcome::of(CLIENTS * each)
    }
    .and([
        ("p50_us", asked(500)),
        ("p99_us", asked(990)),
        ("p99.9_us", asked(999)),
        ("from_due_p50_us", due(500)),
        ("from_due_p99_us", due(990)),
        ("from_due_p99.9_us", due(999)),
    ])
}

/// The pauses of a client.
fn pause(client: u64, ask: u64) -> Duration {
    let random = (client * 1_000_003 + ask).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    PAUSE * u32::try_from(1 + random % PAUSES).expect("a few")
}

fn csp(each: u64) -> Vec<Waited> {
    // As its documentation says for timeouts finer than 10 ms; tokio's and Go's are.
    let runtime = Csp::builder().tick(ms(1)).build();
    let all = runtime.go(async move {
        let stop = Arc::new(AtomicBool::new(false));
        let (busy_tx, busy) = csp::chan(1024);
        let stopped = Arc::clone(&stop);
        csp::go!({
            let mut n = 0_u64;
            while !stopped.load(Ordering::Relaxed) && put!(busy_tx, n).is_ok() {
                n += 1;
            }
        });
        csp::go!({ while take!(busy).is_some() {} });

        let (answers, takers): (Vec<_>, Vec<_>) = (0..CLIENTS).map(|_| csp::chan(1)).unzip();
        let servers: [csp::Sender<u64>; SERVERS] = std::array::from_fn(|_| {
            let (tx, rx) = csp::chan(ROOM);
            let answers = answers.clone();
            csp::go!({
                while let Some(client) = take!(rx) {
                    let client: u64 = client;
                    put!(answers[client as usize], client).expect("the client waits");
                }
            });
            tx
        });
        let clients: Vec<_> = (0..)
            .zip(takers)
            .map(|(client, answers)| {
                let server = servers[client as usize % SERVERS].clone();
                csp::go!({
                    let mut waited = Vec::new();
                    for ask in 0..each {
                        let pause = pause(client, ask);
                        let due = Instant::now() + pause;
                        sleep(pause).await;
                        let asked = Instant::now();
                        put!(server, client).expect("the server is there");
                        take!(answers).expect("the server answers");
                        waited.push(Waited::since(asked, due));
                    }
                    waited
                })
            })
            .collect();
        let mut waited = Vec::new();
        for client in clients {
            waited.extend(client.await.expect("it asks to the end"));
        }
        stop.store(true, Ordering::Relaxed);
        waited
    });
    all.wait().expect("it runs to the end")
}

fn on<R: Runtime, C: Channel>(each: u64) -> Vec<Waited>
where
    C::Tx: Clone,
{
    R::run(async move {
        let stop = Arc::new(AtomicBool::new(false));
        let (mut busy_tx, mut busy) = C::bounded(1024);
        let stopped = Arc::clone(&stop);
        R::go(async move {
            let mut n = 0;
            while !stopped.load(Ordering::Relaxed) && C::put(&mut busy_tx, n).await {
                n += 1;
            }
        });
        R::go(async move { while C::take(&mut busy).await.is_some() {} });

        let (answers, takers): (Vec<_>, Vec<_>) = (0..CLIENTS).map(|_| C::bounded(1)).unzip();
        let servers: [C::Tx; SERVERS] = std::array::from_fn(|_| {
            let (tx, mut rx) = C::bounded(ROOM);
            let mut answers = answers.clone();
            R::go(async move {
                while let Some(client) = C::take(&mut rx).await {
                    C::put(&mut answers[client as usize], client).await;
                }
            });
            tx
        });
        let clients: Vec<_> = (0..)
            .zip(takers)
            .map(|(client, mut answers)| {
                let mut server = servers[client as usize % SERVERS].clone();
                R::spawn(async move {
                    let mut waited = Vec::new();
                    for ask in 0..each {
                        let pause = pause(client, ask);
                        let due = Instant::now() + pause;
                        R::sleep(pause).await;
                        let asked = Instant::now();
                        C::put(&mut server, client).await;
                        if C::take(&mut answers).await.is_some() {
                            waited.push(Waited::since(asked, due));
                        }
                    }
                    waited
                })
            })
            .collect();
        let mut waited = Vec::new();
        for client in clients {
            waited.extend(client.await);
        }
        stop.store(true, Ordering::Relaxed);
        waited
    })
}
