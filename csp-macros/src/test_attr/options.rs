//! What stands in the parentheses of `#[csp::test(…)]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Error, LitInt, Path, Result, Token};

const NUMBERS: &[&str] = &[
    "schedules",
    "seed",
    "pct",
    "preemptions",
    "seconds",
    "steps",
    "workers",
];
const FLAGS: &[&str] = &["exhaustive", "racing_time", "allow_leaks", "allow_panics"];
/// What makes sense on a runtime with threads too.
const WITH_WORKERS: &[&str] = &["workers", "allow_leaks", "allow_panics"];
/// Of these, one says how schedules are found.
const STRATEGIES: &[&str] = &["seed", "pct", "exhaustive"];

/// One option, as it is written.
enum Given {
    Library(Path),
    Number(Ident, LitInt),
    Flag(Ident),
}

/// All options.
pub(super) struct Options {
    given: Vec<Given>,
}

impl Options {
    /// Reads them; those that make no sense are in the errors.
    pub(super) fn parse(args: TokenStream) -> (Self, Vec<Error>) {
        let parser = Punctuated::<Given, Token![,]>::parse_terminated;
        match parser.parse2(args) {
            Ok(given) => {
                let options = Self {
                    given: given.into_iter().collect(),
                };
                let errors = options.contradictions();
                (options, errors)
            }
            Err(error) => (Self { given: Vec::new() }, vec![error]),
        }
    }

    fn named(&self) -> impl Iterator<Item = &Ident> {
        self.given.iter().filter_map(|given| match given {
            Given::Number(name, _) | Given::Flag(name) => Some(name),
            Given::Library(_) => None,
        })
    }

    fn contradictions(&self) -> Vec<Error> {
        let mut errors = Vec::new();
        let all: Vec<&Ident> = self.named().collect();
        for (at, name) in all.iter().enumerate() {
            if all[..at].contains(name) {
                errors.push(Error::new(name.span(), format!("`{name}` is given twice")));
            }
        }
        let libraries = self.given.iter().filter_map(|given| match given {
            Given::Library(path) => Some(path),
            _ => None,
        });
        for path in libraries.skip(1) {
            errors.push(Error::new_spanned(path, "`crate` is given twice"));
        }
        let has_workers = all.iter().any(|name| *name == "workers");
        for name in &all {
            if has_workers && !WITH_WORKERS.iter().any(|allowed| *name == allowed) {
                errors.push(Error::new(
                    name.span(),
                    format!("`{name}` is about a simulation, and `workers` runs the test on threads: leave one out"),
                ));
            }
        }
        let mut strategies = all
            .iter()
            .filter(|name| STRATEGIES.iter().any(|strategy| **name == strategy))
            .filter(|name| **name != "seed" || !all.iter().any(|other| *other == "pct"));
        if let (Some(first), Some(second)) = (strategies.next(), strategies.next())
            && first != second
        {
            errors.push(Error::new(
                second.span(),
                format!("`{first}` and `{second}` are two ways to find schedules: leave one out"),
            ));
        }
        errors
    }

    /// The path to the library.
    pub(super) fn library(&self) -> TokenStream {
        let given = self.given.iter().find_map(|given| match given {
            Given::Library(path) => Some(path.to_token_stream()),
            _ => None,
        });
        given.unwrap_or_else(|| quote! { ::csp })
    }

    /// The fields of `TestOptions` that are not as usual.
    pub(super) fn fields(&self, span: Span) -> TokenStream {
        let field = |given: &Given| match given {
            Given::Library(_) => TokenStream::new(),
            Given::Flag(name) => quote_spanned! { span=> #name: true, },
            Given::Number(name, number) => {
                quote_spanned! { span=> #name: ::core::option::Option::Some(#number), }
            }
        };
        self.given.iter().map(field).collect()
    }
}

impl Parse for Given {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = input.call(Ident::parse_any)?;
        if name == "crate" {
            input.parse::<Token![=]>()?;
            let path = input.call(Path::parse_mod_style).map_err(|e| {
                Error::new(
                    e.span(),
                    "`crate` wants a path: `crate = csp` or `crate = my::csp`",
                )
            })?;
            return Ok(Self::Library(path));
        }
        if FLAGS.iter().any(|flag| name == flag) {
            if input.peek(Token![=]) {
                return Err(
                    input.error(format!("`{name}` takes no value: write it or leave it out"))
                );
            }
            return Ok(Self::Flag(name));
        }
        if !NUMBERS.iter().any(|number| name == number) {
            return Err(Error::new(name.span(), unknown(&name)));
        }
        let wants = || format!("`{name}` wants a number: `{name} = 3`");
        if input.parse::<Option<Token![=]>>()?.is_none() {
            return Err(Error::new(name.span(), wants()));
        }
        let number: LitInt = input.parse().map_err(|e| Error::new(e.span(), wants()))?;
        let value: u64 = number
            .base10_parse()
            .map_err(|e| Error::new(number.span(), format!("{}: {e}", wants())))?;
        if !number.suffix().is_empty() {
            let plain = number.base10_digits();
            return Err(Error::new(
                number.span(),
                format!("`{name}` wants a number without a type: `{name} = {plain}`"),
            ));
        }
        if value == 0 && name != "seed" && name != "preemptions" {
            return Err(Error::new(
                number.span(),
                format!("`{name} = 0` makes no sense: give it 1 or more"),
            ));
        }
        Ok(Self::Number(name, number))
    }
}

fn unknown(name: &Ident) -> String {
    let numbers: Vec<_> = NUMBERS.iter().map(|name| format!("`{name} = N`")).collect();
    let flags: Vec<_> = FLAGS.iter().map(|name| format!("`{name}`")).collect();
    format!(
        "there is no option `{name}`; there are {}, {} and `crate = path`",
        numbers.join(", "),
        flags.join(", ")
    )
}
