//! Dumps from where one would not expect them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use csp::{
    BufferPolicy, Local,
    inspect::{BlockState, dump},
    prelude::*,
};

use crate::util::{named, on};

#[test]
fn in_a_block() {
    let _on = on();
    let local = Local::new();
    let block = local.go(async {
        csp::inspect::name_block("me");
        dump()
    });
    local.run_until_idle();
    let dump = block.wait().unwrap();
    assert_eq!(named(&dump, "me").state, BlockState::Runnable);
}

struct DumpsAtEnd(Arc<AtomicUsize>);

impl Drop for DumpsAtEnd {
    fn drop(&mut self) {
        self.0.fetch_add(dump().blocks.len(), Ordering::Relaxed);
    }
}

/// In the destructor of what a block holds, when it ends and when it is cancelled; in that of a message.
#[test]
fn in_a_destructor() {
    let _on = on();
    let seen = Arc::new(AtomicUsize::new(0));
    let local = Local::new();
    let held = DumpsAtEnd(Arc::clone(&seen));
    let cancelled = local.go(async move {
        let _held = held;
        std::future::pending::<()>().await;
    });
    let (tx, rx) = chan(4);
    tx.try_put(DumpsAtEnd(Arc::clone(&seen))).unwrap_or(());
    local.run_until_idle();
    cancelled.cancel();
    local.run_until_idle();
    assert_eq!(
        seen.load(Ordering::Relaxed),
        1,
        "the one that was cancelled"
    );
    let _other = local.go(std::future::pending::<()>());
    drop(rx);
    assert_eq!(seen.load(Ordering::Relaxed), 2);
}

/// A transducer's step runs under its channel's lock: the dump says so, and comes to an end.
#[test]
fn in_a_step() {
    let _on = on();
    let (told, tells) = chan(1);
    let (tx, rx) = chan_with(
        1,
        xf::map(move |n: u32| {
            told.try_put(dump()).unwrap();
            n
        }),
    );
    tx.try_put(1).unwrap();
    let dump = tells.try_take().unwrap();
    assert!(dump.channel(tx.id()).unwrap().is_busy);
    assert!(dump.to_string().contains("its lock is held for long"));
    drop(rx);
}

/// A policy that would make a channel, and dump, if it were asked.
struct Nosy(Option<u32>);

impl BufferPolicy<u32> for Nosy {
    fn len(&self) -> usize {
        let (_tx, _rx) = chan::<u32>(0);
        drop(dump());
        usize::from(self.0.is_some())
    }
    fn is_full(&self) -> bool {
        self.0.is_some()
    }
    fn add(&mut self, value: u32) -> Option<u32> {
        self.0.replace(value)
    }
    fn remove(&mut self) -> Option<u32> {
        self.0.take()
    }
}

/// A custom buffer is not asked by a dump, and may itself make channels and dump.
#[test]
fn in_a_policy() {
    let _on = on();
    let (tx, rx) = chan(Buffer::custom(Nosy(None)));
    tx.try_put(1).unwrap();
    let dump = dump();
    let channel = dump.channel(tx.id()).unwrap();
    assert_eq!((channel.buffer, channel.len), (Some("custom"), None));
    assert_eq!(rx.len(), 1);
    assert_eq!(rx.try_take(), Ok(1));
}
