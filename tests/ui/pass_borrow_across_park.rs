//! References into a block's own data live across park points.
#![deny(
    warnings,
    clippy::all,
    clippy::pedantic,
    rust_2018_idioms,
    unused_qualifications
)]
use csp::prelude::*;
use std::collections::HashMap;

fn main() {
    let (tx, rx) = chan::<String>(0);
    let from = go!({
        let words = vec!["a".to_owned(), "b".to_owned()];
        let mut map = HashMap::new();
        map.insert(1, "c".to_owned());
        for word in &words {
            put!(tx, word.clone()).ok();
        }
        if let Some(word) = map.get(&1) {
            put!(tx, word.clone()).ok();
            assert_eq!(word, "c");
        }
        let first = words[0].as_str();
        put!(tx, first.to_uppercase()).ok();
        first.len()
    });
    let to = go!({
        let mut all = String::new();
        while let Some(word) = take!(rx) {
            all.push_str(&word);
        }
        all
    });
    assert_eq!(from.wait(), Ok(1));
    assert_eq!(to.wait().unwrap(), "abcA");
}
