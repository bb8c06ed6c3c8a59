//! Blocks for closures: none runs on the stack of whoever settles, cancels or subscribes.

use super::wake::{Canceller, contained};
use crate::sync::Arc;

/// Runs each canceller in a block of its own, on the current executor; `then`, which is ours, when all are
/// through, also if they panic or are dropped unrun.
pub(super) fn cancellers(cancellers: Vec<Canceller>, then: impl FnOnce() + Send + Sync + 'static) {
    let last = Arc::new(AtEnd(Some(then)));
    for canceller in cancellers {
        let last = Arc::clone(&last);
        drop(csp_sched::go(async move {
            let _last = last;
            canceller();
        }));
    }
}

struct AtEnd<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Drop for AtEnd<F> {
    fn drop(&mut self) {
        if let Some(f) = self.0.take() {
            contained(f);
        }
    }
}
