//! [`Queue`]: the buffer of a connection.

use std::fmt;

use csp_core::{Buffer, dropping, fixed, sliding};

/// The buffer of a connection. A number is a fixed one; `0` is none: a rendezvous.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Queue {
    size: usize,
    when_full: WhenFull,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum WhenFull {
    Wait,
    DropOldest,
    DropNewest,
}

impl Queue {
    /// What a connection has that was given none, as in core.async.
    pub(crate) const DEFAULT: Self = Self::fixed(10);

    /// Holds `n` messages; when it is full, the process that puts waits.
    pub const fn fixed(n: usize) -> Self {
        Self {
            size: n,
            when_full: WhenFull::Wait,
        }
    }

    /// Holds the newest `n` messages: when it is full, the oldest is dropped.
    ///
    /// # Panics
    /// If `n` is 0: it would keep nothing.
    #[track_caller]
    pub const fn sliding(n: usize) -> Self {
        assert!(
            n > 0,
            "Queue::sliding(0) would keep nothing: give it a size of 1 or more"
        );
        Self {
            size: n,
            when_full: WhenFull::DropOldest,
        }
    }

    /// Holds the oldest `n` messages: when it is full, new ones are dropped.
    ///
    /// # Panics
    /// If `n` is 0: it would keep nothing.
    #[track_caller]
    pub const fn dropping(n: usize) -> Self {
        assert!(
            n > 0,
            "Queue::dropping(0) would keep nothing: give it a size of 1 or more"
        );
        Self {
            size: n,
            when_full: WhenFull::DropNewest,
        }
    }

    pub(crate) fn is_rendezvous(self) -> bool {
        self.size == 0
    }

    pub(crate) fn buffer<T>(self) -> Buffer<T> {
        match self.when_full {
            WhenFull::Wait => fixed(self.size),
            WhenFull::DropOldest => sliding(self.size),
            WhenFull::DropNewest => dropping(self.size),
        }
    }
}

impl From<usize> for Queue {
    fn from(n: usize) -> Self {
        Self::fixed(n)
    }
}

impl fmt::Display for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.when_full {
            WhenFull::Wait if self.is_rendezvous() => f.write_str("rendezvous"),
            WhenFull::Wait => write!(f, "{}", self.size),
            WhenFull::DropOldest => write!(f, "sliding {}", self.size),
            WhenFull::DropNewest => write!(f, "dropping {}", self.size),
        }
    }
}
