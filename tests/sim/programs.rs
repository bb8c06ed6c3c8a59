//! Programs of `examples/`, under random schedules: whatever the order, they say what they have to say.
#![allow(dead_code, reason = "an example is a program of its own, with a main")]

use std::{error::Error, io::Write};

use csp::sim::Sim;

#[path = "../../examples/twisted/basic_deferred.rs"]
mod basic_deferred;
#[path = "../../examples/twisted/beep.rs"]
mod beep;
#[path = "../../examples/lamina/collatz.rs"]
mod collatz;
#[path = "../../examples/lamina/count_to_five.rs"]
mod count_to_five;
#[path = "../../examples/lamina/deadline.rs"]
mod deadline;
#[path = "../../examples/lamina/error_redirect.rs"]
mod error_redirect;
#[path = "../../examples/lamina/eventual_sum.rs"]
mod eventual_sum;
#[path = "../../examples/lamina/force.rs"]
mod force;
#[path = "../../examples/lamina/nested_tasks.rs"]
mod nested_tasks;
#[path = "../../examples/lamina/operators.rs"]
mod operators;
#[path = "../../examples/lamina/read_channel.rs"]
mod read_channel;
#[path = "../../examples/lamina/retry.rs"]
mod retry;
#[path = "../../examples/task/sequences.rs"]
mod sequences;
#[path = "../../examples/lamina/try_catch.rs"]
mod try_catch;
#[path = "../../examples/task/whoops.rs"]
mod whoops;

type Run = fn(&mut dyn Write) -> Result<(), Box<dyn Error>>;

/// It says the same under each of some schedules.
#[track_caller]
fn says_the_same(run: Run) {
    let before = std::cell::RefCell::new(None);
    Sim::random(1)
        .schedules(40)
        .steps(1_000_000)
        .allow_panics()
        .allow_leaks()
        .progress(false)
        .explore(|| {
            let mut page = Vec::new();
            run(&mut page).unwrap();
            let page = String::from_utf8(page).unwrap();
            assert!(!page.is_empty());
            let before = before
                .borrow_mut()
                .get_or_insert_with(|| page.clone())
                .clone();
            assert_eq!(page, before);
        });
}

macro_rules! programs {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            says_the_same(|page| super::$name::run(page));
        }
    )*};
}

mod run {
    use super::says_the_same;
    programs! {
        basic_deferred beep collatz count_to_five deadline error_redirect eventual_sum force nested_tasks
        operators read_channel retry sequences try_catch whoops
    }
}
