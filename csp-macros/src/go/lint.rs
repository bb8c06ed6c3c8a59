//! What rustc would accept in a block and should not be there, and what it
//! would refuse in words that do not help.
//!
//! The walk goes into other macros' arguments as far as they look like
//! expressions, since that is what users see them as.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{
    Block, Error, Expr, ExprAsync, ExprCall, ExprClosure, ExprMethodCall, ImplItemFn, ItemFn,
    Macro, Signature, Stmt, Token, TraitItemFn,
};

use super::blocking;
use super::number::state_of;
use crate::op::{Op, split_site};
use crate::{alt, flow};

/// What is wrong with a block.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Park points, by number, that cannot be where they are.
    pub(super) misplaced: BTreeMap<usize, Error>,
    /// Everything else.
    pub(super) others: Vec<Error>,
}

/// Checks the numbered statements of a block; one that does not parse is
/// rustc's to complain about.
pub(super) fn check(block: &TokenStream) -> Findings {
    let mut lint = Lint {
        place: Place::Async,
        worker: true,
        findings: Findings::default(),
    };
    if let Ok(statements) = Block::parse_within.parse2(block.clone()) {
        lint.statements(&statements);
    }
    lint.findings
}

/// What surrounds the code being looked at, as far as parking is concerned.
#[derive(Clone)]
enum Place {
    /// The block itself, or async code inside it.
    Async,
    /// A closure, which cannot be suspended.
    Closure,
    /// A function that is not async.
    Function(Ident),
}

struct Lint {
    place: Place,
    /// Whether this code is sure to run on a worker: a closure may be given to
    /// a thread, a function may be called from one.
    worker: bool,
    findings: Findings,
}

impl Lint {
    /// Looks at what is inside with another idea of where that is.
    fn inside(&mut self, place: Place, worker: bool, look: impl FnOnce(&mut Self)) {
        let (outer, was_worker) = (std::mem::replace(&mut self.place, place), self.worker);
        self.worker &= worker;
        look(self);
        self.place = outer;
        self.worker = was_worker;
    }

    fn statements(&mut self, statements: &[Stmt]) {
        for statement in statements {
            self.visit_stmt(statement);
        }
    }

    fn function(&mut self, signature: &Signature, block: &Block) {
        let place = match signature.asyncness {
            Some(_) => Place::Async,
            None => Place::Function(signature.ident.clone()),
        };
        self.inside(place, false, |lint| lint.visit_block(block));
    }

    /// An operation that parks, by the name of its macro.
    fn parks(&mut self, name: &Ident, arguments: &TokenStream) {
        let message = match &self.place {
            Place::Async => return,
            Place::Closure => format!(
                "`{name}!` parks the enclosing `go!` block and cannot be used inside a closure: \
                 a closure cannot be suspended\n\
                 help: use a for loop instead of an iterator adaptor, take the value before the \
                 closure, or make it an async closure and .await it"
            ),
            Place::Function(function) => format!(
                "`{name}!` is inside `fn {function}`, which is not part of this go! block; \
                 write `async fn {function}` and call it with `{function}(..).await`"
            ),
        };
        let error = Error::new(name.span(), message);
        match state_of(arguments) {
            Some(state) => {
                self.findings.misplaced.insert(state, error);
            }
            None => self.findings.others.push(error),
        }
    }

    fn blocks(&mut self, error: Option<Error>) {
        if self.worker {
            self.findings.others.extend(error);
        }
    }

    /// Looks at macro arguments that may be expressions or statements.
    fn arguments(&mut self, tokens: &TokenStream) {
        let tokens = split_site(tokens.clone()).1;
        if let Ok(exprs) = expressions.parse2(tokens.clone()) {
            for expr in &exprs {
                self.visit_expr(expr);
            }
        } else if let Ok(statements) = Block::parse_within.parse2(tokens) {
            self.statements(&statements);
        }
    }

    fn arms(&mut self, tokens: &TokenStream) {
        for part in alt::expressions(tokens) {
            self.arguments(&part);
        }
    }
}

/// `a, b, c` or `a; b`, as in `vec![0; n]`.
fn expressions(input: ParseStream<'_>) -> syn::Result<Vec<Expr>> {
    let fork = input.fork();
    if let (Ok(first), true) = (fork.parse::<Expr>(), fork.peek(Token![;])) {
        input.parse::<Expr>()?;
        input.parse::<Token![;]>()?;
        return Ok(vec![first, input.parse()?]);
    }
    let exprs = Punctuated::<Expr, Token![,]>::parse_terminated(input)?;
    Ok(exprs.into_iter().collect())
}

impl<'ast> Visit<'ast> for Lint {
    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        let (place, worker) = match closure.asyncness {
            Some(_) => (Place::Async, true),
            None => (Place::Closure, false),
        };
        self.inside(place, worker, |lint| lint.visit_expr(&closure.body));
    }

    fn visit_expr_async(&mut self, block: &'ast ExprAsync) {
        self.inside(Place::Async, true, |lint| lint.visit_block(&block.block));
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig, block);
        }
    }

    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        self.blocks(blocking::method(&call.method));
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(function) = &*call.func {
            self.blocks(blocking::function(&function.path));
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let Some(name) = call.path.segments.last().map(|last| &last.ident) else {
            return;
        };
        match name.to_string().as_str() {
            // A nested block checks itself; the others hold no code that runs here.
            "go" | "macro_rules" | "stringify" | "quote" | "quote_spanned" => {}
            "allow_blocking" => {
                let place = self.place.clone();
                self.inside(place, false, |lint| lint.arguments(&call.tokens));
            }
            "alt" => {
                self.parks(name, &call.tokens);
                self.arms(&call.tokens);
            }
            // Each part is async code, which runs where this runs.
            "flow" => self.inside(Place::Async, true, |lint| {
                for part in flow::expressions(call.tokens.clone()) {
                    lint.arguments(&part);
                }
            }),
            "alt_blocking" => {
                self.blocks(blocking::r#macro(name));
                self.arms(&call.tokens);
            }
            _ => {
                if Op::of_macro(name).is_some() {
                    self.parks(name, &call.tokens);
                }
                self.blocks(blocking::r#macro(name));
                self.arguments(&call.tokens);
            }
        }
    }
}
