use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::{Taken, ThreadChannel};

pub(crate) struct Crossbeam;

impl ThreadChannel for Crossbeam {
    const NAME: &'static str = "crossbeam";

    type Tx = Sender<u64>;
    type Rx = Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Tx, Self::Rx) {
        bounded(capacity)
    }

    fn put(tx: &Self::Tx, n: u64) -> bool {
        tx.send(n).is_ok()
    }

    fn take(rx: &Self::Rx) -> Option<u64> {
        rx.recv().ok()
    }

    fn take_for(rx: &Self::Rx, limit: Duration) -> Taken {
        match rx.recv_timeout(limit) {
            Ok(n) => Taken::Value(n),
            Err(RecvTimeoutError::Timeout) => Taken::Over,
            Err(_) => Taken::Closed,
        }
    }
}
