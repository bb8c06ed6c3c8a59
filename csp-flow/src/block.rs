//! What the blocks behind mult, publication and mix have in common: changes that their handles ask
//! for, and an end that is told whatever happens.

use std::{
    any::Any,
    collections::VecDeque,
    error::Error,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use csp_core::{Buffer, BufferPolicy, Cause, Panicked, Receiver, Sender, chan};

/// How many values a block may put while nothing makes it park, before it lets others run. (What is only
/// tried does not count against the turn's own budget.)
pub(crate) const PUTS_A_TURN: usize = 1024;

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send>;

/// A channel for what handles ask of their block. Asking neither parks nor fails while the block is
/// there. It closes when the last handle goes, and when the block does.
///
/// Its use bounds it: an entry is a call that was made since the block last ran, and the block looks
/// whenever it runs, also while it waits for a slow channel.
pub(crate) fn changes<C: Send + 'static>() -> (Sender<C>, Receiver<C>) {
    chan(Buffer::custom(Queue(VecDeque::new())))
}

struct Queue<C>(VecDeque<C>);

impl<C: Send> BufferPolicy<C> for Queue<C> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn is_full(&self) -> bool {
        false
    }

    fn add(&mut self, value: C) -> Option<C> {
        self.0.push_back(value);
        None
    }

    fn remove(&mut self) -> Option<C> {
        self.0.pop_front()
    }
}

/// Runs `future`, and stops a panic in it.
pub(crate) async fn caught<F: Future>(future: F) -> Result<F::Output, Payload> {
    let mut future = pin!(future);
    poll_fn(
        |cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(payload) => Poll::Ready(Err(payload)),
        },
    )
    .await
}

/// What to tell if a block goes before its work is done, since its runtime does.
pub(crate) fn cancelled(what: &str) -> Cause {
    cause(format!("{what} was cancelled"))
}

/// What to tell if code of the user's panicked in a block.
/// What is said of a panic.
pub(crate) fn said(what: &str, payload: &(dyn Any + Send)) -> String {
    format!("{what} panicked: {}", Panicked::message_of(payload))
}

pub(crate) fn panicked(what: &str, payload: &Payload) -> Cause {
    cause(said(what, &**payload))
}

fn cause(text: String) -> Cause {
    Box::<dyn Error + Send + Sync>::from(text).into()
}
