//! Decisions as a short word that survives being copied from a terminal or a log.
//!
//! A version letter, the decisions, four characters of checksum. All are of `0-9 a-z A-Z - _`. A number is written in
//! digits of five bits, the lowest first, each but the last with 32 added. A decision is a number: an
//! entity `4e`, an entity that goes on for several steps `4e + 1` and then the steps less 2, an arm `4a + 2`.

use std::fmt;

use super::Decision;

const VERSION: char = 'a';
const DIGITS: &[u8; 64] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
const CHECK_DIGITS: usize = 4;
/// A word may say "the same entity for ever" in few characters: no execution is longer than this.
const LONGEST: usize = 1 << 26;

/// Why a word is no list of decisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CodeError {
    /// There is nothing.
    Empty,
    /// It begins with another version's letter.
    Version(char),
    /// A character that no such word has, and its place.
    Character(char, usize),
    /// The checksum is not that of the decisions.
    Checksum,
    /// The checksum is right, but this does not come from [`encode`].
    Malformed,
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the replay string is empty"),
            Self::Version(letter) => write!(
                f,
                "the replay string begins with `{letter}`, but this version of csp reads those that begin \
                 with `{VERSION}`"
            ),
            Self::Character(wrong, at) => {
                write!(f, "`{wrong}` (character {at}) is not of a replay string")
            }
            Self::Checksum => f.write_str(
                "the replay string is cut off or mistyped: its last four characters do not fit the rest",
            ),
            Self::Malformed => f.write_str("the replay string is malformed"),
        }
    }
}

impl std::error::Error for CodeError {}

/// The decisions as a word.
pub(crate) fn encode(decisions: &[Decision]) -> String {
    let mut word = String::from(VERSION);
    let mut rest = decisions;
    while let Some(&first) = rest.first() {
        let run = rest.iter().take_while(|&&d| d == first).count();
        match first {
            Decision::Entity(entity) if run > 1 => {
                push_number(&mut word, u64::from(entity) * 4 + 1);
                push_number(&mut word, run as u64 - 2);
                rest = &rest[run..];
                continue;
            }
            Decision::Entity(entity) => push_number(&mut word, u64::from(entity) * 4),
            Decision::Arm(arm) => push_number(&mut word, u64::from(arm) * 4 + 2),
        }
        rest = &rest[1..];
    }
    let check = checksum(&word);
    word.extend((0..CHECK_DIGITS).map(|i| digit(check >> (6 * i))));
    word
}

/// The decisions that the word was made of. White space in it is left out: terminals break lines.
pub(crate) fn decode(word: &str) -> Result<Vec<Decision>, CodeError> {
    let word: String = word.chars().filter(|c| !c.is_whitespace()).collect();
    match word.chars().next() {
        None => return Err(CodeError::Empty),
        Some(VERSION) => (),
        Some(other) => return Err(CodeError::Version(other)),
    }
    for (at, c) in word.chars().enumerate() {
        if value(c).is_none() {
            return Err(CodeError::Character(c, at + 1));
        }
    }
    // All are ASCII, so places are bytes.
    let Some(end) = word.len().checked_sub(CHECK_DIGITS).filter(|&end| end > 0) else {
        return Err(CodeError::Checksum);
    };
    let (body, check) = word.split_at(end);
    let expected = checksum(body);
    if !check
        .chars()
        .eq((0..CHECK_DIGITS).map(|i| digit(expected >> (6 * i))))
    {
        return Err(CodeError::Checksum);
    }
    read(body[1..].chars().filter_map(value)).ok_or(CodeError::Malformed)
}

fn read(mut digits: impl Iterator<Item = u64>) -> Option<Vec<Decision>> {
    let mut decisions = Vec::new();
    while let Some(first) = digits.next() {
        let number = read_number(first, &mut digits)?;
        let what = u32::try_from(number / 4).ok()?;
        match number % 4 {
            0 => decisions.push(Decision::Entity(what)),
            1 => {
                let first = digits.next()?;
                let run = usize::try_from(read_number(first, &mut digits)?).ok()?;
                if run > LONGEST - decisions.len().min(LONGEST) {
                    return None;
                }
                decisions.extend(std::iter::repeat_n(Decision::Entity(what), run + 2));
            }
            2 => decisions.push(Decision::Arm(what)),
            _ => return None,
        }
    }
    Some(decisions)
}

fn read_number(first: u64, digits: &mut impl Iterator<Item = u64>) -> Option<u64> {
    let (mut number, mut shift, mut digit) = (0, 0, first);
    loop {
        number |= (digit & 31) << shift;
        if digit < 32 {
            return Some(number);
        }
        shift += 5;
        if shift > 40 {
            return None;
        }
        digit = digits.next()?;
    }
}

fn push_number(word: &mut String, mut number: u64) {
    while number >= 32 {
        word.push(digit(number & 31 | 32));
        number >>= 5;
    }
    word.push(digit(number));
}

fn digit(value: u64) -> char {
    char::from(DIGITS[(value & 63) as usize])
}

fn value(c: char) -> Option<u64> {
    let at = DIGITS.iter().position(|&digit| char::from(digit) == c)?;
    Some(at as u64)
}

/// FNV-1a, its bits folded together: 24 are kept.
fn checksum(body: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in body.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^ (hash >> 24) ^ (hash >> 48)
}
