//! What `alt!` expands to, and what it says about its arms.

use crate::testing::Macro;

const ALT: Macro = Macro {
    prefix: "[csp] [park]",
    expand: super::expand,
};

const BLOCKING: Macro = Macro {
    prefix: "[csp] [block]",
    expand: super::expand,
};

const SITED: Macro = Macro {
    prefix: "[csp] [park] @site(&SITES[0])",
    expand: super::expand,
};

const NOT_AN_ARM: &str = "expected `PATTERN = take!(ch) => …`, `PATTERN = put!(ch, value) => …`, \
                          `PATTERN = park!(future) => …`, `else PATTERN => …` or `default => …`";

#[test]
fn expands_every_kind_of_arm() {
    SITED.assert_snapshot(
        "alt_every_arm",
        r#"priority;
    Some(x) = csp::take!(@site(&SITES[1]) a.b), if open => { total += x }
    ok = put!(@site(&SITES[2]) tx, v) => match ok { Ok(()) => break, Err(_) => continue },
    _ = take!(@site(&SITES[3]) timeout(ms(5))) if n > 3 => println!("{v}"),
    r: Result<u8, E> = park!(@site(&SITES[4]) future) => r?,
    else none => return v,"#,
    );
}

#[test]
fn expands_outside_go() {
    ALT.assert_snapshot(
        "alt_outside_go",
        "v = take!(a) => v, _ = put!(tx, f(1)) => None",
    );
}

#[test]
fn expands_to_the_plain_operation() {
    ALT.assert_snapshot("alt_single", "Ok(n) | Err(n) = park!(future) => n");
    BLOCKING.assert_snapshot(
        "alt_single_blocking",
        "Some(v) = take!(rx) => v, else _ => 0",
    );
}

/// Found by fuzzing: it was left out, and rustc did not even see what was in it.
#[test]
fn keeps_an_else_that_no_pattern_needs() {
    ALT.assert_snapshot(
        "alt_else_for_nobody",
        "v = take!(a) => v, _ = put!(tx, 1) => 0, else other => handle(other)",
    );
}

#[test]
fn expands_default_without_waiting() {
    BLOCKING.assert_snapshot(
        "alt_default",
        "_ = put!(tx, mut v) => {} x = take!(rx) => v.push(x), default => {}",
    );
}

#[test]
fn gives_back_what_a_body_speaks_of() {
    let backs = |source| ALT.expand(source).to_string().matches("given_back").count();
    assert_eq!(backs("_ = put!(a, v) => {} x = take!(b) => f(v)"), 1);
    assert_eq!(
        backs("_ = put!(a, v) => {} x = take!(b) => print!(\"{v:?}\")"),
        1
    );
    assert_eq!(
        backs("_ = put!(a, v) => {} Some(_) = take!(b) => {} else _ => f(v)"),
        1
    );
    assert_eq!(backs("_ = put!(a, v) => {} default => f(v)"), 1);
    assert_eq!(
        backs("_ = put!(a, mut v) => {} x = take!(b) => {} y = take!(c) => {}"),
        2
    );
    // Nobody asks for it, or only the arm that has used it up.
    assert_eq!(backs("_ = put!(a, v) => f(v), x = take!(b) => f(x.vs)"), 0);
    assert_eq!(
        backs("_ = put!(a, v.clone()) => {} x = take!(b) => f(v)"),
        0
    );
    assert_eq!(backs("_ = put!(a, V) => {} x = take!(b) => f(V)"), 0);
    assert_eq!(backs("_ = put!(a, self) => {} x = take!(b) => f(self)"), 0);
}

#[test]
fn takes_bodies_as_a_match_does() {
    let arms = |source| ALT.expand(source).to_string().contains("Of2");
    assert!(arms("x = take!(a) => { 1 } y = take!(b) => 2"));
    assert!(arms(
        "x = take!(a) => if c { 1 } else { 2 } y = take!(b) => 2,"
    ));
    assert!(arms(
        "x = take!(a) => match x { _ => 1 } y = take!(b) => 2,"
    ));
    assert!(arms(
        "x = take!(a) => f::<A, B>(x), y = take!(b) => return,"
    ));
    assert!(arms(
        "x = take!(a) => { 1 }.max(2), y = take!(b) => |a, b| a"
    ));
    assert!(arms("default = take!(a) => default, _ = take!(b) => 1"));
}

#[test]
fn tells_patterns_that_may_not_match() {
    let must = "add an `else` arm: it receives what did not match";
    for pattern in [
        "Some(x)",
        "None",
        "Ok(_)",
        "0",
        "(1..=3, x)",
        "'a' | 'b'",
        "&Some(x)",
        "P { x: Some(_) }",
    ] {
        let source = format!("{pattern} = take!(jobs) => 1");
        ALT.assert_rejects(&source, pattern, must);
        ALT.assert_accepts(&format!("{source}, else _ => 2"));
    }
    for pattern in [
        "x",
        "_",
        "mut x",
        "ref x",
        "(a, _)",
        "&x",
        "x @ _",
        "Point { x, y }",
        "LIMIT",
        "[a, b]",
        "Ok(n) | Err(n)",
    ] {
        ALT.assert_accepts(&format!("{pattern} = take!(jobs) => 1"));
    }
    ALT.assert_rejects(
        "Some(x) = take!(self.jobs) => 1",
        "Some",
        "every outcome of `take!(self.jobs)`",
    );
}

#[test]
fn keeps_its_arms_while_one_types() {
    ALT.assert_survives_typing(
        "x = take!(a.ch) => x., Some(y) = put!(b, y) => { y.z } else q => q.",
        "",
    );
}

#[test]
fn refuses_what_is_no_arm() {
    for (source, at) in [
        ("take!(a) => 1", "take"),
        ("x => 1", "x"),
        ("x = f(a) => 1", "f"),
        ("x = a.take() => 1", "a.take"),
        ("x = vec![a] => 1", "vec"),
        ("x = alt! {} => 1", "alt"),
        ("x = => 1", "= =>"),
        ("1 + 2 = take!(a) => 1", "+"),
        ("x = 5 => 1", "5"),
        ("=> 1", "=>"),
        ("x = take!(b) => 1, default 5 => 1", "5"),
    ] {
        ALT.assert_rejects(source, at, NOT_AN_ARM);
    }
}

#[test]
fn refuses_wrong_operations() {
    for (source, at, message) in [
        ("x = take(a) => 1", "take", "write `take!(…)`"),
        ("x = csp::put(a, 1) => 1", "put", "write `put!(…)`"),
        (
            "_ = timeout(d) => 1",
            "timeout",
            "write `take!(timeout(…))`",
        ),
        ("x = take!() => 1", "take", "`take!` takes one channel"),
        ("x = take!(a, b) => 1", "take", "`take!` takes one channel"),
        (
            "x = put!(a) => 1",
            "put",
            "`put!` needs a channel and a value: `put!(ch, value)`",
        ),
        (
            "x = put!(a, b, c) => 1",
            "put",
            "`put!` needs a channel and a value",
        ),
        ("x = park!() => 1", "park", "`park!` takes one future"),
        (
            "x = put!(a, mut f()) => 1",
            "mut",
            "`mut` is for a variable",
        ),
        (
            "x = put!(a, mut self) => 1",
            "mut",
            "`mut` is for a variable",
        ),
    ] {
        ALT.assert_rejects(source, at, message);
    }
    ALT.assert_accepts("x = take!(a,) => 1, y = put!(f::<A, B>(), g(1, 2),) => 2");
}

#[test]
fn refuses_arms_without_an_end() {
    for (source, at, message) in [
        ("x = take!(a)", "x", "needs a `=>`"),
        ("default", "default", "needs a `=>`"),
        (
            "x = take!(a), y = take!(b) => 1",
            "take",
            "expected `=> …` or `, if condition => …`",
        ),
        (
            "x = take!(a) { 1 }",
            "take",
            "expected `=> …` or `, if condition => …`",
        ),
        ("x = take!(a) =>", "=>", "expected an expression after `=>`"),
        (
            "x = take!(a) => , y = take!(b) => 1",
            "=>",
            "expected an expression after `=>`",
        ),
        (
            "x = take!(a) => f() y = take!(b) => 1",
            "y",
            "expected `,` between two arms",
        ),
        (
            "x = take!(a), if => 1",
            "if",
            "expected a condition after `if`",
        ),
    ] {
        ALT.assert_rejects(source, at, message);
    }
}

#[test]
fn refuses_arms_out_of_place() {
    for (source, at, message) in [
        (
            "x = take!(a) => 1, default => 2, default => 3",
            "default => 3",
            "only one `default`",
        ),
        (
            "default => 2, x = take!(a) => 1",
            "default",
            "`default` must be the last arm",
        ),
        (
            "x = take!(a) => 1, default => 2, else _ => 1",
            "default",
            "`default` must be the last",
        ),
        (
            "x = take!(a) => 1, else _ => 2, else y => 3",
            "else y",
            "only one `else` arm",
        ),
        (
            "else _ => 2, Some(x) = take!(a) => 1",
            "else",
            "`else` must come after the arms",
        ),
        (
            "x = take!(a) => 1, else => 2",
            "else",
            "`else` needs a pattern",
        ),
        (
            "x = take!(a) => 1, default if y => 2",
            "if",
            "`default` takes no guard",
        ),
        (
            "x = take!(a) => 1, else _, if y => 2",
            ", if y",
            "`else` takes no guard",
        ),
        (
            "biased; x = take!(a) => 1",
            "biased",
            "only `priority` may stand here",
        ),
    ] {
        ALT.assert_rejects(source, at, message);
    }
}

#[test]
fn refuses_too_few_and_too_many_arms() {
    let arms = |count| "x = take!(a) => 1, ".repeat(count);
    ALT.assert_accepts(&arms(16));
    ALT.assert_rejects(
        &(arms(16) + "y = take!(a) => 1"),
        "y =",
        "alt! takes at most 16 arms",
    );
    let no_arm = |source| ALT.expand(source).to_string().contains("at least one arm");
    assert!(no_arm("") && no_arm("priority;") && no_arm("default => 1"));
}

#[test]
fn reports_every_mistake_at_once() {
    let expansion = ALT
        .expand("x = take(a) => 1, y = put!(b) => 2, z = take!(c) => 3")
        .to_string();
    assert_eq!(expansion.matches("compile_error").count(), 2);
    assert!(expansion.contains("take_at"), "the good arm is still there");
}
