//! What can go wrong on the way. Values come back.

use std::{error::Error, fmt, iter};

use csp_core::Cause;

/// Why [`pipe`](super::pipe) did not move everything.
///
/// ```
/// use csp::{ops, prelude::*};
///
/// let (to, out) = chan(0);
/// let pipe = ops::pipe(ops::to_chan(1..=3), to);
/// assert_eq!(out.take_blocking(), Some(1));
/// drop(out);
/// let error = pipe.wait()?.unwrap_err();
/// assert!(error.is_closed());
/// # let two = error.into_inner();
/// # assert!(two.is_none() || two == Some(2)); // was 2 taken already?
/// # Ok::<(), Failure>(())
/// ```
pub enum PipeError<T> {
    /// The target closed first. Inside is the value that was on its way, if one was; the others are
    /// still in the source.
    Closed(Option<T>),
    /// The source [failed](csp_core::Sender::fail), for this reason. All that it gave was moved.
    Failed(Cause),
}

impl<T> PipeError<T> {
    /// Gives the value back that was on its way, if one was.
    pub fn into_inner(self) -> Option<T> {
        match self {
            Self::Closed(value) => value,
            Self::Failed(_) => None,
        }
    }

    /// True if the target closed first.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }

    /// Why the source failed, if it did.
    pub fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Closed(_) => None,
            Self::Failed(cause) => Some(cause),
        }
    }
}

impl<T> fmt::Debug for PipeError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed(Some(_)) => f.write_str("Closed(Some(..))"),
            Self::Closed(None) => f.write_str("Closed(None)"),
            Self::Failed(cause) => f.debug_tuple("Failed").field(cause).finish(),
        }
    }
}

impl<T> fmt::Display for PipeError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed(_) => f.write_str("the target channel closed before the source had ended"),
            Self::Failed(cause) => write!(f, "the source channel failed: {cause}"),
        }
    }
}

impl<T> Error for PipeError<T> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause().map(|cause| &**cause as _)
    }
}

/// The channel [failed](csp_core::Sender::fail) instead of coming to its end: what was made of its values
/// until then, and the cause.
///
/// ```
/// use csp::{ops, prelude::*};
///
/// let (tx, rx) = chan(3);
/// tx.put_blocking(1).unwrap();
/// tx.put_blocking(2).unwrap();
/// tx.fail("the disk is full");
/// let error = ops::reduce(rx, 0, |sum, n| sum + n).wait()?.unwrap_err();
/// assert_eq!(error.so_far, 3);
/// assert_eq!(error.to_string(), "the source channel failed: the disk is full");
/// # Ok::<(), Failure>(())
/// ```
pub struct SourceFailed<S> {
    /// The result, as far as it came.
    pub so_far: S,
    /// Why the channel failed.
    pub cause: Cause,
}

impl<S> fmt::Debug for SourceFailed<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceFailed")
            .field("cause", &self.cause)
            .finish_non_exhaustive()
    }
}

impl<S> fmt::Display for SourceFailed<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the source channel failed: {}", self.cause)
    }
}

impl<S> Error for SourceFailed<S> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.cause)
    }
}

/// The channel closed before [`onto_chan`](super::onto_chan) had put everything: how far it came, and
/// what is left.
///
/// ```
/// use csp::{ops::{self, Rest}, prelude::*};
///
/// let (tx, rx) = chan(0);
/// let putting = ops::onto_chan(tx, 1..=5);
/// assert_eq!((rx.take_blocking(), rx.take_blocking()), (Some(1), Some(2)));
/// drop(rx);
/// let rest: Rest<_> = putting.wait()?.unwrap_err();
/// assert_eq!(rest.put, 2);
/// assert!(rest.into_iter().eq([3, 4, 5]));
/// # Ok::<(), Failure>(())
/// ```
pub struct Rest<I: Iterator> {
    /// How many values were put.
    pub put: usize,
    /// The value that the channel refused.
    pub value: I::Item,
    /// What comes after it.
    pub rest: I,
}

impl<I: Iterator> IntoIterator for Rest<I> {
    type Item = I::Item;
    type IntoIter = iter::Chain<iter::Once<I::Item>, I>;

    /// All that was not put, in order.
    fn into_iter(self) -> Self::IntoIter {
        iter::once(self.value).chain(self.rest)
    }
}

impl<I: Iterator> fmt::Debug for Rest<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest")
            .field("put", &self.put)
            .finish_non_exhaustive()
    }
}

impl<I: Iterator> fmt::Display for Rest<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the channel closed after {} values had been put",
            self.put
        )
    }
}

impl<I: Iterator> Error for Rest<I> {}
