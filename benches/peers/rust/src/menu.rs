//! The list of everything that can be run.

use std::fmt;

use csp::go;

use crate::{
    chan::Channel,
    measure::{self, Outcome},
    rt::Runtime,
    stackful::Stackful,
    threads::ThreadChannel,
};

/// What an implementation is to the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// csp, as its documentation says.
    Ours,
    /// csp in another of its forms.
    Variant,
    Peer,
    /// One that does less than the workload asks for: without bound, say, or lossy.
    Less(&'static str),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours => f.write_str("ours"),
            Self::Variant => f.write_str("variant"),
            Self::Peer => f.write_str("peer"),
            Self::Less(why) => write!(f, "less\t{why}"),
        }
    }
}

/// One implementation of one workload.
pub(crate) struct Entry {
    pub(crate) workload: &'static str,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Starts what is not to be measured.
    prepare: fn(),
    run: Box<dyn FnOnce() -> Outcome>,
}

impl Entry {
    /// Runs it, and gives the line that says what it took.
    pub(crate) fn run(self) -> String {
        (self.prepare)();
        measure::measured(self.run)
    }
}

/// All of them; also which workload the next ones belong to, and its size.
pub(crate) struct Menu {
    /// Sizes are divided by this.
    shrink: u64,
    workload: &'static str,
    pub(crate) entries: Vec<Entry>,
}

impl Menu {
    pub(crate) fn new(shrink: u64) -> Self {
        Self {
            shrink,
            workload: "",
            entries: Vec::new(),
        }
    }

    /// Begins with the next workload. Gives the number of its operations, here and now.
    pub(crate) fn workload(&mut self, name: &'static str, operations: u64) -> u64 {
        self.workload = name;
        self.scaled(operations)
    }

    pub(crate) fn scaled(&self, n: u64) -> u64 {
        (n / self.shrink).max(100)
    }

    pub(crate) fn csp(&mut self, run: impl FnOnce() -> Outcome + 'static) {
        self.add("csp".into(), Kind::Ours, start_csp, run);
    }

    pub(crate) fn csp_variant(&mut self, name: &str, run: impl FnOnce() -> Outcome + 'static) {
        self.add(format!("csp/{name}"), Kind::Variant, start_csp, run);
    }

    /// On an executor alone.
    pub(crate) fn on<R: Runtime>(&mut self, run: impl FnOnce() -> Outcome + 'static) {
        self.add(R::NAME.into(), Kind::Peer, start::<R>, run);
    }

    /// On an executor, with a kind of channel that has room for `capacity` messages.
    pub(crate) fn pair<R: Runtime, C: Channel>(
        &mut self,
        capacity: usize,
        form: &str,
        run: impl FnOnce() -> Outcome + 'static,
    ) {
        let room = room(capacity, C::RENDEZVOUS);
        let name = format!("{}+{}{room}{form}", R::NAME, C::NAME);
        self.add(name, Kind::Peer, start::<R>, run);
    }

    /// On an executor, by another name or with something to be said about it.
    pub(crate) fn named<R: Runtime>(
        &mut self,
        name: &str,
        kind: Kind,
        run: impl FnOnce() -> Outcome + 'static,
    ) {
        self.add(format!("{}+{name}", R::NAME), kind, start::<R>, run);
    }

    /// On a stackful runtime, with its own channels.
    pub(crate) fn stackful<S: Stackful>(&mut self, run: impl FnOnce() -> Outcome + 'static) {
        self.add(S::NAME.into(), S::CHANNELS, start_stackful::<S>, run);
    }

    /// On a stackful runtime, by another name or with something to be said about it.
    pub(crate) fn with<S: Stackful>(
        &mut self,
        name: &str,
        kind: Kind,
        run: impl FnOnce() -> Outcome + 'static,
    ) {
        self.add(name.into(), kind, start_stackful::<S>, run);
    }

    /// Between threads, with a kind of channel that has room for `capacity` messages.
    pub(crate) fn thread<C: ThreadChannel>(
        &mut self,
        capacity: usize,
        form: &str,
        run: impl FnOnce() -> Outcome + 'static,
    ) {
        let room = room(capacity, C::RENDEZVOUS);
        self.plain(&format!("{}{room}{form}", C::NAME), C::KIND, run);
    }

    /// Between futures on threads of their own, with a kind of channel that has room for `capacity` messages.
    pub(crate) fn future<C: Channel>(
        &mut self,
        capacity: usize,
        run: impl FnOnce() -> Outcome + 'static,
    ) {
        let room = room(capacity, C::RENDEZVOUS);
        self.plain(&format!("{}{room}", C::NAME), Kind::Peer, run);
    }

    /// What needs no runtime, or starts its own.
    pub(crate) fn plain(
        &mut self,
        name: &str,
        kind: Kind,
        run: impl FnOnce() -> Outcome + 'static,
    ) {
        self.add(name.into(), kind, || {}, run);
    }

    fn add(
        &mut self,
        name: String,
        kind: Kind,
        prepare: fn(),
        run: impl FnOnce() -> Outcome + 'static,
    ) {
        self.entries.push(Entry {
            workload: self.workload,
            name,
            kind,
            prepare,
            run: Box::new(run),
        });
    }
}

/// What a name says of the room, if it is not what the workload asks for.
fn room(capacity: usize, rendezvous: bool) -> &'static str {
    if capacity == 0 && !rendezvous {
        "(cap1)"
    } else {
        ""
    }
}

fn start_csp() {
    go!({}).wait().expect("an empty block ends");
}

fn start<R: Runtime>() {
    R::run(async {});
}

fn start_stackful<S: Stackful>() {
    S::run(|| {});
}

/// Adds a workload for an executor with each of these channels:
/// `pairs!(menu, capacity, "form", Tokio: [Kanal, Flume]; |R, C| || run::<R, C>())`.
macro_rules! pairs {
    ($menu:ident, $capacity:expr, $form:expr, $($runtime:ident: [$($chan:ident),* $(,)?]),*; |$R:ident, $C:ident| $run:expr) => {
        $($({
            type $R = $crate::rt::$runtime;
            type $C = $crate::chan::$chan;
            $menu.pair::<$R, $C>($capacity, $form, $run);
        })*)*
    };
}

/// The same for each executor alone.
macro_rules! runtimes {
    ($menu:ident, |$R:ident| $run:expr) => {{
        type $R = $crate::rt::Tokio;
        $menu.on::<$R>($run);
    }
    {
        type $R = $crate::rt::Smol;
        $menu.on::<$R>($run);
    }};
}

/// The same for each stackful runtime.
macro_rules! stackful {
    ($menu:ident, |$S:ident| $run:expr) => {{
        type $S = $crate::stackful::May;
        $menu.stackful::<$S>($run);
    }
    {
        type $S = $crate::stackful::GoLib;
        $menu.stackful::<$S>($run);
    }};
}

/// The same for each of these channels between threads.
macro_rules! threads {
    ($menu:ident, $capacity:expr, $form:expr, [$($chan:ident),* $(,)?]; |$C:ident| $run:expr) => {
        $({
            type $C = $crate::threads::$chan;
            $menu.thread::<$C>($capacity, $form, $run);
        })*
    };
}

/// The same for each of these channels between futures.
macro_rules! futures {
    ($menu:ident, $capacity:expr, [$($chan:ident),* $(,)?]; |$C:ident| $run:expr) => {
        $({
            type $C = $crate::chan::$chan;
            $menu.future::<$C>($capacity, $run);
        })*
    };
}

pub(crate) use {futures, pairs, runtimes, stackful, threads};
