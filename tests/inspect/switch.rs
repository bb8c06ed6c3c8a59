//! On and off.

use csp::{
    Local,
    inspect::{disable, dump, enable, is_enabled},
    prelude::*,
    promise::promise,
};

use crate::util::on;

/// What was made while it was off is not known, what was made while it was on goes when it ends, whatever the
/// switch says then.
#[test]
fn on_and_off_and_on() {
    let _on = on();
    let local = Local::new();
    disable();
    let early = chan::<u32>(0);
    enable();
    let noted = chan::<u32>(0);
    let (resolver, answer) = promise::<u32, csp::Error>();
    let block = local.go(std::future::pending::<()>());
    disable();
    assert!(!is_enabled());
    let late = chan::<u32>(0);
    let seen = dump();
    assert!(!seen.is_enabled);
    assert!(seen.channel(noted.0.id()).is_some());
    assert!(seen.channel(early.0.id()).is_none() && seen.channel(late.0.id()).is_none());
    assert_eq!(seen.promises.len(), 1);
    assert!(seen.block(block.id()).unwrap().started_by.is_some());
    let id = noted.0.id();
    drop((early, noted, late, resolver, answer));
    block.cancel();
    local.run_until_idle();
    enable();
    let seen = dump();
    assert!(seen.channel(id).is_none() && seen.promises.is_empty());
    assert!(seen.block(block.id()).is_none());
}

#[test]
fn a_dump_of_what_is_off_says_so() {
    let _on = on();
    disable();
    assert!(dump().to_string().contains("Inspection is off"));
    enable();
    assert!(!dump().to_string().contains("Inspection is off"));
}
