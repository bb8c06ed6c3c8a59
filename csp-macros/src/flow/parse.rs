//! Reads a flow, past its mistakes.
//!
//! A statement that does not parse is taken up to its semicolon and emitted as
//! it is: rustc says what is wrong with it, and if nothing is (syntax that is
//! newer than syn), it is an arm like any other.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Block, Error, Expr, Pat, Result, Stmt, Token, Type};

use super::names::bound;
use super::statement::{Flow, Let, Statement};
use crate::tokens::{between, ends_with_brace, is_punct};

/// Reads the statements of a flow.
pub(super) fn parse(block: TokenStream) -> Flow {
    let mut flow = Flow::default();
    let read = |input: ParseStream<'_>| {
        flow.sequential = sequential(input)?;
        while !input.is_empty() {
            flow.statement(input)?;
        }
        Ok(())
    };
    // What is left are tokens that cannot be read as tokens: there are none.
    if let Err(error) = Parser::parse2(read, block) {
        flow.errors.push(error);
    }
    flow
}

/// `seq;`
fn sequential(input: ParseStream<'_>) -> Result<bool> {
    let fork = input.fork();
    let word = fork.parse::<Ident>().is_ok_and(|word| word == "seq");
    if !word || fork.parse::<Option<Token![;]>>()?.is_none() {
        return Ok(false);
    }
    input.advance_to(&fork);
    Ok(true)
}

/// A statement that is no `let`.
enum Other {
    Item(TokenStream),
    Plain(TokenStream),
    Body(TokenStream),
}

impl Flow {
    fn statement(&mut self, input: ParseStream<'_>) -> Result<()> {
        if input.parse::<Option<Token![;]>>()?.is_some() {
            return Ok(());
        }
        if is_detach(input) {
            return self.detach(input);
        }
        let fork = input.fork();
        let read = if is_let(input) {
            read_let(&fork).map(|binding| self.binding(binding))
        } else {
            read_other(&fork).map(|other| self.other(other))
        };
        match read {
            Ok(()) => input.advance_to(&fork),
            Err(_) => self.unparsed(input)?,
        }
        Ok(())
    }

    fn binding(&mut self, (mut binding, attributes): (Let, Vec<Attribute>)) {
        for attribute in &attributes {
            if attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr") {
                let message = "a binding of a flow cannot be left out: \
                               write `let name = if cfg!(…) { … } else { … };`";
                self.errors.push(Error::new_spanned(attribute, message));
                binding.attributes = TokenStream::new();
            }
        }
        self.statements.push(Statement::Let(Box::new(binding)));
    }

    fn other(&mut self, other: Other) {
        match other {
            Other::Item(item) => self.items.extend(item),
            Other::Plain(code) => self.statements.push(Statement::Plain(code)),
            Other::Body(code) => self.body = Some(code),
        }
    }

    fn detach(&mut self, input: ParseStream<'_>) -> Result<()> {
        let word: Ident = input.parse()?;
        if input.peek(Token![let]) {
            let message = "`detach` is for a statement whose outcome nobody looks at, \
                           and a binding has one: leave out `detach`, or `let` and the name";
            self.errors.push(Error::new(word.span(), message));
            return Ok(());
        }
        let (code, _) = up_to_semicolon(input)?;
        self.statements.push(Statement::Detach { word, code });
        Ok(())
    }

    /// Takes what cannot be read, up to where it must end.
    fn unparsed(&mut self, input: ParseStream<'_>) -> Result<()> {
        let fork = input.fork();
        if is_let(input)
            && let Ok((mut binding, _)) = read_head(&fork)
            && fork.parse::<Option<Token![=]>>()?.is_some()
        {
            // Its names are known, so that nobody misses them further down.
            input.advance_to(&fork);
            let (value, semicolon) = up_to_semicolon(input)?;
            binding.value = value;
            // At the end of what has been typed there is none yet.
            let place = binding.keyword.span();
            binding.semicolon = semicolon.map_or_else(
                || quote_spanned! { place=> ; },
                TokenTree::into_token_stream,
            );
            self.statements.push(Statement::Let(Box::new(binding)));
            return Ok(());
        }
        let (mut code, semicolon) = up_to_semicolon(input)?;
        let Some(semicolon) = semicolon else {
            self.body = Some(code);
            return Ok(());
        };
        semicolon.to_tokens(&mut code);
        self.statements.push(Statement::Plain(code));
        Ok(())
    }
}

/// `detach` before something that no operator continues: alone it is a name.
fn is_detach(input: ParseStream<'_>) -> bool {
    let fork = input.fork();
    fork.parse::<Ident>().is_ok_and(|word| word == "detach")
        && !fork.peek(Token![as])
        && (fork.peek(Ident::peek_any) || fork.peek(syn::token::Brace) || fork.peek(syn::Lit))
}

fn is_let(input: ParseStream<'_>) -> bool {
    let fork = input.fork();
    Attribute::parse_outer(&fork).is_ok() && fork.peek(Token![let])
}

fn read_let(input: ParseStream<'_>) -> Result<(Let, Vec<Attribute>)> {
    let (mut binding, attributes) = read_head(input)?;
    if input.peek(Token![=]) {
        (binding.value, binding.otherwise) = read_value(input)?;
    } else {
        let message = "a binding of a flow needs a value, which is what runs: `let name = …;`";
        // In the value's place it has any type, so nothing follows from it.
        binding.value = Error::new_spanned(&binding.pattern, message).to_compile_error();
    }
    binding.semicolon = input.parse::<Token![;]>()?.into_token_stream();
    Ok((binding, attributes))
}

/// `#[attributes] let pattern: ty`
fn read_head(input: ParseStream<'_>) -> Result<(Let, Vec<Attribute>)> {
    let begin = input.cursor();
    let parsed = Attribute::parse_outer(input)?;
    let attributes = between(begin, input.cursor());
    let keyword = Ident::parse_any(input)?;
    let begin = input.cursor();
    let names = bound(&Pat::parse_multi_with_leading_vert(input)?);
    let pattern = between(begin, input.cursor());
    let begin = input.cursor();
    if input.parse::<Option<Token![:]>>()?.is_some() {
        input.parse::<Type>()?;
    }
    let binding = Let {
        attributes,
        keyword,
        pattern,
        ty: between(begin, input.cursor()),
        value: TokenStream::new(),
        otherwise: TokenStream::new(),
        semicolon: TokenStream::new(),
        names,
    };
    Ok((binding, parsed))
}

/// `= value else { … }`
fn read_value(input: ParseStream<'_>) -> Result<(TokenStream, TokenStream)> {
    input.parse::<Token![=]>()?;
    let begin = input.cursor();
    input.parse::<Expr>()?;
    let value = between(begin, input.cursor());
    if input.parse::<Option<Token![else]>>()?.is_none() {
        return Ok((value, TokenStream::new()));
    }
    let begin = input.cursor();
    input.parse::<Block>()?;
    Ok((value, between(begin, input.cursor())))
}

fn read_other(input: ParseStream<'_>) -> Result<Other> {
    let begin = input.cursor();
    let statement = Stmt::parse(input)?;
    let last = input.is_empty();
    let code = between(begin, input.cursor());
    Ok(match statement {
        Stmt::Item(_) => Other::Item(code),
        Stmt::Expr(_, None) if last => Other::Body(code),
        Stmt::Macro(call) if call.semi_token.is_none() && last => Other::Body(code),
        Stmt::Expr(expr, None) if !ends_with_brace(&expr) => {
            return Err(input.error("expected `;`"));
        }
        Stmt::Expr(..) | Stmt::Macro(_) | Stmt::Local(_) => Other::Plain(code),
    })
}

/// The tokens before the next semicolon, and that.
fn up_to_semicolon(input: ParseStream<'_>) -> Result<(TokenStream, Option<TokenTree>)> {
    let mut trees = Vec::new();
    while !input.is_empty() {
        let tree = TokenTree::parse(input)?;
        if is_punct(&tree, ';') {
            return Ok((trees.into_iter().collect(), Some(tree)));
        }
        trees.push(tree);
    }
    Ok((trees.into_iter().collect(), None))
}
