//! [`serve`]: the other side, which answers.

use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use csp_core::{Closed, Failure, Go, Receiver, Sender};
use csp_sched::{go, within};

use super::{Unserved, WhyUnserved};
use crate::{
    block::{Payload, cancelled, caught, panicked},
    ops::outlet::{Outlet, take, unless_closed},
    promise::{Error, Outcome},
};

/// Answers each request of a conversation with what `handler` makes of it.
///
/// ```text
/// requests           a        b        c          |
/// handler            ├─▸ a'   ├─▸ b'   ├─▸ c'        one at a time
/// answers                a'       b'       c'     |
///
/// requests           a  b  c                      |
/// handler            ├──┼──┼──▸ a'                   .pipelined(3)
///                       ├──┼▸ b'
///                          ├────▸ c'
/// answers                     a' b' c'            |
/// ```
///
/// `handler` is an async function of the request that gives a `Result`; it is the only one to be called while
/// it runs, unless the server is [`pipelined`](Server::pipelined). [`start`](Server::start) starts it. Answers come
/// in the order of the requests, always.
///
/// * **The requests end:** all that were taken are answered, then the answers close.
/// * **The requests fail:** the same, and the answers fail with the same cause.
/// * **Nobody takes answers any more:** the server ends at once. Handlers that run are dropped at their next
///   park point; answers that could not be delivered are in the [`Unserved`].
/// * **A handler fails**, panics, or takes longer than the [`limit`](Server::limit): what
///   [`on_failure`](Server::on_failure) makes of it is the answer. Without that the conversation is over:
///   earlier requests are answered, then the answers fail with that cause, and the requests close.
/// * **Back pressure.** As many requests are taken as may be handled at the same time, and no more while an
///   answer waits to be taken.
/// * Dropping the `Go` lets the server run on. Cancelling it drops what runs, and fails the answers.
///
/// ```
/// use csp::{prelude::*, requests::serve};
/// let (requests, to_serve) = chan(0);
/// let (to, answers) = chan(0);
/// let server = serve(to_serve, to, |text: &str| async { text.parse::<u32>() });
/// let server = server.on_failure(|failure| { assert_eq!(failure.to_string(), "invalid digit found in string"); 0 });
/// let server = server.start();
/// requests.put_blocking("42").unwrap();
/// assert_eq!(answers.take_blocking(), Some(42));
/// requests.put_blocking("fortytwo").unwrap();
/// assert_eq!(answers.take_blocking(), Some(0));
/// drop(requests);
/// assert!(server.wait().unwrap().is_ok());
/// ```
///
/// Lamina's `server` and `pipelined-server`, whose failed handlers put the exception into the channel as an
/// answer.
pub fn serve<Req, Resp, F, Fut, E>(
    requests: Receiver<Req>,
    answers: Sender<Resp>,
    handler: F,
) -> Server<Req, Resp, F>
where
    Req: Send + 'static,
    Resp: Send + 'static,
    F: FnMut(Req) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Resp, E>> + Send + 'static,
    E: Into<Error> + Send + 'static,
{
    Server {
        requests,
        answers,
        handler,
        at_once: 1,
        limit: None,
        on_failure: None,
    }
}

type OnFailure<Resp> = Box<dyn FnMut(Failure<Error>) -> Resp + Send>;

/// A server that is not started yet: see [`serve`].
#[must_use = "a server does nothing until it is started: `.start()`"]
pub struct Server<Req, Resp, F> {
    requests: Receiver<Req>,
    answers: Sender<Resp>,
    handler: F,
    at_once: usize,
    limit: Option<Duration>,
    on_failure: Option<OnFailure<Resp>>,
}

impl<Req, Resp, F> Server<Req, Resp, F>
where
    Req: Send + 'static,
    Resp: Send + 'static,
{
    /// Lets up to `n` requests be handled at the same time, each in a go block of its own. Without it one is,
    /// in the server's.
    ///
    /// # Panics
    /// If `n` is zero.
    #[track_caller]
    pub fn pipelined(mut self, n: usize) -> Self {
        assert!(
            n > 0,
            "pipelined(0) would never answer anything: let 1 request or more be handled"
        );
        self.at_once = n;
        self
    }

    /// How long a handler may take: then its future is dropped, and it has failed as
    /// [`TimedOut`](Failure::TimedOut).
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Makes the answer to a request whose handler failed: [`Error`](Failure::Error),
    /// [`Panicked`](Failure::Panicked) or [`TimedOut`](Failure::TimedOut). If it panics itself, the
    /// conversation ends as without it. Lamina's `:error-response`.
    pub fn on_failure(mut self, f: impl FnMut(Failure<Error>) -> Resp + Send + 'static) -> Self {
        self.on_failure = Some(Box::new(f));
        self
    }

    /// Starts the server's block on the current executor. The `Go` tells how it ended.
    #[track_caller]
    pub fn start<Fut, E>(self) -> Go<Result<(), Unserved<Resp>>>
    where
        F: FnMut(Req) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Resp, E>> + Send + 'static,
        E: Into<Error> + Send + 'static,
    {
        go(run(self))
    }
}

impl<Req, Resp, F> fmt::Debug for Server<Req, Resp, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("pipelined", &self.at_once)
            .field("limit", &self.limit)
            .field("on_failure", &self.on_failure.is_some())
            .finish_non_exhaustive()
    }
}

/// Fails the answers if the block goes before its work is done: afterwards that changes nothing.
struct Fails<Resp>(Sender<Resp>);

impl<Resp> Drop for Fails<Resp> {
    fn drop(&mut self) {
        self.0.fail(cancelled("the server"));
    }
}

async fn run<Req, Resp, F, Fut, E>(server: Server<Req, Resp, F>) -> Result<(), Unserved<Resp>>
where
    Req: Send + 'static,
    Resp: Send + 'static,
    F: FnMut(Req) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Resp, E>> + Send + 'static,
    E: Into<Error> + Send + 'static,
{
    let Server {
        requests,
        answers,
        handler,
        at_once,
        limit,
        on_failure,
    } = server;
    let _fails = Fails(answers.clone());
    let closed = pin!(answers.closed());
    let mut serving = Serving {
        requests: &requests,
        out: Outlet::new(&answers, closed),
        handler,
        limit,
        on_failure,
        running: Running(VecDeque::new()),
    };
    let stopped = if at_once == 1 {
        serving.one_at_a_time().await
    } else {
        serving.several(at_once).await
    };
    let ended = stopped.and_then(|()| match requests.failure() {
        Some(cause) => Err(Unserved::of(WhyUnserved::Requests(cause))),
        None => Ok(()),
    });
    serving.end(ended)
}

struct Serving<'a, 'w, Req, Resp, F> {
    requests: &'a Receiver<Req>,
    out: Outlet<'a, 'w, Resp>,
    handler: F,
    limit: Option<Duration>,
    on_failure: Option<OnFailure<Resp>>,
    running: Running<Resp>,
}

/// Handlers in the order of their requests. Its drop cancels them.
struct Running<Resp>(VecDeque<Go<Outcome<Resp>>>);

impl<Resp> Drop for Running<Resp> {
    fn drop(&mut self) {
        for handling in &self.0 {
            handling.cancel();
        }
    }
}

enum Event<Req, Resp> {
    Request(Option<Req>),
    Handled(Outcome<Resp>),
    /// Nobody takes answers any more.
    Closed,
}

impl<Req, Resp, F, Fut, E> Serving<'_, '_, Req, Resp, F>
where
    Req: Send + 'static,
    Resp: Send + 'static,
    F: FnMut(Req) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Resp, E>> + Send + 'static,
    E: Into<Error> + Send + 'static,
{
    async fn one_at_a_time(&mut self) -> Result<(), Unserved<Resp>> {
        loop {
            let request = match take(&mut self.out, self.requests).await {
                Some(Some(request)) => request,
                Some(None) => return Ok(()),
                None => return Err(Unserved::of(WhyUnserved::Closed)),
            };
            let handling = self.handle(request);
            let Some(outcome) = unless_closed(&mut self.out, handling).await else {
                return Err(Unserved {
                    unfinished: 1,
                    ..Unserved::of(WhyUnserved::Closed)
                });
            };
            self.answer(outcome).await?;
        }
    }

    async fn several(&mut self, at_once: usize) -> Result<(), Unserved<Resp>> {
        let mut more = true;
        while more || !self.running.0.is_empty() {
            let takes = more && self.running.0.len() < at_once;
            match self.next(takes).await {
                Event::Request(Some(request)) => {
                    let handling = go(self.handle(request));
                    self.running.0.push_back(handling);
                }
                Event::Request(None) => more = false,
                Event::Handled(outcome) => self.answer(outcome).await?,
                Event::Closed => return Err(Unserved::of(WhyUnserved::Closed)),
            }
        }
        Ok(())
    }

    /// The first to be handled comes before the next to be taken.
    async fn next(&mut self, takes: bool) -> Event<Req, Resp> {
        let mut request = pin!(takes.then(|| self.requests.take()));
        let running = &mut self.running.0;
        let first = poll_fn(|cx| {
            if let Some(handling) = running.front_mut()
                && let Poll::Ready(handled) = Pin::new(handling).poll(cx)
            {
                running.pop_front();
                // Not by itself: its runtime goes.
                return Poll::Ready(Event::Handled(handled.unwrap_or(Err(Failure::Cancelled))));
            }
            match request.as_mut().as_pin_mut() {
                Some(request) => request.poll(cx).map(Event::Request),
                None => Poll::Pending,
            }
        });
        let event = unless_closed(&mut self.out, first).await;
        event.unwrap_or(Event::Closed)
    }

    fn handle(
        &mut self,
        request: Req,
    ) -> impl Future<Output = Outcome<Resp>> + Send + use<Req, Resp, F, Fut, E> {
        let handler = &mut self.handler;
        handled(
            catch_unwind(AssertUnwindSafe(|| handler(request))),
            self.limit,
        )
    }

    async fn answer(&mut self, outcome: Outcome<Resp>) -> Result<(), Unserved<Resp>> {
        let answer = match (outcome, &mut self.on_failure) {
            (Ok(answer), _) => Ok(answer),
            (Err(failure), None) => Err(Error::from(failure).into_cause()),
            (Err(failure), Some(f)) => catch_unwind(AssertUnwindSafe(|| f(failure)))
                .map_err(|payload| panicked("on_failure", &payload)),
        };
        let answer = answer.map_err(|cause| Unserved {
            unfinished: 1,
            ..Unserved::of(WhyUnserved::Handler(cause))
        })?;
        self.out
            .put(answer)
            .await
            .map_err(|Closed(answer)| Unserved {
                answers: vec![answer],
                ..Unserved::of(WhyUnserved::Closed)
            })
    }

    /// Ends the answers, and what still runs.
    fn end(mut self, ended: Result<(), Unserved<Resp>>) -> Result<(), Unserved<Resp>> {
        ended.map(|()| self.out.end(None)).map_err(|mut unserved| {
            match &unserved.why {
                WhyUnserved::Closed => {}
                WhyUnserved::Requests(cause) | WhyUnserved::Handler(cause) => {
                    self.out.end(Some(cause.clone()));
                }
            }
            for handling in std::mem::take(&mut self.running.0) {
                handling.cancel();
                // Cancelling a handler that has ended changes nothing.
                match handling.is_finished().then(|| handling.wait()) {
                    Some(Ok(Ok(answer))) => unserved.answers.push(answer),
                    _ => unserved.unfinished += 1,
                }
            }
            unserved
        })
    }
}

/// Runs a handler to its outcome, whatever it does.
async fn handled<Resp, Fut, E>(
    called: Result<Fut, Payload>,
    limit: Option<Duration>,
) -> Outcome<Resp>
where
    Fut: Future<Output = Result<Resp, E>>,
    E: Into<Error>,
{
    let handling = caught(called.map_err(|payload| Failure::Panicked(payload.into()))?);
    let result = match limit {
        None => handling.await,
        Some(limit) => within(limit, handling)
            .await
            .map_err(|_| Failure::TimedOut)?,
    };
    match result {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Failure::Error(error.into())),
        Err(payload) => Err(Failure::Panicked(payload.into())),
    }
}
