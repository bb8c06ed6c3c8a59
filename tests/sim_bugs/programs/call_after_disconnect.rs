//! A call after the disconnect: whoever calls looks whether the connection is open, then registers the
//! promise of the answer. A disconnect in between has failed all that were registered, and this one waits
//! for ever.
//!
//! In the Go study, with its kin: a context, or whatever else should end the wait, that nobody holds. In
//! csp a resolver that is dropped settles its promise; this one is kept in the table. The fix looks and
//! registers under one lock.

use std::sync::Arc;

use csp::{
    lock::Mutex,
    prelude::*,
    promise::{Resolver, promise},
};

use super::join;

type Answer = Promise<u32, &'static str>;

struct Connection {
    open: bool,
    pending: Vec<Resolver<u32, &'static str>>,
}

type Shared = Arc<Mutex<Connection>>;

impl Connection {
    fn register(&mut self) -> Answer {
        let (resolver, answer) = promise();
        self.pending.push(resolver);
        answer
    }
}

async fn look_then_register(connection: &Shared) -> Option<Answer> {
    if !connection.lock().await.open {
        return None;
    }
    Some(connection.lock().await.register())
}

async fn look_and_register(connection: &Shared) -> Option<Answer> {
    let mut connection = connection.lock().await;
    connection.open.then(|| connection.register())
}

async fn disconnect(connection: Shared) {
    let pending = {
        let mut connection = connection.lock().await;
        connection.open = false;
        std::mem::take(&mut connection.pending)
    };
    for call in pending {
        call.fail("disconnected").ok();
    }
}

fn connect() -> Shared {
    Arc::new(Mutex::new(Connection {
        open: true,
        pending: Vec::new(),
    }))
}

async fn wait(answer: Option<Answer>) {
    if let Some(answer) = answer {
        assert!(answer.await.is_err(), "nobody answers");
    }
}

pub(crate) fn buggy() {
    let connection = connect();
    let end = go(disconnect(Arc::clone(&connection)));
    let call = go!({ wait(look_then_register(&connection).await).await });
    join([end, call]);
}

pub(crate) fn fixed() {
    let connection = connect();
    let end = go(disconnect(Arc::clone(&connection)));
    let call = go!({ wait(look_and_register(&connection).await).await });
    join([end, call]);
}
