//! Writes the expansion of an `alt!`.
//!
//! ```text
//! {
//!     take! { @used }                        // the arms' macros are in scope
//!     let __guard1: bool = GUARD;            // guards look at values not yet moved
//!     let mut __back2 = None;                // where a losing put leaves its variable
//!     let __r = alt((OPERATIONS), ORDER, SITE).await;
//!     match __r { Of3::A(__x) => …, Of3::B(__x) => …, Of3::C(__x) => … }
//! }
//! ```
//! `let __r` is a statement of its own so that the operations' temporaries,
//! such as the timeout of `take!(timeout(ms(5)))`, live while it waits and are
//! gone before an arm runs.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Expr;

use super::arm::{Action, Alt, Arm, Operation, Unmatched, Value};
use super::pattern::Refutable;
use crate::call::{Choice, hygienic};
use crate::errors;
use crate::tokens::mention;

/// The variants of `Of1` to `Of16`.
const VARIANTS: &str = "ABCDEFGHIJKLMNOP";

/// Writes the expansion; there are 1 to 16 arms.
pub(super) fn emit(choice: &Choice, alt: &Alt) -> TokenStream {
    let emit = Emit { choice, alt };
    let errors = errors::statements(&alt.errors);
    let (uses, guards, backs) = (emit.uses(), emit.guards(), emit.backs());
    let (result, matching) = match &alt.arms[..] {
        [arm] if arm.guard.is_none() && alt.default.is_none() => emit.single(arm),
        _ => emit.several(),
    };
    let span = Span::mixed_site();
    quote_spanned! { span=>
        {
            #errors
            #uses
            #guards
            #backs
            let __r = #result;
            #matching
        }
    }
}

struct Emit<'a> {
    choice: &'a Choice,
    alt: &'a Alt,
}

/// A name of ours for the arm at `index`.
fn local(name: &str, index: usize) -> Ident {
    Ident::new(&format!("__{name}{index}"), Span::mixed_site())
}

impl Emit<'_> {
    fn call(&self, name: &str, place: Span, arguments: &TokenStream) -> TokenStream {
        self.choice.runtime.call(name, place, arguments)
    }

    /// One operation to wait for is that operation.
    fn single(&self, arm: &Arm) -> (TokenStream, TokenStream) {
        let operation = self.operation(0, arm);
        let result = self.choice.wait(&operation, false, "block_on");
        let outcome = Ident::new("__r", Span::mixed_site());
        (result, braces(self.outcome(arm, &outcome)))
    }

    fn several(&self) -> (TokenStream, TokenStream) {
        let span = Span::mixed_site();
        let operations = self.alt.arms.iter().enumerate().map(|(index, arm)| {
            let operation = self.operation(index, arm);
            if arm.guard.is_none() {
                return operation;
            }
            let guard = local("guard", index);
            self.call("when", span, &quote! { #operation, #guard })
        });
        let order = self.choice.order(self.alt.priority);
        let site = self.choice.site("alt");
        let arguments = quote! { (#(#operations,)*), #order, #site };
        let call = self.call("alt", span, &arguments);
        let now = self.alt.default.is_some();
        let result = self.choice.wait(&call, now, "block_on_choice");
        (result, self.matching())
    }

    fn matching(&self) -> TokenStream {
        let span = Span::mixed_site();
        let of = format!("Of{}", self.alt.arms.len());
        let of = self.choice.runtime.private(&of, span);
        let arms = self.alt.arms.iter().enumerate().zip(VARIANTS.chars());
        let arms = arms.map(|((index, arm), variant)| {
            let variant = format_ident!("{variant}", span = span);
            let (outcome, restore) = (Ident::new("__x", span), self.restore(Some(index)));
            let body = self.outcome(arm, &outcome);
            let pattern = quote_spanned! { span=> #of::#variant(#outcome) };
            let pattern = match self.alt.default {
                Some(_) => quote_spanned! { span=> ::core::option::Option::Some(#pattern) },
                None => pattern,
            };
            let body = braces(quote! { #restore #body });
            quote_spanned! { span=> #pattern => #body }
        });
        let default = self.alt.default.as_ref().map(|body| {
            let restore = self.restore(None);
            let body = braces(quote! { #restore #body });
            quote_spanned! { span=> ::core::option::Option::None => #body }
        });
        quote_spanned! { span=> match __r { #(#arms)* #default } }
    }

    /// Binds what an arm's operation gave, and runs its body.
    fn outcome(&self, arm: &Arm, outcome: &Ident) -> TokenStream {
        let span = Span::mixed_site();
        let (pattern, body) = (&arm.pattern.tokens, &arm.body);
        let ty = arm.pattern.ty.as_ref().map(|ty| quote!(: #ty));
        match &self.alt.unmatched {
            Some(unmatched) if self.may_be_unmatched(arm) => {
                let typed = ty.map(|ty| quote_spanned! { span=> let #outcome #ty = #outcome; });
                let matching = with_else(arm, unmatched, outcome);
                quote! { #typed #matching }
            }
            _ if pattern.to_string() == "_" && ty.is_none() => {
                // As in `_ = f()`, nothing is kept: not for the length of the body.
                quote_spanned! { span=> { let __dropped = #outcome; } #body }
            }
            _ if arm.pattern.alternatives => {
                quote_spanned! { span=> let (#pattern) #ty = #outcome; #body }
            }
            _ => quote_spanned! { span=> let #pattern #ty = #outcome; #body },
        }
    }

    /// Whether the `else` arm stands beside this one. An `else` that no pattern needs stands beside all, so
    /// that rustc sees it, and says that it cannot be reached.
    fn may_be_unmatched(&self, arm: &Arm) -> bool {
        let sure = |arm: &Arm| arm.pattern.refutable == Refutable::No;
        !sure(arm) || self.alt.arms.iter().all(sure)
    }

    fn operation(&self, index: usize, arm: &Arm) -> TokenStream {
        let operation = &arm.operation;
        let place = operation.name.span();
        let site = self.site(operation);
        match &operation.action {
            Action::Take { chan } => {
                let chan = borrow(chan);
                self.call("take_at", place, &quote! { #chan, #site })
            }
            Action::Put { chan, value } => {
                let (chan, value) = (borrow(chan), value.tokens());
                if self.comes_back(index, arm) {
                    let back = local("back", index);
                    let arguments = quote! { #chan, #value, &mut #back, #site };
                    return self.call("put_back", place, &arguments);
                }
                self.call("put_at", place, &quote! { #chan, #value, #site })
            }
            Action::Park { future } => self.call("park_at", place, &quote! { #future, #site }),
        }
    }

    fn site(&self, operation: &Operation) -> TokenStream {
        operation.site.clone().unwrap_or_else(|| {
            self.choice
                .runtime
                .site(operation.op(), operation.subject())
        })
    }

    /// Calls the arms' macros, to no effect.
    ///
    /// The expansion has no other use for them, and a user's `use csp::take` would be reported as
    /// unused; also, this is where a name that is not in scope is found out, at the user's own
    /// token. (An import under no name does both as well, but not beside a variable of that name.)
    fn uses(&self) -> TokenStream {
        let paths = self.alt.arms.iter().map(|arm| &arm.operation.path);
        let paths: BTreeMap<String, &TokenStream> =
            paths.map(|path| (path.to_string(), path)).collect();
        let call = |path: &&TokenStream| {
            let first = (*path).clone().into_iter().next();
            let span = first.map_or_else(Span::mixed_site, |tree| tree.span());
            quote_spanned! { span=> #path! { @used } }
        };
        paths.values().map(call).collect()
    }

    fn guards(&self) -> TokenStream {
        let span = Span::mixed_site();
        let guards = self.alt.arms.iter().enumerate();
        let guards = guards.filter_map(|(index, arm)| Some((index, arm.guard.as_ref()?)));
        guards
            .map(|(index, guard)| {
                let name = local("guard", index);
                quote_spanned! { span=> let #name: bool = #guard; }
            })
            .collect()
    }

    fn backs(&self) -> TokenStream {
        let span = Span::mixed_site();
        let arms = self.alt.arms.iter().enumerate();
        arms.filter(|(index, arm)| self.comes_back(*index, arm))
            .map(|(index, _)| {
                let back = local("back", index);
                quote_spanned! { span=> let mut #back = ::core::option::Option::None; }
            })
            .collect()
    }

    /// Whether the value of the put at `index` is of use when it loses.
    fn comes_back(&self, index: usize, arm: &Arm) -> bool {
        let losing = self.alt.arms.len() > 1 || self.alt.default.is_some() || arm.guard.is_some();
        match &arm.operation.action {
            Action::Put { value, .. } if losing => match value {
                Value::Expr(_) => false,
                Value::Restored(_) => true,
                Value::Variable(name) => self.losers(index).any(|body| mention(&body, name)),
            },
            _ => false,
        }
    }

    /// The bodies that run when the arm at `index` lost.
    fn losers(&self, index: usize) -> impl Iterator<Item = TokenStream> + '_ {
        let count = self.alt.arms.len();
        let others = (0..count).filter(move |other| *other != index);
        let others = others.map(Some).chain([None]);
        others.map(|winner| self.body_of(winner))
    }

    /// All that may run when the arm at `winner` won, or none (`default`).
    fn body_of(&self, winner: Option<usize>) -> TokenStream {
        let Some(index) = winner else {
            return self.alt.default.clone().unwrap_or_default();
        };
        let arm = &self.alt.arms[index];
        let unmatched = self.alt.unmatched.as_ref();
        let unmatched = unmatched
            .filter(|_| self.may_be_unmatched(arm))
            .map(|unmatched| unmatched.body.clone());
        [Some(arm.body.clone()), unmatched]
            .into_iter()
            .flatten()
            .collect()
    }

    /// Gives the variables of the puts that lost back to the body that runs.
    fn restore(&self, winner: Option<usize>) -> TokenStream {
        let body = self.body_of(winner);
        let arms = self.alt.arms.iter().enumerate();
        arms.filter(|(index, arm)| Some(*index) != winner && self.comes_back(*index, arm))
            .map(|(index, arm)| self.restore_one(index, arm, &body))
            .collect()
    }

    fn restore_one(&self, index: usize, arm: &Arm, body: &TokenStream) -> TokenStream {
        let Action::Put { value, .. } = &arm.operation.action else {
            return TokenStream::new();
        };
        let (span, back) = (Span::mixed_site(), local("back", index).into_token_stream());
        match value {
            Value::Variable(name) if mention(body, name) => {
                let value = self.call("given_back", name.span(), &back);
                quote_spanned! { span=>
                    #[allow(unused_variables, reason = "the body may only look like using it")]
                    let #name = #value;
                }
            }
            Value::Restored(name) => {
                let value = self.call("given_back", name.span(), &back);
                quote_spanned! { span=>
                    #[allow(unused_assignments, reason = "whole again, used or not")]
                    { #name = #value; }
                }
            }
            Value::Variable(_) | Value::Expr(_) => TokenStream::new(),
        }
    }
}

/// `&chan`, in parentheses if it is an operator's expression.
///
/// The tokens around it carry no names, so they can pass for the user's own:
/// then a channel that is none is underlined, rather than the whole `alt!`.
fn borrow(chan: &TokenStream) -> TokenStream {
    let operator = matches!(
        syn::parse2::<Expr>(chan.clone()),
        Ok(Expr::Assign(_)
            | Expr::Binary(_)
            | Expr::Break(_)
            | Expr::Cast(_)
            | Expr::Closure(_)
            | Expr::Let(_)
            | Expr::Range(_)
            | Expr::Return(_))
    );
    let first = chan.clone().into_iter().next();
    let span = first.map_or_else(Span::mixed_site, |tree| tree.span());
    if operator {
        quote_spanned! { span=> &(#chan) }
    } else {
        quote_spanned! { span=> &#chan }
    }
}

/// A pattern that may not match, and what else there is.
fn with_else(arm: &Arm, unmatched: &Unmatched, outcome: &Ident) -> TokenStream {
    let span = Span::mixed_site();
    let (pattern, body) = (&arm.pattern.tokens, braces(arm.body.clone()));
    let (other, other_body) = (&unmatched.pattern, braces(unmatched.body.clone()));
    let allowed = (arm.pattern.refutable != Refutable::No).then(|| {
        quote_spanned! { span=>
            #[allow(unreachable_patterns, reason = "the other pattern may match everything")]
        }
    });
    quote_spanned! { span=>
        match #outcome {
            #pattern => { #body }
            #allowed
            #other => { #other_body }
        }
    }
}

/// A block of an arm's body, whose braces stand where the body ends: that is
/// what rustc underlines if the body is not finished.
fn braces(body: TokenStream) -> TokenStream {
    let last = body.clone().into_iter().last();
    let span = last.map_or_else(Span::call_site, |tree| tree.span());
    let mut block = Group::new(Delimiter::Brace, body);
    block.set_span(hygienic(span));
    block.into_token_stream()
}
