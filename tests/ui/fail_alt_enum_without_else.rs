//! Where only types tell, rustc does.
use csp::prelude::*;

enum Word {
    Hello,
    Bye,
}

fn main() {
    let (_tx, rx) = chan::<Word>(0);
    go!({
        alt! {
            Word::Hello = park!(async { Word::Bye }) => (),
            _ = take!(rx) => (),
        }
    });
}
