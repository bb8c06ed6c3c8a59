//! What has many ends: mult, publication, mix, merge, hub, topics.

use csp::{Topics, broadcast, hub, mix, ops, prelude::*};

use super::{Meter, shuffled, size};
use crate::workloads::connectors::{self, By};

/// How many values go through, if each is delivered to `n`.
fn rounds(n: u64) -> u64 {
    (300_000 / n).max(100)
}

fn sum(rx: Receiver<u64>) -> Go<u64> {
    go!({
        let mut sum = 0;
        while let Some(n) = take!(rx) {
            sum += n;
        }
        sum
    })
}

pub(crate) fn mult(meter: &mut Meter, n: u64) {
    let rounds = rounds(n);
    meter.begin();
    connectors::mult(By::Connector, n, rounds);
    meter.end("delivery", rounds * n);
}

/// Taps that come, and go in another order.
pub(crate) fn taps(meter: &mut Meter, n: u64) {
    let (_tx, rx) = chan::<u64>(0);
    let source = csp::mult(rx);
    let handled = || {
        // (The changes are applied in a turn of the mult's.)
        for _ in 0..3 {
            go!({ yield_now().await }).wait().expect("it yields");
        }
    };
    meter.begin();
    let taps: Vec<_> = (0..n)
        .map(|_| {
            let (tx, rx) = chan::<u64>(1);
            source.tap(tx.clone());
            (tx, rx)
        })
        .collect();
    handled();
    meter.end_made("tap", n);
    for at in shuffled(n) {
        source.untap(&taps[at].0);
    }
    handled();
    meter.end("untap", n);
}

pub(crate) fn broadcast_ports(meter: &mut Meter, n: u64) {
    let rounds = rounds(n);
    let (ports, sums): (Vec<_>, Vec<_>) = (0..n)
        .map(|_| {
            let (tx, rx) = chan(16);
            (tx, sum(rx))
        })
        .unzip();
    meter.begin();
    let tx = broadcast(ports);
    let putter = go!({
        for n in 0..rounds {
            put!(tx, n).expect("there are ports");
        }
    });
    putter.wait().expect("it puts all");
    for sum in sums {
        assert_eq!(sum.wait(), Ok(rounds * (rounds - 1) / 2));
    }
    meter.end("delivery", rounds * n);
}

pub(crate) fn publication(meter: &mut Meter, n: u64) {
    let values = (10 * n).max(100_000);
    meter.begin();
    connectors::publication(By::Connector, n, values);
    meter.end("message", values);
}

/// Topics by name.
pub(crate) fn topics(meter: &mut Meter, n: u64) {
    let topics = Topics::<u64, u64>::new();
    meter.begin();
    let subscribed: Vec<_> = (0..n).map(|topic| topics.subscribe(topic, 1)).collect();
    meter.end_made("subscribe", n);
    for topic in 0..n {
        assert_eq!(topics.publish_blocking(&topic, topic), 1);
    }
    meter.end("publish", n);
    drop(subscribed);
    meter.end("drop", n);
}

/// Inputs into one channel: `values` in all, each through another.
fn feed(meter: &mut Meter, name: &'static str, inputs: Vec<Sender<u64>>, out: Receiver<u64>) {
    let n = inputs.len() as u64;
    let values = (1_000_000 / n).clamp(30, 20_000);
    let sum = sum(out);
    meter.begin();
    let putter = go!({
        let order = shuffled(n);
        for (value, &at) in (0..values).zip(order.iter().cycle()) {
            put!(inputs[at], value).expect("it is taken");
        }
        inputs
    });
    let inputs = putter.wait().expect("it puts all");
    meter.end(name, values * n);
    drop(inputs);
    assert_eq!(sum.wait(), Ok(values * (values - 1) / 2));
    meter.end("end, by source", n);
}

pub(crate) fn merge(meter: &mut Meter, n: u64) {
    let (inputs, sources): (Vec<_>, Vec<_>) = (0..n).map(|_| chan(0)).unzip();
    feed(meter, "message, by source", inputs, ops::merge(sources, 16));
}

pub(crate) fn mixed(meter: &mut Meter, n: u64) {
    let (out, rx) = chan(16);
    let mix = mix(out);
    meter.begin();
    let (inputs, applied): (Vec<_>, Vec<_>) = (0..n)
        .map(|_| {
            let (tx, input) = chan(0);
            (tx, mix.admix(input))
        })
        .unzip();
    for applied in applied {
        csp::block_on(async { applied.await });
    }
    meter.end("admix", n);
    // (It ends when its last input and its last handle do.)
    drop(mix);
    feed(meter, "message, by input", inputs, rx);
}

pub(crate) fn hub_subscribers(meter: &mut Meter, n: u64) {
    let rounds = rounds(n);
    let (tx, rx) = chan(16);
    let hub = hub(rx);
    meter.begin();
    let sums: Vec<_> = (0..n).map(|_| sum(hub.subscribe(16))).collect();
    let putter = go!({
        for n in 0..rounds {
            put!(tx, n).expect("somebody listens");
        }
    });
    putter.wait().expect("it puts all");
    assert_eq!(sums.len(), size(n));
    for sum in sums {
        assert_eq!(sum.wait(), Ok(rounds * (rounds - 1) / 2));
    }
    meter.end("delivery", rounds * n);
}
