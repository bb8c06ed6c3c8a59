//! Three clients, one hub.

use crate::output;

#[path = "../../examples/lamina/broadcast.rs"]
mod example;

#[test]
fn ax_08_whatever_one_says_all_hear() {
    let expected = "\
client 1 is connected
client 2 is connected
client 3 is connected
client 1 says x: client 1 hears x
client 1 says x: client 2 hears x
client 1 says x: client 3 hears x
client 3 has left
client 2 says y: client 1 hears y
client 2 says y: client 2 hears y
one more has left
the last has left
client 4 is connected
client 1 says z: client 1 hears z
";
    assert_eq!(output(example::run), expected);
}
