//! The go block behind an edge.

use std::{convert::Infallible, future::pending, pin::pin, task::Context, time::Duration};

use csp_core::{Closed, Receiver, Sender};
use csp_sched::timeout;

use super::{Connect, LinkEnd, LinkReason};
use crate::{
    AtEnd, Severed,
    fan::{First, first},
    ops::outlet::{Outlet, Target, end, take, unless_closed},
    sync::{
        Arc,
        plain::atomic::{AtomicU64, Ordering},
    },
};

pub(super) struct Edge<T> {
    pub(super) src: Receiver<T>,
    pub(super) dst: Sender<T>,
    /// Closes when the edge is to end.
    pub(super) stop: Sender<Infallible>,
    pub(super) moved: Arc<AtomicU64>,
}

/// Two channels: a value is wanted as long as both are open.
struct Both<'a, 'w, T> {
    dst: Outlet<'a, 'w, T>,
    stop: Outlet<'a, 'w, Infallible>,
}

impl<T> Target for Both<'_, '_, T> {
    fn is_closed(&self) -> bool {
        self.dst.is_closed() || self.stop.is_closed()
    }

    fn watch(&mut self, cx: &mut Context<'_>) {
        self.dst.watch(cx);
        self.stop.watch(cx);
    }
}

impl<T> Edge<T> {
    pub(super) async fn run(self, how: Connect) -> LinkEnd<T> {
        let (reason, value) = self.move_all(how.timeout).await;
        self.end(&how, reason, value)
    }

    /// Moves values until the edge ends. Tells why, and what could not be put.
    async fn move_all(&self, limit: Option<Duration>) -> (LinkReason, Option<T>) {
        let (dst_closed, stopped) = (pin!(self.dst.closed()), pin!(self.stop.closed()));
        let mut both = Both {
            dst: Outlet::new(&self.dst, dst_closed),
            stop: Outlet::new(&self.stop, stopped),
        };
        loop {
            let value = match take(&mut both, &self.src).await {
                Some(Some(value)) => value,
                Some(None) => {
                    let failure = self.src.failure();
                    let reason = failure.map_or(LinkReason::SourceClosed, LinkReason::SourceFailed);
                    return (reason, None);
                }
                None if both.stop.is_closed() => return (LinkReason::Disconnected, None),
                None => return (LinkReason::TargetClosed, None),
            };
            if let Err((reason, value)) = self.put(&mut both.stop, value, limit).await {
                return (reason, value);
            }
            // Ordering: Relaxed, a count to be looked at.
            self.moved.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn put(
        &self,
        stop: &mut Outlet<'_, '_, Infallible>,
        value: T,
        limit: Option<Duration>,
    ) -> Result<(), (LinkReason, Option<T>)> {
        let mut put = pin!(self.dst.put(value));
        // Polled only if there is no room.
        let late = async {
            match limit {
                Some(limit) => drop(timeout(limit).take().await),
                None => pending().await,
            }
        };
        let reason = match unless_closed(stop, first(put.as_mut(), late)).await {
            Some(First::A(Ok(()))) => return Ok(()),
            Some(First::A(Err(Closed(value)))) => {
                return Err((LinkReason::TargetClosed, Some(value)));
            }
            Some(First::B(())) => LinkReason::Severed(limit.unwrap_or_default()),
            None => LinkReason::Disconnected,
        };
        match put.withdraw() {
            // It was accepted in the last moment. (If it is to end, the next take tells.)
            None => Ok(()),
            value => Err((reason, value)),
        }
    }

    fn end(self, how: &Connect, reason: LinkReason, value: Option<T>) -> LinkEnd<T> {
        let Self { src, dst, .. } = self;
        let (up, down) = match &reason {
            LinkReason::SourceClosed | LinkReason::SourceFailed(_) => (false, how.downstream),
            LinkReason::TargetClosed => (how.upstream, false),
            LinkReason::Severed(_) => (how.upstream, how.downstream),
            LinkReason::Disconnected => (false, false),
        };
        if down {
            let failure = match &reason {
                LinkReason::SourceFailed(cause) => Some(Arc::clone(cause)),
                LinkReason::Severed(after) => Some(Arc::new(Severed { after: *after }) as _),
                _ => None,
            };
            end(&dst, AtEnd::Close, failure);
        }
        // The only receiver is ours, and nobody can make another: it is closed, and still good for what is
        // buffered. If there are others it is let go, so that the last of them closes the channel.
        let src = match up && src.receiver_count() == 1 {
            true => {
                src.close();
                Some(src)
            }
            false if up => None,
            false => Some(src),
        };
        let dst = Some(dst).filter(|dst| !dst.is_closed());
        LinkEnd {
            reason,
            value,
            src,
            dst,
        }
    }
}
