//! What a channel does with values that nobody takes yet.
//!
//! | buffer | a put when it is full | core.async |
//! |--------|----------------------|------------|
//! | none (`0`) | parks until a taker comes: rendezvous | `(chan)` |
//! | [`fixed(n)`](fixed) | parks until there is room | `(buffer n)` |
//! | [`sliding(n)`](sliding) | succeeds; the oldest value goes | `(sliding-buffer n)` |
//! | [`dropping(n)`](dropping) | succeeds; the new value goes | `(dropping-buffer n)` |
//! | [`promise_buffer()`](promise_buffer) | succeeds; the first value stays for every taker | `(promise-chan)` |
//! | [`Buffer::custom`] | whatever its [`BufferPolicy`] says | the `Buffer` protocol |

mod ring;

use std::{
    any::Any,
    cell::Cell,
    fmt,
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, catch_unwind},
};

pub(crate) use ring::Ring;

use crate::{chan::Xform, context::at_once, sync::plain::Arc};

/// How a custom buffer treats values.
///
/// Its methods run under the channel's lock: keep them short, do not block, and do not touch the
/// channel itself. A policy that panics fails the operation that met the panic, and nothing else; the
/// value that it was about to add or give is gone.
///
/// See `examples/custom_buffer.rs` for two of them.
pub trait BufferPolicy<T>: Send {
    /// How many values it holds.
    fn len(&self) -> usize;

    /// True if it holds none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many values it holds at most, if it knows.
    fn capacity(&self) -> Option<usize> {
        None
    }

    /// True if a put has to park now.
    fn is_full(&self) -> bool;

    /// Takes a value in. Called only when it [is not full](Self::is_full). Gives out the value that
    /// goes in turn: `value` itself or another; it is dropped once the lock is free.
    fn add(&mut self, value: T) -> Option<T>;

    /// Gives out the next value, or `None` if it holds none.
    fn remove(&mut self) -> Option<T>;
}

/// A channel's buffer: what [`chan`](crate::chan) is given. Numbers convert: `0` is none (a
/// rendezvous), `n` is [`fixed(n)`](fixed).
pub struct Buffer<T>(pub(crate) Option<Kind<T>>);

pub(crate) enum Kind<T> {
    Ring {
        items: Ring<T>,
        capacity: usize,
        when_full: WhenFull,
    },
    Promise {
        value: Option<Shared<T>>,
        clone: fn(&T) -> T,
    },
    Custom(Custom<T>),
    /// One of the others, behind a transducer.
    Xform(Box<Xform<T>>),
}

/// The value of a promise buffer, with the way to clone it.
pub(crate) struct Shared<T> {
    value: Arc<T>,
    clone: fn(&T) -> T,
}

impl<T> Shared<T> {
    /// A clone of the value. User code: not under a lock.
    pub(crate) fn get(&self) -> T {
        (self.clone)(&self.value)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self {
            value: Arc::clone(&self.value),
            clone: self.clone,
        }
    }
}

/// A policy of the user's. It runs under the channel's lock, in the middle of moves between the queues,
/// so a panic is caught at once and kept; the operation goes on with it when the lock is free.
pub(crate) struct Custom<T> {
    policy: Box<dyn BufferPolicy<T>>,
    panic: Cell<Option<Box<dyn Any + Send>>>,
}

impl<T> Custom<T> {
    /// What `call` gives, or `or` if it panics.
    fn guard<R>(panic: &Cell<Option<Box<dyn Any + Send>>>, or: R, call: impl FnOnce() -> R) -> R {
        catch_unwind(AssertUnwindSafe(|| at_once(call))).unwrap_or_else(|payload| {
            match panic.take() {
                // A second panic of one operation: the first tells more. (To drop what it carries may panic
                // as well.)
                Some(first) => {
                    panic.set(Some(first));
                    let dropped = catch_unwind(AssertUnwindSafe(|| drop(payload)));
                    let _leaked = ManuallyDrop::new(dropped);
                }
                None => panic.set(Some(payload)),
            }
            or
        })
    }

    pub(crate) fn take_panic(&self) -> Option<Box<dyn Any + Send>> {
        self.panic.take()
    }

    pub(crate) fn has_panicked(&self) -> bool {
        let panic = self.panic.take();
        let has = panic.is_some();
        self.panic.set(panic);
        has
    }

    /// A policy that panics is empty, so that nobody asks further.
    fn is_empty(&self) -> bool {
        Self::guard(&self.panic, true, || self.policy.is_empty())
    }

    /// A policy that panics is full.
    fn is_full(&self) -> bool {
        Self::guard(&self.panic, true, || self.policy.is_full())
    }

    fn add(&mut self, value: T) -> Option<T> {
        Self::guard(&self.panic, None, || self.policy.add(value))
    }

    pub(crate) fn remove(&mut self) -> Option<T> {
        Self::guard(&self.panic, None, || self.policy.remove())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenFull {
    Park,
    DropOldest,
    DropNewest,
}

impl<T> Buffer<T> {
    /// A buffer that follows a policy of your own.
    ///
    /// ```
    /// use csp::{prelude::*, BufferPolicy};
    /// /// Holds the greatest value seen.
    /// struct Greatest(Option<u32>);
    /// impl BufferPolicy<u32> for Greatest {
    ///     fn len(&self) -> usize { usize::from(self.0.is_some()) }
    ///     fn is_full(&self) -> bool { false }
    ///     fn add(&mut self, value: u32) -> Option<u32> {
    ///         match self.0 {
    ///             Some(old) if old >= value => Some(value),
    ///             _ => self.0.replace(value),
    ///         }
    ///     }
    ///     fn remove(&mut self) -> Option<u32> { self.0.take() }
    /// }
    /// let (tx, rx) = chan(Buffer::custom(Greatest(None)));
    /// for n in [3, 9, 4] { tx.try_put(n).unwrap(); }
    /// assert_eq!(rx.try_take(), Ok(9));
    /// ```
    pub fn custom(policy: impl BufferPolicy<T> + 'static) -> Self {
        Self(Some(Kind::Custom(Custom {
            policy: Box::new(policy),
            panic: Cell::new(None),
        })))
    }

    #[track_caller]
    fn ring(capacity: usize, when_full: WhenFull) -> Self {
        let size = size_of::<T>().max(1);
        assert!(
            capacity
                .checked_mul(size)
                .is_some_and(|bytes| isize::try_from(bytes).is_ok()),
            "channel capacity {capacity} is out of range: with values of {size} bytes at most {} fit \
             into memory",
            isize::MAX as usize / size,
        );
        // Room for small buffers at once, so that puts do not allocate; big ones grow as needed.
        let at_once = capacity.min(4096 / size + 1);
        let items = Ring::with_capacity(at_once);
        Self(Some(Kind::Ring {
            items,
            capacity,
            when_full,
        }))
    }
}

/// A buffer of `n` values; a put parks when it is full. `fixed(0)` is none: a rendezvous.
///
/// # Panics
/// If `n` values do not fit into the address space.
#[track_caller]
pub fn fixed<T>(n: usize) -> Buffer<T> {
    if n == 0 {
        Buffer(None)
    } else {
        Buffer::ring(n, WhenFull::Park)
    }
}

/// A buffer that keeps the newest `n` values: a put always succeeds, and drops the oldest when full.
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = chan(sliding(2));
/// for n in 1..=5 { tx.try_put(n).unwrap(); }
/// drop(tx);
/// assert_eq!(rx.into_iter().collect::<Vec<_>>(), [4, 5]);
/// ```
///
/// # Panics
/// If `n` is 0 (it would keep nothing) or out of range.
#[track_caller]
pub fn sliding<T>(n: usize) -> Buffer<T> {
    assert!(
        n > 0,
        "sliding(0) would keep nothing: give it a capacity of 1 or more"
    );
    Buffer::ring(n, WhenFull::DropOldest)
}

/// A buffer that keeps the oldest `n` values: a put always succeeds, and its value is dropped when full.
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = chan(dropping(2));
/// for n in 1..=5 { tx.try_put(n).unwrap(); }
/// drop(tx);
/// assert_eq!(rx.into_iter().collect::<Vec<_>>(), [1, 2]);
/// ```
///
/// # Panics
/// If `n` is 0 (it would keep nothing) or out of range.
#[track_caller]
pub fn dropping<T>(n: usize) -> Buffer<T> {
    assert!(
        n > 0,
        "dropping(0) would keep nothing: give it a capacity of 1 or more"
    );
    Buffer::ring(n, WhenFull::DropNewest)
}

/// A buffer that keeps the first value for ever: every take gets a clone of it, also after close.
/// Later puts succeed and their values are dropped. core.async's `promise-chan`.
///
/// The clones are made outside the channel's lock.
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = chan(promise_buffer());
/// tx.try_put("first").unwrap();
/// tx.try_put("second").unwrap();
/// tx.close();
/// assert_eq!((rx.try_take(), rx.try_take()), (Ok("first"), Ok("first")));
/// ```
pub fn promise_buffer<T: Clone + Send + Sync>() -> Buffer<T> {
    Buffer(Some(Kind::Promise {
        value: None,
        clone: T::clone,
    }))
}

impl<T> From<usize> for Buffer<T> {
    #[track_caller]
    fn from(n: usize) -> Self {
        fixed(n)
    }
}

impl<T> Kind<T> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Ring { items, .. } => items.len(),
            Self::Promise { value, .. } => usize::from(value.is_some()),
            Self::Custom(custom) => at_once(|| custom.policy.len()),
            Self::Xform(xform) => xform.len(),
        }
    }

    pub(crate) fn capacity(&self) -> Option<usize> {
        match self {
            Self::Ring { capacity, .. } => Some(*capacity),
            Self::Promise { .. } => Some(1),
            Self::Custom(custom) => at_once(|| custom.policy.capacity()),
            Self::Xform(xform) => xform.base().capacity(),
        }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Ring { items, .. } => items.is_empty(),
            Self::Promise { value, .. } => value.is_none(),
            _ => self.is_empty_at_length(),
        }
    }

    // Apart, so that the common cases are inlined.
    #[cold]
    fn is_empty_at_length(&self) -> bool {
        match self {
            Self::Custom(custom) => custom.is_empty(),
            Self::Xform(xform) => xform.is_empty(),
            _ => self.is_empty(),
        }
    }

    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::Ring {
                items,
                capacity,
                when_full: WhenFull::Park,
            } => items.len() >= *capacity,
            Self::Ring { .. } | Self::Promise { .. } => false,
            _ => self.is_full_at_length(),
        }
    }

    #[cold]
    fn is_full_at_length(&self) -> bool {
        match self {
            Self::Custom(custom) => custom.is_full(),
            Self::Xform(xform) => !xform.has_room(),
            _ => self.is_full(),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Ring {
                when_full: WhenFull::Park,
                ..
            } => "fixed",
            Self::Ring {
                when_full: WhenFull::DropOldest,
                ..
            } => "sliding",
            Self::Ring {
                when_full: WhenFull::DropNewest,
                ..
            } => "dropping",
            Self::Promise { .. } => "promise",
            Self::Custom(_) => "custom",
            Self::Xform(xform) => xform.base().name(),
        }
    }

    /// True if a policy of the user's is in it.
    pub(crate) fn is_custom(&self) -> bool {
        match self {
            Self::Custom(_) => true,
            Self::Xform(xform) => xform.base().is_custom(),
            _ => false,
        }
    }

    /// Gives up all values, to be dropped without the lock, and stays. A custom buffer cannot.
    pub(crate) fn empty(&mut self) -> Option<Self> {
        match self {
            Self::Ring {
                items,
                capacity,
                when_full,
            } => Some(Self::Ring {
                items: std::mem::take(items),
                capacity: *capacity,
                when_full: *when_full,
            }),
            Self::Promise { value, clone } => Some(Self::Promise {
                value: value.take(),
                clone: *clone,
            }),
            Self::Custom(_) => None,
            Self::Xform(xform) => xform.empty().map(|xform| Self::Xform(Box::new(xform))),
        }
    }

    /// What holds the values: the buffer behind a transducer, or this.
    pub(crate) fn base(&mut self) -> &mut Self {
        match self {
            Self::Xform(xform) => xform.base_mut(),
            kind => kind,
        }
    }

    /// The value of a promise buffer that has one: it stays, to be cloned without the lock.
    pub(crate) fn shared(&mut self) -> Option<&Shared<T>> {
        match self.base() {
            Self::Promise { value, .. } => value.as_ref(),
            _ => None,
        }
    }

    /// Gives out the next value, of a buffer that does not share it.
    pub(crate) fn remove(&mut self) -> Option<T> {
        match self {
            Self::Ring { items, .. } => items.pop_front(),
            Self::Custom(custom) => custom.remove(),
            Self::Promise { .. } => None,
            Self::Xform(xform) => xform.remove(),
        }
    }

    /// The panic of a custom policy.
    pub(crate) fn take_panic(&mut self) -> Option<Box<dyn Any + Send>> {
        match self {
            Self::Custom(custom) => custom.take_panic(),
            Self::Xform(xform) => xform.base_mut().take_panic(),
            _ => None,
        }
    }

    /// Takes a value in, when not full. Gives out the one that goes.
    #[inline]
    pub(crate) fn add(&mut self, value: T) -> Option<T> {
        match self {
            Self::Ring {
                items,
                capacity,
                when_full,
            } => {
                if items.len() < *capacity {
                    items.push_back(value);
                    return None;
                }
                if *when_full == WhenFull::DropOldest {
                    let oldest = items.pop_front();
                    items.push_back(value);
                    return oldest;
                }
                Some(value)
            }
            Self::Promise {
                value: first,
                clone,
            } => {
                if first.is_some() {
                    return Some(value);
                }
                *first = Some(Shared {
                    value: Arc::new(value),
                    clone: *clone,
                });
                None
            }
            Self::Custom(custom) => custom.add(value),
            // Values come to it through its transducer.
            Self::Xform(xform) => xform.base_mut().add(value),
        }
    }
}

impl<T> fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => f.write_str("Buffer(rendezvous)"),
            Some(kind) => match kind.capacity() {
                Some(capacity) => write!(f, "Buffer({} {}/{capacity})", kind.name(), kind.len()),
                None => write!(f, "Buffer({} {})", kind.name(), kind.len()),
            },
        }
    }
}
