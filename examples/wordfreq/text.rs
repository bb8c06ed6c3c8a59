//! Finding files, reading them, counting their words: plain blocking code.

use std::{
    cmp::Reverse,
    collections::HashMap,
    fs::{self, File},
    io::{self, Read, Seek},
    mem,
    path::{Path, PathBuf},
};

use walkdir::WalkDir;

const CHUNK: usize = 64 * 1024;

/// The files that the paths lead to, and what cannot be walked. Links are followed only where they are
/// a path themselves, so the walk cannot go in a circle.
pub(crate) fn walk(paths: Vec<PathBuf>) -> impl Iterator<Item = Result<PathBuf, String>> {
    let entries = paths.into_iter().flat_map(WalkDir::new);
    entries.filter_map(|entry| match entry {
        Ok(entry) => {
            // What is given may be anything that can be read, also a pipe.
            let kind = entry.file_type();
            let wanted = kind.is_file() || (entry.depth() == 0 && !entry.path().is_dir());
            wanted.then(|| Ok(entry.into_path()))
        }
        Err(error) => {
            let path = error.path().unwrap_or(Path::new("?")).display();
            let why = error
                .io_error()
                .map_or("?".to_owned(), io::Error::to_string);
            Some(Err(format!("{path}: {why}")))
        }
    })
}

/// A piece of a file's text that cuts no word in two.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) text: String,
    pub(crate) file_ends: bool,
    /// How much each word counts: -1 takes back what was counted before.
    pub(crate) weight: i64,
}

/// Gives a file's chunks to `each`, until that wants no more: the result is false then.
pub(crate) fn read(path: &Path, mut each: impl FnMut(Chunk) -> bool) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut given = 0;
    let result = chunks(&file, |text, file_ends| {
        given += text.len() as u64;
        each(Chunk {
            text,
            file_ends,
            weight: 1,
        })
    });
    if result.is_err() && given > 0 {
        // The file is skipped, so its beginning does not count either.
        file.rewind()?;
        chunks(file.take(given), |text, _| {
            each(Chunk {
                text,
                file_ends: false,
                weight: -1,
            })
        })?;
    }
    result
}

fn chunks(mut from: impl Read, mut each: impl FnMut(String, bool) -> bool) -> io::Result<bool> {
    let mut bytes = Vec::new();
    loop {
        let old = bytes.len();
        bytes.reserve(CHUNK);
        let new = from.by_ref().take(CHUNK as u64).read_to_end(&mut bytes)?;
        let file_ends = new < CHUNK;
        let mut cut = bytes.len();
        if !file_ends {
            let separates = |b: &u8| b.is_ascii() && !b.is_ascii_alphanumeric();
            match bytes[old..].iter().rposition(separates) {
                Some(at) => cut = old + at + 1,
                None => continue, // all one word so far
            }
        }
        let rest = bytes.split_off(cut);
        let text = String::from_utf8(mem::replace(&mut bytes, rest))
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not UTF-8"))?;
        if !each(text, file_ends) {
            return Ok(false);
        }
        if file_ends {
            return Ok(true);
        }
    }
}

/// How often each word comes: runs of letters and digits, in lower case.
#[derive(Debug, Default)]
pub(crate) struct Words(HashMap<String, i64>);

impl Words {
    /// Counts a chunk's words, and gives the number of its bytes and of the files that it ends.
    pub(crate) fn count(&mut self, chunk: Chunk) -> (i64, u64) {
        let Chunk {
            mut text,
            file_ends,
            weight,
        } = chunk;
        // All at once, so that most words need no copy.
        text.make_ascii_lowercase();
        for word in text.split(|c: char| !c.is_alphanumeric()) {
            if !word.is_ascii() {
                self.add(&word.to_lowercase(), weight);
            } else if !word.is_empty() {
                self.add(word, weight);
            }
        }
        let bytes = i64::try_from(text.len()).unwrap_or(i64::MAX);
        (bytes * weight, u64::from(file_ends))
    }

    fn add(&mut self, word: &str, weight: i64) {
        match self.0.get_mut(word) {
            Some(count) => *count += weight,
            None => drop(self.0.insert(word.to_owned(), weight)),
        }
    }

    pub(crate) fn merge(&mut self, mut other: Self) {
        if self.0.len() < other.0.len() {
            mem::swap(self, &mut other);
        }
        for (word, count) in other.0 {
            *self.0.entry(word).or_default() += count;
        }
        self.0.retain(|_, count| *count != 0);
    }

    /// The most frequent words.
    pub(crate) fn top(&self, n: usize) -> Vec<(&String, &i64)> {
        let mut words: Vec<_> = self.0.iter().collect();
        words.sort_unstable_by_key(|&(word, count)| (Reverse(count), word));
        words.truncate(n);
        words
    }

    /// Counts in the plainest way: file by file, each at once.
    pub(crate) fn in_sequence(paths: Vec<PathBuf>) -> Self {
        let mut words = Self::default();
        for text in walk(paths).flatten().flat_map(fs::read_to_string) {
            for word in text
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
            {
                *words.0.entry(word.to_lowercase()).or_default() += 1;
            }
        }
        words
    }

    /// The first words that two counts differ in, if they do.
    pub(crate) fn differences(&self, other: &Self) -> Option<String> {
        let count = |words: &Self, word| words.0.get(word).copied().unwrap_or(0);
        let mut differ: Vec<_> = (self.0.keys().chain(other.0.keys()))
            .map(|word| (word, count(self, word), count(other, word)))
            .filter(|(_, first, second)| first != second)
            .map(|(word, first, second)| format!("{word}: {first}, not {second}"))
            .collect();
        differ.sort_unstable();
        differ.dedup();
        differ.truncate(10);
        (!differ.is_empty()).then(|| differ.join("\n"))
    }
}
