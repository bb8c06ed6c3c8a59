//! Running a block's turns on other threads.

use std::{
    pin::Pin,
    task::{Context, Wake, Waker},
};

use csp_core::{Sender, chan, sliding};
use csp_sched::{Workload, thread_on};

use crate::sync::plain::Arc;

/// Polls `future` on the threads of a workload: each time it is woken, until it has to wait, it is a job
/// there. While it waits it holds no thread; and a job never waits for another, so any limit on the
/// number of threads will do.
pub(crate) async fn on_threads(
    workload: Workload,
    future: impl Future<Output = ()> + Send + 'static,
) {
    let (bell, woken) = chan(sliding(1));
    let waker = Waker::from(Arc::new(Bell(bell)));
    let mut future: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(future);
    loop {
        let waker = waker.clone();
        let turn = thread_on(workload, move || {
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
            (future, polled.is_ready())
        });
        match turn.await {
            Ok((parked, false)) => future = parked,
            // Done; or the threads are gone, and the future with them.
            _ => return,
        }
        woken.take().await;
    }
}

struct Bell(Sender<()>);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // It has rung, or rings already.
        self.0.try_put(()).ok();
    }
}
