//! tokio's multi-threaded runtime, as `#[tokio::main]` makes it.

use std::{
    future::Future,
    pin::Pin,
    sync::LazyLock,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tokio::{runtime, task::JoinHandle, time};

use super::Runtime;

static RUNTIME: LazyLock<runtime::Runtime> = LazyLock::new(|| {
    runtime::Builder::new_multi_thread()
        .enable_time()
        .build()
        .expect("the runtime starts")
});

pub(crate) struct Tokio;

pub(crate) struct Handle<T>(JoinHandle<T>);

impl<T> Future for Handle<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0)
            .poll(cx)
            .map(|result| result.expect("no task panics"))
    }
}

impl Runtime for Tokio {
    const NAME: &'static str = "tokio";

    type Handle<T: Send + 'static> = Handle<T>;

    fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> Handle<T> {
        Handle(tokio::spawn(task))
    }

    fn go(task: impl Future<Output = ()> + Send + 'static) {
        drop(tokio::spawn(task));
    }

    fn cancel<T: Send + 'static>(task: Handle<T>) {
        task.0.abort();
    }

    fn run<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> T {
        let task = RUNTIME.spawn(task);
        RUNTIME.block_on(task).expect("no task panics")
    }

    async fn sleep(time: Duration) {
        time::sleep(time).await;
    }

    async fn sleep_until(due: Instant) {
        time::sleep_until(due.into()).await;
    }

    async fn timeout<T>(limit: Duration, future: impl Future<Output = T> + Send) -> Option<T> {
        time::timeout(limit, future).await.ok()
    }
}
