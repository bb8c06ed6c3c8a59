//! A pipe that its reader leaves: head and body are written by two blocks; a reader that sees the body
//! first gives up, and says so to its caller, but not to the pipe. The writers wait for ever.
//!
//! "Messaging libraries" among the blocking bugs of the Go study (`io.Pipe` not closed). The fix closes the
//! pipe where the reader gives up.

use csp::prelude::*;

use super::{Chan, join};

const HEAD: &str = "head";
const BODY: &str = "body";

async fn read(pipe: Chan<&'static str>, close: bool) -> Result<&'static str, &'static str> {
    if take!(pipe.rx) != Some(HEAD) {
        if close {
            pipe.rx.close();
        }
        return Err("no head");
    }
    Ok(take!(pipe.rx).expect("the body"))
}

async fn write(pipe: Chan<&'static str>, text: &'static str) -> bool {
    put!(pipe.tx, text).is_ok()
}

fn run(close: bool) {
    let pipe = Chan::new(0);
    let writers = [HEAD, BODY].map(|text| go(write(pipe.clone(), text)));
    let reader = go(read(pipe, close));
    join([reader]);
    join(writers);
}

pub(crate) fn buggy() {
    run(false);
}

pub(crate) fn fixed() {
    run(true);
}
