//! Permits, as values of a channel: so who waits for one parks there, first come, first served.

use csp_core::{Buffer, BufferPolicy, Receiver, Sender, chan};

/// A channel with so many permits in it, which takes no more room for many than for one. To give one back is
/// to put it: it is never full.
pub(crate) fn permits(count: usize) -> (Sender<()>, Receiver<()>) {
    let (back, permits) = chan(Buffer::custom(Count {
        left: 0,
        at_first: count,
    }));
    back.try_put(()).ok();
    (back, permits)
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
