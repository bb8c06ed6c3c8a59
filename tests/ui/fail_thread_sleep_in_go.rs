//! `sleep` parks a block, `thread::sleep` stops a thread.
use csp::prelude::*;
use std::thread;

fn main() {
    go!({
        thread::sleep(ms(1));
        std::thread::sleep(ms(1));
        println!("{:?}", std::thread::sleep(ms(1)));
    });
}
