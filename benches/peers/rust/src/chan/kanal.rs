use super::{Blocking, Channel};

pub(crate) struct Kanal;

impl Channel for Kanal {
    const NAME: &'static str = "kanal";
    const RENDEZVOUS: bool = true;

    type Tx = kanal::AsyncSender<u64>;
    type Rx = kanal::AsyncReceiver<u64>;

    fn bounded(capacity: usize) -> (Self::Tx, Self::Rx) {
        kanal::bounded_async(capacity)
    }

    async fn put(tx: &mut Self::Tx, n: u64) -> bool {
        tx.send(n).await.is_ok()
    }

    async fn take(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv().await.ok()
    }
}

impl Blocking for Kanal {
    fn put_blocking(tx: &mut Self::Tx, n: u64) -> bool {
        tx.as_sync().send(n).is_ok()
    }

    fn take_blocking(rx: &mut Self::Rx) -> Option<u64> {
        rx.as_sync().recv().ok()
    }
}
