//! Typed events, topics, and who handles them.

use std::{
    any::{Any, TypeId, type_name},
    cell::RefCell,
    collections::HashMap,
    fmt,
    marker::PhantomData,
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
        atomic::{AtomicBool, Ordering},
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

struct Entry {
    active: Arc<AtomicBool>,
    at: &'static Location<'static>,
    f: RefCell<Handle>,
}

impl Entry {
    fn is_active(&self) -> bool {
        // Ordering: a flag. Whoever removes a handler from another thread while an event is on its way has
        // no order with that event.
        self.active.load(Ordering::Relaxed)
    }
}

/// In the order in which they were registered.
type List = Rc<RefCell<Vec<Rc<Entry>>>>;

#[derive(Default)]
pub(super) struct Handlers(RefCell<HashMap<Key, List, Hashing>>);

impl Handlers {
    pub(super) fn add<Ev: 'static>(
        &self,
        key: Key,
        active: Arc<AtomicBool>,
        at: &'static Location<'static>,
        mut f: impl FnMut(&Ev, &LoopHandle) + 'static,
    ) {
        let f: Handle = Box::new(move |event, handle| {
            let event = event.downcast_ref().expect("the key has the event's type");
            f(event, handle);
        });
        let entry = Entry {
            active,
            at,
            f: RefCell::new(f),
        };
        let list = Rc::clone(self.0.borrow_mut().entry(key).or_default());
        list.borrow_mut().push(Rc::new(entry));
    }

    /// Drops those that were removed.
    fn purge(&self, core: &Core, key: &Key) {
        let Some(list) = self.0.borrow().get(key).cloned() else {
            return;
        };
        let removed: Vec<_> = list
            .borrow_mut()
            .extract_if(.., |entry| !entry.is_active())
            .collect();
        if list.borrow().is_empty() {
            drop(self.0.borrow_mut().remove(key));
        }
        for entry in removed {
            let at = entry.at;
            core.guarded(at, || drop(entry));
        }
    }

    /// Drops all of them.
    pub(super) fn end(&self, core: &Core) {
        for list in self.0.take().into_values() {
            for entry in list.take() {
                let at = entry.at;
                core.guarded(at, || drop(entry));
            }
        }
    }

    /// Calls each handler that is there now. False: there is none.
    fn dispatch(&self, core: &Core, key: &Key, event: &dyn Any) -> bool {
        let Some(list) = self.0.borrow().get(key).cloned() else {
            return false;
        };
        let mut handled = false;
        let present = list.borrow().len();
        for index in 0..present {
            // Not borrowed while it runs: it may register others.
            let entry = list.borrow().get(index).cloned();
            let Some(entry) = entry.filter(|entry| entry.is_active()) else {
                continue;
            };
            handled = true;
            core.guarded(entry.at, || (entry.f.borrow_mut())(event, &core.handle));
        }
        handled
    }
}

/// A handler on its way.
pub(super) struct Registration<Ev, H> {
    key: Key,
    active: Arc<AtomicBool>,
    at: &'static Location<'static>,
    pub(super) handler: H,
    _event: PhantomData<fn(&Ev)>,
}

impl<Ev, H> Registration<Ev, H> {
    pub(super) fn new(
        key: Key,
        active: Arc<AtomicBool>,
        at: &'static Location<'static>,
        handler: H,
    ) -> Self {
        Self {
            key,
            active,
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
            active,
            at,
            handler,
            ..
        } = *self;
        core.handlers.add(key, active, at, handler);
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
    pub(super) active: Arc<AtomicBool>,
    pub(super) key: Key,
    pub(super) on: LoopHandle,
}

impl Handler {
    pub(super) fn new(key: Key, on: &LoopHandle) -> Self {
        Self {
            active: Arc::new(AtomicBool::new(true)),
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
        // Ordering: see `Entry::is_active`.
        let was_active = self.active.swap(false, Ordering::Relaxed);
        if was_active {
            let key = self.key.clone();
            let purge = Internal(move |core: &Core| core.handlers.purge(core, &key));
            // A loop that has ended has dropped its handlers.
            self.on.post(purge).ok();
        }
        was_active
    }

    /// True until it is removed.
    pub fn is_active(&self) -> bool {
        // Ordering: as above.
        self.active.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handler")
            .field("active", &self.is_active())
            .finish_non_exhaustive()
    }
}
