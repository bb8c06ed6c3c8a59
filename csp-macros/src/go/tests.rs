//! What `go!` expands to, and what it says about a block.

use crate::testing::Macro;

const GO: Macro = Macro {
    prefix: "[csp]",
    expand: super::expand,
};

#[test]
fn numbers_park_points_in_source_order() {
    GO.assert_snapshot(
        "go_numbered",
        r#"{
    let first = take!(self.inputs[0]);
    while let Some(x) = csp::take!(timeout(ms(5))) {
        put!(tx, first + take!(b)).ok();
        println!("{x} {:?}", take!(c));
    }
    alt! { priority; v = take!(a), if open => put!(tx, v), _ = park!(go) => alts!(x, y) }
}"#,
    );
}

#[test]
fn leaves_what_is_not_its_own() {
    GO.assert_snapshot(
        "go_foreign",
        "async move {
    macro_rules! both { (take!($a:expr)) => { take!($a) } }
    mod inner { async fn f(c: &Receiver<u8>) { take!(c); } }
    let different = take !=(put);
    take!(@site(&MINE) rx);
    go!({ take!(rx) })
}",
    );
}

#[test]
fn replaces_misplaced_park_points() {
    GO.assert_snapshot(
        "go_misplaced",
        "{ v.iter().map(|x| csp::take!(x).unwrap()); sleep(d).await; thread::sleep(d) }",
    );
}

#[test]
fn accepts_every_form() {
    let expansion = |source| GO.expand(source).to_string();
    let plain = expansion("{ f() }");
    for form in ["async { f() }", "async move { f() }", "move { f() }"] {
        assert_eq!(expansion(form), plain);
    }
    GO.assert_accepts("let x = 1; { x }");
    GO.assert_accepts("f()");
    GO.assert_accepts("");
}

#[test]
fn a_call_alone_is_run_if_it_gives_a_future() {
    let runs = |source| GO.expand(source).to_string().contains("CalledValue");
    for call in [
        "f()",
        "a::b(c, d)",
        "self.serve(x)",
        "conn.run()",
        "Self::f()",
    ] {
        assert!(runs(call), "{call}");
    }
    for other in [
        "{ f() }",
        "f().await",
        "f();",
        "f()()",
        "vec![f()]",
        "x[0]",
        "(f())",
        "&f()",
        "take!(rx)",
    ] {
        assert!(!runs(other), "{other}");
    }
}

#[test]
fn keeps_its_shape_while_one_types() {
    GO.assert_survives_typing(
        "{ let x = take!(rx.ch).unwrap(); for y in &x { put!(tx, y.name).ok(); } x. }",
        "let __csp_go = csp :: __private :: go_at (__CspBlock , async move",
    );
}

#[test]
fn leaves_syntax_errors_to_rustc() {
    GO.assert_accepts("{ let x = ; take!(rx) }");
    GO.assert_accepts("{ rx. }");
}

#[test]
fn reports_park_points_in_closures() {
    let closure = "cannot be used inside a closure: a closure cannot be suspended";
    for (source, at) in [
        ("{ v.iter().map(|x| take!(x)) }", "take"),
        ("{ v.iter().for_each(|x| { put!(x, 1); }) }", "put"),
        ("{ let f = move || park!(x); }", "park"),
        ("{ let f = || alt! { x = take!(y) => {} }; }", "alt"),
        ("{ f(|| alts!(x, y)) }", "alts"),
        ("{ println!(\"{}\", v.map(|x| take!(x))) }", "take"),
        ("{ vec![v.map(|x| take!(x)); 2] }", "take"),
        ("{ alt! { x = take!(y) => v.map(|x| put!(x, 1)) } }", "put"),
        (
            "{ alt! { x = take!(y), if v.any(|x| take!(z)) => {} } }",
            "take!(z)",
        ),
        ("{ async { f(|| take!(x)) }.await }", "take"),
        ("{ flow! { detach f(|| take!(x)); 1 }.await }", "take"),
        ("{ flow!({ let a = f(|| take!(x)); a }).await }", "take"),
    ] {
        GO.assert_rejects(source, at, closure);
    }
    GO.assert_rejects(
        "{ f(|| take!(x)) }",
        "take",
        "`take!` parks the enclosing `go!` block",
    );
}

#[test]
fn reports_park_points_in_functions() {
    let message = "`take!` is inside `fn inner`, which is not part of this go! block; \
                   write `async fn inner` and call it with `inner(..).await`";
    for source in [
        "{ fn inner(x: &C) { take!(x); } }",
        "{ struct S; impl S { fn inner(&self) { take!(self.x); } } }",
        "{ trait T { fn inner(&self) { take!(self.x); } } }",
    ] {
        GO.assert_rejects(source, "take", message);
    }
}

#[test]
fn lets_async_code_park() {
    GO.assert_accepts("{ async fn inner(x: &C) { take!(x); } inner(&x).await }");
    GO.assert_accepts("{ let f = async |x| take!(x); f(y).await }");
    GO.assert_accepts("{ join(v.map(|x| async move { take!(x) })).await }");
    GO.assert_accepts("{ v.map(|x| go!({ take!(x) })) }");
    GO.assert_accepts("{ rt.go(async move { take!(x) }) }");
    GO.assert_accepts("{ v.map(|x| flow! { let a = take!(x); put!(y, a).ok(); }) }");
}

#[test]
fn reports_blocking_operations() {
    for (source, at, instead) in [
        ("{ x.take_blocking(); }", "take_blocking", "use `take!`"),
        ("{ x.take_blocking_for(d); }", "take_blocking_for", "`alt!`"),
        ("{ x.put_blocking(1); }", "put_blocking", "use `put!`"),
        (
            "{ x.put_blocking_for(1, d); }",
            "put_blocking_for",
            "`alt!`",
        ),
        (
            "{ for v in x.iter_blocking() {} }",
            "iter_blocking",
            "while let",
        ),
        (
            "{ Receiver::take_blocking(&x) }",
            "take_blocking",
            "use `take!`",
        ),
        ("{ thread::sleep(d) }", "sleep", "use `sleep(d).await`"),
        (
            "{ ::std::thread::sleep(d) }",
            "sleep",
            "use `sleep(d).await`",
        ),
        (
            "{ futures::executor::block_on(f) }",
            "block_on",
            "use `.await`",
        ),
        ("{ rt.block_on(f) }", "block_on", "use `.await`"),
        (
            "{ alt_blocking! { x = take!(y) => {} } }",
            "alt_blocking",
            "use `alt!`",
        ),
        ("{ alts_blocking!(x, y) }", "alts_blocking", "use `alts!`"),
        (
            "{ dbg!(x.take_blocking()) }",
            "take_blocking",
            "use `take!`",
        ),
        (
            "{ put!(y, x.take_blocking()) }",
            "take_blocking",
            "use `take!`",
        ),
        (
            "{ alt! { default => x.take_blocking(), v = take!(y) => {} } }",
            "take_b",
            "`take!`",
        ),
        (
            "{ async { x.take_blocking() }.await }",
            "take_blocking",
            "use `take!`",
        ),
    ] {
        GO.assert_rejects(source, at, instead);
    }
}

#[test]
fn lets_threads_block() {
    GO.assert_accepts("{ thread(move || x.take_blocking()).await }");
    GO.assert_accepts("{ thread(|| block_on(async { x.take_blocking() })) }");
    GO.assert_accepts("{ fn f() { thread::sleep(d) } thread(f) }");
    GO.assert_accepts(
        "{ allow_blocking!(thread::sleep(d)); csp::allow_blocking!(f(x.take_blocking())) }",
    );
    GO.assert_accepts("{ sleep(d).await; tokio::time::sleep(d).await; x.sleep() }");
}

#[test]
fn refuses_closures() {
    for source in ["|| f()", "move |x| f(x)", "async move || f()"] {
        GO.assert_rejects(source, "|", "`go!` starts a block, not a closure");
    }
}
