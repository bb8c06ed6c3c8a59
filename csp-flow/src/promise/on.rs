//! Where the blocks of steps run: on the current executor, or on the one that [`Promise::on`] named.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
};

use csp_core::{Failure, Go, Sender};
use csp_sched::Runtime;

use super::{
    Promise,
    failure::Outcome,
    promise,
    source::Source,
    step::{Link, Settled, of_block},
    wake::contained,
};
use crate::{block, sync::Arc};

/// Starts blocks on one runtime, from anywhere: a block there runs what is put into it, and so whatever that
/// starts is on that runtime too. It ends with the last clone.
#[derive(Clone)]
pub(super) struct Spawner(Sender<Job>);

type Job = Box<dyn FnOnce() + Send>;

impl Spawner {
    #[track_caller]
    fn new(runtime: &Runtime) -> Self {
        let (tx, rx) = block::changes::<Job>();
        drop(runtime.go(async move {
            while let Some(job) = rx.take().await {
                contained(job);
            }
        }));
        Self(tx)
    }
}

impl<T, E> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    /// Has the steps that are added from here on run on that runtime, also if the promise is settled already.
    ///
    /// ```
    /// use csp::{Promise, Runtime, prelude::*};
    /// let rt = Runtime::builder().workers(1).name("second").build();
    /// let here = Promise::<_, csp::Error>::ready("we end in ")
    ///     .on(&rt)
    ///     .map(|text| text.to_owned() + std::thread::current().name().unwrap());
    /// assert!(here.wait().unwrap().starts_with("we end in second"));
    /// ```
    ///
    /// Without it a step runs on the executor that is current where the step is added, so that which is
    /// [entered](Runtime::enter) there. Once the runtime is shut down, steps that it would have to start are
    /// [`Cancelled`](Failure::Cancelled).
    ///
    /// The promise keeps one parked block on the runtime, for the steps that may still come, until it and
    /// those made of it have been awaited or dropped. A [shutdown](Runtime::shutdown) waits for that block
    /// as for any other.
    ///
    /// Manifold's `onto`, Task's `then-in`, Lamina's `:executor`.
    #[track_caller]
    pub fn on(self, runtime: &Runtime) -> Self {
        self.with_spawner(Some(Spawner::new(runtime)))
    }
}

/// Starts the block of a step or an aggregate.
#[track_caller]
pub(super) fn start<T, E, F>(on: Option<Spawner>, link: &Arc<Link>, block: F) -> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
    F: Future<Output = Settled<T, E>> + Send + 'static,
{
    let promise = match &on {
        None => Promise::of_step(csp_sched::go(block), Arc::clone(link)),
        Some(spawner) => start_there(spawner, link, block),
    };
    promise.with_spawner(on)
}

#[track_caller]
fn start_there<T, E, F>(spawner: &Spawner, link: &Arc<Link>, block: F) -> Promise<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
    F: Future<Output = Settled<T, E>> + Send + 'static,
{
    let (started, mut arriving) = promise();
    arriving.set_ignored();
    let there = Arc::clone(link);
    let job = move || {
        if there.is_cancelled() {
            return;
        }
        let go = csp_sched::go(block);
        // The promise may be dropped by now (then the block runs on, detached), or cancelled.
        if let Err(go) = started.fulfill(go)
            && there.is_cancelled()
        {
            go.cancel();
        }
    };
    // If the runtime has been shut down, the job is dropped here, and the block with it.
    drop(spawner.0.try_put(Box::new(job)));
    let created = link.created;
    let late = Late {
        stage: Stage::Arriving(arriving),
        link: Arc::clone(link),
    };
    Promise::of_source(Box::new(late), created)
}

/// A block that is being started elsewhere.
struct Late<T, E> {
    stage: Stage<T, E>,
    link: Arc<Link>,
}

enum Stage<T, E> {
    Arriving(Promise<Go<Settled<T, E>>, Infallible>),
    There(Go<Settled<T, E>>),
    /// It was cancelled before, or the runtime is gone.
    Never,
}

impl<T, E> Late<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    fn poll_arrival(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Stage::Arriving(arriving) = &mut self.stage {
            self.stage = match ready!(arriving.poll_outcome(cx)) {
                Ok(go) => Stage::There(go),
                Err(_) => Stage::Never,
            };
        }
        Poll::Ready(())
    }

    /// Looks, without leaving a waker.
    fn look(&mut self) {
        if let Stage::Arriving(arriving) = &self.stage
            && arriving.is_settled()
        {
            let mut cx = Context::from_waker(Waker::noop());
            let _arrived: Poll<()> = self.poll_arrival(&mut cx);
        }
    }
}

impl<T, E> Source<T, E> for Late<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Outcome<T, E>> {
        ready!(self.poll_arrival(cx));
        match &mut self.stage {
            Stage::There(go) => Pin::new(go).poll(cx).map(of_block),
            _ => Poll::Ready(Err(Failure::Cancelled)),
        }
    }

    fn cancel(&mut self) -> bool {
        self.link.cancel();
        self.look();
        match &self.stage {
            Stage::Arriving(arriving) => arriving.cancel(),
            Stage::There(go) => go.cancel(),
            Stage::Never => false,
        }
    }

    fn is_settled(&mut self) -> bool {
        self.look();
        match &self.stage {
            Stage::Arriving(_) => false,
            Stage::There(go) => go.is_finished(),
            Stage::Never => true,
        }
    }

    fn ignore(&mut self) {
        self.link.ignore();
    }
}
