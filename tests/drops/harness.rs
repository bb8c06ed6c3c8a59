//! The harness: scenes, values that are accounted for, and the runs that drop a future at each event.
//!
//! An *event* is a poll of the future, or a turn of the executor that its partners are on. The first run counts
//! them; the next ones drop the future after event 0 (before the first poll), 1, 2, … to the last: parked, woken
//! and not polled yet, polled again. All this at three paces, which interleave future and partners differently.

use crate::cases;
use std::{
    cell::Cell,
    fmt,
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use csp::{Closed, Local, Receiver, Sender, yield_now};

/// How future and partners take turns.
#[derive(Debug, Clone, Copy)]
enum Pace {
    /// The future is polled as soon as it was woken.
    Eager,
    /// The others run until nothing is due, and only then the future is polled.
    Lazy,
    /// The future is polled after each turn, woken or not, each time with another waker.
    Restless,
}

const PACES: [Pace; 3] = [Pace::Eager, Pace::Lazy, Pace::Restless];
/// More events than any scene has: it hangs.
const HANGS: usize = 5000;

/// What became of the values of a run, and how often its callbacks were called.
#[derive(Clone, Default)]
pub(crate) struct Book(Arc<Counts>);

#[derive(Default)]
struct Counts {
    made: AtomicUsize,
    taken: AtomicUsize,
    dropped: AtomicUsize,
    calls: AtomicUsize,
    /// The call that panics, from 1.
    fuse: AtomicUsize,
}

fn count(of: &AtomicUsize) -> usize {
    of.fetch_add(1, Ordering::SeqCst) + 1
}

fn read(of: &AtomicUsize) -> usize {
    of.load(Ordering::SeqCst)
}

/// What an injected panic panics with.
pub(crate) struct Injected;

impl Book {
    pub(crate) fn value(&self, n: u32) -> Item {
        count(&self.0.made);
        let book = self.clone();
        Item {
            n,
            is_taken: false,
            book,
        }
    }

    /// A callback is called: at the call that the run is about it panics.
    pub(crate) fn call(&self) {
        if count(&self.0.calls) == read(&self.0.fuse) {
            std::panic::panic_any(Injected);
        }
    }

    /// A block that puts values, and counts those as taken that come back.
    pub(crate) fn feed(&self, tx: Sender<Item>, values: u32) {
        let book = self.clone();
        csp::go!({
            for n in 1..=values {
                yield_now().await;
                if let Err(Closed(back)) = tx.put(book.value(n)).await {
                    back.taken();
                    return;
                }
            }
        });
    }

    /// A block that takes everything.
    #[expect(clippy::unused_self, reason = "it reads as `feed` does")]
    pub(crate) fn eat(&self, rx: Receiver<Item>) {
        csp::go!({
            while let Some(item) = rx.take().await {
                item.taken();
                yield_now().await;
            }
        });
    }
}

/// A value that is either taken or dropped, and counted as what it was.
#[derive(PartialEq)]
pub(crate) struct Item {
    pub(crate) n: u32,
    is_taken: bool,
    book: Book,
}

impl PartialEq for Book {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Item {
    /// It has come to where it should, or was given back.
    pub(crate) fn taken(mut self) {
        self.is_taken = true;
    }
}

impl Clone for Item {
    fn clone(&self) -> Self {
        self.book.call();
        self.book.value(self.n)
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        let Counts { taken, dropped, .. } = &*self.book.0;
        count(if self.is_taken { taken } else { dropped });
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.n)
    }
}

/// What is there to be had goes to whoever looks.
pub(crate) fn drain(rx: &Receiver<Item>) -> usize {
    std::iter::from_fn(|| rx.try_take().ok().map(Item::taken)).count()
}

/// The future under test, and what is to be done once it is gone.
pub(crate) struct Scene {
    future: Pin<Box<dyn Future<Output = ()>>>,
    finish: Box<dyn FnOnce()>,
    /// How many values may be dropped with the future, because its docs say so; and if it was not dropped.
    may_drop: usize,
    always_drops: usize,
}

impl Scene {
    pub(crate) fn new(future: impl Future<Output = ()> + 'static) -> Self {
        Self {
            future: Box::pin(future),
            finish: Box::new(|| ()),
            may_drop: 0,
            always_drops: 0,
        }
    }

    /// What the others do once the future is gone: they go on, look at what is left, and let go.
    pub(crate) fn then(mut self, finish: impl FnOnce() + 'static) -> Self {
        self.finish = Box::new(finish);
        self
    }

    /// Dropped, the future may take so many values with it.
    pub(crate) fn may_drop(mut self, values: usize) -> Self {
        self.may_drop = values;
        self
    }

    /// So many values may be dropped in any case.
    pub(crate) fn always_drops(mut self, values: usize) -> Self {
        self.always_drops = values;
        self
    }
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        count(&self.0);
    }
}

/// One run of a scene.
struct Run<'a> {
    name: &'a str,
    pace: Pace,
    stop: Option<usize>,
    local: Local,
    book: Book,
    events: usize,
    /// How often nothing was due since the future was polled.
    idle: usize,
    wakers: Vec<Arc<Woken>>,
}

impl fmt::Display for Run<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, {:?}, dropped after {:?}",
            self.name, self.pace, self.stop
        )?;
        match read(&self.book.0.fuse) {
            0 => Ok(()),
            fuse => write!(f, ", panic in call {fuse}"),
        }
    }
}

impl<'a> Run<'a> {
    fn new(name: &'a str, pace: Pace, stop: Option<usize>, fuse: usize) -> Self {
        watch_panics();
        let book = Book::default();
        book.0.fuse.store(fuse, Ordering::SeqCst);
        Self {
            name,
            pace,
            stop,
            local: Local::virtual_time(),
            book,
            events: 0,
            idle: 0,
            wakers: Vec::new(),
        }
    }

    /// Does something as if in a block of the executor.
    fn enter<R>(&self, f: impl FnOnce() -> R) -> R {
        self.local.run_until(async { f() })
    }

    /// Runs the scene; true if its future was done before it was to be dropped.
    fn run(&mut self, make: &dyn Fn(&Book) -> Scene) -> bool {
        let Scene {
            mut future,
            finish,
            may_drop,
            always_drops,
        } = self.enter(|| make(&self.book));
        let done = self.go_on(&mut future);
        self.enter(|| drop(future));
        let held: Vec<_> = self.wakers.iter().map(Arc::strong_count).collect();
        assert!(
            held.iter().all(|held| *held == 1),
            "{self}: wakers are held: {held:?}"
        );
        self.enter(finish);
        self.settle();
        assert_eq!(PANICS.get(), 0, "{self}: a block panicked");
        let Counts {
            made,
            taken,
            dropped,
            ..
        } = &*self.book.0;
        let (all, taken, dropped) = (read(made), read(taken), read(dropped));
        assert_eq!(
            all,
            taken + dropped,
            "{self}: {taken} taken, {dropped} dropped"
        );
        let limit = always_drops + if done { 0 } else { may_drop };
        assert!(
            dropped <= limit,
            "{self}: {dropped} of {all} lost, {limit} may be"
        );
        done
    }

    fn go_on(&mut self, future: &mut Pin<Box<dyn Future<Output = ()>>>) -> bool {
        let is_now = |run: &Self| run.stop == Some(run.events);
        while !is_now(self) {
            let waker = match self.wakers.last() {
                Some(waker) if !matches!(self.pace, Pace::Restless) => Arc::clone(waker),
                _ => Arc::default(),
            };
            let before = read(&waker.0);
            let polled = {
                let waker = Waker::from(Arc::clone(&waker));
                self.enter(|| future.as_mut().poll(&mut Context::from_waker(&waker)))
            };
            self.events += 1;
            if self
                .wakers
                .last()
                .is_none_or(|last| !Arc::ptr_eq(last, &waker))
            {
                self.wakers.push(Arc::clone(&waker));
            }
            if polled == Poll::Ready(()) {
                return true;
            }
            self.idle = 0;
            loop {
                if is_now(self) {
                    return false;
                }
                let is_woken = || read(&waker.0) > before;
                if is_woken() && !matches!(self.pace, Pace::Lazy) {
                    break;
                }
                let busy = self.others(is_woken());
                assert!(
                    busy || is_woken(),
                    "{self}: hangs after {} events",
                    self.events
                );
                assert!(self.events < HANGS, "{self}: comes to no end");
                if is_woken() || matches!(self.pace, Pace::Restless) {
                    break;
                }
            }
        }
        false
    }

    /// Lets the others go on, and time if they are idle. False if nothing can happen any more.
    fn others(&mut self, woken: bool) -> bool {
        self.events += 1;
        let more = match self.pace {
            Pace::Lazy => {
                self.local.run_until_idle();
                false
            }
            Pace::Eager | Pace::Restless => self.local.turn(),
        };
        if more || woken {
            return true;
        }
        if let Some(at) = self.local.next_deadline() {
            self.local
                .advance(at.saturating_duration_since(self.local.now()));
            return true;
        }
        // (What was due may have run in this very turn.)
        self.idle += 1;
        self.idle < 3 || matches!(self.pace, Pace::Restless)
    }

    /// All others come to an end.
    fn settle(&self) {
        for _ in 0..HANGS {
            self.local.run_until_idle();
            let Some(at) = self.local.next_deadline() else {
                break;
            };
            self.local
                .advance(at.saturating_duration_since(self.local.now()));
        }
        let live = self.local.live();
        assert_eq!(live, 0, "{self}: {live} blocks do not end");
    }
}

/// Runs the scene with its future dropped after each event, at each pace. How many runs that were.
pub(crate) fn dropped_at_every_event(name: &str, make: impl Fn(&Book) -> Scene) -> usize {
    let mut runs = 0;
    for pace in PACES {
        let mut whole = Run::new(name, pace, None, 0);
        assert!(whole.run(&make), "{whole}: not done");
        for stop in 0..=whole.events {
            Run::new(name, pace, Some(stop), 0).run(&make);
            runs += 1;
        }
    }
    tell(name, "drops", runs);
    runs
}

/// Runs the scene with a panic in each call of its callbacks. How many runs that were.
pub(crate) fn panics_at_every_call(name: &str, make: impl Fn(&Book) -> Scene) -> usize {
    let mut runs = 0;
    for pace in PACES {
        let mut whole = Run::new(name, pace, None, 0);
        assert!(whole.run(&make), "{whole}: not done");
        let calls = read(&whole.book.0.calls);
        assert!(calls > 0, "{whole}: it has no callbacks");
        for fuse in 1..=calls {
            let mut run = Run::new(name, pace, None, fuse);
            assert!(run.run(&make), "{run}: not done");
            runs += 1;
        }
    }
    tell(name, "panics", runs);
    runs
}

fn tell(name: &str, what: &str, runs: usize) {
    let promise = if what == "panics" {
        "panic isolation"
    } else {
        "nothing is lost"
    };
    let injected = if what == "panics" {
        "panic at every callback"
    } else {
        "cancel at every await"
    };
    if runs > 0 {
        cases::held(promise, &format!("{injected}: {name}"), runs as u64);
    }
}

thread_local! {
    /// Panics on this thread, in whatever block, that nobody has injected.
    static PANICS: Cell<usize> = const { Cell::new(0) };
}

/// Keeps injected panics from being printed, and counts the others: one in a block would go unseen.
fn watch_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !info.payload().is::<Injected>() {
                PANICS.set(PANICS.get() + 1);
                usual(info);
            }
        }));
        csp::set_panic_hook(|_| ());
        csp::promise::set_unhandled_hook(|_| ());
    });
}

/// A place for what several parts of a scene share on one thread.
pub(crate) type Kept<T> = Rc<Cell<Option<T>>>;

pub(crate) fn kept<T>() -> Kept<T> {
    Rc::new(Cell::new(None))
}
