//! Wait inside the loop: all plugins are counted before they are started, and the wait for all of them
//! stands in the loop that starts them. The second is never started.
//!
//! In the Go study (Docker). Wrong in every schedule. The fix moves a line out of the loop.

use std::sync::Arc;

use csp::prelude::*;

use super::{join, wait_group::WaitGroup};

const PLUGINS: usize = 3;

async fn start(inside: bool) {
    let group = Arc::new(WaitGroup::default());
    group.add(PLUGINS).await;
    for _ in 0..PLUGINS {
        let started = Arc::clone(&group);
        drop(go!({ started.done().await }));
        if inside {
            group.wait().await;
        }
    }
    if !inside {
        group.wait().await;
    }
}

pub(crate) fn buggy() {
    join([go(start(true))]);
}

pub(crate) fn fixed() {
    join([go(start(false))]);
}
