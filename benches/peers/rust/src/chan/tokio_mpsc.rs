use tokio::sync::mpsc;

use super::{Blocking, Channel};

pub(crate) struct TokioMpsc;

impl Channel for TokioMpsc {
    const NAME: &'static str = "mpsc";
    const RENDEZVOUS: bool = false;

    type Tx = mpsc::Sender<u64>;
    type Rx = mpsc::Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Tx, Self::Rx) {
        mpsc::channel(capacity)
    }

    async fn put(tx: &mut Self::Tx, n: u64) -> bool {
        tx.send(n).await.is_ok()
    }

    async fn take(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv().await
    }
}

impl Blocking for TokioMpsc {
    fn put_blocking(tx: &mut Self::Tx, n: u64) -> bool {
        tx.blocking_send(n).is_ok()
    }

    fn take_blocking(rx: &mut Self::Rx) -> Option<u64> {
        rx.blocking_recv()
    }
}
