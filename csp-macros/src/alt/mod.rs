//! `alt!` and `alt_blocking!`: waits for one of several operations, and runs
//! the arm of the one that happened.
//!
//! The operations are one expression, so that exactly one of them commits; the
//! arms become the arms of a plain `match` on what happened, so that `break`,
//! `?`, park points and arms that never return work as in any `match`.

mod arm;
mod emit;
mod head;
mod parse;
mod pattern;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

use crate::call::split_choice;
use crate::errors;
use crate::op::split_site;
use arm::Action;

/// More arms than this have no enum to tell them apart by.
pub(crate) const MAX_ARMS: usize = 16;

/// Expands `[R] [park|block] (@site(EXPR))? body`.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let choice = match split_choice(input) {
        Ok(choice) => choice,
        Err(error) => return error.to_compile_error(),
    };
    let alt = parse::parse(choice.body.clone());
    if alt.arms.is_empty() || alt.arms.len() > MAX_ARMS {
        return errors::only(&alt.errors);
    }
    emit::emit(&choice, &alt)
}

/// The parts of an `alt!` that are expressions, for `go!` to check.
pub(crate) fn expressions(body: &TokenStream) -> Vec<TokenStream> {
    let alt = parse::parse(split_site(body.clone()).1);
    let mut parts = Vec::new();
    for arm in alt.arms {
        match arm.operation.action {
            Action::Take { chan } => parts.push(chan),
            Action::Put { chan, value } => parts.extend([chan, value.tokens()]),
            Action::Park { future } => parts.push(future),
        }
        parts.extend(arm.guard);
        parts.push(arm.body);
    }
    let handlers = alt.unmatched.map(|unmatched| unmatched.body);
    parts.extend(handlers.into_iter().chain(alt.default));
    parts
}
