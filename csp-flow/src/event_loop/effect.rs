//! What a function gives that the loop calls now and then.

use std::ops::ControlFlow;

use csp_core::Go;

use crate::promise::{Error, Promise};

/// What a beat of [`every`](super::LoopHandle::every) or a function for
/// [`at_shutdown`](super::LoopHandle::at_shutdown) may give: nothing, a result, or something to wait for.
///
/// | it gives | a ticker | a shutdown |
/// |---|---|---|
/// | `()` | beats on | goes on |
/// | `ControlFlow::Break(())` | stops | goes on |
/// | `Ok(())`, `Err(error)` | beats on; stops with the error | goes on; tells the error |
/// | [`Promise<()>`](Promise), [`Go<()>`](Go) | beats on when it is fulfilled; stops with its failure | waits for it; tells its failure |
///
/// So an async function is a beat as well: `|_| csp::promise::go_try(async move { … })`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not what a beat or a shutdown function may give",
    label = "give `()`, a `ControlFlow<()>`, a `Result<(), _>`, a `Promise<()>` or a `Go<()>`"
)]
pub trait Effect {
    #[doc(hidden)]
    fn into_after(self) -> After;
}

/// What comes after a call. Not for use: see [`Effect`].
#[doc(hidden)]
#[derive(Debug)]
pub enum After {
    Done,
    Stop,
    Failed(Error),
    Wait(Promise<(), Error>),
}

impl Effect for () {
    fn into_after(self) -> After {
        After::Done
    }
}

impl Effect for ControlFlow<()> {
    fn into_after(self) -> After {
        match self {
            ControlFlow::Continue(()) => After::Done,
            ControlFlow::Break(()) => After::Stop,
        }
    }
}

impl<E: Into<Error>> Effect for Result<(), E> {
    fn into_after(self) -> After {
        match self {
            Ok(()) => After::Done,
            Err(error) => After::Failed(error.into()),
        }
    }
}

impl Effect for Promise<(), Error> {
    fn into_after(self) -> After {
        After::Wait(self)
    }
}

impl Effect for Go<()> {
    fn into_after(self) -> After {
        After::Wait(Promise::from(self))
    }
}
