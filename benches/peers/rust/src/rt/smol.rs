//! smol's executor with a thread for each CPU, in the form its documentation names as the fastest (one that
//! lives as long as the program), and async-io's timers. They have a thread of their own; or the executor's
//! threads see to them too when they have nothing to do, as smol's own do.

use std::{
    future::{Future, pending},
    sync::Once,
    thread,
    time::{Duration, Instant},
};

use async_executor::{StaticExecutor, Task};
use async_io::Timer;
use futures_lite::{FutureExt, future};

use super::Runtime;

static EXECUTOR: StaticExecutor = StaticExecutor::new();
static THREADS: Once = Once::new();

pub(crate) struct With<const TIMERS: bool>;

/// The timers have a thread of their own.
pub(crate) type Smol = With<false>;

/// The executor's threads see to the timers.
pub(crate) type SmolIo = With<true>;

impl<const TIMERS: bool> Runtime for With<TIMERS> {
    const NAME: &'static str = if TIMERS { "smol(async-io)" } else { "smol" };

    type Handle<T: Send + 'static> = Task<T>;

    fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> Task<T> {
        EXECUTOR.spawn(task)
    }

    fn go(task: impl Future<Output = ()> + Send + 'static) {
        EXECUTOR.spawn(task).detach();
    }

    fn cancel<T: Send + 'static>(task: Task<T>) {
        drop(task);
    }

    fn run<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> T {
        THREADS.call_once(|| {
            let cpus = thread::available_parallelism().map_or(1, usize::from);
            for _ in 0..cpus {
                thread::spawn(|| {
                    let work = EXECUTOR.run(pending::<()>());
                    if TIMERS {
                        async_io::block_on(work);
                    } else {
                        future::block_on(work);
                    }
                });
            }
        });
        future::block_on(EXECUTOR.spawn(task))
    }

    async fn sleep(time: Duration) {
        Timer::after(time).await;
    }

    async fn sleep_until(due: Instant) {
        Timer::at(due).await;
    }

    async fn timeout<T>(limit: Duration, future: impl Future<Output = T> + Send) -> Option<T> {
        let value = async { Some(future.await) };
        let over = async {
            Timer::after(limit).await;
            None
        };
        value.or(over).await
    }
}
