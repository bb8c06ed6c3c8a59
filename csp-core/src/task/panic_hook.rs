//! The one place that every panic of a block or callback passes.

use std::any::Any;

use crate::{
    error::Panicked,
    site::BlockSite,
    sync::plain::{Arc, Mutex, PoisonError},
};

type Hook = Arc<dyn Fn(&Panicked) + Send + Sync>;

static HOOK: Mutex<Option<Hook>> = Mutex::new(None);

/// Calls `hook` for each panic that ends a go block or a callback, after std's own hook has printed
/// it. The one set last counts.
///
/// ```
/// # fn log(_: &csp::Panicked) {}
/// csp::set_panic_hook(|panic| log(panic));
/// ```
pub fn set_panic_hook(hook: impl Fn(&Panicked) + Send + Sync + 'static) {
    let new: Hook = Arc::new(hook);
    // The old hook is dropped after the lock is free.
    let _old = HOOK
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .replace(new);
}

/// Makes a [`Panicked`] of a caught payload, and shows it to the hook.
pub(crate) fn report(payload: Box<dyn Any + Send>, site: Option<BlockSite>) -> Panicked {
    let panicked = Panicked::new(payload, site);
    let hook = HOOK.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(hook) = hook {
        hook(&panicked);
    }
    panicked
}
