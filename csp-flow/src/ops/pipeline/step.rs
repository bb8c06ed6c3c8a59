//! What a worker does with one value: the four kinds of pipeline.

use std::{
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
};

use csp_core::{Go, Receiver, Sender, alt, block_on, chan, park, xf::Transducer};
use csp_sched::{go, thread};

use super::{
    outputs::Outputs,
    signal::Signal,
    worker::{Ended, Worker},
};
use crate::block::{Payload, caught};

/// A worker's handle. `None`: it was told to end at once.
pub(super) type Crewman<In, Out> = Go<Option<Ended<In, Out>>>;

/// How it went with a value.
#[derive(Debug)]
pub enum Applied {
    /// Its outputs are held, or were put.
    Done,
    /// It panicked. What it gave before is held, or was put.
    Panicked(Payload),
    /// It was given up, since the pipeline stops.
    Unfinished,
}

/// Work on one value. Each worker has a clone.
pub trait Step<In, Out>: Clone + Send + Sized + 'static
where
    In: Send + 'static,
    Out: Send + 'static,
{
    /// True if it may take long and does not park: others must get their turn before it.
    const COMPUTES: bool = false;

    /// Does the work. Panics of the user's code are caught in here.
    fn apply(
        &mut self,
        value: In,
        out: &mut Outputs<Out>,
        halt: &Signal,
    ) -> impl Future<Output = Applied> + Send;

    /// Starts a worker. The caller's place is what dumps show.
    #[track_caller]
    fn start(worker: Worker<In, Out, Self>, abort: Signal) -> Crewman<In, Out> {
        // A go block can be cancelled, and needs no telling.
        drop(abort);
        go(async move { Some(worker.run().await) })
    }
}

/// A transducer, in go blocks.
#[derive(Debug, Clone)]
pub struct Compute<X>(pub(super) X);

/// A transducer, on threads.
#[derive(Debug, Clone)]
pub struct Blocking<X>(pub(super) X);

/// An async function with one output.
#[derive(Debug, Clone)]
pub struct Async<F>(pub(super) F);

/// An async function that puts its outputs.
#[derive(Debug, Clone)]
pub struct AsyncMany<F>(pub(super) F);

impl<X> Step<X::In, X::Out> for Compute<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Clone + Send + 'static,
{
    const COMPUTES: bool = true;

    async fn apply(&mut self, value: X::In, out: &mut Outputs<X::Out>, _halt: &Signal) -> Applied {
        transduce(&self.0, value, out)
    }
}

impl<X> Step<X::In, X::Out> for Blocking<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Clone + Send + 'static,
{
    async fn apply(&mut self, value: X::In, out: &mut Outputs<X::Out>, _halt: &Signal) -> Applied {
        transduce(&self.0, value, out)
    }

    #[track_caller]
    fn start(worker: Worker<X::In, X::Out, Self>, abort: Signal) -> Crewman<X::In, X::Out> {
        // A thread that runs cannot be cancelled.
        let life = async move {
            let run = abort.or(worker.run());
            abort.watched(run).await
        };
        thread(move || block_on(life))
    }
}

/// One value through a transducer of its own, to the end.
fn transduce<X: Transducer + Clone>(xf: &X, value: X::In, out: &mut Outputs<X::Out>) -> Applied {
    let work = || {
        let mut xf = xf.clone();
        let mut emit = |output| {
            out.hold(output);
            ControlFlow::Continue(())
        };
        // Whether it wants more does not matter: there is one value.
        let _ = xf.step(value, &mut emit);
        let _ = xf.complete(&mut emit);
    };
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(()) => Applied::Done,
        Err(payload) => Applied::Panicked(payload),
    }
}

impl<In, Out, F, Fut> Step<In, Out> for Async<F>
where
    In: Send + 'static,
    Out: Send + 'static,
    F: FnMut(In) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Out> + Send,
{
    async fn apply(&mut self, value: In, out: &mut Outputs<Out>, halt: &Signal) -> Applied {
        let call = caught(async { self.0(value).await });
        match halt.or(call).await {
            Some(Ok(output)) => {
                out.hold(output);
                Applied::Done
            }
            Some(Err(payload)) => Applied::Panicked(payload),
            None => Applied::Unfinished,
        }
    }
}

impl<In, Out, F, Fut> Step<In, Out> for AsyncMany<F>
where
    In: Send + 'static,
    Out: Send + 'static,
    F: FnMut(In, Sender<Out>) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = ()> + Send,
{
    async fn apply(&mut self, value: In, out: &mut Outputs<Out>, halt: &Signal) -> Applied {
        let (tx, rx) = chan(0);
        let call = caught(async { self.0(value, tx).await });
        let called = {
            let mut call = pin!(halt.or(call));
            let mut forward = pin!(forward(&rx, out, halt));
            alt! {
                called = park!(call.as_mut()) => {
                    forward.await;
                    called
                }
                () = park!(forward.as_mut()) => if rx.is_closed() { call.await } else { None },
            }
        };
        // All senders are dropped: it has no more outputs. If not, they are refused from here on.
        let over = rx.is_closed();
        rx.close();
        while let Ok(output) = rx.try_take() {
            out.hold(output);
        }
        match called {
            Some(Ok(())) if over => Applied::Done,
            Some(Err(payload)) => Applied::Panicked(payload),
            _ => Applied::Unfinished,
        }
    }
}

/// Puts what the function puts, until its sender is dropped or the pipeline stops.
async fn forward<Out>(rx: &Receiver<Out>, out: &mut Outputs<Out>, halt: &Signal) {
    while let Some(Some(output)) = halt.or(rx.take()).await {
        out.hold(output);
        if out.flush().await.is_err() {
            return;
        }
    }
}
