//! Eight threads with a channel each, and one that selects over them.

use std::{array, thread};

use crossbeam_channel::Select;
use crossfire::{MTx, mpsc, select as crossfire_select};
use csp::{AltSet, alt_blocking, alts_blocking, take};

use crate::{
    measure::{Outcome, Tally, share},
    menu::{Kind, Menu},
    threads::{Crossbeam, CrossfireSpsc, Csp, Flume, ThreadChannel, chan},
};

pub(super) fn add(menu: &mut Menu) {
    sized(menu, "thr_select_8", 0);
    sized(menu, "thr_select_8_buf", 128);
}

fn sized(menu: &mut Menu, name: &'static str, capacity: usize) {
    let n = menu.workload(name, 1_000_000);
    let mut add = |name: &str, kind, tally: fn(usize, u64) -> Tally| {
        menu.plain(name, kind, move || Outcome::counted(n, tally(capacity, n)));
    };
    add("csp", Kind::Ours, csp);
    add("csp/AltSet", Kind::Variant, csp_set);
    add("crossbeam", Kind::Peer, crossbeam);
    add("flume", Kind::Peer, flume);
    let (select, multiplex) = if capacity == 0 {
        ("crossfire-spsc(cap1)/Select", "crossfire(cap1)/Multiplex")
    } else {
        ("crossfire-spsc/Select", "crossfire/Multiplex")
    };
    add(select, Kind::Peer, crossfire);
    add(multiplex, Kind::Peer, multiplexed);
}

fn putters<C: ThreadChannel>(capacity: usize, n: u64) -> [C::Rx; 8] {
    array::from_fn(|at| {
        let (tx, rx) = chan::<C>(capacity);
        thread::spawn(move || {
            for n in share(n, 8, at as u64) {
                C::put(&tx, n);
            }
        });
        rx
    })
}

fn csp(capacity: usize, n: u64) -> Tally {
    let rx = putters::<Csp>(capacity, n);
    let mut tally = Tally::default();
    let mut open = [true; 8];
    while open.contains(&true) {
        let (from, value) = alt_blocking! {
            v = take!(rx[0]), if open[0] => (0, v),
            v = take!(rx[1]), if open[1] => (1, v),
            v = take!(rx[2]), if open[2] => (2, v),
            v = take!(rx[3]), if open[3] => (3, v),
            v = take!(rx[4]), if open[4] => (4, v),
            v = take!(rx[5]), if open[5] => (5, v),
            v = take!(rx[6]), if open[6] => (6, v),
            v = take!(rx[7]), if open[7] => (7, v),
        };
        match value {
            Some(n) => tally.add(n),
            None => open[from] = false,
        }
    }
    tally
}

fn csp_set(capacity: usize, n: u64) -> Tally {
    let mut set = AltSet::new();
    for rx in putters::<Csp>(capacity, n) {
        set.take(&rx);
    }
    let mut tally = Tally::default();
    let mut open = set.len();
    while open > 0 {
        let (from, event) = alts_blocking!(&mut set);
        if let Some(n) = event.took() {
            tally.add(n);
        } else {
            set.disable(from);
            open -= 1;
        }
    }
    tally
}

fn crossbeam(capacity: usize, n: u64) -> Tally {
    let receivers = putters::<Crossbeam>(capacity, n);
    // Made once, as its documentation says is faster than the macro.
    let mut select = Select::new();
    for rx in &receivers {
        select.recv(rx);
    }
    let mut tally = Tally::default();
    let mut open = receivers.len();
    while open > 0 {
        let operation = select.select();
        let from = operation.index();
        if let Ok(n) = operation.recv(&receivers[from]) {
            tally.add(n);
        } else {
            select.remove(from);
            open -= 1;
        }
    }
    tally
}

fn flume(capacity: usize, n: u64) -> Tally {
    let receivers = putters::<Flume>(capacity, n);
    let mut open = [true; 8];
    let mut tally = Tally::default();
    while open.contains(&true) {
        // Waiting uses it up.
        let mut selector = flume::Selector::new();
        for (at, rx) in receivers.iter().enumerate() {
            if open[at] {
                selector = selector.recv(rx, move |value| (at, value));
            }
        }
        match selector.wait() {
            (_, Ok(n)) => tally.add(n),
            (from, Err(_)) => open[from] = false,
        }
    }
    tally
}

fn crossfire(capacity: usize, n: u64) -> Tally {
    let receivers = putters::<CrossfireSpsc>(capacity, n);
    let mut select = crossfire_select::Select::new();
    for rx in &receivers {
        select.add(rx);
    }
    let mut tally = Tally::default();
    while let Ok(result) = select.select() {
        let Some(rx) = receivers.iter().find(|rx| result.is_from(*rx)) else {
            break;
        };
        match rx.read_select(result) {
            Ok(n) => tally.add(n),
            Err(_) => select.remove(rx),
        }
    }
    tally
}

fn multiplexed(capacity: usize, n: u64) -> Tally {
    crossfire::detect_backoff_cfg();
    let mut all = crossfire_select::Multiplex::<mpsc::Array<u64>>::new();
    for at in 0..8 {
        let tx: MTx<crossfire_select::Mux<mpsc::Array<u64>>> = all.bounded_tx(capacity.max(1));
        thread::spawn(move || {
            for n in share(n, 8, at) {
                tx.send(n).ok();
            }
        });
    }
    let mut tally = Tally::default();
    while let Ok(n) = all.recv() {
        tally.add(n);
    }
    tally
}
