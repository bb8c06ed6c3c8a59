//! The workloads: one file each, with csp's side and that of all peers.

mod bridge;
mod broadcast;
mod cancel;
mod churn;
mod latency;
mod parked;
mod pingpong;
mod pipeline;
mod ring;
mod select;
mod select_many;
mod select_puts;
mod sieve;
mod skynet;
mod spawn_join;
mod stream;
mod take_timeout;
mod thread_futures;
mod thread_select;
mod thread_stream;
mod thread_time;
mod timers;
mod uneven;

use crate::menu::Menu;

/// Everything, with sizes divided by `shrink`.
pub(crate) fn menu(shrink: u64) -> Menu {
    let mut menu = Menu::new(shrink);
    for add in [
        spawn_join::add,
        pingpong::add,
        ring::add,
        stream::add,
        select::add,
        select_puts::add,
        select_many::add,
        skynet::add,
        sieve::add,
        pipeline::add,
        broadcast::add,
        parked::add,
        cancel::add,
        timers::add,
        take_timeout::add,
        churn::add,
        uneven::add,
        latency::add,
        bridge::add,
        thread_stream::add,
        thread_futures::add,
        thread_select::add,
        thread_time::add,
    ] {
        add(&mut menu);
    }
    menu
}
