//! `go!`: a block as a task of its own.
//!
//! rustc lays out the states, since it alone knows types and borrows; this
//! macro does what rustc does not: it gives each park point a number and a
//! static site, so that a parked block can tell where it stands, and it says
//! what is wrong with a block in terms of blocks.
//!
//! The numbering works on tokens, so that unfinished code expands to the same
//! shape as finished code; only the checks need a block that parses.

mod blocking;
mod form;
mod lint;
mod number;
#[cfg(test)]
mod tests;

use proc_macro2::{Group, Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use crate::call::{Runtime, hygienic, split_runtime};
use crate::errors;
use form::Form;
use number::{Numbering, SITES, Site};

/// The static that stands for the whole block.
const BLOCK: &str = "__CSP_BLOCK";

/// Expands `[R] block`.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let (runtime, tokens) = match split_runtime(input) {
        Ok(parts) => parts,
        Err(error) => return error.to_compile_error(),
    };
    let form = Form::of(tokens);
    let mut numbering = Numbering::default();
    let mut block = numbering.block(&form.block);
    let findings = lint::check(&block.stream());
    if !findings.misplaced.is_empty() {
        // Once more, now that it is known which calls cannot stay.
        numbering = Numbering {
            misplaced: findings.misplaced,
            ..Numbering::default()
        };
        block = numbering.block(&form.block);
    }
    let errors: Vec<_> = form.error.into_iter().chain(findings.others).collect();

    let span = Span::mixed_site();
    let statics = statics(&runtime, &numbering.sites);
    let (header, errors) = (form.header, errors::statements(&errors));
    let block = if form.is_call {
        run_called(&runtime, &block)
    } else {
        block.into_token_stream()
    };
    let go = runtime.call("go_at", span, &quote! { __CspBlock, #header #block });
    quote_spanned! { span=>
        {
            #statics
            let __csp_go = #go;
            #errors
            __csp_go
        }
    }
}

/// Runs what a call gives, if that is a future: otherwise the block would end at once, with a future that
/// nobody runs as its value. Only types can tell, so it is a method that futures have by themselves, and
/// other values by a trait.
fn run_called(runtime: &Runtime, call: &Group) -> TokenStream {
    let span = hygienic(call.span());
    let [called, value] = ["Called", "CalledValue"].map(|name| runtime.private(name, span));
    let call = call.stream();
    quote_spanned! { span=>
        {
            use #value as _;
            #called(#call).run().await
        }
    }
}

/// The items of an expansion: the block's site, its park points', and the type
/// by which the task's vtable finds them.
fn statics(runtime: &Runtime, sites: &[Site]) -> TokenStream {
    let span = Span::mixed_site();
    let (block, table) = (Ident::new(BLOCK, span), Ident::new(SITES, span));
    let [block_site, park_site, go_site] =
        ["BlockSite", "ParkSite", "GoSite"].map(|name| runtime.private(name, span));
    let count = Literal::usize_unsuffixed(sites.len());
    let sites = (0..).zip(sites).map(|(state, site)| {
        let site = in_block(runtime, site, state, &block);
        quote! { #site, }
    });
    quote_spanned! { span=>
        static #block: #block_site = #block_site::new(
            ::core::file!(),
            ::core::line!(),
            ::core::column!(),
            ::core::module_path!(),
            &#table,
        );
        static #table: [#park_site; #count] = [#(#sites)*];
        struct __CspBlock;
        impl #go_site for __CspBlock {
            const SITE: &'static #block_site = &#block;
        }
    }
}

/// One entry of a block's table of sites.
fn in_block(runtime: &Runtime, site: &Site, state: u32, block: &Ident) -> TokenStream {
    let span = Span::mixed_site();
    let park_site = runtime.private("ParkSite", span);
    let op = runtime.private("Op", span);
    let variant = Ident::new(site.op.variant(), span);
    let (text, state) = (&site.text, Literal::u32_unsuffixed(state));
    // `Span` counts columns from 0, `column!` from 1.
    let start = site.span.start();
    let line = Literal::usize_unsuffixed(start.line);
    let column = Literal::usize_unsuffixed(start.column + 1);
    quote_spanned! { span=>
        #park_site::in_block(#op::#variant, #text, #line, #column, #state, &#block)
    }
}
