//! What the check for total deadlock needs to know of executors: see [`csp_core::inspect::deadlock`].

use csp_core::{
    Home,
    inspect::deadlock::{self, Party},
};

use crate::{
    local::LocalShared,
    runtime::Shared,
    sync::{Arc, Weak},
};

/// Makes a new executor known.
pub(crate) fn register<P: Party + 'static>(executor: &Arc<P>) {
    let weak: Weak<P> = Arc::downgrade(executor);
    deadlock::register(weak);
}

impl Party for Shared {
    fn naps(&self, naps: &mut Vec<u64>) {
        self.idle.naps(naps);
        self.pool.naps(naps);
    }

    fn homes(&self, see: &mut dyn FnMut(&Home)) {
        self.homes().for_each(see);
    }
}

impl Party for LocalShared {
    fn naps(&self, naps: &mut Vec<u64>) {
        naps.extend(self.nap());
    }

    fn homes(&self, see: &mut dyn FnMut(&Home)) {
        see(&self.home);
    }

    fn rouse(&self) -> bool {
        let naps = self.nap().is_some();
        if naps {
            // The main future is polled once more, in vain.
            self.wake();
        }
        naps
    }
}
