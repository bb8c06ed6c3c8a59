//! `#[csp::test]`: a test whose body runs in a simulation, or on a runtime of
//! its own.
//!
//! The function stays as it is written, inside one that the test harness calls
//! and that hands it to the library: an attribute has no `$crate`, so the path
//! to the library is `::csp`, or what `crate = …` says.

mod options;
#[cfg(test)]
mod tests;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, ItemFn, ReturnType, Type};

use crate::errors;
use options::Options;

/// Expands `#[csp::test(args)] item`.
pub(crate) fn expand(args: TokenStream, item: &TokenStream) -> TokenStream {
    let (options, mut errors) = Options::parse(args);
    let Ok(mut function) = syn::parse2::<ItemFn>(item.clone()) else {
        errors.push(Error::new(
            item.clone()
                .into_iter()
                .next()
                .map_or_else(Span::call_site, |first| first.span()),
            "`#[csp::test]` goes on a function: `#[csp::test] async fn name() { … }`",
        ));
        let errors = errors::statements(&errors);
        return quote! { #item #errors };
    };
    errors.extend(complaints(&function));
    if !errors.is_empty() {
        // The function stays, for the editor; it is no test.
        let errors = errors::statements(&errors);
        return quote! { #[allow(dead_code)] #function #errors };
    }

    let attributes = std::mem::take(&mut function.attrs);
    let visibility = std::mem::replace(&mut function.vis, syn::Visibility::Inherited);
    let name = function.sig.ident.clone();
    let library = options.library();
    let span = Span::mixed_site();
    let is_async = function.sig.asyncness.is_some();
    let call = if is_async {
        quote_spanned! { span=> #library::block_on(#name()) }
    } else {
        quote_spanned! { span=> #name() }
    };
    let run = match &function.sig.output {
        // (`!` stands for no value that a closure may be generic over.)
        ReturnType::Type(_, gives) if matches!(**gives, Type::Never(_)) => {
            quote_spanned! { span=> || -> () { #call; } }
        }
        _ if is_async => quote_spanned! { span=> || #call },
        _ => name.to_token_stream(),
    };
    let fields = options.fields(span);
    quote_spanned! { span=>
        #(#attributes)*
        #[::core::prelude::v1::test]
        #visibility fn #name() {
            // (A test may be `async` for the form's sake.)
            #[allow(clippy::unused_async, reason = "a test may be async without awaiting anything")]
            #function
            #library::__private::run_test(
                #library::__private::TestOptions { #fields ..#library::__private::TestOptions::NONE },
                #run,
            );
        }
    }
}

/// What a test cannot be.
fn complaints(function: &ItemFn) -> Vec<Error> {
    let signature = &function.sig;
    let mut found = Vec::new();
    let mut refuse = |at: Span, what: &str| found.push(Error::new(at, what));
    if let Some(input) = signature.inputs.first() {
        refuse(
            input.span(),
            "a test takes no arguments; make what it needs inside",
        );
    }
    if let Some(parameter) = signature.generics.params.first() {
        refuse(
            parameter.span(),
            "a test cannot be generic: nobody says with which types it is to run",
        );
    }
    if let syn::Safety::Unsafe(unsafety) = &signature.safety {
        refuse(
            unsafety.span(),
            "a test cannot be `unsafe`: write an `unsafe` block inside",
        );
    }
    for attribute in &function.attrs {
        if attribute
            .path()
            .segments
            .last()
            .is_some_and(|last| last.ident == "test")
        {
            refuse(
                attribute.path().span(),
                "`#[csp::test]` makes it a test already: leave this one out",
            );
        }
    }
    found
}
