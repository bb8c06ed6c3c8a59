//! The ways to write a block.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::Error;

use crate::call::hygienic;
use crate::tokens::is_punct;

/// A block, however it was written: `{ … }`, `async move { … }`, `async { … }`,
/// `move { … }`, bare statements (what is left of `go! { … }`), or a call.
#[derive(Debug)]
pub(super) struct Form {
    /// `async move`, with what the user wrote of it.
    pub(super) header: TokenStream,
    /// The braces and what is inside them.
    pub(super) block: Group,
    /// It is a call and nothing else: `go!(serve(connection))`. What is called may be an `async fn`.
    pub(super) is_call: bool,
    /// Set if this is no block at all.
    pub(super) error: Option<Error>,
}

impl Form {
    /// Recognises the form of `tokens`.
    pub(super) fn of(tokens: TokenStream) -> Self {
        let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let (words, block) = match &trees[..] {
            [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
                // A `macro_rules!` fragment: `go!($block)`.
                return Form::of(group.stream());
            }
            [words @ .., TokenTree::Group(block)]
                if block.delimiter() == Delimiter::Brace && is_header(words) =>
            {
                (words, block)
            }
            _ => return Form::statements(tokens, &trees),
        };
        Form {
            header: header(words, block.span()),
            block: block.clone(),
            is_call: false,
            error: None,
        }
    }

    fn statements(tokens: TokenStream, trees: &[TokenTree]) -> Self {
        let at = |tree: Option<&TokenTree>| tree.map_or_else(Span::call_site, TokenTree::span);
        let mut block = Group::new(Delimiter::Brace, tokens);
        // Where unfinished code goes wrong: at the brace that ends it.
        block.set_span(at(trees.last()));
        Form {
            header: header(&[], at(trees.first())),
            block,
            is_call: is_call(trees),
            error: closure(trees),
        }
    }
}

fn is_header(words: &[TokenTree]) -> bool {
    let words: Vec<String> = words.iter().map(ToString::to_string).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(words[..], [] | ["async" | "move"] | ["async", "move"])
}

/// Whether this is `path(…)`, `value.method(…)` or the like. (With `.await` behind it is none.)
fn is_call(trees: &[TokenTree]) -> bool {
    let [callee @ .., TokenTree::Group(arguments)] = trees else {
        return false;
    };
    // Types may be written out: `read::<Vec<u8>>(…)`.
    let mut depth = 0_usize;
    let mut is_part = |tree: &TokenTree| match tree {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(punct) => match punct.as_char() {
            '<' => {
                depth += 1;
                true
            }
            '>' => {
                depth = depth.saturating_sub(1);
                true
            }
            ':' | '.' => true,
            _ => depth > 0,
        },
        _ => depth > 0,
    };
    let ends_well = match callee {
        [.., TokenTree::Ident(_)] => true,
        [path @ .., last] => is_punct(last, '>') && has_turbofish(path),
        [] => false,
    };
    arguments.delimiter() == Delimiter::Parenthesis
        && ends_well
        && callee.iter().all(&mut is_part)
        && depth == 0
}

fn has_turbofish(path: &[TokenTree]) -> bool {
    path.windows(2)
        .any(|two| is_punct(&two[0], ':') && is_punct(&two[1], '<'))
}

/// `async move`, made up from the words that are there; `place` is where rustc
/// says the block is.
fn header(words: &[TokenTree], place: Span) -> TokenStream {
    let word = |name: &str| {
        let written = words.iter().find(|word| word.to_string() == name);
        written.map(ToTokens::to_token_stream)
    };
    let span = hygienic(place);
    let r#async = word("async").unwrap_or_else(|| quote_spanned! { span=> async });
    let r#move = word("move").unwrap_or_else(|| quote_spanned! { span=> move });
    [r#async, r#move].into_iter().collect()
}

/// Complains about a closure in the block's place: taken as a block it would be
/// the block's value, and its body would never run.
fn closure(trees: &[TokenTree]) -> Option<Error> {
    let bar = trees
        .iter()
        .find(|tree| !matches!(tree.to_string().as_str(), "async" | "move"))?;
    is_punct(bar, '|').then(|| {
        Error::new(
            bar.span(),
            "`go!` starts a block, not a closure: write `go!({ … })`",
        )
    })
}
