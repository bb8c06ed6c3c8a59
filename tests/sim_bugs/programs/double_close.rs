//! Double close: whoever ends the service first says goodbye, once. Two who look at the same time whether
//! it is closed both find it open.
//!
//! In the Go study (Docker), where a second `close` panics. In csp closing again is harmless, what goes
//! with it need not be. The fix: `close` tells who was first.

use std::sync::Arc;

use csp::prelude::*;

use super::{Chan, join};

struct Service {
    open: Chan<()>,
    goodbyes: Sender<()>,
}

fn look_then_close(service: &Service) {
    if !service.open.tx.is_closed() {
        service.open.tx.close();
        service.goodbyes.try_put(()).ok();
    }
}

fn close(service: &Service) {
    if service.open.tx.close() {
        service.goodbyes.try_put(()).ok();
    }
}

fn run(end: fn(&Service)) {
    let (goodbyes, said) = chan(2);
    let open = Chan::new(0);
    let service = Arc::new(Service { open, goodbyes });
    let enders = [(); 2].map(|()| {
        let service = Arc::clone(&service);
        go!({ end(&service) })
    });
    join(enders);
    assert_eq!(said.len(), 1, "goodbyes");
}

pub(crate) fn buggy() {
    run(look_then_close);
}

pub(crate) fn fixed() {
    run(close);
}
