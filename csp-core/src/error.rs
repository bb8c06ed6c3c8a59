//! What can go wrong, one small type for each operation. Values always come back.

use std::{any::Any, error::Error as StdError, fmt};

use crate::{
    site::BlockSite,
    sync::plain::{Arc, Mutex, PoisonError},
};

/// The put failed because the channel is closed; the value is inside.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Closed<T>(pub T);

impl<T> Closed<T> {
    /// Gives the value back.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// Why [`try_put`](crate::Sender::try_put) did not put; the value is inside.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum TryPutError<T> {
    /// No room, and nobody waits for a value.
    Full(T),
    /// The channel is closed.
    Closed(T),
}

impl<T> TryPutError<T> {
    /// Gives the value back.
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(value) | Self::Closed(value) => value,
        }
    }

    /// True if there was no room.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// True if the channel is closed.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

impl<T> From<Closed<T>> for TryPutError<T> {
    fn from(Closed(value): Closed<T>) -> Self {
        Self::Closed(value)
    }
}

/// Why [`try_take`](crate::Receiver::try_take) gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TryTakeError {
    /// Nothing is there now.
    Empty,
    /// The channel is closed and drained: nothing will come.
    Closed,
}

impl TryTakeError {
    /// True if nothing is there now.
    pub fn is_empty(self) -> bool {
        self == Self::Empty
    }

    /// True if the channel is closed and drained.
    pub fn is_closed(self) -> bool {
        self == Self::Closed
    }
}

/// Why [`put_blocking_for`](crate::Sender::put_blocking_for) did not put; the value is inside.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum PutTimeoutError<T> {
    /// The time was over before there was room.
    Elapsed(T),
    /// The channel is closed.
    Closed(T),
}

impl<T> PutTimeoutError<T> {
    /// Gives the value back.
    pub fn into_inner(self) -> T {
        match self {
            Self::Elapsed(value) | Self::Closed(value) => value,
        }
    }

    /// True if the time was over.
    pub fn is_elapsed(&self) -> bool {
        matches!(self, Self::Elapsed(_))
    }

    /// True if the channel is closed.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }
}

/// The time was over before the operation could be done. Nothing was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Elapsed;

/// A 1025th callback was to be left pending on one side of a channel.
///
/// Callbacks hold nobody back, so their number is limited, as in core.async. The value of a put
/// is inside; name the channel with [`named`](crate::Sender::named) to see it in the message.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TooManyPending<T> {
    /// What was to be put; `()` for a take.
    pub value: T,
    pub(crate) chan: String,
}

impl<T> TooManyPending<T> {
    /// How many callbacks may be pending per side and channel.
    pub const LIMIT: usize = 1024;

    /// Gives the value back.
    pub fn into_inner(self) -> T {
        self.value
    }
}

/// Why an eventual value did not come: the block panicked, was cancelled, and so on.
///
/// One type for go blocks and promises. `E` is the error of a promise that can fail by itself; a
/// go block's failure has none (a block that returns a `Result` gives it as its value).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure<E = std::convert::Infallible> {
    /// The error it was settled with.
    Error(E),
    /// The block panicked.
    Panicked(Panicked),
    /// It was cancelled before it ended.
    Cancelled,
    /// Its time was over.
    TimedOut,
    /// Whoever should have settled it went away.
    Abandoned,
    /// The channel it waited on closed.
    Closed,
}

/// A panic that ended a go block: its message, and where the block stands in the source.
#[derive(Clone)]
pub struct Panicked(pub(crate) Arc<PanicInfo>);

pub(crate) struct PanicInfo {
    pub(crate) message: String,
    pub(crate) site: Option<BlockSite>,
    pub(crate) payload: Mutex<Option<Box<dyn Any + Send>>>,
}

impl Panicked {
    pub(crate) fn new(payload: Box<dyn Any + Send>, site: Option<BlockSite>) -> Self {
        let message = Self::message_of(&*payload).to_owned();
        let payload = Mutex::new(Some(payload));
        Self(Arc::new(PanicInfo {
            message,
            site,
            payload,
        }))
    }

    /// The message of what `catch_unwind` caught.
    ///
    /// ```
    /// use csp::Panicked;
    /// let caught = std::panic::catch_unwind(|| panic!("no disk {}", 3)).unwrap_err();
    /// assert_eq!(Panicked::message_of(&*caught), "no disk 3");
    /// assert_eq!(Panicked::from(caught).message(), "no disk 3");
    /// ```
    pub fn message_of(payload: &(dyn Any + Send)) -> &str {
        payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("a panic without a text message")
    }

    /// The panic's message.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Where the block that panicked starts, if it is a block (a callback has no site).
    pub fn site(&self) -> Option<&BlockSite> {
        self.0.site.as_ref()
    }

    /// Goes on panicking with the block's own payload, as `std::thread::scope` does. A second call
    /// panics with the message.
    ///
    /// # Panics
    /// Always: that is what it is for.
    pub fn resume(self) -> ! {
        let payload = self
            .0
            .payload
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match payload {
            Some(payload) => std::panic::resume_unwind(payload),
            None => panic!("{}", self.0.message),
        }
    }
}

/// Keeps what `catch_unwind` caught.
impl From<Box<dyn Any + Send>> for Panicked {
    fn from(payload: Box<dyn Any + Send>) -> Self {
        Self::new(payload, None)
    }
}

impl PartialEq for Panicked {
    fn eq(&self, other: &Self) -> bool {
        self.0.message == other.0.message && self.0.site == other.0.site
    }
}

impl Eq for Panicked {}

impl fmt::Debug for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Panicked")
            .field("message", &self.0.message)
            .field("site", &self.0.site)
            .finish()
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.site {
            Some(site) => write!(f, "the go block at {site} panicked: {}", self.0.message),
            None => write!(f, "panicked: {}", self.0.message),
        }
    }
}

impl<E: fmt::Display> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => error.fmt(f),
            Self::Panicked(panic) => panic.fmt(f),
            Self::Cancelled => f.write_str("cancelled"),
            Self::TimedOut => f.write_str("timed out"),
            Self::Abandoned => f.write_str("abandoned by its settler"),
            Self::Closed => f.write_str("the channel closed"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> StdError for Failure<E> {}
impl StdError for Panicked {}

/// Debug without asking it of the value, Display as a lower-case phrase, `std::error::Error`.
macro_rules! error_text {
    ($($name:ident<$t:ident> { $($variant:pat => $debug:literal, $display:literal;)+ })+) => {$(
        impl<$t> fmt::Debug for $name<$t> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($variant => $debug,)+ })
            }
        }
        impl<$t> fmt::Display for $name<$t> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($variant => $display,)+ })
            }
        }
        impl<$t> StdError for $name<$t> {}
    )+};
}

error_text! {
    Closed<T> { Closed(_) => "Closed(..)", "put on a closed channel"; }
    TryPutError<T> {
        Self::Full(_) => "Full(..)", "the channel is full";
        Self::Closed(_) => "Closed(..)", "put on a closed channel";
    }
    PutTimeoutError<T> {
        Self::Elapsed(_) => "Elapsed(..)", "no room before the time was over";
        Self::Closed(_) => "Closed(..)", "put on a closed channel";
    }
}

impl fmt::Display for TryTakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the channel is empty",
            Self::Closed => "take from a closed and drained channel",
        })
    }
}

impl StdError for TryTakeError {}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time was over")
    }
}

impl StdError for Elapsed {}

impl<T> fmt::Debug for TooManyPending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TooManyPending")
            .field("chan", &self.chan)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Display for TooManyPending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} callbacks are already pending on {}: callbacks hold nobody back, so park or block instead",
            Self::LIMIT,
            self.chan
        )
    }
}

impl<T> StdError for TooManyPending<T> {}
