use go_lib::chan::{Receiver, Sender, chan};

use super::Stackful;
use crate::menu::Kind;

pub(crate) struct GoLib;

#[go_lib::main]
fn run<T: Send + 'static>(block: Box<dyn FnOnce() -> T + Send>) -> T {
    block()
}

impl Stackful for GoLib {
    const NAME: &'static str = "go-lib";
    const CHANNELS: Kind = Kind::Peer;

    type Tx = Sender<u64>;
    type Rx = Receiver<u64>;

    fn go(block: impl FnOnce() + Send + 'static) {
        go_lib::go!(block);
    }

    fn run<T: Send + 'static>(block: impl FnOnce() -> T + Send + 'static) -> T {
        run(Box::new(block))
    }

    fn bounded(capacity: usize) -> (Sender<u64>, Receiver<u64>) {
        chan(capacity)
    }

    fn put(tx: &Sender<u64>, n: u64) {
        tx.send(n);
    }

    fn take(rx: &Receiver<u64>) -> Option<u64> {
        rx.recv()
    }

    fn close(tx: &Sender<u64>) {
        tx.close();
    }
}
