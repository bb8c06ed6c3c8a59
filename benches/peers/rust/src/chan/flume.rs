use super::{Blocking, Channel};

pub(crate) struct Flume;

impl Channel for Flume {
    const NAME: &'static str = "flume";
    const RENDEZVOUS: bool = true;

    type Tx = flume::Sender<u64>;
    type Rx = flume::Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Tx, Self::Rx) {
        flume::bounded(capacity)
    }

    async fn put(tx: &mut Self::Tx, n: u64) -> bool {
        tx.send_async(n).await.is_ok()
    }

    async fn take(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv_async().await.ok()
    }
}

impl Blocking for Flume {
    fn put_blocking(tx: &mut Self::Tx, n: u64) -> bool {
        tx.send(n).is_ok()
    }

    fn take_blocking(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv().ok()
    }
}
