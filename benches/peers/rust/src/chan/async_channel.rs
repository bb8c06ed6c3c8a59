use super::{Blocking, Channel};

pub(crate) struct AsyncChannel;

impl Channel for AsyncChannel {
    const NAME: &'static str = "async-channel";
    const RENDEZVOUS: bool = false;

    type Tx = async_channel::Sender<u64>;
    type Rx = async_channel::Receiver<u64>;

    fn bounded(capacity: usize) -> (Self::Tx, Self::Rx) {
        async_channel::bounded(capacity)
    }

    async fn put(tx: &mut Self::Tx, n: u64) -> bool {
        tx.send(n).await.is_ok()
    }

    async fn take(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv().await.ok()
    }
}

impl Blocking for AsyncChannel {
    fn put_blocking(tx: &mut Self::Tx, n: u64) -> bool {
        tx.send_blocking(n).is_ok()
    }

    fn take_blocking(rx: &mut Self::Rx) -> Option<u64> {
        rx.recv_blocking().ok()
    }
}
