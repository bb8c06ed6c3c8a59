//! How many requests may wait to be sent.

use csp_core::{Receiver, Sender};

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
        let (back, permits) = crate::permits::permits(permits);
        Self { back, permits }
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
