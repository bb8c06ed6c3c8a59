//! Many promises awaited by one block: only those are asked that were woken.

use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, Wake, Waker},
};

use super::{CancelOnDrop, Promise, failure::Outcome, wake::wake};
use crate::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

/// How many outcomes a block looks at before it lets others run. (Promises that are settled do not count
/// against the turn's own budget.)
const OUTCOMES_A_TURN: u32 = 128;

/// Promises, each with the index it was given. What is left is cancelled with it, and not told of.
pub(super) struct Many<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    members: Vec<Option<Member<T, E>>>,
    left: usize,
    due: Arc<Due>,
    breath: Breath,
}

struct Member<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    promise: CancelOnDrop<T, E>,
    call: Arc<Call>,
}

/// The members that were woken, and the block that waits for one.
#[derive(Default)]
struct Due(Mutex<DueState>);

#[derive(Default)]
struct DueState {
    indices: VecDeque<usize>,
    block: Option<Waker>,
}

/// The waker of a member.
struct Call {
    due: Arc<Due>,
    index: usize,
    queued: AtomicBool,
}

impl Wake for Call {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Ordering: AcqRel pairs with the store before the member is asked: what made this call is seen then.
        if self.queued.swap(true, Ordering::AcqRel) {
            return;
        }
        let block = {
            let mut due = self.due.0.lock();
            due.indices.push_back(self.index);
            due.block.take()
        };
        if let Some(block) = block {
            wake(block);
        }
    }
}

impl<T, E> Many<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    pub(super) fn new() -> Self {
        Self {
            members: Vec::new(),
            left: 0,
            due: Arc::default(),
            breath: Breath::default(),
        }
    }

    pub(super) fn of(promises: impl Iterator<Item = Promise<T, E>>) -> Self {
        let mut many = Self::new();
        promises.for_each(|promise| many.push(promise));
        many
    }

    /// Adds a promise, whose index is the number of those before.
    pub(super) fn push(&mut self, promise: Promise<T, E>) {
        let call = Arc::new(Call {
            due: Arc::clone(&self.due),
            index: self.members.len(),
            queued: AtomicBool::new(false),
        });
        call.wake_by_ref();
        let promise = promise.cancel_on_drop();
        self.members.push(Some(Member { promise, call }));
        self.left += 1;
    }

    /// How many were added.
    pub(super) fn count(&self) -> usize {
        self.members.len()
    }

    /// How many have not settled.
    pub(super) fn left(&self) -> usize {
        self.left
    }

    /// The next that settles; `None` if all have.
    pub(super) async fn next(&mut self) -> Option<(usize, Outcome<T, E>)> {
        self.breath.take().await;
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &Context<'_>) -> Poll<Option<(usize, Outcome<T, E>)>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        while let Some(index) = self.due.next(cx) {
            let Some(member) = &mut self.members[index] else {
                continue;
            };
            // Ordering: Release; from here on a call queues it again. See `wake_by_ref`.
            member.call.queued.store(false, Ordering::Release);
            let waker = Waker::from(Arc::clone(&member.call));
            let polled = Pin::new(&mut member.promise).poll(&mut Context::from_waker(&waker));
            if let Poll::Ready(outcome) = polled {
                self.members[index] = None;
                self.left -= 1;
                return Poll::Ready(Some((index, outcome)));
            }
        }
        Poll::Pending
    }
}

impl Due {
    /// A member that was woken; or leaves the block's waker.
    fn next(&self, cx: &Context<'_>) -> Option<usize> {
        let mut state = self.0.lock();
        if let Some(index) = state.indices.pop_front() {
            return Some(index);
        }
        drop(state);
        let waker = cx.waker().clone();
        let mut state = self.0.lock();
        let index = state.indices.pop_front();
        if index.is_none() {
            let old = state.block.replace(waker);
            drop(state);
            drop(old);
        }
        index
    }
}

/// Lets others run now and then.
#[derive(Debug, Default)]
pub(super) struct Breath(u32);

impl Breath {
    pub(super) async fn take(&mut self) {
        self.0 += 1;
        if self.0 == OUTCOMES_A_TURN {
            self.0 = 0;
            csp_sched::yield_now().await;
        }
    }
}
