//! What holds for every input of a macro, well-formed or not.
//!
//! The fuzz crate compiles this directory, with the macros, as part of itself; here it runs on fixed inputs.

mod check;
mod grammar;
mod mutate;
#[cfg(test)]
mod tests;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::bytes::Bytes;
use grammar::Grammar;

/// A macro to be fuzzed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Go,
    Alt,
    Alts,
    Flow,
}

impl Target {
    /// What its wrapper puts first.
    fn prefix(self) -> &'static str {
        match self {
            Target::Go | Target::Flow => "[csp]",
            Target::Alt | Target::Alts => "[csp] [park]",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Target::Go => "go",
            Target::Alt => "alt",
            Target::Alts => "alts",
            Target::Flow => "flow",
        }
    }

    fn expand(self, input: TokenStream) -> TokenStream {
        match self {
            Target::Go => crate::go::expand(input),
            Target::Alt => crate::alt::expand(input),
            Target::Alts => crate::alts::expand(input),
            Target::Flow => crate::flow::expand(input),
        }
    }

    /// Deeper than this nobody nests, and the parser of rustc would not come so far either.
    const DEEPEST: usize = 48;

    /// A whole program is no macro's arguments.
    const LONGEST: usize = 4096;

    /// Runs one input, which is a program's text, or, if its first byte is a control character, choices from which
    /// one is made.
    pub(crate) fn run(self, data: &[u8]) {
        match data.split_first() {
            Some((first, rest)) if !matches!(first, b'\t' | b'\n' | b' '..) => {
                let mut bytes = Bytes::new(rest);
                let mut source = Grammar::new(&mut bytes).source(self);
                source = mutate::mutate(&source, usize::from(*first) % 8, &mut bytes);
                self.run_source(&source);
            }
            _ => self.run_text(&String::from_utf8_lossy(data)),
        }
    }

    /// Runs the calls of this macro in a program, or all of it if there is none.
    fn run_text(self, text: &str) {
        let text = mutate::balanced(text);
        if mutate::depth(&text) > Self::DEEPEST {
            return;
        }
        let Ok(tokens) = text.parse::<TokenStream>() else {
            return;
        };
        let mut calls = Vec::new();
        calls_of(self.name(), tokens, &mut calls);
        for call in &calls {
            self.run_source(call);
        }
        if calls.is_empty() && text.len() < Self::LONGEST {
            self.run_source(&text);
        }
    }

    /// Runs the macro on `source`.
    fn run_source(self, source: &str) {
        // On a line of its own, so that no place in it is the one of a call.
        let call = format!("{}\n{source}", self.prefix());
        // Half a string literal is no tokens yet.
        if mutate::depth(&call) <= Self::DEEPEST
            && let Ok(call) = call.parse()
        {
            check::check(self, source, call);
        }
    }
}

/// The arguments of all calls of the macro `name`, as text.
fn calls_of(name: &str, tokens: TokenStream, calls: &mut Vec<String>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, tree) in trees.iter().enumerate() {
        let TokenTree::Group(group) = tree else {
            continue;
        };
        if let [.., TokenTree::Ident(word), TokenTree::Punct(bang)] = &trees[..at]
            && word == name
            && bang.as_char() == '!'
        {
            let inner = group.stream();
            let is_block = group.delimiter() == Delimiter::Brace && name == "go";
            calls.push(if is_block {
                group.to_string()
            } else {
                inner.to_string()
            });
        }
        calls_of(name, group.stream(), calls);
    }
}
