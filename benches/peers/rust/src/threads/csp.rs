use std::time::Duration;

use super::{Taken, ThreadChannel};
use crate::menu::Kind;

pub(crate) struct Csp;

impl ThreadChannel for Csp {
    const NAME: &'static str = "csp";
    const KIND: Kind = Kind::Ours;

    type Tx = csp::Sender<u64>;
    type Rx = csp::Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Tx, Self::Rx) {
        csp::chan(capacity)
    }

    fn put(tx: &Self::Tx, n: u64) -> bool {
        tx.put_blocking(n).is_ok()
    }

    fn take(rx: &Self::Rx) -> Option<u64> {
        rx.take_blocking()
    }

    fn take_for(rx: &Self::Rx, limit: Duration) -> Taken {
        match rx.take_blocking_for(limit) {
            Ok(Some(n)) => Taken::Value(n),
            Ok(None) => Taken::Closed,
            Err(_) => Taken::Over,
        }
    }
}
