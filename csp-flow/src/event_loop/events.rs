//! Typed events, topics, and who handles them.

use std::{
    any::{Any, TypeId, type_name},
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap},
    fmt,
    marker::PhantomData,
    ops::Bound,
    panic::Location,
    rc::Rc,
};

use super::{
    LoopHandle,
    core::Core,
    job::{Internal, Job},
    notice::Notice,
};
use crate::{
    hashing::Hashing,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// The type of an event, and its topic if it has one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    event: TypeId,
    topic: Option<Box<str>>,
}

impl Key {
    pub(super) fn of<Ev: 'static>(topic: Option<&str>) -> Self {
        Self {
            event: TypeId::of::<Ev>(),
            topic: topic.map(Into::into),
        }
    }
}

type Handle = Box<dyn FnMut(&dyn Any, &LoopHandle)>;

/// What a handler's registration and the loop know of it.
#[derive(Debug)]
pub(super) struct Life {
    is_active: AtomicBool,
    /// Its number in its loop, from 1. The loop's thread alone uses it.
    number: AtomicU64,
}

impl Life {
    fn new() -> Self {
        Self {
            is_active: AtomicBool::new(true),
            number: AtomicU64::new(0),
        }
    }

    fn is_active(&self) -> bool {
        // Ordering: a flag. Whoever removes a handler from another thread while an event is on its way has
        // no order with that event.
        self.is_active.load(Ordering::Relaxed)
    }

    /// True if it was active.
    fn end(&self) -> bool {
        // Ordering: as above.
        self.is_active.swap(false, Ordering::Relaxed)
    }
}

struct Entry {
    life: Arc<Life>,
    at: &'static Location<'static>,
    f: RefCell<Handle>,
}

/// By their numbers, so in the order in which they were registered: one is removed without a look at the others.
type List = Rc<RefCell<BTreeMap<u64, Rc<Entry>>>>;

#[derive(Default)]
pub(super) struct Handlers {
    lists: RefCell<HashMap<Key, List, Hashing>>,
    /// How many there have been.
    count: Cell<u64>,
}

impl Handlers {
    pub(super) fn add<Ev: 'static>(
        &self,
        key: Key,
        life: Arc<Life>,
        at: &'static Location<'static>,
        mut f: impl FnMut(&Ev, &LoopHandle) + 'static,
    ) {
        let f: Handle = Box::new(move |event, handle| {
            let event = event.downcast_ref().expect("the key has the event's type");
            f(event, handle);
        });
        let number = self.count.get() + 1;
        self.count.set(number);
        // Ordering: this thread alone reads it.
        life.number.store(number, Ordering::Relaxed);
        let f = RefCell::new(f);
        let entry = Rc::new(Entry { life, at, f });
        let list = Rc::clone(self.lists.borrow_mut().entry(key).or_default());
        list.borrow_mut().insert(number, entry);
    }

    /// Drops one that was removed.
    fn remove(&self, core: &Core, key: &Key, life: &Life) {
        let Some(list) = self.lists.borrow().get(key).cloned() else {
            return;
        };
        // Ordering: as in `add`.
        let number = life.number.load(Ordering::Relaxed);
        let removed = list.borrow_mut().remove(&number);
        if list.borrow().is_empty() {
            drop(self.lists.borrow_mut().remove(key));
        }
        if let Some(entry) = removed {
            let at = entry.at;
            core.guarded(at, || drop(entry));
        }
    }

    /// Drops all of them.
    pub(super) fn end(&self, core: &Core) {
        for list in self.lists.take().into_values() {
            for entry in list.take().into_values() {
                let at = entry.at;
                core.guarded(at, || drop(entry));
            }
        }
    }

    /// Calls each handler that is there now. False: there is none.
    fn dispatch(&self, core: &Core, key: &Key, event: &dyn Any) -> bool {
        let Some(list) = self.lists.borrow().get(key).cloned() else {
            return false;
        };
        let mut handled = false;
        let mut called = 0;
        let newest = self.count.get();
        // Not borrowed while one runs: it may register others.
        let after = |number| {
            let list = list.borrow();
            let others = (Bound::Excluded(number), Bound::Included(newest));
            let (number, entry) = list.range(others).next()?;
            Some((*number, Rc::clone(entry)))
        };
        while let Some((number, entry)) = after(called) {
            called = number;
            if entry.life.is_active() {
                handled = true;
                core.guarded(entry.at, || (entry.f.borrow_mut())(event, &core.handle));
            }
        }
        handled
    }
}

/// A handler on its way.
pub(super) struct Registration<Ev, H> {
    key: Key,
    life: Arc<Life>,
    at: &'static Location<'static>,
    pub(super) handler: H,
    _event: PhantomData<fn(&Ev)>,
}

impl<Ev, H> Registration<Ev, H> {
    pub(super) fn new(
        key: Key,
        life: Arc<Life>,
        at: &'static Location<'static>,
        handler: H,
    ) -> Self {
        Self {
            key,
            life,
            at,
            handler,
            _event: PhantomData,
        }
    }
}

impl<Ev, H> Job for Registration<Ev, H>
where
    Ev: 'static,
    H: FnMut(&Ev, &LoopHandle) + Send + 'static,
{
    fn run(self: Box<Self>, core: &Core) {
        let Self {
            key,
            life,
            at,
            handler,
            ..
        } = *self;
        core.handlers.add(key, life, at, handler);
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// An event on its way.
pub(super) struct Emitted<Ev> {
    pub(super) key: Key,
    pub(super) event: Ev,
    pub(super) at: &'static Location<'static>,
}

impl<Ev: Send + 'static> Job for Emitted<Ev> {
    fn run(self: Box<Self>, core: &Core) {
        let Self { key, event, at } = *self;
        core.count();
        if !core.handlers.dispatch(core, &key, &event) {
            core.handle.count_ignored();
            core.tell(&Notice::Ignored {
                event: type_name::<Ev>(),
                topic: key.topic.map(Into::into),
            });
        }
        core.guarded(at, || drop(event));
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// The registration of a handler: [`remove`](Self::remove) ends it.
///
/// Dropping it changes nothing: the handler stays as long as the loop.
pub struct Handler {
    pub(super) life: Arc<Life>,
    pub(super) key: Key,
    pub(super) on: LoopHandle,
}

impl Handler {
    pub(super) fn new(key: Key, on: &LoopHandle) -> Self {
        Self {
            life: Arc::new(Life::new()),
            key,
            on: on.clone(),
        }
    }

    /// Removes the handler: from now on it is not called, also not for events that are queued already. True
    /// if it was not removed before.
    ///
    /// From any thread, also from inside the handler, which is then at its last call. The function is
    /// dropped on the loop's thread.
    pub fn remove(&self) -> bool {
        let was_active = self.life.end();
        if was_active {
            let (key, life) = (self.key.clone(), Arc::clone(&self.life));
            let remove = Internal(move |core: &Core| core.handlers.remove(core, &key, &life));
            // A loop that has ended has dropped its handlers.
            self.on.post(remove).ok();
        }
        was_active
    }

    /// True until it is removed.
    pub fn is_active(&self) -> bool {
        self.life.is_active()
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handler")
            .field("active", &self.is_active())
            .finish_non_exhaustive()
    }
}
