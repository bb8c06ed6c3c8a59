//! What the unit tests of all macros need.

use proc_macro2::{TokenStream, TokenTree};

/// One of the macros: what its wrapper puts first, and its expansion.
pub(crate) struct Macro {
    pub(crate) prefix: &'static str,
    pub(crate) expand: fn(TokenStream) -> TokenStream,
}

/// An error in an expansion: its text, and the line and column of its caret.
type Found = (String, usize, usize);

impl Macro {
    pub(crate) fn expand(&self, source: &str) -> TokenStream {
        // On a line of its own, so that the source's columns are its own.
        let call = format!("{}\n{source}", self.prefix);
        let call = call.parse().expect("the source has balanced delimiters");
        (self.expand)(call)
    }

    /// Asserts that `source` expands to what `snapshots/<name>.rs` says.
    ///
    /// With `CSP_SNAPSHOTS=write` in the environment it is written anew, to be
    /// reviewed as a diff.
    #[track_caller]
    pub(crate) fn assert_snapshot(&self, name: &str, source: &str) {
        let found = pretty(&self.expand(source));
        let file = format!("{}/snapshots/{name}.rs", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("CSP_SNAPSHOTS").is_some_and(|what| what == "write") {
            std::fs::write(&file, &found).expect("snapshots can be written");
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            found == expected,
            "{file}\nfound:\n{found}\nexpected:\n{expected}"
        );
    }

    /// Asserts that what is typed so far expands at every moment, to something
    /// that has `kept` in it.
    #[track_caller]
    pub(crate) fn assert_survives_typing(&self, source: &str, kept: &str) {
        for (end, _) in source.char_indices() {
            let mut typed = source[..end].to_owned();
            let opened: Vec<char> = unclosed(&typed);
            typed.extend(opened.iter().rev());
            let call = format!("{}\n{typed}", self.prefix);
            // Half a string literal is no tokens yet.
            if let Ok(call) = call.parse() {
                let expansion = (self.expand)(call).to_string();
                assert!(expansion.contains(kept), "{typed}\n{expansion}");
            }
        }
    }

    /// Asserts that there is nothing to complain about.
    #[track_caller]
    pub(crate) fn assert_accepts(&self, source: &str) {
        assert_eq!(errors(&self.expand(source)), []);
    }

    /// Asserts that there is one error, with this text in it, about the place
    /// where `at` first occurs.
    #[track_caller]
    pub(crate) fn assert_rejects(&self, source: &str, at: &str, text: &str) {
        let found = errors(&self.expand(source));
        let [(message, line, column)] = &found[..] else {
            panic!("expected one error, found {found:?}");
        };
        assert!(
            message.contains(text),
            "found:\n{message}\nexpected:\n{text}"
        );
        let before = &source[..source.find(at).expect("the source has that place")];
        let place = (
            before.matches('\n').count() + 2,
            before.chars().rev().take_while(|c| *c != '\n').count() + 1,
        );
        assert_eq!((*line, *column), place, "the place of: {message}");
    }
}

/// An expansion, laid out to be read.
fn pretty(expansion: &TokenStream) -> String {
    let file = format!("fn f() {{ let value = {expansion}; }}");
    let file = syn::parse_file(&file).expect("an expansion is an expression");
    let text = prettyplease::unparse(&file);
    let lines = text
        .lines()
        .map(|line| line.strip_prefix("    ").unwrap_or(line));
    let lines: Vec<&str> = lines.collect();
    lines[1..lines.len() - 1].join("\n") + "\n"
}

fn errors(tokens: &TokenStream) -> Vec<Found> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut found = Vec::new();
    for (at, tree) in trees.iter().enumerate() {
        let TokenTree::Group(group) = tree else {
            continue;
        };
        match trees[..at].last_chunk() {
            Some([TokenTree::Ident(name), _]) if name == "compile_error" => {
                let text: syn::LitStr = syn::parse2(group.stream()).expect("a string");
                let start = name.span().start();
                found.push((text.value(), start.line, start.column + 1));
            }
            _ => found.extend(errors(&group.stream())),
        }
    }
    found
}

/// The delimiters that `typed` has opened and not closed, as they close.
fn unclosed(typed: &str) -> Vec<char> {
    let mut open = Vec::new();
    for c in typed.chars() {
        match c {
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' => {
                open.pop();
            }
            _ => {}
        }
    }
    open
}
