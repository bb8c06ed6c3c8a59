//! `flow!`: a block whose bindings run at once, each as soon as those that it
//! names are there.
//!
//! It means what the async block of the same statements means, but for the
//! order. Each statement is an arm: an async block of its own, which reads the
//! values it names through cells in the frame of the flow and leaves its own
//! there. All arms are polled in the order of the source: a dependent stands
//! after what it waits for, so that one pass sees everything, and no arm has to
//! wake another.

mod emit;
mod names;
mod parse;
mod plan;
mod statement;
#[cfg(test)]
mod tests;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::Error;

use crate::call::{hygienic, split_runtime};
use statement::Statement;

/// Expands `[R] statements`, or `[R] async move { statements }`.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let (runtime, tokens) = match split_runtime(input) {
        Ok(parts) => parts,
        Err(error) => return error.to_compile_error(),
    };
    let (header, block) = form(tokens);
    if block.is_empty() {
        let message =
            "this flow does nothing: `flow! { let a = f().await; let b = g().await; (a, b) }`";
        return Error::new(Span::call_site(), message).to_compile_error();
    }
    emit::emit(&runtime, &header, &parse::parse(block))
}

/// The parts of a `flow!` that are code, for `go!` to check.
pub(crate) fn expressions(tokens: TokenStream) -> Vec<TokenStream> {
    let flow = parse::parse(form(tokens).1);
    let mut parts = Vec::new();
    for statement in flow.statements {
        match statement {
            Statement::Let(binding) => parts.extend([binding.value, binding.otherwise]),
            Statement::Plain(code) | Statement::Detach { code, .. } => parts.push(code),
        }
    }
    parts.extend(flow.body);
    parts
}

/// Takes `{ … }`, `async { … }`, `move { … }` or `async move { … }` apart; anything else is statements.
fn form(tokens: TokenStream) -> (TokenStream, TokenStream) {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    if let [TokenTree::Group(group)] = &trees[..]
        && group.delimiter() == Delimiter::None
    {
        // A `macro_rules!` fragment: `flow!($block)`.
        return form(group.stream());
    }
    let span = hygienic(trees.first().map_or_else(Span::call_site, TokenTree::span));
    let borrowing = quote_spanned! { span=> async };
    let [words @ .., TokenTree::Group(block)] = &trees[..] else {
        return (borrowing, tokens);
    };
    if block.delimiter() != Delimiter::Brace {
        return (borrowing, tokens);
    }
    let spelled: Vec<String> = words.iter().map(ToString::to_string).collect();
    let spelled: Vec<&str> = spelled.iter().map(String::as_str).collect();
    match spelled[..] {
        [] | ["async"] => (borrowing, block.stream()),
        ["move"] | ["async", "move"] => (quote_spanned! { span=> async move }, block.stream()),
        _ => (borrowing, tokens),
    }
}
