//! Which connections of a listener are open.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use csp_core::{Receiver, Sender, chan};
use csp_sched::within;

use super::Link;
use crate::socket::Socket;

/// The open connections. Each holds a [`Ticket`], and so does the block that accepts.
#[derive(Debug)]
pub(crate) struct Tracker {
    open: Mutex<Open>,
    /// Closes when the last ticket is gone, after `Open::tickets` was given up.
    gone: Receiver<()>,
}

#[derive(Debug)]
struct Open {
    links: HashMap<u64, Link>,
    next: u64,
    tickets: Option<Sender<()>>,
}

/// Keeps a [shutdown](Tracker::shutdown) waiting.
#[derive(Debug)]
pub(crate) struct Ticket {
    tracker: Arc<Tracker>,
    id: u64,
    _alive: Option<Sender<()>>,
}

impl Tracker {
    pub(crate) fn new() -> Arc<Self> {
        let (tickets, gone) = chan(0);
        let open = Open {
            links: HashMap::new(),
            next: 0,
            tickets: Some(tickets),
        };
        Arc::new(Self {
            open: Mutex::new(open),
            gone,
        })
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn ticket(self: &Arc<Self>) -> Ticket {
        let mut open = self.open();
        open.next += 1;
        Ticket {
            id: open.next,
            _alive: open.tickets.clone(),
            tracker: Arc::clone(self),
        }
    }

    /// Notes the connection that holds ticket `id`.
    pub(crate) fn note(&self, id: u64, socket: &Arc<Socket>) {
        let link = Link::new(socket);
        self.open().links.insert(id, link);
    }

    /// How many connections are open.
    pub(crate) fn count(&self) -> usize {
        self.open().links.len()
    }

    /// Waits until all tickets are gone, for at most `limit`, then cuts what is left: how many.
    pub(crate) async fn shutdown(&self, limit: Duration) -> usize {
        drop(self.open().tickets.take());
        if within(limit, self.gone.take()).await.is_ok() {
            return 0;
        }
        // Cutting wakes blocks, so it is done without the lock.
        let links: Vec<Link> = self.open().links.values().cloned().collect();
        links.iter().filter(|link| link.cut()).count()
    }
}

impl Ticket {
    pub(crate) fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let link = self.tracker.open().links.remove(&self.id);
        drop(link);
    }
}
