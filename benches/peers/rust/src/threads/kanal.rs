use std::time::Duration;

use kanal::{ReceiveErrorTimeout, Receiver, Sender, bounded};

use super::{Taken, ThreadChannel};

pub(crate) struct Kanal;

impl ThreadChannel for Kanal {
    const NAME: &'static str = "kanal";

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
            Err(ReceiveErrorTimeout::Timeout) => Taken::Over,
            Err(_) => Taken::Closed,
        }
    }
}
