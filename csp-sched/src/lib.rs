//! How csp's go blocks run: a work-stealing scheduler with a hand-off slot, a pool for what blocks, and
//! timeouts of shared resolution. Use the facade, `csp`.

mod builder;
mod cpus;
mod current;
mod dispatch;
mod go;
mod handle;
pub mod inspect;
mod local;
mod party;
mod runtime;
mod scope;
pub mod sim;
mod sync;
mod test_run;
#[doc(hidden)]
pub mod testing;
mod time;
mod workload;

use std::{
    collections::HashSet,
    fmt,
    io::Write,
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, catch_unwind},
};

use csp_core::BlockSite;

pub use builder::{BuildError, Builder};
#[doc(inline)]
pub use csp_macros::test;
pub use current::{Entered, workers};
pub use dispatch::dispatch;
pub use go::{go, thread, to_promise_chan, yield_now};
pub use handle::{Handle, TimeHold};
pub use local::Local;
pub use runtime::{Runtime, Shutdown, ShutdownError};
pub use scope::{Scope, ScopedGo, scope};
pub use time::{Interval, Timeout, deadline, interval, ms, now, secs, sleep, timeout, within};
pub use workload::{Job, Workload, compute, futurize, io_thread, thread_on};

/// What the macros' expansions name. Not part of the public API.
#[doc(hidden)]
pub mod __private {
    pub use crate::{
        go::{Allowed, Called, CalledValue, go_at},
        test_run::{TestOptions, TestResult, run_test},
    };
    pub use csp_core::__private::*;
    pub use csp_macros::go_impl;
}

/// Says something that nobody asked for but somebody must know.
fn report(what: fmt::Arguments<'_>) {
    // There is nobody to tell if stderr is gone.
    let _unheard = writeln!(std::io::stderr(), "csp: {what}");
}

/// Calls code of the user's from where nobody may be unwound. `None`: it panicked, which was reported.
fn catch<R>(what: &str, f: impl FnOnce() -> R) -> Option<R> {
    let result = catch_unwind(AssertUnwindSafe(f));
    result
        .map_err(|payload| {
            // Its drop may panic as well; what that panics with is leaked, since it might do so again.
            if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                let _leaked = ManuallyDrop::new(again);
            }
            report(format_args!("{what} panicked; csp goes on without it"));
        })
        .ok()
}

/// Says once for each place that a go block blocks its worker. Debug builds only.
fn report_blocking(site: &BlockSite) {
    type Seen = sync::Mutex<HashSet<(&'static str, u32, u32)>>;
    static SEEN: sync::OnceLock<Seen> = sync::OnceLock::new();
    let seen = SEEN.get_or_init(|| sync::Mutex::new(HashSet::new()));
    if seen
        .lock()
        .insert((site.file(), site.line(), site.column()))
    {
        report(format_args!(
            "the go block at {site} blocks a worker thread; another thread takes over its queue. Park \
             instead (take!, put!, .await), or move the work to `thread`. (Said once a place, in debug \
             builds.)"
        ));
    }
}
