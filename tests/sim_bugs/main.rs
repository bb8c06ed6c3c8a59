//! Classic concurrency bugs: what the simulator has to find, and what it must not find in the fixed programs.
//!
//! How soon it finds them, and how often plain runs do: `cargo run --release --example sim_bugs_table`.

#[path = "../util/cases.rs"]
mod cases;
mod harness;
mod programs;
mod search;
mod simulated;

use harness::{Tally, stress};
use programs::{BUGS, Bug};

const RUNS: u32 = 200;
/// 20 s of nothing, in rounds of 40 ms.
const PATIENCE: u32 = 500;

fn bug(name: &str) -> &'static Bug {
    let found = BUGS.iter().find(|bug| bug.name == name);
    found.expect("it is in the table")
}

macro_rules! tests {
    ($($name:ident)+) => {
        $(mod $name {
            #[test]
            fn the_fixed_program_passes_plain_runs() {
                super::passes_plain_runs(super::bug(stringify!($name)));
            }

            #[test]
            fn the_simulator_finds_the_bug() {
                super::simulated::is_found(super::bug(stringify!($name)));
            }

            #[test]
            fn the_simulator_finds_nothing_in_the_fixed_program() {
                super::simulated::passes(super::bug(stringify!($name)));
            }
        })+

        #[test]
        fn every_program_of_the_table_is_tested() {
            let tested = [$(stringify!($name)),+];
            assert!(BUGS.iter().map(|bug| bug.name).eq(tested));
        }
    };
}

tests! {
    lost_update dining_philosophers double_close missed_signal select_starvation leaky_timeout second_reply
    two_generals
    double_lock ab_ba read_twice lock_across_put wait_in_loop nobody_signals early_return missing_close
    errors_after_wait arm_never_enabled call_after_disconnect pipe
    order_violation atomicity_violation wrong_handle add_after_wait stop_or_tick select_default zero_timer
    message_order once_init lock_of_two
}

fn passes_plain_runs(bug: &Bug) {
    let Bug {
        name,
        category,
        fixed,
        ..
    } = *bug;
    let Tally {
        fine,
        panicked,
        hung,
        left,
        last,
    } = stress(fixed, RUNS, PATIENCE);
    assert_eq!(
        (fine, panicked, hung, left),
        (RUNS, 0, 0, 0),
        "{category:?} {name}: {last:?}"
    );
}
