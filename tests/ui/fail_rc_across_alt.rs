//! The same for `alt!`.
use csp::prelude::*;
use std::rc::Rc;

fn main() {
    let (_tx, rx) = chan::<u64>(0);
    go!({
        let r = Rc::new(1u64);
        alt! {
            _ = take!(rx) => (),
            _ = take!(timeout(ms(5))) => (),
        }
        println!("{r}");
    });
}
