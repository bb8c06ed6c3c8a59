//! Programs with something wrong: tokens left out, doubled, exchanged or replaced.

use crate::bytes::Bytes;

/// What means something to one of the macros, or to the syntax around them.
const WORDS: [&str; 60] = [
    "take",
    "put",
    "park",
    "alt",
    "alts",
    "go",
    "flow",
    "detach",
    "seq",
    "priority",
    "default",
    "else",
    "if",
    "let",
    "mut",
    "ref",
    "async",
    "move",
    "await",
    "return",
    "break",
    "continue",
    "loop",
    "match",
    "fn",
    "mod",
    "macro_rules",
    "unsafe",
    "const",
    "static",
    "impl",
    "struct",
    "use",
    "self",
    "_",
    "'a",
    "!",
    "@",
    "site",
    "#",
    "$",
    "=>",
    "=",
    ",",
    ";",
    ":",
    "::",
    ".",
    "..",
    "?",
    "|",
    "&",
    "&&",
    "<",
    ">",
    "->",
    "0",
    "1.5",
    "\"{a}\"",
    "r#type",
];

const DELIMITERS: [char; 6] = ['(', ')', '[', ']', '{', '}'];

/// Makes `count` mistakes.
pub(super) fn mutate(source: &str, count: usize, bytes: &mut Bytes<'_>) -> String {
    if count == 0 {
        return source.to_owned();
    }
    let mut tokens: Vec<String> = split(source);
    for _ in 0..count {
        if tokens.is_empty() {
            break;
        }
        // A short program needs one byte for a place, a long one two.
        let place = (bytes.below(256) * 256 + bytes.below(256)) % tokens.len();
        match bytes.below(6) {
            0 => drop(tokens.remove(place)),
            1 => tokens.insert(place, tokens[place].clone()),
            2 => {
                let other = bytes.below(256) % tokens.len();
                tokens.swap(place, other);
            }
            3 => tokens[place] = bytes.of(&WORDS).to_owned(),
            4 => tokens.insert(place, bytes.of(&WORDS).to_owned()),
            _ => tokens.insert(place, bytes.of(&DELIMITERS).to_string()),
        }
    }
    balanced(&tokens.join(" "))
}

/// The tokens of `source`, each delimiter by itself. Punctuation that belongs together stays so.
fn split(source: &str) -> Vec<String> {
    let mut spaced = String::new();
    for c in source.chars() {
        if DELIMITERS.contains(&c) || matches!(c, ',' | ';' | '!' | '?') {
            spaced.extend([' ', c, ' ']);
        } else {
            spaced.push(c);
        }
    }
    spaced.split_whitespace().map(str::to_owned).collect()
}

/// `text` with what is open closed at its end, and what closes nothing left out: nothing else are tokens.
pub(super) fn balanced(text: &str) -> String {
    let mut kept = String::new();
    let mut open = Vec::new();
    for c in text.chars() {
        match c {
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' if open.last() == Some(&c) => drop(open.pop()),
            ')' | ']' | '}' => continue,
            _ => {}
        }
        kept.push(c);
    }
    kept.extend(open.iter().rev());
    kept
}

/// How deep delimiters, and operators that nest as they do, can be at most.
pub(super) fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut prefixes) = (0_usize, 0, 0);
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '&' | '*' | '-' | '!' | '<' | '|' => prefixes += 1,
            ';' => prefixes = 0,
            _ => {}
        }
        deepest = deepest.max(depth + prefixes / 8);
    }
    deepest
}
