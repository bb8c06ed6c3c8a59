//! Dumps: what is shown of blocks, channels, alts, promises, timers and threads, and that looking disturbs nobody.

mod formats;
mod inside;
mod million;
mod names;
mod parked;
#[cfg(unix)]
mod signal;
mod stress;
mod switch;
mod text;
mod time;
mod util;
