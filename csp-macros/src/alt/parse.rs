//! Reads an `alt!`, past its mistakes.
//!
//! An arm is found by its `=>`, which stands in no pattern, operation or guard;
//! so one bad arm does not hide the next, and every mistake is reported at once.

use std::fmt::Display;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Error, Expr, Ident, Token};

use super::MAX_ARMS;
use super::arm::{Alt, Arm, Unmatched};
use super::head::{self, Head};
use super::pattern::Refutable;
use crate::tokens::{between, ends_with_brace};

/// Reads the tokens of an `alt!`.
pub(super) fn parse(body: TokenStream) -> Alt {
    let mut reader = Reader::default();
    let read = |input: ParseStream<'_>| {
        reader.alt(input)?;
        Ok(())
    };
    // The reader reports what it finds; what is left are tokens that cannot be
    // read as tokens, and there are none.
    if let Err(error) = Parser::parse2(read, body) {
        reader.alt.errors.push(error);
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    alt: Alt,
    /// Something was there, even if it was no arm.
    any: bool,
    /// Where `else` and `default` were, to complain about what follows them.
    seen_else: Option<Span>,
    seen_default: Option<Span>,
}

impl Reader {
    fn alt(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        self.order(input)?;
        while !input.is_empty() {
            self.any = true;
            let mut head = Vec::new();
            while !input.is_empty() && !input.peek(Token![=>]) {
                head.push(input.parse::<TokenTree>()?);
            }
            if input.is_empty() {
                let unfinished = head::unfinished(head.into_iter().collect());
                self.alt.errors.push(unfinished);
                return Ok(());
            }
            let arrow: Token![=>] = input.parse()?;
            let body = self.body(input, &arrow)?;
            self.arm(head, &arrow, body);
        }
        Ok(())
    }

    /// `priority;`
    fn order(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let ends = input.peek2(Token![;]) || input.peek2(Token![,]);
        if !input.peek(Ident) || !ends {
            return Ok(());
        }
        let word: Ident = input.parse()?;
        if word == "priority" {
            self.alt.priority = true;
        } else {
            self.complain(
                word.span(),
                format!("only `priority` may stand here, before the arms; found `{word}`"),
            );
        }
        input.parse::<TokenTree>()?;
        Ok(())
    }

    /// The tokens of an arm's body, and the comma after it.
    fn body(&mut self, input: ParseStream<'_>, arrow: &Token![=>]) -> syn::Result<TokenStream> {
        if input.is_empty() || input.peek(Token![,]) {
            input.parse::<Option<Token![,]>>()?;
            let error = Error::new(arrow.spans[0], "expected an expression after `=>`");
            // In the body's place it has any type, so nothing follows from it.
            return Ok(error.to_compile_error());
        }
        let fork = input.fork();
        let begin = input.cursor();
        let Ok(expr) = Expr::parse_with_earlier_boundary_rule(&fork) else {
            return unparsed_body(input);
        };
        let body = between(begin, fork.cursor());
        input.advance_to(&fork);
        if input.parse::<Option<Token![,]>>()?.is_none()
            && !input.is_empty()
            && !ends_with_brace(&expr)
        {
            self.complain(input.span(), "expected `,` between two arms of `alt!`");
        }
        Ok(body)
    }

    fn arm(&mut self, head: Vec<TokenTree>, arrow: &Token![=>], body: TokenStream) {
        let start = head.first().map_or(arrow.spans[0], TokenTree::span);
        let head = match head::parse(head.into_iter().collect(), arrow.spans[0]) {
            Ok(head) => head,
            Err(error) => return self.alt.errors.push(error),
        };
        if let (false, Some(default)) = (matches!(head, Head::Default), self.seen_default) {
            self.complain(default, "`default` must be the last arm");
            self.seen_default = None;
        }
        match head {
            Head::Arm(arm) => {
                self.operation_after_else();
                let (pattern, operation, guard) = *arm;
                self.alt.arms.push(Arm {
                    pattern,
                    operation,
                    guard,
                    body,
                });
            }
            Head::Else(_) if self.alt.unmatched.is_some() => {
                self.complain(start, "only one `else` arm: it is for all the patterns");
            }
            Head::Else(pattern) => {
                self.seen_else = Some(start);
                self.alt.unmatched = Some(Unmatched { pattern, body });
            }
            Head::Default if self.alt.default.is_some() => {
                self.complain(
                    start,
                    "only one `default` arm: there is one way not to wait",
                );
            }
            Head::Default => {
                self.seen_default = Some(start);
                self.alt.default = Some(body);
            }
        }
    }

    fn operation_after_else(&mut self) {
        if let Some(span) = self.seen_else.take() {
            self.complain(span, "`else` must come after the arms it is for");
        }
    }

    fn complain(&mut self, span: Span, message: impl Display) {
        self.alt.errors.push(Error::new(span, message));
    }

    /// What can only be said of the whole.
    fn finish(mut self) -> Alt {
        let mut errors = Vec::new();
        if let ([], []) = (&self.alt.arms[..], &self.alt.errors[..]) {
            errors.push(Error::new(
                Span::call_site(),
                "alt! needs at least one arm: `PATTERN = take!(ch) => …`",
            ));
        }
        if let Some(arm) = self.alt.arms.get(MAX_ARMS) {
            errors.push(Error::new_spanned(
                &arm.pattern.tokens,
                "alt! takes at most 16 arms; use alts! with an AltSet",
            ));
        }
        // After a bad arm: that may have been the `else`.
        if self.alt.unmatched.is_none() && self.alt.errors.is_empty() {
            let refutable = |arm: &&Arm| arm.pattern.refutable == Refutable::Yes;
            errors.extend(self.alt.arms.iter().filter(refutable).map(unmatched));
        }
        self.alt.errors.extend(errors);
        self.alt
    }
}

fn unmatched(arm: &Arm) -> Error {
    Error::new_spanned(
        &arm.pattern.tokens,
        format!(
            "this pattern does not match every outcome of `{}`; \
             add an `else` arm: it receives what did not match",
            arm.operation.text()
        ),
    )
}

/// The tokens of a body that is not finished yet: up to the next comma, or a
/// block.
fn unparsed_body(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut body = Vec::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        body.push(TokenTree::parse(input)?);
        if let [TokenTree::Group(block)] = &body[..]
            && block.delimiter() == Delimiter::Brace
        {
            break;
        }
    }
    input.parse::<Option<Token![,]>>()?;
    Ok(body.into_iter().collect())
}
