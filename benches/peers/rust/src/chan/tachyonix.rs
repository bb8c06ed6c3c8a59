use super::Channel;

pub(crate) struct Tachyonix;

impl Channel for Tachyonix {
    const NAME: &'static str = "tachyonix";
    const RENDEZVOUS: bool = false;

    type Tx = tachyonix::Sender<u64>;
    type Rx = tachyonix::Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Tx, Self::Rx) {
        tachyonix::channel(capacity)
    }

    async fn put(tx: &mut Self::Tx, n: u64) -> bool {
        tx.send(n).await.is_ok()
    }

    async fn take(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv().await.ok()
    }
}
