use std::time::Duration;

use crossfire::{MRx, MTx, RecvTimeoutError, Rx, Tx, mpmc, mpsc, spsc};

use super::{Taken, ThreadChannel};

macro_rules! flavour {
    ($kind:ident, $name:literal, $module:ident, $tx:ident, $rx:ident) => {
        pub(crate) struct $kind;

        impl ThreadChannel for $kind {
            const NAME: &'static str = $name;
            const RENDEZVOUS: bool = false;

            type Tx = $tx<$module::Array<u64>>;
            type Rx = $rx<$module::Array<u64>>;

            fn bounded(capacity: usize) -> (Self::Tx, Self::Rx) {
                // What its documentation says for virtual machines; a no-op after the first time.
                crossfire::detect_backoff_cfg();
                $module::bounded_blocking(capacity)
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
    };
}

flavour!(CrossfireSpsc, "crossfire-spsc", spsc, Tx, Rx);
flavour!(CrossfireMpsc, "crossfire-mpsc", mpsc, MTx, Rx);
flavour!(CrossfireMpmc, "crossfire-mpmc", mpmc, MTx, MRx);
