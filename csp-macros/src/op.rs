//! The operations that park, as they are spelled.

use proc_macro2::{Ident, TokenStream, TokenTree};

use crate::tokens::is_punct;

/// What a park point does; the names are those of `__private::Op`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// `take!(ch)`
    Take,
    /// `put!(ch, value)`
    Put,
    /// `park!(future)`
    Park,
    /// `alt! { … }` and `alts!(…)`
    Alt,
}

impl Op {
    /// The operation that the macro of this name is, if it parks.
    pub(crate) fn of_macro(name: &Ident) -> Option<Self> {
        Some(match name.to_string().as_str() {
            "take" => Op::Take,
            "put" => Op::Put,
            "park" => Op::Park,
            "alt" | "alts" => Op::Alt,
            _ => return None,
        })
    }

    /// The operation that an arm of `alt!` may be made of.
    pub(crate) fn of_arm(name: &Ident) -> Option<Self> {
        Self::of_macro(name).filter(|op| *op != Op::Alt)
    }

    /// The variant of `__private::Op`, and the word that `__site!` takes.
    pub(crate) fn variant(self) -> &'static str {
        match self {
            Op::Take => "Take",
            Op::Put => "Put",
            Op::Park => "Park",
            Op::Alt => "Alt",
        }
    }
}

/// Splits a leading `@site(EXPR)` off a macro's arguments.
pub(crate) fn split_site(arguments: TokenStream) -> (Option<TokenStream>, TokenStream) {
    let trees: Vec<TokenTree> = arguments.clone().into_iter().collect();
    let [
        at,
        TokenTree::Ident(word),
        TokenTree::Group(site),
        rest @ ..,
    ] = &trees[..]
    else {
        return (None, arguments);
    };
    if !is_punct(at, '@') || word != "site" {
        return (None, arguments);
    }
    (Some(site.stream()), rest.iter().cloned().collect())
}
