//! Gives each park point of a block its number.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::Error;

use crate::call::hygienic;
use crate::op::{Op, split_site};
use crate::tokens::{arguments, is_punct, text};

/// The static that holds a block's sites.
pub(super) const SITES: &str = "__CSP_SITES";

/// A park point.
#[derive(Debug)]
pub(super) struct Site {
    /// What is done there.
    pub(super) op: Op,
    /// What a dump shows: the channel, as the user wrote it.
    pub(super) text: String,
    /// The macro's name, which is where the park point is.
    pub(super) span: Span,
}

/// What stands before a group, if that is of interest.
enum Before {
    /// `name!`, for a macro that parks.
    Park(Op, Ident),
    /// Something whose tokens are none of this block's.
    Foreign,
    Other,
}

/// A walk through a block's tokens, in the order of the source.
///
/// They come out as they went in, but for `@site(…)` put first in the arguments
/// of each macro that parks, wherever it stands.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    /// The park points so far; a site's index is its number.
    pub(super) sites: Vec<Site>,
    /// Park points, by number, that cannot be where they are.
    pub(super) misplaced: BTreeMap<usize, Error>,
}

impl Numbering {
    /// Numbers what is in `tokens`.
    pub(super) fn stream(&mut self, tokens: TokenStream) -> TokenStream {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let mut numbered = Vec::with_capacity(trees.len());
        for (at, tree) in trees.iter().enumerate() {
            let TokenTree::Group(group) = tree else {
                numbered.push(tree.clone());
                continue;
            };
            let state = self.sites.len();
            let before = before(&trees[..at]);
            numbered.push(self.group(group, &before).into());
            if let (Before::Park(..), Some(error)) = (before, self.misplaced.get(&state)) {
                replace_call(&mut numbered, error);
            }
        }
        numbered.into_iter().collect()
    }

    /// Numbers what is in the braces of a block.
    pub(super) fn block(&mut self, block: &Group) -> Group {
        self.group(block, &Before::Other)
    }

    fn group(&mut self, group: &Group, before: &Before) -> Group {
        let known = self.sites.len();
        let stream = match before {
            Before::Foreign => return group.clone(),
            Before::Other => self.stream(group.stream()),
            Before::Park(op, name) => self.arguments(group.stream(), *op, name),
        };
        // A group that is built anew has one span in place of its delimiters'
        // two, so one without park points is better left alone.
        if self.sites.len() == known {
            return group.clone();
        }
        let mut numbered = Group::new(group.delimiter(), stream);
        numbered.set_span(group.span());
        numbered
    }

    fn arguments(&mut self, stream: TokenStream, op: Op, name: &Ident) -> TokenStream {
        if split_site(stream.clone()).0.is_some() {
            return self.stream(stream);
        }
        let span = hygienic(name.span());
        let state = Literal::usize_unsuffixed(self.sites.len());
        let table = Ident::new(SITES, span);
        self.sites.push(Site {
            op,
            text: site_text(&stream, op, name),
            span: name.span(),
        });
        let stream = self.stream(stream);
        quote_spanned! { span=> @site(&#table[#state]) #stream }
    }
}

/// The number in the `@site(…)` that a macro's arguments begin with.
pub(super) fn state_of(arguments: &TokenStream) -> Option<usize> {
    let site = split_site(arguments.clone()).0?;
    match site.into_iter().last()? {
        TokenTree::Group(index) => index.stream().to_string().parse().ok(),
        _ => None,
    }
}

fn site_text(stream: &TokenStream, op: Op, name: &Ident) -> String {
    match op {
        Op::Alt => name.to_string(),
        Op::Take | Op::Put | Op::Park => arguments(stream).first().map(text).unwrap_or_default(),
    }
}

/// Looks back from a group.
///
/// A nested `go!` numbers itself. What a `macro_rules!` defines may be matched
/// or expanded anywhere, and inside a `mod` the block's statics have no name.
fn before(trees: &[TokenTree]) -> Before {
    match trees {
        [.., TokenTree::Ident(name), bang] if is_punct(bang, '!') => match Op::of_macro(name) {
            Some(op) => Before::Park(op, name.clone()),
            None if name == "go" => Before::Foreign,
            None => Before::Other,
        },
        [.., TokenTree::Ident(word), bang, TokenTree::Ident(_)]
            if word == "macro_rules" && is_punct(bang, '!') =>
        {
            Before::Foreign
        }
        [.., TokenTree::Ident(word), TokenTree::Ident(_)] if word == "mod" => Before::Foreign,
        _ => Before::Other,
    }
}

/// Puts an error where the macro call at the end of `trees` is.
///
/// The call stays, for an editor to complete, but inside an async block that
/// nobody runs: otherwise rustc would report its `.await` a second time.
fn replace_call(trees: &mut Vec<TokenTree>, error: &Error) {
    let mut start = trees.len().saturating_sub(3);
    while let Some([.., TokenTree::Ident(_), colon, other]) = trees.get(..start)
        && is_punct(colon, ':')
        && is_punct(other, ':')
    {
        start -= 3;
    }
    let call: TokenStream = trees.drain(start..).collect();
    let (span, error) = (hygienic(error.span()), error.to_compile_error());
    let tokens = quote_spanned! { span=> { let _ = async { #call }; #error } };
    let mut group = Group::new(Delimiter::Parenthesis, tokens);
    group.set_span(span);
    trees.push(group.into());
}
