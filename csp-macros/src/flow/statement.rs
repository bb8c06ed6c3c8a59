//! What a flow is made of.

use proc_macro2::{Ident, Span, TokenStream};
use syn::Error;

/// A flow, as far as it could be read.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// `seq;`: one statement after the other.
    pub(super) sequential: bool,
    /// Items, which stand ahead of everything.
    pub(super) items: TokenStream,
    pub(super) statements: Vec<Statement>,
    /// The expression at the end.
    pub(super) body: Option<TokenStream>,
    pub(super) errors: Vec<Error>,
}

/// What runs as one arm.
#[derive(Debug)]
pub(super) enum Statement {
    /// `let PAT = EXPR;`
    Let(Box<Let>),
    /// Any other statement, with its semicolon: all that follows waits for it.
    Plain(TokenStream),
    /// `detach EXPR;`: runs beside the others, and nobody asks how it ends.
    Detach {
        /// The word itself.
        word: Ident,
        /// The expression.
        code: TokenStream,
    },
}

/// `#[attributes] let pattern: ty = value else { otherwise };`
#[derive(Debug)]
pub(super) struct Let {
    pub(super) attributes: TokenStream,
    /// The word `let`.
    pub(super) keyword: Ident,
    pub(super) pattern: TokenStream,
    /// With its colon.
    pub(super) ty: TokenStream,
    pub(super) value: TokenStream,
    /// The block after `else`, with its braces.
    pub(super) otherwise: TokenStream,
    /// Where unfinished code goes wrong.
    pub(super) semicolon: TokenStream,
    pub(super) names: Vec<Name>,
}

/// A name that a pattern binds.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) ident: Ident,
    /// `mut`, if it stands before it.
    pub(super) mutable: Option<Ident>,
}

impl Statement {
    /// All that may mention names.
    pub(super) fn code(&self) -> Vec<&TokenStream> {
        match self {
            Statement::Let(binding) => vec![&binding.value, &binding.otherwise],
            Statement::Plain(code) | Statement::Detach { code, .. } => vec![code],
        }
    }

    /// The names that it binds.
    pub(super) fn names(&self) -> &[Name] {
        match self {
            Statement::Let(binding) => &binding.names,
            Statement::Plain(_) | Statement::Detach { .. } => &[],
        }
    }

    /// Where it begins.
    pub(super) fn span(&self) -> Span {
        match self {
            Statement::Let(binding) => binding.keyword.span(),
            Statement::Plain(code) => {
                let first = code.clone().into_iter().next();
                first.map_or_else(Span::call_site, |tree| tree.span())
            }
            Statement::Detach { word, .. } => word.span(),
        }
    }
}
