//! What an `alt!` is made of.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Error;

use super::pattern::Refutable;
use crate::op::Op;
use crate::tokens::text;

/// An `alt!`, as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct Alt {
    /// Whether the first ready arm wins, rather than any of them.
    pub(super) priority: bool,
    /// The arms with operations, in order.
    pub(super) arms: Vec<Arm>,
    /// `else PAT => BODY`
    pub(super) unmatched: Option<Unmatched>,
    /// The body of `default`.
    pub(super) default: Option<TokenStream>,
    /// What could not be read, or makes no sense.
    pub(super) errors: Vec<Error>,
}

/// `PAT = op!(…), if GUARD => BODY`
#[derive(Debug)]
pub(super) struct Arm {
    pub(super) pattern: Pattern,
    pub(super) operation: Operation,
    pub(super) guard: Option<TokenStream>,
    pub(super) body: TokenStream,
}

/// A pattern, with the type that may follow it as in a `let`.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) tokens: TokenStream,
    /// Whether it is `A | B`, which a `let` wants in parentheses.
    pub(super) alternatives: bool,
    pub(super) ty: Option<TokenStream>,
    pub(super) refutable: Refutable,
}

/// What an `else` arm does with an outcome that a pattern did not match.
#[derive(Debug)]
pub(super) struct Unmatched {
    pub(super) pattern: TokenStream,
    pub(super) body: TokenStream,
}

/// `op!(@site(…) arguments)`
#[derive(Debug)]
pub(super) struct Operation {
    /// The macro's path, as written.
    pub(super) path: TokenStream,
    /// The macro's name.
    pub(super) name: Ident,
    /// The site that `go!` gave it.
    pub(super) site: Option<TokenStream>,
    pub(super) action: Action,
}

/// What an arm waits for.
#[derive(Debug)]
pub(super) enum Action {
    Take { chan: TokenStream },
    Put { chan: TokenStream, value: Value },
    Park { future: TokenStream },
}

/// What a put arm offers.
#[derive(Debug)]
pub(super) enum Value {
    /// Any expression: its value is dropped when the arm loses.
    Expr(TokenStream),
    /// A plain variable: it is there again when the arm loses.
    Variable(Ident),
    /// `mut variable`: it is assigned again when the arm loses.
    Restored(Ident),
}

impl Value {
    /// The value as an expression.
    pub(super) fn tokens(&self) -> TokenStream {
        match self {
            Value::Expr(tokens) => tokens.clone(),
            Value::Variable(name) | Value::Restored(name) => quote!(#name),
        }
    }
}

impl Operation {
    pub(super) fn op(&self) -> Op {
        match self.action {
            Action::Take { .. } => Op::Take,
            Action::Put { .. } => Op::Put,
            Action::Park { .. } => Op::Park,
        }
    }

    /// What a site shows of it: its channel, or its future.
    pub(super) fn subject(&self) -> &TokenStream {
        match &self.action {
            Action::Take { chan } | Action::Put { chan, .. } => chan,
            Action::Park { future } => future,
        }
    }

    /// The operation as the user wrote it.
    pub(super) fn text(&self) -> String {
        let subject = text(self.subject());
        match &self.action {
            Action::Put { value, .. } => {
                format!("{}!({subject}, {})", self.name, text(&value.tokens()))
            }
            _ => format!("{}!({subject})", self.name),
        }
    }
}
