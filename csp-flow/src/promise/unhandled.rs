//! Failures that nobody looked at, and who is told of them.

use std::{
    any::{Any, type_name},
    fmt,
    io::Write,
    panic::Location,
};

use csp_core::{Failure, context::complain};

use super::{Error, wake::contained};
use crate::sync::plain::{Arc, Mutex, PoisonError};

type Hook = Arc<dyn Fn(&Unhandled) + Send + Sync>;

// Plain std, also under loom: models do not look into it.
static HOOK: Mutex<Option<Hook>> = Mutex::new(None);

/// A failure that nobody looked at: the last handle of its promise is gone. See [`set_unhandled_hook`].
#[derive(Debug, Clone)]
pub struct Unhandled {
    failure: String,
    created: &'static Location<'static>,
    settled: Option<&'static Location<'static>>,
}

impl Unhandled {
    /// The failure in words. An error of a type that this library does not know is named by its type.
    pub fn failure(&self) -> &str {
        &self.failure
    }

    /// Where the promise was made.
    pub fn created(&self) -> &'static Location<'static> {
        self.created
    }

    /// Where it was settled, if by a call: of a [`Resolver`](super::Resolver) or its kin.
    pub fn settled(&self) -> Option<&'static Location<'static>> {
        self.settled
    }
}

impl fmt::Display for Unhandled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            failure, created, ..
        } = self;
        write!(
            f,
            "nobody looked at the failure of the promise made at {created}: {failure}"
        )?;
        match self.settled {
            Some(settled) => write!(f, " (settled at {settled})"),
            None => Ok(()),
        }
    }
}

/// Calls `hook` for each failure that nobody looked at, instead of writing a line to stderr. The one set
/// last counts.
///
/// A failure was looked at when an await, a wait, a step or a callback was given it. If the last handle of
/// a promise goes before, the hook is told, there and then: [`ignore`](super::Promise::ignore) says that
/// it need not be. What the aggregates give up on counts as ignored. Not told are
/// [`Cancelled`](Failure::Cancelled), since somebody asked for it, and
/// [`Panicked`](Failure::Panicked), which was shown to the
/// [panic hook](csp_core::set_panic_hook) where it happened.
///
/// ```
/// use csp::prelude::*;
/// use csp::promise::{Promise, Unhandled, set_unhandled_hook};
/// let (tx, rx) = chan(1);
/// set_unhandled_hook(move |unhandled: &Unhandled| drop(tx.try_put(unhandled.to_string())));
/// drop(Promise::<u32>::failed("out of paper"));
/// let told = rx.take_blocking().unwrap();
/// assert!(told.starts_with("nobody looked at the failure of the promise made at "));
/// assert!(told.contains(": out of paper"));
/// ```
///
/// Twisted logs "Unhandled error in Deferred" when the garbage collector finds it, JavaScript has
/// `unhandledrejection`; here it is a drop, so at a time that can be relied on.
pub fn set_unhandled_hook(hook: impl Fn(&Unhandled) + Send + Sync + 'static) {
    let new: Hook = Arc::new(hook);
    // The old hook is dropped after the lock is free.
    let _old = HOOK
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .replace(new);
}

/// A failure in words. Where the error's type is known, it is a pointer to this function for it, which
/// those keep who drop it later.
pub(super) type Describe<E> = fn(&Failure<E>) -> String;

pub(super) fn describe<E: 'static>(failure: &Failure<E>) -> String {
    match failure {
        Failure::Error(error) => text(error),
        Failure::Panicked(panic) => panic.to_string(),
        Failure::Cancelled => Failure::<Error>::Cancelled.to_string(),
        Failure::TimedOut => Failure::<Error>::TimedOut.to_string(),
        Failure::Closed => Failure::<Error>::Closed.to_string(),
        _ => Failure::<Error>::Abandoned.to_string(),
    }
}

/// `E` need not be printable; these are the ones that are met most.
fn text<E: 'static>(error: &E) -> String {
    let any: &dyn Any = error;
    if let Some(error) = any.downcast_ref::<Error>() {
        error.to_string()
    } else if let Some(error) = any.downcast_ref::<super::Indexed<Error>>() {
        error.to_string()
    } else if let Some(error) = any.downcast_ref::<super::AllFailed<Error>>() {
        error.to_string()
    } else if let Some(error) = any.downcast_ref::<std::io::Error>() {
        error.to_string()
    } else if let Some(text) = any.downcast_ref::<String>() {
        text.clone()
    } else if let Some(text) = any.downcast_ref::<&'static str>() {
        (*text).to_owned()
    } else {
        format!("an error of type {}", type_name::<E>())
    }
}

/// Tells the hook, unless the failure is one that need not be told.
#[cold]
pub(super) fn report<E>(
    failure: &Failure<E>,
    describe: Describe<E>,
    created: &'static Location<'static>,
    settled: Option<&'static Location<'static>>,
) {
    if matches!(failure, Failure::Cancelled | Failure::Panicked(_)) {
        return;
    }
    let unhandled = Unhandled {
        failure: describe(failure),
        created,
        settled,
    };
    let hook = HOOK.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let told = complain(&unhandled.to_string());
    // Whoever drops the promise is not to be unwound by the hook.
    contained(|| match hook {
        Some(hook) => hook(&unhandled),
        None if told => {}
        // There is nobody to tell if stderr is gone.
        None => drop(writeln!(std::io::stderr(), "csp: {unhandled}")),
    });
}
