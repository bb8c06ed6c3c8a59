//! Which patterns match whatever comes, as far as syntax tells.

use syn::punctuated::Punctuated;
use syn::{Pat, Token};

/// Whether a pattern may fail to match.
///
/// Ordered by how little it promises: a pattern with parts is as bad as its
/// worst part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Refutable {
    /// It matches every value.
    No,
    /// That depends on types: a struct, a constant, a slice of an array. rustc
    /// decides.
    Unknown,
    /// There are values that it does not match.
    Yes,
}

/// Judges `pattern`.
pub(super) fn refutable(pattern: &Pat) -> Refutable {
    match pattern {
        Pat::Wild(_) | Pat::Rest(_) => Refutable::No,
        Pat::Ident(ident) => match &ident.subpat {
            Some((_, inner)) => refutable(inner),
            None => name(&ident.ident.to_string(), true),
        },
        Pat::Paren(paren) => refutable(&paren.pat),
        Pat::Reference(reference) => refutable(&reference.pat),
        Pat::Type(typed) => refutable(&typed.pat),
        Pat::Tuple(tuple) => worst(Refutable::No, &mut tuple.elems.iter()),
        Pat::TupleStruct(tuple) => worst(path(&tuple.path), &mut tuple.elems.iter()),
        Pat::Struct(fields) => worst(
            path(&fields.path),
            &mut fields.fields.iter().map(|field| &*field.pat),
        ),
        Pat::Slice(slice) => worst(Refutable::Unknown, &mut slice.elems.iter()),
        Pat::Path(constant) => path(&constant.path),
        Pat::Or(or) => any_of(&or.cases),
        Pat::Lit(_) | Pat::Range(_) | Pat::Guard(_) => Refutable::Yes,
        _ => Refutable::Unknown,
    }
}

fn worst(this: Refutable, parts: &mut dyn Iterator<Item = &Pat>) -> Refutable {
    parts.map(refutable).fold(this, Ord::max)
}

/// Cases together may match everything (`Ok(n) | Err(n)`), literals hardly.
fn any_of(cases: &Punctuated<Pat, Token![|]>) -> Refutable {
    let literal = |case: &Pat| matches!(case, Pat::Lit(_) | Pat::Range(_));
    if cases.iter().all(literal) {
        return Refutable::Yes;
    }
    match cases.iter().map(refutable).min() {
        Some(Refutable::No) => Refutable::No,
        _ => Refutable::Unknown,
    }
}

fn path(path: &syn::Path) -> Refutable {
    path.segments.last().map_or(Refutable::Unknown, |last| {
        name(&last.ident.to_string(), false)
    })
}

/// A name that stands for itself in a pattern; a lone lower-case one binds.
fn name(name: &str, lone: bool) -> Refutable {
    match name {
        "Some" | "None" | "Ok" | "Err" => Refutable::Yes,
        _ if lone && !name.starts_with(char::is_uppercase) => Refutable::No,
        _ => Refutable::Unknown,
    }
}
