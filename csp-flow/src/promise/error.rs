//! [`Error`]: any error, in a form that can be cloned.

use std::{error::Error as StdError, fmt};

use csp_core::{Cause, Failure};

/// Any error, behind one type that can be cloned: what a promise fails with unless you say otherwise.
///
/// Everything that `Box<dyn Error + Send + Sync>` can be made of becomes one with `?` or `into()`: errors
/// of any type, texts, boxed errors, and the [`Failure`] of another promise. Many readers of one
/// [`Shared`](super::Shared) get the same error, as the clones have one in common.
///
/// ```
/// use csp::Error;
/// fn parse(text: &str) -> Result<u16, Error> {
///     if text.is_empty() {
///         return Err("nothing to parse".into());
///     }
///     Ok(text.parse()?)
/// }
/// assert_eq!(parse("").unwrap_err().to_string(), "nothing to parse");
/// let error = parse("x").unwrap_err();
/// assert!(error.clone().is::<std::num::ParseIntError>());
/// ```
///
/// It is not itself a `std::error::Error` (it could not be made of any, then);
/// [`as_std`](Self::as_std) is, and `?` makes a `Box<dyn Error>` of it, which `main` may return:
///
/// ```
/// fn run() -> Result<(), Box<dyn std::error::Error>> {
///     Err(csp::Error::from("no disk"))?;
///     Ok(())
/// }
/// assert_eq!(run().unwrap_err().to_string(), "no disk");
/// ```
///
/// Manifold and Task have the platform's exceptions here.
#[derive(Clone)]
pub struct Error(Cause);

impl Error {
    /// The error inside.
    pub fn as_std(&self) -> &(dyn StdError + Send + Sync + 'static) {
        &*self.0
    }

    /// True if the error is of that type.
    pub fn is<X: StdError + 'static>(&self) -> bool {
        self.0.is::<X>()
    }

    /// The error, if it is of that type.
    pub fn downcast_ref<X: StdError + 'static>(&self) -> Option<&X> {
        self.0.downcast_ref()
    }

    /// The error as the cause that channels [fail](csp_core::Sender::fail) with.
    pub fn into_cause(self) -> Cause {
        self.0
    }
}

impl<X: Into<Box<dyn StdError + Send + Sync>>> From<X> for Error {
    fn from(error: X) -> Self {
        let boxed = match error.into().downcast::<Failure<Self>>() {
            // A failure that is nothing but an error of ours.
            Ok(failure) => match *failure {
                Failure::Error(error) => return error,
                other => Box::<dyn StdError + Send + Sync>::from(other),
            },
            Err(boxed) => boxed,
        };
        match boxed.downcast::<Cause>() {
            Ok(cause) => Self(*cause),
            Err(boxed) => Self(boxed.into()),
        }
    }
}

// Not for `Box<dyn Error + Send + Sync>`: the impl above would make an `Error` of an `Error` then.
impl From<Error> for Box<dyn StdError> {
    fn from(error: Error) -> Self {
        error.0.into()
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
