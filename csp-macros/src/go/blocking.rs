//! Operations that stop a thread, by name.
//!
//! A macro sees no types: a method of the same name on another type is reported
//! too. `allow_blocking!` is for those, and for who knows better.

use proc_macro2::Ident;
use syn::{Error, Path};

/// What to write in the place of a method, or of a function of that name.
fn for_function(name: &str) -> Option<&'static str> {
    Some(match name {
        "take_blocking" => "use `take!`",
        "put_blocking" => "use `put!`",
        "take_blocking_for" | "put_blocking_for" => {
            "use `alt!` with an arm `_ = take!(timeout(d)) => …`"
        }
        "iter_blocking" => "use `while let Some(value) = take!(ch) { … }`",
        "block_on" => "use `.await`",
        _ => return None,
    })
}

/// Checks a method call.
pub(super) fn method(name: &Ident) -> Option<Error> {
    let instead = for_function(&name.to_string())?;
    Some(error(name, &name.to_string(), instead))
}

/// Checks a call of a function by its path.
pub(super) fn function(path: &Path) -> Option<Error> {
    let mut names = path.segments.iter().map(|segment| &segment.ident).rev();
    let name = names.next()?;
    if name == "sleep" && names.next().is_some_and(|module| module == "thread") {
        return Some(error(name, "thread::sleep", "use `sleep(d).await`"));
    }
    method(name)
}

/// Checks a macro call.
pub(super) fn r#macro(name: &Ident) -> Option<Error> {
    let instead = match name.to_string().as_str() {
        "alt_blocking" => "use `alt!`",
        "alts_blocking" => "use `alts!`",
        _ => return None,
    };
    Some(error(name, &format!("{name}!"), instead))
}

fn error(at: &Ident, what: &str, instead: &str) -> Error {
    Error::new(
        at.span(),
        format!(
            "`{what}` blocks the worker thread and every block on it; {instead}\n\
             help: work that has to block goes into `thread(|| …)`; \
             if this cannot block for long, say so with `allow_blocking!(…)`"
        ),
    )
}
