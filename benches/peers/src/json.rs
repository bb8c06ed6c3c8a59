//! As much of JSON as the programs and the reports use.

use std::fmt::Write as _;

/// A string as JSON has it, with its quotes.
pub fn string(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {
                write!(out, "\\u{:04x}", u32::from(c)).expect("a string takes any text");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A number as JSON has it.
pub fn number(value: f64) -> String {
    if value.is_finite() {
        value.to_string()
    } else {
        "null".into()
    }
}

/// The fields of an object of numbers and booleans, which is what a workload prints; a boolean is 0 or 1.
///
/// # Errors
/// The text, if it is anything else.
pub fn flat_object(text: &str) -> Result<Vec<(String, f64)>, String> {
    let other = || format!("not an object of numbers: {text:?}");
    let fields = text
        .trim()
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'));
    fields
        .ok_or_else(other)?
        .split(',')
        .map(|field| {
            let (name, value) = field.split_once(':').ok_or_else(other)?;
            let name = name
                .trim()
                .strip_prefix('"')
                .and_then(|n| n.strip_suffix('"'));
            let value = match value.trim() {
                "true" => 1.0,
                "false" => 0.0,
                number => number.parse().map_err(|_| other())?,
            };
            Ok((name.ok_or_else(other)?.to_owned(), value))
        })
        .collect()
}
