//! Go's `sync.WaitGroup`, for the programs that misuse it.

use csp::{Sender, chan, lock::Mutex, take};

/// Counts what is under way.
#[derive(Debug, Default)]
pub(super) struct WaitGroup(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    count: usize,
    /// Dropped to wake those who wait.
    waiters: Vec<Sender<()>>,
}

impl WaitGroup {
    pub(super) async fn add(&self, more: usize) {
        self.0.lock().await.count += more;
    }

    pub(super) async fn done(&self) {
        let mut state = self.0.lock().await;
        state.count -= 1;
        if state.count == 0 {
            state.waiters.clear();
        }
    }

    pub(super) async fn wait(&self) {
        let zero = {
            let mut state = self.0.lock().await;
            if state.count == 0 {
                return;
            }
            let (waiter, zero) = chan(0);
            state.waiters.push(waiter);
            zero
        };
        take!(zero);
    }
}
