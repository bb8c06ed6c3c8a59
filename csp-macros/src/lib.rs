//! The macros behind csp's `go!`, `alt!`, `alts!`, `flow!` and `#[csp::test]`.
//!
//! Nobody calls the first four by name: the public macros are `macro_rules!` wrappers in
//! csp-core, csp-sched and csp-flow that hand over their own `$crate` as the
//! first tokens, so that every path in an expansion works through the facade,
//! through a renamed dependency and through the crates alone.
//!
//! What holds for all of them:
//!
//! 1. The user's tokens are emitted verbatim, with their own spans, also when
//!    something is wrong with them: an editor completes unfinished code only if
//!    it finds it in the expansion.
//! 2. Complaints are `compile_error!`s *beside* those tokens, never in place of
//!    all of them, and point at the token that has to change.
//! 3. A syntax error that rustc will report from the emitted tokens is left to
//!    rustc, so that nobody reads it twice.
//! 4. Local names are hygienic (`mixed_site`); items are named `__Csp…`.
#![forbid(unsafe_code)]

mod alt;
mod alts;
#[cfg(test)]
#[path = "../../fuzz/src/bytes.rs"]
mod bytes;
mod call;
mod errors;
mod flow;
#[cfg(test)]
mod fuzz;
mod go;
mod op;
mod test_attr;
#[cfg(test)]
mod testing;
mod tokens;

use proc_macro::TokenStream;

/// `go!`: numbers the park points of a block, checks it, and starts it.
#[doc(hidden)]
#[proc_macro]
pub fn go_impl(input: TokenStream) -> TokenStream {
    go::expand(input.into()).into()
}

/// `alt!` and `alt_blocking!`: one of several operations, with an arm for each.
#[doc(hidden)]
#[proc_macro]
pub fn alt_impl(input: TokenStream) -> TokenStream {
    alt::expand(input.into()).into()
}

/// `alts!` and `alts_blocking!`: one of several operations, as a value.
#[doc(hidden)]
#[proc_macro]
pub fn alts_impl(input: TokenStream) -> TokenStream {
    alts::expand(input.into()).into()
}

/// `flow!`: a block whose bindings run at once, each after those that it names.
#[doc(hidden)]
#[proc_macro]
pub fn flow_impl(input: TokenStream) -> TokenStream {
    flow::expand(input.into()).into()
}

/// A test of a concurrent program: see the facade's `csp::test`.
#[proc_macro_attribute]
pub fn test(args: TokenStream, item: TokenStream) -> TokenStream {
    test_attr::expand(args.into(), &item.into()).into()
}
