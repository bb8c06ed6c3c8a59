//! A million blocks, each parked on a take from a channel of its own: what they weigh.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

use crate::{
    chan::{Channel, chan},
    measure::{Clocks, Outcome, resident, sum_below},
    menu::{Menu, pairs, stackful},
    ours::parked::{self, Stage},
    rt::Runtime,
    stackful::Stackful,
};

// Statics, so that they take no room in the blocks.
static BEGUN: AtomicU64 = AtomicU64::new(0);
static ENDED: AtomicU64 = AtomicU64::new(0);
static SUM: AtomicU64 = AtomicU64::new(0);

pub(super) fn add(menu: &mut Menu) {
    let n = menu.workload("parked_1m", 1_000_000);
    menu.csp(move || csp(n));
    pairs!(menu, 0, "",
        Tokio: [TokioMpsc, Kanal, Flume, AsyncChannel, Tachyonix],
        Smol: [Kanal, Flume, AsyncChannel];
        |R, C| move || on::<R, C>(n)
    );
    // These end at some 32,000 blocks, where the kernel's default for memory maps does.
    stackful!(menu, |S| move || by_stacks::<S>(n));
}

fn csp(n: u64) -> Outcome {
    let mut weigh = Scales::new(n);
    parked::parked(n, |stage| match stage {
        Stage::Begun => weigh.begin(),
        Stage::Parked => weigh.parked(),
        Stage::Woken => weigh.woken(),
    });
    weigh.outcome(Outcome::of(n))
}

/// A block's way through the counters.
fn begun() {
    BEGUN.fetch_add(1, Ordering::Relaxed);
}

fn ended(value: Option<u64>) {
    SUM.fetch_add(value.unwrap_or(0), Ordering::Relaxed);
    ENDED.fetch_add(1, Ordering::Relaxed);
}

fn outcome(n: u64) -> Outcome {
    Outcome {
        right: SUM.load(Ordering::SeqCst) == sum_below(n),
        ..Outcome::of(n)
    }
}

fn on<R: Runtime, C: Channel>(n: u64) -> Outcome {
    let mut weigh = Scales::new(n);
    let mut senders = Vec::with_capacity(usize::try_from(n).expect("memory is limited"));
    weigh.begin();
    let mut senders = R::run(async move {
        for _ in 0..n {
            let (tx, mut rx) = chan::<C>(0);
            senders.push(tx);
            R::go(async move {
                begun();
                ended(C::take(&mut rx).await);
            });
        }
        senders
    });
    wait_until(&BEGUN, n);
    weigh.parked();
    R::run(async move {
        for (n, tx) in (0..).zip(&mut senders) {
            C::put(tx, n).await;
        }
    });
    wait_until(&ENDED, n);
    weigh.woken();
    weigh.outcome(outcome(n))
}

fn by_stacks<S: Stackful>(n: u64) -> Outcome {
    let mut weigh = Scales::new(n);
    let mut senders = Vec::with_capacity(usize::try_from(n).expect("memory is limited"));
    weigh.begin();
    let senders = S::run(move || {
        for _ in 0..n {
            let (tx, rx) = S::bounded(0);
            senders.push(tx);
            S::go(move || {
                begun();
                ended(S::take(&rx));
            });
        }
        senders
    });
    wait_until(&BEGUN, n);
    weigh.parked();
    S::run(move || {
        for (n, tx) in (0..).zip(&senders) {
            S::put(tx, n);
        }
    });
    wait_until(&ENDED, n);
    weigh.woken();
    weigh.outcome(outcome(n))
}

fn wait_until(counter: &AtomicU64, goal: u64) {
    while counter.load(Ordering::SeqCst) < goal {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Weighs and times the stages.
struct Scales {
    blocks: u64,
    resident: f64,
    since: Clocks,
    extra: Vec<(&'static str, f64)>,
}

impl Scales {
    fn new(blocks: u64) -> Self {
        Self {
            blocks,
            resident: 0.0,
            since: Clocks::now(),
            extra: Vec::new(),
        }
    }

    fn begin(&mut self) {
        self.resident = resident();
        self.since = Clocks::now();
    }

    fn parked(&mut self) {
        let (cpu, wall) = self.since.elapsed();
        #[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^53")]
        let bytes = (resident() - self.resident) / self.blocks as f64;
        self.extra.extend([
            ("bytes_per_block", bytes),
            ("create_cpu_ms", cpu / 1e6),
            ("create_ms", wall / 1e6),
        ]);
        self.since = Clocks::now();
    }

    fn woken(&mut self) {
        let (cpu, wall) = self.since.elapsed();
        self.extra
            .extend([("wake_cpu_ms", cpu / 1e6), ("wake_ms", wall / 1e6)]);
    }

    fn outcome(self, outcome: Outcome) -> Outcome {
        outcome.and(self.extra)
    }
}
