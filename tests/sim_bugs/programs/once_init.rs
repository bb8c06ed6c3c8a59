//! Initialised twice: who finds no connection opens one and keeps it for all. Two who look at the same time
//! open two, and one is lost.
//!
//! The race that Go's `sync.Once` and the double-checked lock are about; "check, then act" in the study.
//! The fix opens it under the lock.

use std::sync::Arc;

use csp::{lock::Mutex, prelude::*};

use super::join;

struct Pool {
    connection: Mutex<Option<u32>>,
    opened: Sender<()>,
}

impl Pool {
    async fn open(&self) -> u32 {
        put!(self.opened, ()).ok();
        7
    }
}

async fn look_then_open(pool: &Pool) -> u32 {
    if let Some(connection) = *pool.connection.lock().await {
        return connection;
    }
    let connection = pool.open().await;
    *pool.connection.lock().await = Some(connection);
    connection
}

async fn open_locked(pool: &Pool) -> u32 {
    let mut slot = pool.connection.lock().await;
    match *slot {
        Some(connection) => connection,
        None => *slot.insert(pool.open().await),
    }
}

fn pool() -> (Arc<Pool>, Receiver<()>) {
    let (opened, opens) = chan(2);
    let connection = Mutex::new(None);
    (Arc::new(Pool { connection, opened }), opens)
}

pub(crate) fn buggy() {
    let (pool, opens) = pool();
    let users = [(); 2].map(|()| {
        let pool = Arc::clone(&pool);
        go!({ look_then_open(&pool).await })
    });
    join(users);
    assert_eq!(opens.len(), 1, "connections");
}

pub(crate) fn fixed() {
    let (pool, opens) = pool();
    let users = [(); 2].map(|()| {
        let pool = Arc::clone(&pool);
        go!({ open_locked(&pool).await })
    });
    join(users);
    assert_eq!(opens.len(), 1, "connections");
}
