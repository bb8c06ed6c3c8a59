//! What `flow!` expands to, and what it says about a flow.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;

use super::names::words;
use crate::testing::Macro;

const FLOW: Macro = Macro {
    prefix: "[csp]",
    expand: super::expand,
};

#[test]
fn expands_arms() {
    FLOW.assert_snapshot(
        "flow_arms",
        "let session = get_session(&req).await?;
let (history, mut rest) = match &session.history { Some(h) => h.clone(), None => get(&req).await? };
let Some(location): Option<L> = locate(&session).await else { return Err(e) };
audit(&req).await?;
detach tell(&session).await?;
respond(session, history, location)",
    );
}

#[test]
fn expands_one_after_the_other() {
    FLOW.assert_snapshot(
        "flow_seq",
        "{ seq; let mut a = f().await?; let Some(b) = g(a) else { return a }; h(b); detach i(a); (a, b) }",
    );
}

#[test]
fn expands_a_body_alone() {
    FLOW.assert_snapshot("flow_body", "async move { const N: u8 = 1; f(N).await }");
}

#[test]
fn keeps_its_statements_while_one_types() {
    FLOW.assert_survives_typing(
        "let a = f(x.y).await?; let Some(b) = a.c else { return }; detach a.b(); if b { a.d } a.e",
        "",
    );
}

#[test]
fn binds_what_an_unfinished_statement_names() {
    let expansion = FLOW.expand("let a = f(); let b = a.; b").to_string();
    assert!(
        expansion.contains("let a = __value0 . get ()"),
        "{expansion}"
    );
    assert!(
        expansion.contains("let b = csp :: __private :: taken"),
        "{expansion}"
    );
    FLOW.assert_accepts("let b = a.; b");
    FLOW.assert_accepts("f() g(); b");
}

fn words_of(code: &str) -> String {
    let code: TokenStream = code.parse().expect("tokens");
    let words: BTreeSet<String> = words(&[&code]);
    Vec::from_iter(words).join(" ")
}

#[test]
fn finds_the_names_that_code_mentions() {
    for (code, found) in [
        ("f(a).await", "a f"),
        ("a.b.c(d)", "a d"),
        ("x..y", "x y"),
        ("0..y", "y"),
        ("0..=y", "y"),
        ("m::f::<T>(a)", "T a"),
        ("S { a: b, c }", "S b c"),
        ("|a| a + b", "a b"),
        ("\"{a}\"", ""),
        ("f(\"a\")", "f"),
        // In macros every word counts, and what a format string captures.
        ("m!(a.b, c::d, e: f)", "a b c d e f m"),
        ("m!(\"{a} {b:?} {:>c$} {{d}} e {f.g}\")", "a b c d f m"),
        ("m!(n!([\"{a:>1$.b$}\"]))", "a b m n"),
        ("m!(r#\"{a}\"#)", "a m"),
        ("flow! { let a = b; \"{c}\" }", "a b c flow let"),
        ("r#type + a", "a type"),
    ] {
        assert_eq!(words_of(code).replace("1 ", ""), found, "{code}");
    }
}

#[test]
fn waits_for_what_is_named_and_what_is_required() {
    let ready = |source: &str, arm: usize| {
        let expansion = FLOW.expand(source).to_string();
        let poll = format!("__arm{arm} . as_mut () , ");
        let rest = expansion
            .split(&poll)
            .nth(1)
            .expect("the arm is polled")
            .to_owned();
        rest.split(") ?")
            .next()
            .expect("there is a first part")
            .to_owned()
    };
    let source = "let a = f(); let b = g(); let c = a + h(x.b); s(b); let a = c; t(); u(a)";
    assert_eq!(ready(source, 0), "true");
    assert_eq!(ready(source, 1), "true");
    assert_eq!(ready(source, 2), "__arm0 . is_none ()");
    assert_eq!(ready(source, 3), "__arm1 . is_none ()");
    assert_eq!(
        ready(source, 4),
        "__arm2 . is_none () && __arm3 . is_none ()"
    );
    assert_eq!(ready(source, 5), "__arm3 . is_none ()");
}

#[test]
fn knows_detach_from_a_name() {
    let detached = |source| FLOW.expand(source).to_string().contains("poll_detached");
    for source in [
        "detach f();",
        "detach { f() };",
        "detach async { 1 };",
        "detach match x {};",
    ] {
        assert!(detached(source), "{source}");
    }
    for source in [
        "detach(f);",
        "detach.f();",
        "detach = 1;",
        "detach as u8;",
        "detach::f();",
        "detach;",
    ] {
        assert!(!detached(source), "{source}");
    }
}

#[test]
fn refuses_what_cannot_run() {
    FLOW.assert_rejects("let a: u8; f(a)", "a", "a binding of a flow needs a value");
    FLOW.assert_rejects("#[cfg(x)] let a = 1; a", "#", "cannot be left out");
    FLOW.assert_rejects(
        "detach let a = f(); a",
        "detach",
        "`detach` is for a statement",
    );
    let empty = |source| {
        FLOW.expand(source)
            .to_string()
            .contains("this flow does nothing")
    };
    assert!(empty("") && empty("{}") && empty("async move {}"));
}
