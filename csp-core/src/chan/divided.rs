//! A buffer in two: putters and takers on locks, and cache lines, of their own.
//!
//! Of two cores that use one channel each waits for the other's lines at every message. So a thread that finds the lock
//! of a wide plain buffer taken has it divided: putters put into the *back*, takers take from the *front*, and a
//! taker who finds the front empty swaps the two. The cores then meet once in some hundred messages. Whatever else is
//! done with a channel, and whoever is to wait, asks for its lock, and with that [joins](join) the two again.
//!
//! Measured, in CPU time on two cores, a message of one thread that puts into a buffer of 1024 and one that takes: 58
//! ns without, 22 with it; of four and one 57 and 22, of four and four 57 and 23.
//!
//! Blocks do not divide: those that use one channel are kept on one core, where they do better still.
//!
//! # Invariants
//! 1. DIVIDED changes under the channel's lock and those of both ends. The back's `is_open` says the same under its lock;
//!    the front needs none: while DIVIDED is not set the ends are empty.
//! 2. While DIVIDED is set the channel is open, nobody waits in its queues, the buffer that the channel's lock
//!    protects is empty, and so is the stash: all values are in the ends.
//! 3. The front's values are older than the back's.
//! 4. The values of both and the back's `room` are no more than the capacity.
//! 5. The ends, once made, stay as long as the channel.
//!
//! # Lock order
//! The channel's lock, the front's, the back's. Who holds an end's alone takes none before it lets go.

#[cfg(all(test, not(any(csp_loom, csp_shuttle))))]
mod tests;

use std::{mem, ptr::NonNull};

use super::{
    core::{CLOSED, CONTENDED, Core, DIVIDED, ITEMS, NOTED, ROOM, WATCHED, XFORM},
    inner::{Chan, Gave, Locked, Took},
};
use crate::{
    buffer::{Kind, Ring, WhenFull},
    linger,
    sync::{
        atomic::{AtomicUsize, Ordering},
        lock::{Guard, Lock},
    },
    waiter::Actor,
};

/// The ends of a channel's buffer, as [`Core`] knows them: what heads an [`Ends`].
pub(super) struct Erased {
    join: unsafe fn(NonNull<Self>, soon: bool) -> bool,
    free: unsafe fn(NonNull<Self>),
}

#[repr(C)]
struct Ends<T> {
    erased: Erased,
    chan: NonNull<Chan<T>>,
    capacity: usize,
    front: Front<T>,
    back: Back<T>,
}

/// (Two cache lines: some processors fetch them in pairs.)
#[repr(align(128))]
struct Front<T> {
    items: Lock<Ring<T>>,
    /// How many values it holds, for a putter: written under its lock. They become more under the back's too.
    len: AtomicUsize,
}

#[repr(align(128))]
struct Back<T>(Lock<Puts<T>>);

struct Puts<T> {
    is_open: bool,
    /// So many more can be put, at least.
    room: usize,
    items: Ring<T>,
}

impl<T> Ends<T> {
    fn new(chan: &Chan<T>, capacity: usize) -> Self {
        Self {
            erased: Erased {
                join: join_typed::<T>,
                free: free::<T>,
            },
            chan: NonNull::from(chan),
            capacity,
            front: Front {
                items: Lock::new(Ring::default()),
                len: AtomicUsize::new(0),
            },
            back: Back(Lock::new(Puts {
                is_open: false,
                room: 0,
                items: Ring::default(),
            })),
        }
    }

    fn lock(&self) -> (Guard<'_, Ring<T>>, Guard<'_, Puts<T>>) {
        let front = self.front.items.lock();
        (front, self.back.0.lock())
    }

    /// Takes from the front. False: it is empty.
    ///
    /// # Safety
    /// `dest` can be written.
    #[inline]
    unsafe fn take(&self, front: &mut Ring<T>, dest: *mut T) -> bool {
        front.prepare_takes();
        let Some(value) = front.pop_front() else {
            return false;
        };
        // SAFETY: promised by the caller.
        unsafe { dest.write(value) };
        self.publish_len(front);
        true
    }

    /// Under the front's lock.
    #[inline]
    fn publish_len(&self, front: &Ring<T>) {
        // Ordering: a count. Who sees an old one, sees more than there are (it grows under the back's lock too).
        self.front.len.store(front.len(), Ordering::Relaxed);
    }

    /// The back's values to the front, which has none.
    #[cold]
    fn swap(&self, front: &mut Ring<T>) {
        let mut back = self.back.0.lock();
        mem::swap(front, &mut back.items);
        back.room = self.capacity - front.len();
        self.publish_len(front);
    }
}

impl<T> Puts<T> {
    #[inline]
    fn has_room(&self) -> bool {
        self.is_open && self.room != 0
    }

    /// Where there is room.
    #[inline]
    fn put(&mut self, value: T) {
        self.room -= 1;
        self.items.push_back(value);
        self.items.prepare_puts();
    }
}

impl<T> Chan<T> {
    /// Null until it has been divided once.
    fn ends(&self) -> *mut Ends<T> {
        // Ordering: who has seen DIVIDED, which was published later, sees it; others hold the lock it is made under.
        self.core.ends.load(Ordering::Relaxed).cast()
    }

    /// The ends, if the buffer is divided, or is to be.
    #[inline]
    fn divided(&self) -> Option<&Ends<T>> {
        let hint = self.core.look();
        if hint & DIVIDED == 0 && !(hint & CONTENDED != 0 && self.divide()) {
            return None;
        }
        // SAFETY: invariant 5: DIVIDED was seen, or the buffer has been divided just now.
        Some(unsafe { &*self.ends() })
    }

    /// Divides the buffer, if it can be. True: it is divided (or was a moment ago).
    #[cold]
    #[inline(never)]
    fn divide(&self) -> bool {
        let queues = self.core.lock_as_is();
        if !self.core.has(CONTENDED) {
            return self.core.has(DIVIDED);
        }
        self.core.publish(CONTENDED, 0);
        let mut locked = Locked { queues, chan: self };
        let (queues, data) = locked.parts();
        let waits = !queues.takes.is_empty() || !queues.puts.is_empty();
        if self.core.has(CLOSED | XFORM | NOTED | WATCHED | DIVIDED) || waits || data.has_stash() {
            return self.core.has(DIVIDED);
        }
        let Some(Kind::Ring {
            items,
            capacity,
            when_full: WhenFull::Park,
        }) = data.buf()
        else {
            return false;
        };
        if self.ends().is_null() {
            let ends = Box::into_raw(Box::new(Ends::new(self, *capacity)));
            // Ordering: see `ends`.
            self.core.ends.store(ends.cast(), Ordering::Relaxed);
        }
        // SAFETY: invariant 5.
        let ends = unsafe { &*self.ends() };
        let (mut front, mut back) = ends.lock();
        mem::swap(&mut *front, items);
        ends.publish_len(&front);
        back.room = *capacity - front.len();
        back.is_open = true;
        self.core.publish(ITEMS | ROOM | DIVIDED, DIVIDED);
        true
    }

    /// As [`take_divided`](Self::take_divided), in its own right. True: a value was taken.
    ///
    /// # Safety
    /// DIVIDED was seen; `dest` can be written.
    #[inline(never)]
    pub(super) unsafe fn take_divided_at_once(&self, dest: *mut T) -> bool {
        // (What it is nearly always, in few registers. If the buffer is no longer divided, the front is empty.)
        // SAFETY: invariant 5.
        let ends = unsafe { &*self.ends() };
        // SAFETY: as for this call.
        let quickly = |mut front: Guard<'_, Ring<T>>| unsafe { ends.take(&mut front, dest) };
        // SAFETY: as for this call.
        ends.front.items.try_lock().is_some_and(quickly) || unsafe { self.take_divided_alone(dest) }
    }

    /// # Safety
    /// As for [`take_divided`](Self::take_divided).
    #[cold]
    #[inline(never)]
    unsafe fn take_divided_alone(&self, dest: *mut T) -> bool {
        // SAFETY: as for this call.
        unsafe { self.take_divided(dest, Actor::Alone) }.is_some()
    }

    /// As [`put_divided`](Self::put_divided), in its own right. True: the value has gone.
    ///
    /// # Safety
    /// DIVIDED was seen; `src` holds a value, which moves if the answer is true.
    #[inline(never)]
    pub(super) unsafe fn put_divided_at_once(&self, src: *const T) -> bool {
        // (As above. If the buffer is no longer divided, the back is not open.)
        // SAFETY: invariant 5.
        let ends = unsafe { &*self.ends() };
        if let Some(mut back) = ends.back.0.try_lock()
            && back.has_room()
        {
            // SAFETY: promised by the caller.
            back.put(unsafe { src.read() });
            return true;
        }
        // SAFETY: as for this call.
        unsafe { self.put_divided_alone(src) }
    }

    /// # Safety
    /// As for [`put_divided`](Self::put_divided).
    #[cold]
    #[inline(never)]
    unsafe fn put_divided_alone(&self, src: *const T) -> bool {
        // SAFETY: as for this call.
        unsafe { self.put_divided(src, Actor::Alone) }.is_some()
    }

    /// Puts into the back of one that was found full, once there may be room for many. True: the value has gone.
    ///
    /// # Safety
    /// DIVIDED was seen; as for [`put_divided`](Self::put_divided).
    #[cold]
    #[inline(never)]
    pub(super) unsafe fn put_divided_soon(&self, src: *const T) -> bool {
        // SAFETY: invariant 5.
        let room = unsafe { (*self.ends()).capacity };
        // SAFETY: as for this call.
        linger::for_many(room) && unsafe { self.put_divided_at_once(src) }
    }

    /// Takes from the front. `None`: the buffer is not divided, or it is empty; to be asked for under the channel's lock.
    ///
    /// # Safety
    /// `dest` can be written.
    #[inline(never)]
    pub(super) unsafe fn take_divided(&self, dest: *mut T, actor: Actor<'_>) -> Option<Took> {
        let ends = self.divided()?;
        let mut front = ends.front.items.lock();
        if front.is_empty() {
            ends.swap(&mut front);
        }
        if front.is_empty() {
            return None;
        }
        if !actor.win() {
            return Some(Took::Lost);
        }
        // SAFETY: promised by the caller.
        unsafe { ends.take(&mut front, dest) }.then_some(Took::Value)
    }

    /// Puts into the back. `None`: the buffer is not divided, or it is full; to be asked for under the channel's lock.
    ///
    /// # Safety
    /// `src` holds a value, which moves if the answer is Accepted.
    #[inline(never)]
    pub(super) unsafe fn put_divided(&self, src: *const T, actor: Actor<'_>) -> Option<Gave> {
        let ends = self.divided()?;
        let mut back = ends.back.0.lock();
        if !back.is_open {
            return None;
        }
        if back.room == 0 {
            // Ordering: see `publish_len`.
            let front = ends.front.len.load(Ordering::Relaxed);
            back.room = ends.capacity - front - back.items.len();
        }
        if back.room == 0 {
            return None;
        }
        if !actor.win() {
            return Some(Gave::Lost);
        }
        // SAFETY: promised by the caller.
        back.put(unsafe { src.read() });
        Some(Gave::Accepted)
    }
}

impl<T> Chan<T> {
    /// How many values are in the ends. Under the lock.
    pub(super) fn len_divided(&self) -> usize {
        if !self.core.has(DIVIDED) {
            return 0;
        }
        // SAFETY: invariant 5: it is divided.
        let (front, back) = unsafe { &*self.ends() }.lock();
        front.len() + back.items.len()
    }

    /// The rings of the ends, of a channel that is closed and so never divided again: their memory is of no more use.
    /// Under the lock.
    pub(super) fn spare_rings(&self) -> impl Sized + use<T> {
        // SAFETY: invariant 5.
        let ends = unsafe { self.ends().as_ref() }?;
        let (mut front, mut back) = ends.lock();
        Some((mem::take(&mut *front), mem::take(&mut back.items)))
    }
}

/// Makes a divided buffer one again; with the channel's lock. False: one of the ends is held for more than a moment, for
/// which one who asks `soon` does not wait.
#[cold]
#[inline(never)]
pub(super) fn join(core: &Core, soon: bool) -> bool {
    // Ordering: written under the lock, which is held.
    let ends = NonNull::new(core.ends.load(Ordering::Relaxed)).expect("it has been divided");
    // SAFETY: invariant 5.
    let typed = unsafe { ends.as_ref() }.join;
    // SAFETY: it is the function of their type, and the lock is held.
    unsafe { typed(ends, soon) }
}

/// # Safety
/// `ends` heads the live ends of a channel of `T`, whose lock is held by the caller, who has no borrow of its data.
unsafe fn join_typed<T>(ends: NonNull<Erased>, soon: bool) -> bool {
    // SAFETY: promised by the caller.
    let ends = unsafe { ends.cast::<Ends<T>>().as_ref() };
    let (mut front, mut back) = if soon {
        let Some(front) = ends.front.items.lock_soon() else {
            return false;
        };
        let Some(back) = ends.back.0.lock_soon() else {
            return false;
        };
        (front, back)
    } else {
        ends.lock()
    };
    back.is_open = false;
    // SAFETY: the ends stay no longer than their channel.
    let chan = unsafe { ends.chan.as_ref() };
    let flags = |data: &mut super::data::Data<T>| {
        let Some(Kind::Ring { items, .. }) = data.buf() else {
            unreachable!("only plain buffers are divided")
        };
        mem::swap(items, &mut *front);
        if items.is_empty() {
            mem::swap(items, &mut back.items);
        }
        // (Each value that was put is moved here once at most: it does not come back to an end but as the front.)
        while let Some(value) = back.items.pop_front() {
            items.push_back(value);
        }
        data.flags()
    };
    // SAFETY: promised by the caller.
    let flags = unsafe { chan.with_data_mut(flags) };
    chan.core.publish(DIVIDED | ITEMS | ROOM, flags);
    true
}

/// # Safety
/// `ends` heads ends of `T`, which nobody uses any more.
unsafe fn free<T>(ends: NonNull<Erased>) {
    // SAFETY: promised by the caller; they were made in a box.
    drop(unsafe { Box::from_raw(ends.cast::<Ends<T>>().as_ptr()) });
}

/// As if a thread had found the lock taken.
#[cfg(all(test, not(csp_shuttle)))]
impl Core {
    pub(crate) fn contend(&self) {
        let _lock = self.lock_as_is();
        self.publish(CONTENDED, CONTENDED);
    }

    pub(crate) fn is_divided(&self) -> bool {
        self.is(DIVIDED)
    }

    #[cfg(not(any(csp_loom, csp_shuttle)))]
    pub(crate) fn has_met(&self) -> bool {
        self.is(DIVIDED | CONTENDED)
    }
}

impl Core {
    /// Frees the ends, if there are any.
    ///
    /// # Safety
    /// Nobody uses the channel any more.
    #[inline]
    pub(super) unsafe fn free_ends(&self) {
        // Ordering: nobody else uses it.
        if let Some(ends) = NonNull::new(self.ends.load(Ordering::Relaxed)) {
            // SAFETY: invariant 5.
            let typed = unsafe { ends.as_ref() }.free;
            // SAFETY: promised by the caller; it is the function of their type.
            unsafe { typed(ends) };
        }
    }
}
