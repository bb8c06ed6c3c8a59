//! Reads what stands before the `=>` of an arm.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Pat, Path, Result, Token, Type};

use super::arm::{Action, Operation, Pattern, Value};
use super::pattern::refutable;
use crate::op::{Op, split_site};
use crate::tokens::{arguments, between, only_ident};

const ARM: &str = "expected `PATTERN = take!(ch) => …`, `PATTERN = put!(ch, value) => …`, \
                   `PATTERN = park!(future) => …`, `else PATTERN => …` or `default => …`";

/// What an arm begins with.
#[derive(Debug)]
pub(super) enum Head {
    /// A pattern, an operation, and a guard.
    Arm(Box<(Pattern, Operation, Option<TokenStream>)>),
    /// `else PAT`
    Else(TokenStream),
    /// `default`
    Default,
}

/// Reads a head; `arrow` is where it ends.
pub(super) fn parse(head: TokenStream, arrow: Span) -> Result<Head> {
    let start = head.clone().into_iter().next();
    let start = start.map_or(arrow, |tree| tree.span());
    Parser::parse2(|input: ParseStream<'_>| read(input, start), head)
}

/// What is wrong with tokens that no `=>` follows.
pub(super) fn unfinished(head: TokenStream) -> Error {
    match parse(head.clone(), Span::call_site()) {
        Ok(_) => Error::new_spanned(head, "this arm needs a `=>` and an expression after it"),
        Err(error) => error,
    }
}

fn read(input: ParseStream<'_>, start: Span) -> Result<Head> {
    if input.parse::<Option<Token![else]>>()?.is_some() {
        return read_else(input, start);
    }
    if is_default(input) {
        input.parse::<Ident>()?;
        no_guard(input, "default")?;
        return Ok(Head::Default);
    }
    // syn's own words are of no use to someone who does not know what an arm is.
    let pattern = read_pattern(input).map_err(|_| expected_arm(input, start))?;
    let equals: Token![=] = input.parse().map_err(|_| expected_arm(input, start))?;
    let operation = read_operation(input, equals.span)?;
    let guard = read_guard(input)?;
    if !input.is_empty() {
        let message = format!(
            "expected `=> …` or `, if condition => …` after `{}`",
            operation.text()
        );
        return Err(Error::new(operation.name.span(), message));
    }
    Ok(Head::Arm(Box::new((pattern, operation, guard))))
}

/// An error at the next token, or at the place before if there is none.
fn expected_arm(input: ParseStream<'_>, before: Span) -> Error {
    let span = if input.is_empty() {
        before
    } else {
        input.span()
    };
    Error::new(span, ARM)
}

/// The word alone: `default = take!(ch)` binds a variable of that name.
fn is_default(input: ParseStream<'_>) -> bool {
    let fork = input.fork();
    fork.parse::<Ident>().is_ok_and(|word| word == "default")
        && (fork.is_empty() || fork.peek(Token![if]) || fork.peek(Token![,]))
}

fn read_else(input: ParseStream<'_>, start: Span) -> Result<Head> {
    let pattern = read_pattern(input).map_err(|_| {
        let message =
            "`else` needs a pattern for what did not match: `else other => …` or `else _ => …`";
        Error::new(start, message)
    })?;
    no_guard(input, "else")?;
    Ok(Head::Else(pattern.tokens))
}

fn no_guard(input: ParseStream<'_>, arm: &str) -> Result<()> {
    let span = input.span();
    if input.is_empty() {
        return Ok(());
    }
    let message = match read_guard(input)? {
        None => ARM.to_owned(),
        Some(_) => format!("`{arm}` takes no guard: put the condition into its body"),
    };
    Err(Error::new(span, message))
}

fn read_pattern(input: ParseStream<'_>) -> Result<Pattern> {
    let begin = input.cursor();
    let pattern = Pat::parse_multi_with_leading_vert(input)?;
    let tokens = between(begin, input.cursor());
    let ty = match input.parse::<Option<Token![:]>>()? {
        Some(_) => Some(input.parse::<Type>()?.into_token_stream()),
        None => None,
    };
    Ok(Pattern {
        tokens,
        alternatives: matches!(pattern, Pat::Or(_)),
        ty,
        refutable: refutable(&pattern),
    })
}

/// `, if GUARD` or `if GUARD`; the guard is whatever is left.
fn read_guard(input: ParseStream<'_>) -> Result<Option<TokenStream>> {
    if input.peek(Token![,]) && input.peek2(Token![if]) {
        input.parse::<Token![,]>()?;
    }
    let Some(r#if) = input.parse::<Option<Token![if]>>()? else {
        return Ok(None);
    };
    let guard: TokenStream = input.parse()?;
    if guard.is_empty() {
        return Err(Error::new(r#if.span, "expected a condition after `if`"));
    }
    Ok(Some(guard))
}

fn read_operation(input: ParseStream<'_>, before: Span) -> Result<Operation> {
    let error = expected_arm(input, before);
    // A path starts with a word; syn would name what else it could be.
    if !input.peek(Ident::peek_any) && !input.peek(Token![::]) {
        return Err(error);
    }
    let begin = input.cursor();
    let path = Path::parse_mod_style(input)?;
    let path_tokens = between(begin, input.cursor());
    let Some(name) = path.segments.last().map(|last| last.ident.clone()) else {
        return Err(error);
    };
    let op = Op::of_arm(&name);
    if input.parse::<Option<Token![!]>>()?.is_none() {
        return Err(no_bang(&name, op, input.peek(syn::token::Paren)).unwrap_or(error));
    }
    let (Some(op), Ok(TokenTree::Group(group))) = (op, input.parse()) else {
        return Err(Error::new(name.span(), ARM));
    };
    let (site, rest) = split_site(group.stream());
    Ok(Operation {
        action: action(op, &name, &rest)?,
        path: path_tokens,
        name,
        site,
    })
}

/// A call of a function in the place of an operation.
fn no_bang(name: &Ident, op: Option<Op>, called: bool) -> Option<Error> {
    let message = match (op, name.to_string().as_str()) {
        (Some(_), name) if called => {
            format!("the operations of `alt!` are macros: write `{name}!(…)`")
        }
        (None, "timeout" | "deadline" | "interval") if called => {
            format!("`{name}` gives a channel: write `take!({name}(…))`")
        }
        _ => return None,
    };
    Some(Error::new(name.span(), message))
}

fn action(op: Op, name: &Ident, rest: &TokenStream) -> Result<Action> {
    let mut arguments = arguments(rest).into_iter();
    let parts = (arguments.next(), arguments.next(), arguments.next());
    let message = match (op, parts) {
        (Op::Take, (Some(chan), None, _)) => return Ok(Action::Take { chan }),
        (Op::Park, (Some(future), None, _)) => return Ok(Action::Park { future }),
        (Op::Put, (Some(chan), Some(put), None)) => {
            let value = value(put)?;
            return Ok(Action::Put { chan, value });
        }
        (Op::Put, _) => "`put!` needs a channel and a value: `put!(ch, value)`",
        (Op::Park, _) => "`park!` takes one future: `park!(future)`",
        _ => "`take!` takes one channel; another channel needs an arm of its own",
    };
    Err(Error::new(name.span(), message))
}

fn value(tokens: TokenStream) -> Result<Value> {
    let mut trees = tokens.clone().into_iter();
    if matches!(trees.next(), Some(TokenTree::Ident(word)) if word == "mut") {
        let name = only_ident(&trees.collect()).filter(is_variable);
        return name.map(Value::Restored).ok_or_else(|| {
            let message = "`mut` is for a variable, which is assigned again when this arm loses: \
                           `put!(ch, mut value)`";
            Error::new_spanned(tokens, message)
        });
    }
    Ok(match only_ident(&tokens).filter(is_variable) {
        Some(name) => Value::Variable(name),
        None => Value::Expr(tokens),
    })
}

/// Constants and unit structs are upper case; `self` cannot be bound again.
fn is_variable(name: &Ident) -> bool {
    let name = name.to_string();
    !matches!(name.as_str(), "self" | "true" | "false")
        && !name.trim_start_matches('_').starts_with(char::is_uppercase)
}
