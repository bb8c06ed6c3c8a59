//! Which names code speaks of, as far as tokens tell.
//!
//! Too many are harmless: an arm then waits for what it does not need. Too few
//! would leave an arm without a value it needs, so that inside of macros, where
//! tokens may come to mean anything, every word counts.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::Pat;
use syn::ext::IdentExt;
use syn::visit::{self, Visit};

use super::statement::Name;
use crate::tokens::is_punct;

/// The words in `code` that may be variables.
pub(super) fn words(code: &[&TokenStream]) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for tokens in code {
        collect(tokens, false, &mut words);
    }
    words
}

/// A name as it is compared: `r#type` is `type`, as a format string has it.
pub(super) fn plain(name: &Ident) -> String {
    name.unraw().to_string()
}

fn collect(tokens: &TokenStream, in_macro: bool, words: &mut BTreeSet<String>) {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    for (at, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Ident(name) if in_macro || is_variable(&trees, at) => {
                words.insert(plain(name));
            }
            TokenTree::Group(group) => {
                let in_macro = in_macro || is_call(&trees[..at]);
                collect(&group.stream(), in_macro, words);
            }
            TokenTree::Literal(literal) if in_macro => captures(&literal.to_string(), words),
            TokenTree::Ident(_) | TokenTree::Literal(_) | TokenTree::Punct(_) => {}
        }
    }
}

/// Whether a macro's name and `!` stand at the end of `trees`.
fn is_call(trees: &[TokenTree]) -> bool {
    matches!(trees, [.., TokenTree::Ident(_), bang] if is_punct(bang, '!'))
}

/// Whether the word at `at` can be a variable: no field, method, or part of a
/// path, and not the name of a field in `S { name: value }`.
fn is_variable(trees: &[TokenTree], at: usize) -> bool {
    let is = |tree: Option<&TokenTree>, what| tree.is_some_and(|tree| is_punct(tree, what));
    let before = |steps: usize| at.checked_sub(steps).map(|at| &trees[at]);
    let field = is(before(1), '.') && !is(before(2), '.');
    let in_path = is(before(1), ':') && is(before(2), ':');
    // Followed by one colon or two.
    let named = is(trees.get(at + 1), ':');
    !field && !in_path && !named
}

/// What a format macro would capture: `{name…` and, as a width, `name$`.
fn captures(literal: &str, words: &mut BTreeSet<String>) {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut rest = literal;
    while let Some(start) = rest.find(is_word) {
        let (before, word) = rest.split_at(start);
        let end = word.find(|c| !is_word(c)).unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        if before.trim_end().ends_with('{') || after.starts_with('$') {
            words.insert(word.to_owned());
        }
        rest = after;
    }
}

/// The names that `pattern` binds, in order.
pub(super) fn bound(pattern: &Pat) -> Vec<Name> {
    struct Names(Vec<Name>);

    impl<'ast> Visit<'ast> for Names {
        fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
            let ident = &pattern.ident;
            let mutable = pattern.mutability.as_ref();
            // A constant, or a variant such as `None`.
            let constant = ident.to_string().starts_with(char::is_uppercase)
                && pattern.by_ref.is_none()
                && pattern.subpat.is_none()
                && mutable.is_none();
            // `A(x) | B(x)` binds one.
            let known = self.0.iter().any(|name| name.ident == *ident);
            if !known && !constant {
                self.0.push(Name {
                    ident: ident.clone(),
                    mutable: mutable
                        .filter(|_| pattern.by_ref.is_none())
                        .map(|word| Ident::new("mut", word.span)),
                });
            }
            visit::visit_pat_ident(self, pattern);
        }
    }

    let mut names = Names(Vec::new());
    names.visit_pat(pattern);
    names.0
}

/// A pattern without the `mut` of its bindings, which are for the body.
pub(super) fn without_mut(pattern: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    let mut keeps = false;
    for tree in pattern {
        // In `&mut x` and `ref mut x` it is none of the binding's.
        let mutable = matches!(&tree, TokenTree::Ident(word) if word == "mut");
        let kept_mut = mutable && keeps;
        keeps = is_punct(&tree, '&') || matches!(&tree, TokenTree::Ident(word) if word == "ref");
        match tree {
            TokenTree::Group(group) if group.delimiter() != Delimiter::None => {
                let mut inner = Group::new(group.delimiter(), without_mut(group.stream()));
                inner.set_span(group.span());
                kept.push(inner.into());
            }
            tree if !mutable || kept_mut => kept.push(tree),
            _ => {}
        }
    }
    kept.into_iter().collect()
}
