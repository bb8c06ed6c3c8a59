//! What `alts!` expands to, and what it says about its arguments.

use crate::testing::Macro;

const ALTS: Macro = Macro {
    prefix: "[csp] [park]",
    expand: super::expand,
};

const BLOCKING: Macro = Macro {
    prefix: "[csp] [block] @site(&SITES[0])",
    expand: super::expand,
};

#[test]
fn expands_to_a_choice() {
    ALTS.assert_snapshot("alts", "a.take(), b.put(f::<A, B>(v))");
    BLOCKING.assert_snapshot("alts_blocking", "a.take(), b.put(v), priority,");
    BLOCKING.assert_snapshot("alts_default", "a.take(), b.put(v), default, priority");
}

#[test]
fn expands_to_a_set() {
    ALTS.assert_snapshot("alts_set", "&mut set");
    BLOCKING.assert_snapshot("alts_set_default", "&mut set, default");
}

#[test]
fn refuses_misplaced_words() {
    ALTS.assert_rejects("priority, a.take()", "priority", "`priority` comes last");
    ALTS.assert_rejects(
        "a.take(), default, b.take()",
        "default",
        "`default` comes last",
    );
    ALTS.assert_rejects(
        "a.take(), default, default ",
        "default ",
        "`default` is here twice",
    );
}

#[test]
fn refuses_too_few_and_too_many_operations() {
    ALTS.assert_rejects(
        "default",
        "default",
        "alts! needs at least one operation or a set",
    );
    assert!(
        ALTS.expand("")
            .to_string()
            .contains("at least one operation")
    );
    let many = "a.take(), ".repeat(16);
    ALTS.assert_accepts(&many);
    ALTS.assert_rejects(
        &(many + "b.take()"),
        "b",
        "alts! takes at most 16 operations",
    );
}

#[test]
fn keeps_unfinished_operations() {
    ALTS.assert_survives_typing("a.take(), b.put(v.name), c.", "alt");
}
