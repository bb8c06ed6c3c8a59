//! What holds for every expansion.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, LineColumn, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::{Block, Expr};

use super::Target;

/// Expands `call`, which is `source` behind a line of the wrapper's, and looks at the result.
#[track_caller]
pub(super) fn check(target: Target, source: &str, call: TokenStream) {
    let body = body(target, &call);
    let expansion = target.expand(call.clone());
    let about = || format!("{target:?}\n{source}\ngives\n{expansion}");

    let again = target.expand(call);
    assert!(
        expansion.to_string() == again.to_string(),
        "not the same twice: {}",
        about()
    );

    let known = errors(&body).len();
    let errors = errors(&expansion);
    // About something that is not there the call as a whole is told, and nothing else. (The fuzzer's own build
    // knows no places.)
    let has_places = body.clone().into_iter().next();
    if has_places.is_some_and(|first| first.span().start().line > 1) {
        let nowhere = errors
            .iter()
            .filter(|place| !is_in(**place, source))
            .count();
        assert!(
            nowhere == 0 || errors.len() == 1,
            "errors nowhere: {}",
            about()
        );
        assert!(
            nowhere == 0 || is_empty(target, &body),
            "an error nowhere: {}",
            about()
        );
    }
    if well_formed(target, &body) || (errors.len() == known && reads(target, &body)) {
        let parsed = syn::parse2::<Expr>(without_inner_attributes(expansion.clone()));
        assert!(
            parsed.is_ok(),
            "no expression, {:?}: {}",
            parsed.err(),
            about()
        );
    }
    // What was written is there for an editor, and for rustc to find fault with.
    if errors.len() == known {
        let mut kept = BTreeSet::new();
        words(&expansion, &mut kept);
        let mut written = BTreeSet::new();
        words(&body, &mut written);
        let lost: Vec<_> = written
            .difference(&kept)
            .filter(|word| !is_syntax(word))
            .collect();
        assert!(lost.is_empty(), "{lost:?} are lost: {}", about());
    }
    let (before, after) = (count(&body), count(&expansion));
    let limit = 400 + before * (60 + before);
    assert!(after < limit, "{before} tokens become {after}: {}", about());
}

/// Without the `#![…]` that groups begin with: syn knows them in other blocks, but not in those of `async`, where rustc takes
/// them as well.
fn without_inner_attributes(tokens: TokenStream) -> TokenStream {
    let mut trees: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |tree: Option<&TokenTree>, mark| matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == mark);
    while is(trees.first(), '#') && is(trees.get(1), '!') && trees.len() > 2 {
        trees.drain(..3);
    }
    let inside = |tree| match tree {
        TokenTree::Group(group) => {
            let inner = without_inner_attributes(group.stream());
            TokenTree::Group(Group::new(group.delimiter(), inner))
        }
        other => other,
    };
    trees.into_iter().map(inside).collect()
}

/// What the user wrote.
fn body(target: Target, call: &TokenStream) -> TokenStream {
    let wrapper = match target {
        Target::Go | Target::Flow => 1,
        Target::Alt | Target::Alts => 2,
    };
    call.clone().into_iter().skip(wrapper).collect()
}

/// Whether it is an expression by itself, so that it is one whatever the macro says about it.
fn well_formed(target: Target, body: &TokenStream) -> bool {
    let block = || {
        matches!(
            syn::parse2(body.clone()),
            Ok(Expr::Block(_) | Expr::Async(_))
        )
    };
    target == Target::Go && block()
}

/// Whether there is nothing in it that the macro is for.
fn is_empty(target: Target, body: &TokenStream) -> bool {
    match target {
        Target::Go => body.is_empty(),
        Target::Alt => !body.to_string().contains('!'),
        Target::Alts => only_words(body),
        Target::Flow => flow_block(body).is_empty(),
    }
}

/// Whether everything that the macro takes to be Rust is Rust. (If not, rustc says so.)
fn reads(target: Target, body: &TokenStream) -> bool {
    let parts = match target {
        Target::Go => return false,
        Target::Alt => crate::alt::expressions(body),
        Target::Alts => crate::tokens::arguments(body),
        Target::Flow => {
            // its own words are none of Rust's
            let block = flow_block(body).into_iter();
            let rust =
                block.filter(|tree| !matches!(tree, TokenTree::Ident(word) if word == "detach"));
            return Block::parse_within.parse2(rust.collect()).is_ok();
        }
    };
    parts
        .into_iter()
        .all(|part| syn::parse2::<Expr>(part).is_ok())
}

/// Where the errors of an expansion are.
fn errors(tokens: &TokenStream) -> Vec<LineColumn> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut found = Vec::new();
    for (at, tree) in trees.iter().enumerate() {
        let TokenTree::Group(group) = tree else {
            continue;
        };
        match &trees[..at] {
            [.., TokenTree::Ident(name), TokenTree::Punct(_)] if name == "compile_error" => {
                found.push(name.span().start());
            }
            _ => found.extend(errors(&group.stream())),
        }
    }
    found
}

/// Whether a place is one in `source`, which begins on the second line.
fn is_in(place: LineColumn, source: &str) -> bool {
    let line = place
        .line
        .checked_sub(2)
        .and_then(|line| source.lines().nth(line));
    line.is_some_and(|line| place.column < line.chars().count())
}

/// All names and literals.
fn words(tokens: &TokenStream, found: &mut BTreeSet<String>) {
    for tree in tokens.clone() {
        match tree {
            TokenTree::Group(group) => words(&group.stream(), found),
            TokenTree::Punct(_) => {}
            word => drop(found.insert(word.to_string())),
        }
    }
}

/// Whether a word is the macros' own syntax, and need not be in the expansion.
fn is_syntax(word: &str) -> bool {
    matches!(
        word,
        "take"
            | "put"
            | "park"
            | "priority"
            | "default"
            | "else"
            | "if"
            | "seq"
            | "detach"
            | "csp"
            | "site"
            | "mut"
            | "async"
            | "move"
            | "let"
            | "_"
    )
}

/// `priority, default`
fn only_words(body: &TokenStream) -> bool {
    body.clone().into_iter().all(|tree| match tree {
        TokenTree::Ident(word) => word == "priority" || word == "default",
        tree => matches!(tree, TokenTree::Punct(_)),
    })
}

/// What is in the braces of `async move { … }`, or all of it.
fn flow_block(body: &TokenStream) -> TokenStream {
    let trees: Vec<TokenTree> = body.clone().into_iter().collect();
    let is_header = |tree: &TokenTree| matches!(tree, TokenTree::Ident(word) if word == "async" || word == "move");
    match &trees[..] {
        [header @ .., TokenTree::Group(block)]
            if block.delimiter() == Delimiter::Brace && header.iter().all(is_header) =>
        {
            block.stream()
        }
        _ => body.clone(),
    }
}

fn count(tokens: &TokenStream) -> usize {
    let trees = tokens.clone().into_iter();
    trees
        .map(|tree| match tree {
            TokenTree::Group(group) => 2 + count(&group.stream()),
            _ => 1,
        })
        .sum()
}
