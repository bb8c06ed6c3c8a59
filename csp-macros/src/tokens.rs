//! Looking at tokens without parsing all of them, and at their text.

use proc_macro2::{Delimiter, Ident, LineColumn, TokenStream, TokenTree};
use syn::buffer::Cursor;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Token};

/// A site's text is cut to this many characters: a dump shows it in a line.
const MAX_TEXT: usize = 60;

/// Whether `tree` is the punctuation character `what`.
pub(crate) fn is_punct(tree: &TokenTree, what: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == what)
}

/// The only token of `tokens` if it is an identifier, also inside the invisible
/// group that a `macro_rules!` fragment comes in.
pub(crate) fn only_ident(tokens: &TokenStream) -> Option<Ident> {
    let mut trees = tokens.clone().into_iter();
    match (trees.next()?, trees.next()) {
        (TokenTree::Ident(ident), None) => Some(ident),
        (TokenTree::Group(group), None) if group.delimiter() == Delimiter::None => {
            only_ident(&group.stream())
        }
        _ => None,
    }
}

/// The tokens that a parser has passed between two positions, verbatim.
pub(crate) fn between(mut begin: Cursor<'_>, end: Cursor<'_>) -> TokenStream {
    let mut trees = Vec::new();
    while begin != end {
        let Some((tree, next)) = begin.token_tree() else {
            break;
        };
        trees.push(tree);
        begin = next;
    }
    trees.into_iter().collect()
}

/// Splits a macro's arguments at the commas between expressions.
///
/// Arguments that do not parse are split at every comma outside a group: they
/// have to reach rustc, which then says what is wrong with them.
pub(crate) fn arguments(tokens: &TokenStream) -> Vec<TokenStream> {
    parse_arguments
        .parse2(tokens.clone())
        .unwrap_or_else(|_| at_commas(tokens))
}

fn parse_arguments(input: ParseStream<'_>) -> syn::Result<Vec<TokenStream>> {
    let mut found = Vec::new();
    while !input.is_empty() {
        let begin = input.cursor();
        // `put!(ch, mut value)` in an arm.
        input.parse::<Option<Token![mut]>>()?;
        input.parse::<Expr>()?;
        found.push(between(begin, input.cursor()));
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(found)
}

fn at_commas(tokens: &TokenStream) -> Vec<TokenStream> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut parts: Vec<TokenStream> = trees
        .split(|tree| is_punct(tree, ','))
        .map(|part| part.iter().cloned().collect())
        .collect();
    if parts.last().is_some_and(TokenStream::is_empty) {
        parts.pop();
    }
    parts
}

/// Whether `tokens` speak of `name`: as an identifier, or as a word of a string
/// literal, where a format macro would capture it.
pub(crate) fn mention(tokens: &TokenStream, name: &Ident) -> bool {
    let word = name.to_string();
    tokens.clone().into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => mention(&group.stream(), name),
        TokenTree::Literal(literal) => literal
            .to_string()
            .split(|c: char| !is_word(c))
            .any(|part| part == word),
        TokenTree::Punct(_) => false,
    })
}

/// The source text of `tokens` on one line, cut if it is long.
///
/// It is put together from the tokens, with a space where the source has some:
/// `Span::source_text` knows one token at a time, and nothing of tokens that
/// another macro has passed on.
pub(crate) fn text(tokens: &TokenStream) -> String {
    let mut text = Text::default();
    text.stream(tokens);
    if text.out.chars().count() <= MAX_TEXT {
        return text.out;
    }
    let kept: String = text.out.chars().take(MAX_TEXT - 1).collect();
    kept + "…"
}

#[derive(Default)]
struct Text {
    out: String,
    end: Option<LineColumn>,
}

impl Text {
    fn stream(&mut self, tokens: &TokenStream) {
        for tree in tokens.clone() {
            let span = tree.span();
            let TokenTree::Group(group) = tree else {
                self.token(&tree.to_string(), span.start(), span.end());
                continue;
            };
            let (open, close) = match group.delimiter() {
                Delimiter::Parenthesis => ("(", ")"),
                Delimiter::Brace => ("{", "}"),
                Delimiter::Bracket => ("[", "]"),
                Delimiter::None => ("", ""),
            };
            self.delimiter(open, group.span_open().start(), group.span_open().end());
            self.stream(&group.stream());
            self.delimiter(close, group.span_close().start(), group.span_close().end());
        }
    }

    fn delimiter(&mut self, text: &str, start: LineColumn, end: LineColumn) {
        if !text.is_empty() {
            self.token(text, start, end);
        }
    }

    fn token(&mut self, text: &str, start: LineColumn, end: LineColumn) {
        let gap = self.end.is_some_and(|end| end < start);
        // Two words from a macro may both stand at the place of its call.
        let words = self.out.ends_with(is_word) && text.starts_with(is_word);
        if gap || words {
            self.out.push(' ');
        }
        self.out.push_str(text);
        self.end = Some(end);
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether an expression ends by itself: as a statement it needs no semicolon, as an arm's body no comma.
pub(crate) fn ends_with_brace(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Block(_)
            | Expr::Const(_)
            | Expr::ForLoop(_)
            | Expr::If(_)
            | Expr::Loop(_)
            | Expr::Match(_)
            | Expr::TryBlock(_)
            | Expr::Unsafe(_)
            | Expr::While(_)
    )
}
