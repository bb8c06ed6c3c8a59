//! Double lock: who finds the cache empty calls what fills it, with the lock in hand, and that locks it
//! too.
//!
//! The commonest of Go's mutex bugs in the study. It strikes only where nobody has filled the cache before.
//! The fix is to unlock before the call.

use std::sync::Arc;

use csp::{lock::Mutex, prelude::*};

use super::join;

type Cache = Arc<Mutex<Option<u32>>>;

async fn refresh(cache: &Cache) {
    *cache.lock().await = Some(42);
}

async fn get(cache: Cache, unlock: bool) {
    let page = cache.lock().await;
    if page.is_none() {
        if unlock {
            drop(page);
        }
        refresh(&cache).await;
    }
}

fn run(unlock: bool) {
    let cache = Cache::default();
    let refresher = {
        let cache = Arc::clone(&cache);
        go!({ refresh(&cache).await })
    };
    join([refresher, go(get(cache, unlock))]);
}

pub(crate) fn buggy() {
    run(false);
}

pub(crate) fn fixed() {
    run(true);
}
