//! Emitting what is wrong with the user's code, beside that code.
//!
//! Errors are [`syn::Error`]s: made at a token, or with `new_spanned` at a run
//! of tokens, whose ends they keep apart since spans cannot be joined.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Error;

/// All errors as statements.
pub(crate) fn statements(errors: &[Error]) -> TokenStream {
    errors.iter().map(Error::to_compile_error).collect()
}

/// All errors as one expression, for when nothing else can be emitted.
///
/// A failed `compile_error!` has any type, so rustc reports nothing more about
/// the place where it stands.
pub(crate) fn only(errors: &[Error]) -> TokenStream {
    match errors {
        [one] => one.to_compile_error(),
        errors => {
            let errors = statements(errors);
            quote! { { #errors } }
        }
    }
}
