//! `alts!` and `alts_blocking!`: waits for one of several operations, and says
//! which one it was.

#[cfg(test)]
mod tests;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::Error;

use crate::alt::MAX_ARMS;
use crate::call::{Choice, split_choice};
use crate::errors;
use crate::tokens::{arguments, only_ident};

/// Expands `[R] [park|block] (@site(EXPR))? op, op, …, priority, default`.
pub(crate) fn expand(input: TokenStream) -> TokenStream {
    let choice = match split_choice(input) {
        Ok(choice) => choice,
        Err(error) => return error.to_compile_error(),
    };
    let alts = Alts::of(&choice.body);
    if alts.operations.is_empty() || alts.operations.len() > MAX_ARMS {
        return errors::only(&alts.errors);
    }
    let value = alts.emit(&choice);
    if alts.errors.is_empty() {
        return value;
    }
    let errors = errors::statements(&alts.errors);
    quote! { { #errors #value } }
}

/// The arguments, told apart.
#[derive(Debug, Default)]
struct Alts {
    operations: Vec<TokenStream>,
    /// `priority` and `default`, as far as they are there.
    words: Vec<Ident>,
    errors: Vec<Error>,
}

impl Alts {
    fn of(body: &TokenStream) -> Self {
        let mut alts = Alts::default();
        for argument in arguments(body) {
            alts.argument(argument);
        }
        match alts.operations.get(MAX_ARMS) {
            Some(extra) => alts.errors.push(Error::new_spanned(
                extra,
                "alts! takes at most 16 operations; use an AltSet",
            )),
            None if alts.operations.is_empty() => alts.errors.push(Error::new_spanned(
                body,
                "alts! needs at least one operation or a set: `alts!(a.take(), b.put(v))`",
            )),
            None => {}
        }
        alts
    }

    fn argument(&mut self, argument: TokenStream) {
        let Some(word) = only_ident(&argument).filter(is_word) else {
            if let Some(word) = self.words.last() {
                let message = format!("`{word}` comes last: `alts!(a.take(), b.take(), {word})`");
                self.errors.push(Error::new(word.span(), message));
                self.words.clear();
            }
            self.operations.push(argument);
            return;
        };
        if self.words.contains(&word) {
            self.errors
                .push(Error::new(word.span(), format!("`{word}` is here twice")));
        }
        self.words.push(word);
    }

    fn says(&self, word: &str) -> bool {
        self.words.iter().any(|said| said == word)
    }

    fn emit(&self, choice: &Choice) -> TokenStream {
        let span = Span::mixed_site();
        let (order, site) = (choice.order(self.says("priority")), choice.site("alts"));
        let call = match &self.operations[..] {
            [set] => {
                let arguments = quote! { #set, #order, #site };
                choice.runtime.call("alts_set", span, &arguments)
            }
            operations => {
                let arguments = quote! { (#(#operations,)*), #order, #site };
                choice.runtime.call("alt", span, &arguments)
            }
        };
        choice.wait(&call, self.says("default"), "block_on_choice")
    }
}

fn is_word(argument: &Ident) -> bool {
    argument == "priority" || argument == "default"
}
