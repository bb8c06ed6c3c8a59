//! A value that cannot leave its thread, in a flow that may.
use csp::prelude::*;
use std::rc::Rc;

fn main() {
    go!({
        flow! {
            let a = Rc::new(1);
            let b = {
                sleep(ms(1)).await;
                *a.as_ref()
            };
            b
        }
        .await
    });
}
