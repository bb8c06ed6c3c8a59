//! What `#[csp::test]` expands to, and what it says about a test.

use proc_macro2::TokenStream;

use super::expand;

fn expansion(args: &str, item: &str) -> TokenStream {
    let parse = |source: &str| -> TokenStream { source.parse().expect("balanced") };
    expand(parse(args), &parse(item))
}

#[track_caller]
fn assert_says(args: &str, item: &str, text: &str) {
    let found = expansion(args, item).to_string();
    assert!(found.contains("compile_error"), "no error: {found}");
    assert!(found.contains(text), "found:\n{found}\nexpected:\n{text}");
    // What the user wrote is there for the editor, and is no test.
    assert!(!found.contains("prelude :: v1 :: test"), "{found}");
}

const ITEM: &str = "async fn works() { f().await }";

#[test]
fn keeps_the_function_and_its_attributes() {
    let found = expansion(
        "schedules = 100, allow_leaks, crate = my::csp,",
        "#[should_panic(expected = \"odd\")] /// Doc.\n pub(crate) async fn works() -> Result<(), E> { f().await }",
    );
    let file = syn::parse2::<syn::File>(found).expect("an item");
    let text = prettyplease::unparse(&file);
    assert_eq!(
        text,
        "#[should_panic(expected = \"odd\")]
/// Doc.
#[::core::prelude::v1::test]
pub(crate) fn works() {
    #[allow(
        clippy::unused_async,
        reason = \"a test may be async without awaiting anything\"
    )]
    async fn works() -> Result<(), E> {
        f().await
    }
    my::csp::__private::run_test(
        my::csp::__private::TestOptions {
            schedules: ::core::option::Option::Some(100),
            allow_leaks: true,
            ..my::csp::__private::TestOptions::NONE
        },
        || my::csp::block_on(works()),
    );
}
"
    );
}

#[test]
fn a_plain_function_is_called() {
    let found = expansion("", "fn works() { go() }").to_string();
    assert!(found.contains("works ,"), "{found}");
    assert!(found.contains(":: csp :: __private :: run_test"), "{found}");
    assert!(!found.contains("block_on"), "{found}");
}

#[test]
fn says_what_an_option_can_be() {
    assert_says(
        "schedule = 5",
        ITEM,
        "there is no option `schedule`; there are `schedules = N`",
    );
    assert_says(
        "schedules",
        ITEM,
        "`schedules` wants a number: `schedules = 3`",
    );
    assert_says("schedules = many", ITEM, "`schedules` wants a number");
    assert_says("schedules = 0", ITEM, "`schedules = 0` makes no sense");
    assert_says("allow_leaks = true", ITEM, "`allow_leaks` takes no value");
    assert_says("seed = 1, seed = 2", ITEM, "`seed` is given twice");
    let twice = expansion("seed = 1, seed = 2", ITEM).to_string();
    assert!(!twice.contains("two ways"), "{twice}");
    assert_says("crate = a, crate = b", ITEM, "`crate` is given twice");
    assert_says("crate = \"csp\"", ITEM, "`crate` wants a path");
    assert_says("schedules = -5", ITEM, "`schedules` wants a number");
    assert_says("seed = 99999999999999999999", ITEM, "`seed` wants a number");
    assert_says("steps = 5_i32", ITEM, "`steps = 5`");
    assert_says(
        "workers = 2, seed = 1",
        ITEM,
        "`seed` is about a simulation",
    );
    assert_says(
        "seed = 1, exhaustive",
        ITEM,
        "`seed` and `exhaustive` are two ways to find schedules",
    );
    assert!(
        !expansion("pct = 3, seed = 0, preemptions = 0", ITEM)
            .to_string()
            .contains("compile_error")
    );
}

#[test]
fn says_what_a_test_can_be() {
    assert_says("", "struct S;", "goes on a function");
    assert_says("", "fn f(n: u32) {}", "a test takes no arguments");
    assert_says("", "fn f<T>() {}", "a test cannot be generic");
    assert_says("", "unsafe fn f() {}", "a test cannot be `unsafe`");
    assert_says(
        "",
        "#[tokio::test] async fn f() {}",
        "makes it a test already",
    );
}

#[test]
fn unfinished_code_stays() {
    let found = expansion("", "async fn works() { let a = }").to_string();
    assert!(found.contains("let a ="), "{found}");
}
