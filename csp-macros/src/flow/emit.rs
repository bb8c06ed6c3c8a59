//! Writes the expansion of a `flow!`.
//!
//! ```text
//! async {
//!     let __arms = Arms::new();
//!     let __value0 = Value::new();              // other arms see it
//!     let mut __value1 = None;                  // for the body alone
//!     if let Some(__left) = {
//!         let mut __arm0 = pin!(Some(async {
//!             let a = f().await?;
//!             __value0.set(a);
//!             __arms.finish().await             // for ever: this arm is done
//!         }));
//!         let mut __arm1 = pin!(Some(async { let a = __value0.get(); let b = g(a).await?; … }));
//!         drive(|__cx| {
//!             let mut __done = true;
//!             __done &= __arms.poll(__cx, __arm0.as_mut(), true)?;
//!             __done &= __arms.poll(__cx, __arm1.as_mut(), __arm0.is_none())?;
//!             ControlFlow::Continue(__done)
//!         }).await
//!     } { return __left; }                      // by `?` or `return` in an arm
//!     let a = __value0.into_inner();
//!     let b = taken(__value1);
//!     BODY
//! }
//! ```
//! An arm's value does not leave it as its output: that is what `?` leaves it
//! with, the output of the flow.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

use super::names::without_mut;
use super::plan::{InBody, Plan, Value};
use super::statement::{Flow, Let, Statement};
use crate::call::{Runtime, hygienic};
use crate::errors;

/// Writes the expansion; `header` is `async` or `async move`.
pub(super) fn emit(runtime: &Runtime, header: &TokenStream, flow: &Flow) -> TokenStream {
    let plan = Plan::of(flow);
    let emit = Emit {
        runtime,
        flow,
        plan: &plan,
    };
    let statements = if flow.sequential {
        emit.sequential()
    } else {
        emit.concurrent()
    };
    let span = Span::mixed_site();
    let (items, body) = (&flow.items, &flow.body);
    let errors = errors::statements(&flow.errors);
    quote_spanned! { span=> #header { #errors #items #statements #body } }
}

struct Emit<'a> {
    runtime: &'a Runtime,
    flow: &'a Flow,
    plan: &'a Plan,
}

/// A name of ours for what is at `index`.
fn local(name: &str, index: usize) -> Ident {
    local_at(name, index, Span::mixed_site())
}

/// The same, where rustc is to say that it is.
fn local_at(name: &str, index: usize, place: Span) -> Ident {
    Ident::new(&format!("__{name}{index}"), hygienic(place))
}

impl Emit<'_> {
    fn call(&self, name: &str, arguments: &TokenStream) -> TokenStream {
        self.runtime.call(name, Span::mixed_site(), arguments)
    }

    fn concurrent(&self) -> TokenStream {
        if self.flow.statements.is_empty() {
            return TokenStream::new();
        }
        let span = Span::mixed_site();
        let all: Vec<usize> = (0..self.flow.statements.len()).collect();
        let values = self.plan.values.iter().enumerate();
        let cells = values.clone().map(|(index, value)| {
            let cell = local_at("value", index, value.name.ident.span());
            if value.shared {
                let new = self.runtime.private("Value", span);
                return quote_spanned! { span=> let #cell = #new::new(); };
            }
            quote_spanned! { span=> let mut #cell = ::core::option::Option::None; }
        });
        let taken = values.map(|(index, value)| self.taken(index, value));
        let arms = self.arms(&all);
        quote_spanned! { span=> #(#cells)* #arms #(#taken)* }
    }

    /// The statements at `indices` as arms, polled to their ends.
    fn arms(&self, indices: &[usize]) -> TokenStream {
        let span = Span::mixed_site();
        let arms = indices.iter().map(|&index| self.arm(index));
        let polls = indices.iter().map(|&index| self.poll(index));
        let turn = quote_spanned! { span=>
            |__cx| {
                let mut __done = true;
                #(__done &= #polls?;)*
                ::core::ops::ControlFlow::Continue(__done)
            }
        };
        let (new, drive) = (
            self.runtime.private("Arms", span),
            self.call("drive", &turn),
        );
        quote_spanned! { span=>
            let __arms = #new::new();
            if let ::core::option::Option::Some(__left) = { #(#arms)* #drive.await } {
                return __left;
            }
        }
    }

    fn arm(&self, index: usize) -> TokenStream {
        let span = Span::mixed_site();
        let statement = &self.flow.statements[index];
        let (arm, uses) = (local("arm", index), self.uses(index));
        let code = match statement {
            Statement::Let(binding) => self.binding(index, binding),
            Statement::Plain(code) => code.clone(),
            Statement::Detach { code, .. } => self.ignored(code),
        };
        // Where rustc says that the arm is.
        let place = hygienic(statement.span());
        let mut block = Group::new(
            Delimiter::Brace,
            quote_spanned! { span=> #uses #code __arms.finish().await },
        );
        block.set_span(place);
        let block = quote_spanned! { place=> async #block };
        quote_spanned! { span=>
            let mut #arm = ::core::pin::pin!(::core::option::Option::Some(#block));
        }
    }

    /// The `let` of an arm, and what puts its values where others find them.
    fn binding(&self, index: usize, binding: &Let) -> TokenStream {
        let span = Span::mixed_site();
        let Let {
            attributes,
            keyword,
            ty,
            value,
            semicolon,
            ..
        } = binding;
        let pattern = without_mut(binding.pattern.clone());
        let otherwise = otherwise(binding, &TokenStream::new());
        let values = self.plan.values.iter().enumerate();
        let values = values.filter(|(_, value)| value.statement == index);
        let stores = values.map(|(index, value)| {
            let (cell, name) = (local("value", index), &value.name.ident);
            let store = if value.shared {
                quote_spanned! { span=> #cell.set(#name); }
            } else {
                quote_spanned! { span=> #cell = ::core::option::Option::Some(#name); }
            };
            if !name.to_string().starts_with('_') {
                return store;
            }
            quote_spanned! { span=>
                #[allow(clippy::used_underscore_binding, reason = "this is no use of it")]
                { #store }
            }
        });
        quote_spanned! { span=>
            #attributes #keyword #pattern #ty = #value #otherwise #semicolon
            #(#stores)*
        }
    }

    /// The values that the statement at `index` names, by reference.
    fn uses(&self, index: usize) -> TokenStream {
        let span = Span::mixed_site();
        let values = self.plan.needs[index].values.iter().map(|&value| {
            let name = &self.plan.values[value].name.ident;
            let place = self.flow.statements[index].span();
            let cell = local_at("value", value, place);
            let value = if self.flow.sequential {
                quote_spanned! { span=> &#name }
            } else {
                quote_spanned! { span=> #cell.get() }
            };
            quote_spanned! { span=>
                #[allow(unused_variables, reason = "the statement may only look like using it")]
                let #name = #value;
            }
        });
        values.collect()
    }

    fn poll(&self, index: usize) -> TokenStream {
        let span = Span::mixed_site();
        let arm = local("arm", index);
        let needs = self.plan.needs[index].statements.iter();
        let needs = needs.filter(|_| !self.flow.sequential);
        let ready: Vec<TokenStream> = needs
            .map(|&other| {
                let other = local("arm", other);
                quote_spanned! { span=> #other.is_none() }
            })
            .collect();
        let ready = match &ready[..] {
            [] => quote_spanned! { span=> true },
            ready => quote_spanned! { span=> #(#ready)&&* },
        };
        let poll = match self.flow.statements[index] {
            Statement::Detach { .. } => Ident::new("poll_detached", span),
            Statement::Let(_) | Statement::Plain(_) => Ident::new("poll", span),
        };
        quote_spanned! { span=> __arms.#poll(__cx, #arm.as_mut(), #ready) }
    }

    /// Hands a value to the body, once all arms are gone.
    fn taken(&self, index: usize, value: &Value) -> TokenStream {
        let span = Span::mixed_site();
        let allow = match value.body {
            InBody::Absent => return TokenStream::new(),
            InBody::Unused => TokenStream::new(),
            InBody::Named => quote_spanned! { span=>
                #[allow(unused_variables, reason = "the body may only look like using it")]
            },
        };
        let name = &value.name.ident;
        let cell = local_at("value", index, name.span());
        let mutable = &value.name.mutable;
        let value = if value.shared {
            quote_spanned! { span=> #cell.into_inner() }
        } else {
            self.call("taken", &cell.into_token_stream())
        };
        quote_spanned! { span=> #allow let #mutable #name = #value; }
    }

    fn ignored(&self, code: &TokenStream) -> TokenStream {
        let ignored = self.call("ignored", code);
        quote! { #ignored; }
    }

    /// One statement after the other, with the same types as at once.
    fn sequential(&self) -> TokenStream {
        let statements = self.flow.statements.iter().enumerate();
        statements
            .map(|(index, statement)| match statement {
                Statement::Let(binding) => self.binding_in_turn(index, binding),
                Statement::Plain(code) => {
                    let uses = self.uses(index);
                    quote! { { #uses #code } }
                }
                // The failure of an arm of its own leaves nothing but that.
                Statement::Detach { .. } => {
                    let arms = self.arms(&[index]);
                    quote! { { #arms } }
                }
            })
            .collect()
    }

    fn binding_in_turn(&self, index: usize, binding: &Let) -> TokenStream {
        let span = Span::mixed_site();
        let Let {
            attributes,
            keyword,
            pattern,
            ty,
            value,
            semicolon,
            ..
        } = binding;
        let uses = self.uses(index);
        let otherwise = otherwise(binding, &uses);
        if uses.is_empty() {
            return quote_spanned! { span=>
                #attributes #keyword #pattern #ty = #value #otherwise #semicolon
            };
        }
        // In parentheses: no `else` may follow a brace.
        quote_spanned! { span=>
            #attributes #keyword #pattern #ty = ({ #uses #value }) #otherwise #semicolon
        }
    }
}

/// The `else` of a binding, if it has one.
fn otherwise(binding: &Let, uses: &TokenStream) -> TokenStream {
    let (span, block) = (Span::mixed_site(), &binding.otherwise);
    if block.is_empty() {
        return TokenStream::new();
    }
    if uses.is_empty() {
        return quote_spanned! { span=> else #block };
    }
    let inside = block.clone().into_iter().map(|tree| match tree {
        TokenTree::Group(group) => group.stream(),
        other => other.into(),
    });
    quote_spanned! { span=> else { #uses #(#inside)* } }
}
