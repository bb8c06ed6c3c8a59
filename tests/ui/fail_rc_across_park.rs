//! A block moves between workers, so what it holds across a park point is Send.
use csp::prelude::*;
use std::rc::Rc;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        let r = Rc::new(1u64);
        take!(rx);
        println!("{r}");
    });
}
