use crossfire::{AsyncRx, AsyncTx, MAsyncRx, MAsyncTx, mpmc, mpsc, spsc};

use super::Channel;

macro_rules! flavour {
    ($kind:ident, $name:literal, $module:ident, $tx:ident, $rx:ident) => {
        pub(crate) struct $kind;

        impl Channel for $kind {
            const NAME: &'static str = $name;
            const RENDEZVOUS: bool = false;

            type Tx = $tx<$module::Array<u64>>;
            type Rx = $rx<$module::Array<u64>>;

            fn bounded(capacity: usize) -> (Self::Tx, Self::Rx) {
                // What its documentation says for virtual machines; a no-op after the first time.
                crossfire::detect_backoff_cfg();
                $module::bounded_async(capacity)
            }

            async fn put(tx: &mut Self::Tx, n: u64) -> bool {
                tx.send(n).await.is_ok()
            }

            async fn take(rx: &mut Self::Rx) -> Option<u64> {
                rx.recv().await.ok()
            }
        }
    };
}

flavour!(CrossfireSpsc, "crossfire-spsc", spsc, AsyncTx, AsyncRx);
flavour!(CrossfireMpsc, "crossfire-mpsc", mpsc, MAsyncTx, AsyncRx);
flavour!(CrossfireMpmc, "crossfire-mpmc", mpmc, MAsyncTx, MAsyncRx);
