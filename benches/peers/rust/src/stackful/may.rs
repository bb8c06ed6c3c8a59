use may::sync::mpmc;

use super::Stackful;
use crate::menu::Kind;

pub(crate) struct May;

impl Stackful for May {
    const NAME: &'static str = "may(unbounded)";
    const CHANNELS: Kind = Kind::Less("unbounded");

    type Tx = mpmc::Sender<u64>;
    type Rx = mpmc::Receiver<u64>;

    fn go(block: impl FnOnce() + Send + 'static) {
        drop(may::go!(block));
    }

    fn run<T: Send + 'static>(block: impl FnOnce() -> T + Send + 'static) -> T {
        may::go!(block).join().expect("no block panics")
    }

    fn bounded(_: usize) -> (Self::Tx, Self::Rx) {
        mpmc::channel()
    }

    fn put(tx: &Self::Tx, n: u64) {
        // Nobody left to take it shows in the count.
        tx.send(n).ok();
    }

    fn take(rx: &Self::Rx) -> Option<u64> {
        rx.recv().ok()
    }

    fn close(_: &Self::Tx) {}
}
