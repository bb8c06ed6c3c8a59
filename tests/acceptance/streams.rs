//! The programs about streams.

#[path = "../../examples/lamina/operators.rs"]
mod operators;

use crate::output;

#[test]
fn ax_07_operators_see_what_is_queued_and_close_goes_to_the_left() {
    assert_eq!(
        output(operators::run),
        "queued: 5\n\
         even: 2\n\
         even: 4\n\
         even: 6\n\
         closed from the right: 6 comes back\n"
    );
}
