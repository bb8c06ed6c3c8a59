//! What the `macro_rules!` wrappers pass along before the user's own tokens.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::Error;

use crate::op::{Op, split_site};

/// How a choice waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// In async code: the block parks.
    Park,
    /// On a thread of its own: the thread stops.
    Block,
}

/// The crate that the runtime's paths start from: the wrapper's `$crate`.
#[derive(Debug)]
pub(crate) struct Runtime(TokenStream);

impl Runtime {
    /// The path of a private runtime item.
    ///
    /// `place` is what rustc underlines when the item does not fit. All tokens
    /// get one span, which resolves as the wrapper's `$crate` does: from spans
    /// of several expansions rustc would make up one of the whole macro call.
    pub(crate) fn private(&self, name: &str, place: Span) -> TokenStream {
        let span = self.span().located_at(place);
        let name = Ident::new(name, span);
        let root = self.0.clone().into_iter().map(|mut tree| {
            tree.set_span(tree.span().located_at(place));
            tree
        });
        quote_spanned! { span=> #(#root)*::__private::#name }
    }

    /// A call of a private runtime function.
    pub(crate) fn call(&self, name: &str, place: Span, arguments: &TokenStream) -> TokenStream {
        let span = self.span().located_at(place);
        let function = self.private(name, place);
        quote_spanned! { span=> #function(#arguments) }
    }

    fn span(&self) -> Span {
        let first = self.0.clone().into_iter().next();
        first.map_or_else(Span::mixed_site, |tree| tree.span())
    }

    /// A `&'static ParkSite` made on the spot, for an operation outside `go!`.
    pub(crate) fn site(&self, op: Op, text: &TokenStream) -> TokenStream {
        let (root, op) = (&self.0, Ident::new(op.variant(), Span::mixed_site()));
        quote! { #root::__site!(#op, #text) }
    }
}

/// A span with the user's position and the macro's own name resolution.
pub(crate) fn hygienic(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// A call of `alt_impl!` or `alts_impl!`, taken apart.
#[derive(Debug)]
pub(crate) struct Choice {
    /// Where the paths start.
    pub(crate) runtime: Runtime,
    /// Park or block.
    pub(crate) mode: Mode,
    /// The site that `go!` gave this choice.
    pub(crate) site: Option<TokenStream>,
    /// What the user wrote.
    pub(crate) body: TokenStream,
}

/// Splits `[R] tokens`.
pub(crate) fn split_runtime(input: TokenStream) -> syn::Result<(Runtime, TokenStream)> {
    let mut trees = input.into_iter();
    let root = bracketed(trees.next())?;
    Ok((Runtime(root), trees.collect()))
}

/// Splits `[R] [park|block] (@site(EXPR))? tokens`.
pub(crate) fn split_choice(input: TokenStream) -> syn::Result<Choice> {
    let (runtime, rest) = split_runtime(input)?;
    let mut trees = rest.into_iter();
    let mode = match bracketed(trees.next())?.to_string().as_str() {
        "block" => Mode::Block,
        _ => Mode::Park,
    };
    let (site, body) = split_site(trees.collect());
    Ok(Choice {
        runtime,
        mode,
        site,
        body,
    })
}

impl Choice {
    /// The site of the choice as a whole; `name` is what a dump shows.
    pub(crate) fn site(&self, name: &str) -> TokenStream {
        let name = Ident::new(name, Span::mixed_site());
        self.site
            .clone()
            .unwrap_or_else(|| self.runtime.site(Op::Alt, &quote!(#name)))
    }

    /// `operation`, waited for: parked on, blocked on by the function of this name, or tried once.
    pub(crate) fn wait(&self, operation: &TokenStream, now: bool, block_on: &str) -> TokenStream {
        let span = Span::mixed_site();
        if now {
            return quote_spanned! { span=> #operation.now() };
        }
        match self.mode {
            Mode::Park => quote_spanned! { span=> #operation.await },
            // (Where it is made, since an alts over many arms is long. Its temporaries end with the statement: the arms'
            // bodies may use what it borrowed.)
            Mode::Block => {
                let pinned = quote_spanned! { span=> ::core::pin::pin!(#operation) };
                let call = self.runtime.call(block_on, span, &pinned);
                quote_spanned! { span=> { let __result = #call; __result } }
            }
        }
    }

    /// The order in which ready arms are chosen.
    pub(crate) fn order(&self, priority: bool) -> TokenStream {
        let order = self.runtime.private("Order", Span::mixed_site());
        if priority {
            quote! { #order::Priority }
        } else {
            quote! { #order::Random }
        }
    }
}

/// The tokens of a `[…]` that a wrapper has put first.
fn bracketed(tree: Option<TokenTree>) -> syn::Result<TokenStream> {
    match tree {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
            Ok(group.stream())
        }
        other => Err(Error::new(
            other.map_or_else(Span::call_site, |tree| tree.span()),
            "this macro is internal to csp: use `go!`, `alt!`, `alts!` or `flow!`",
        )),
    }
}
