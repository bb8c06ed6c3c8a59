//! A walk over the live tasks, for a dump.
//!
//! The list is walked in batches, so that nobody who starts or ends a block waits long for the lock. Between
//! two batches the walk keeps its place by a reference to the last task that it saw. If that one ends meanwhile
//! it is out of the list: then the walk begins anew, and passes over what it has seen. New tasks come in at
//! the head, and their numbers grow, so what it has seen is what has the number of the last, or a higher one.

use std::ptr::NonNull;

use super::{
    super::header::Header,
    Home,
    room::{Live, Room},
};
use crate::{
    BlockSite,
    inspect::Stamp,
    site::Place,
    task::{hold, release},
};

const BATCH: usize = if cfg!(csp_loom) { 1 } else { 4096 };
/// After so many new beginnings the rest is walked under one hold of the lock.
const PATIENCE: usize = if cfg!(csp_loom) { 2 } else { 8 };

/// What a dump sees of a live task.
pub(crate) struct Seen {
    pub(crate) id: u64,
    pub(crate) site: BlockSite,
    pub(crate) is_parked: bool,
    pub(crate) is_cancelled: bool,
    pub(crate) place: Place,
    pub(crate) object: u32,
    pub(crate) since: Stamp,
    /// Where it lies. Only to be compared.
    pub(crate) at: usize,
    /// Who waits for its outcome: where that task lies, or 0 if it is none of ours.
    pub(crate) awaited_by: Option<usize>,
}

/// The last that was seen, kept from being freed.
struct Bookmark(NonNull<Header>);

impl Bookmark {
    /// # Safety
    /// The task is live.
    unsafe fn new(header: NonNull<Header>) -> Self {
        // SAFETY: promised by the caller; given back in `drop`.
        unsafe { hold(header) };
        Self(header)
    }
}

impl Drop for Bookmark {
    fn drop(&mut self) {
        // SAFETY: `new` took it.
        unsafe { release(self.0) };
    }
}

impl Home {
    /// Adds what is to be seen of each live task.
    pub(crate) fn look(&self, found: &mut Vec<Seen>) {
        self.rooms.iter().for_each(|room| room.look(found));
    }
}

impl Room {
    fn look(&self, found: &mut Vec<Seen>) {
        let mut bookmark: Option<Bookmark> = None;
        let mut seen_from = u64::MAX;
        let mut patience = PATIENCE;
        loop {
            let batch = if patience > 0 {
                BATCH
            } else {
                self.lock().len.max(1)
            };
            found.reserve(batch);
            let first = found.len();
            let next = {
                let live = self.lock();
                let (from, lost) = live.after(bookmark.as_ref());
                patience -= usize::from(lost && patience > 0);
                batch_of(&live, from, seen_from, batch, found)
            };
            // Given back without the lock: the task may be freed by it.
            bookmark = next;
            match found[first..].last() {
                Some(last) if bookmark.is_some() => seen_from = last.id,
                _ => return,
            }
        }
    }
}

impl Live {
    /// Where the walk goes on, and whether it begins anew.
    fn after(&self, bookmark: Option<&Bookmark>) -> (Option<NonNull<Header>>, bool) {
        let Some(Bookmark(header)) = bookmark else {
            return (self.head, false);
        };
        // SAFETY: the bookmark's reference keeps the header from being freed.
        let task = unsafe { header.as_ref() };
        // SAFETY: links belong to the lock, which is held by whoever has `&self`.
        let links = task.links.with(|links| unsafe { *links });
        let is_in_list = links.prev.is_some() || self.head == Some(*header);
        if is_in_list {
            (links.next, false)
        } else {
            (self.head, true)
        }
    }
}

/// Adds up to `batch` tasks below `seen_from`, of a list whose lock is held. Gives a bookmark if there may be more.
fn batch_of(
    _locked: &Live,
    from: Option<NonNull<Header>>,
    seen_from: u64,
    batch: usize,
    found: &mut Vec<Seen>,
) -> Option<Bookmark> {
    let mut at = from;
    let mut left = batch;
    while let Some(header) = at {
        // SAFETY: what is in the list is live.
        let task = unsafe { header.as_ref() };
        if task.id() < seen_from {
            // SAFETY: as above.
            found.push(unsafe { seen(header) });
            left -= 1;
            if left == 0 {
                // SAFETY: as above.
                return Some(unsafe { Bookmark::new(header) });
            }
        }
        // SAFETY: links belong to the lock, which is held by whoever has the list.
        at = task.links.with(|links| unsafe { (*links).next });
    }
    None
}

/// # Safety
/// The task is live.
unsafe fn seen(header: NonNull<Header>) -> Seen {
    // SAFETY: promised by the caller.
    let task = unsafe { header.as_ref() };
    let before = task.state.is_parked();
    let (place, object) = task.parked_at();
    let since = task.parked_since();
    Seen {
        id: task.id(),
        // SAFETY: the header belongs to this table, and is live.
        site: unsafe { (task.vtable.site)(header) },
        is_parked: before && task.state.is_parked(),
        is_cancelled: task.state.is_cancelled(),
        place,
        object,
        since,
        at: header.as_ptr().addr(),
        awaited_by: task.join.waiter(),
    }
}
