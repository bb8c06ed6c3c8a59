//! How many requests may wait to be sent.

use csp_core::{Buffer, BufferPolicy, Receiver, Sender, chan};

/// Permits, as values of a channel: so who waits for one parks there, first come, first served.
pub(super) struct Room {
    back: Sender<()>,
    permits: Receiver<()>,
}

/// The right to wait. It goes back when it is dropped.
pub(super) struct Permit(Sender<()>);

impl Drop for Permit {
    fn drop(&mut self) {
        // It is never full; closed, nobody needs it any more.
        self.0.try_put(()).ok();
    }
}

impl Room {
    pub(super) fn new(permits: usize) -> Self {
        let (back, rx) = chan(Buffer::custom(Count {
            left: 0,
            at_first: permits,
        }));
        back.try_put(()).ok();
        Self { back, permits: rx }
    }

    pub(super) fn try_enter(&self) -> Option<Permit> {
        self.permits.try_take().ok()?;
        Some(Permit(self.back.clone()))
    }

    /// Parks until there is room. Permits come back whatever becomes of their calls, so there will be.
    pub(super) async fn enter(&self) -> Permit {
        // It cannot be closed: this handle has a sender.
        self.permits.take().await;
        Permit(self.back.clone())
    }
}

impl Clone for Room {
    fn clone(&self) -> Self {
        Self {
            back: self.back.clone(),
            permits: self.permits.clone(),
        }
    }
}

/// A buffer that only counts: the first value put in stands for all there are at first.
struct Count {
    left: usize,
    at_first: usize,
}

impl BufferPolicy<()> for Count {
    fn len(&self) -> usize {
        self.left
    }

    fn is_full(&self) -> bool {
        false
    }

    fn add(&mut self, (): ()) -> Option<()> {
        self.left += std::mem::replace(&mut self.at_first, 1);
        None
    }

    fn remove(&mut self) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        Some(())
    }
}
