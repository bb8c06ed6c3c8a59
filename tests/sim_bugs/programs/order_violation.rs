//! Order violation: a block is started, and then what it needs is set up. Mostly the setting up is faster.
//!
//! Lu, Park, Seo and Zhou, "Learning from Mistakes" (ASPLOS 2008): a third of all non-deadlock bugs; in the
//! Go study as well. The fix exchanges two lines.

use std::sync::Arc;

use csp::{lock::Mutex, prelude::*};

use super::join;

type Config = Arc<Mutex<Option<u32>>>;

async fn work(config: Config) -> u32 {
    config.lock().await.expect("it was configured")
}

pub(crate) fn buggy() {
    let config = Config::default();
    let worker = go(work(Arc::clone(&config)));
    *config.lock_blocking() = Some(4);
    assert_eq!(join([worker]), [4]);
}

pub(crate) fn fixed() {
    let config = Config::default();
    *config.lock_blocking() = Some(4);
    let worker = go(work(config));
    assert_eq!(join([worker]), [4]);
}
