//! One promise: its completers, a claim, and its readers, all polled by hand on one thread.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use csp::{
    Failure, Promise, Shared,
    promise::{Claim, Completer, Outcome, promise, set_unhandled_hook},
};

use crate::bytes::Bytes;

const SLOTS: usize = 3;

/// A number, and the count of all values that live.
type Value = (u8, Arc<()>);

/// What an outcome is, without its value.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Value(u8),
    Error(u8),
    Cancelled,
    Abandoned,
}

fn end(outcome: &Outcome<Value, u8>) -> End {
    match outcome {
        Ok((number, _)) => End::Value(*number),
        Err(Failure::Error(number)) => End::Error(*number),
        Err(Failure::Cancelled) => End::Cancelled,
        Err(Failure::Abandoned) => End::Abandoned,
        Err(other) => panic!("nobody did this: {other:?}"),
    }
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

enum Handle {
    One(Promise<Value, u8>),
    Many(Shared<Value, u8>),
}

/// Who reads, and what the model knows of it.
struct Reader {
    handle: Handle,
    wakes: Arc<Wakes>,
    /// It has been polled, and not been woken since.
    waits: bool,
    /// How often it should have been woken.
    woken: usize,
}

impl Reader {
    fn new(handle: Handle) -> Self {
        Self {
            handle,
            wakes: Arc::default(),
            waits: false,
            woken: 0,
        }
    }

    fn poll(&mut self) -> Poll<Outcome<Value, u8>> {
        let waker = Waker::from(Arc::clone(&self.wakes));
        let mut cx = Context::from_waker(&waker);
        match &mut self.handle {
            Handle::One(one) => Pin::new(one).poll(&mut cx),
            Handle::Many(shared) => Pin::new(shared).poll(&mut cx),
        }
    }
}

struct Test {
    completers: [Option<Completer<Value, u8>>; SLOTS],
    claim: Option<Claim<Value, u8>>,
    readers: [Option<Reader>; SLOTS],
    /// What it has come to.
    ended: Option<End>,
    /// What is settled by a completer arrives.
    wanted: bool,
    live: Arc<()>,
    next: u8,
}

impl Test {
    fn value(&mut self) -> Value {
        self.next = self.next.wrapping_add(1);
        (self.next, Arc::clone(&self.live))
    }

    /// It comes to `end`: who waits is woken, once.
    fn ends(&mut self, end: End) {
        assert_eq!(self.ended.replace(end), None, "it has ended before");
        for reader in self.readers.iter_mut().flatten() {
            reader.woken += usize::from(std::mem::take(&mut reader.waits));
        }
    }

    fn is_open(&self) -> bool {
        self.ended.is_none() && self.wanted
    }

    fn settle(&mut self, slot: usize, fails: bool) {
        let value = self.value();
        let number = value.0;
        let Some(completer) = &self.completers[slot] else {
            return;
        };
        let done = if fails {
            completer
                .fail(number)
                .inspect_err(|error| assert_eq!(*error, number))
                .is_ok()
        } else {
            completer
                .fulfill(value)
                .inspect_err(|value| assert_eq!(value.0, number))
                .is_ok()
        };
        assert_eq!(done, self.is_open() && self.claim.is_none());
        if done {
            self.ends(if fails {
                End::Error(number)
            } else {
                End::Value(number)
            });
        }
    }

    fn claim(&mut self, slot: usize) {
        let Some(completer) = &self.completers[slot] else {
            return;
        };
        let claim = completer.claim();
        assert_eq!(claim.is_some(), self.is_open() && self.claim.is_none());
        if claim.is_some() {
            self.claim = claim;
        }
    }

    fn use_claim(&mut self) {
        let value = self.value();
        let number = value.0;
        if let Some(claim) = self.claim.take() {
            let done = claim.fulfill(value).is_ok();
            assert_eq!(done, self.is_open());
            if done {
                self.ends(End::Value(number));
            }
            self.abandon();
        }
    }

    /// Nobody may be left who could settle it.
    fn abandon(&mut self) {
        let nobody = self.claim.is_none() && self.completers.iter().all(Option::is_none);
        if nobody && self.is_open() {
            self.ends(End::Abandoned);
        }
    }

    fn cancel(&mut self, slot: usize) {
        let Some(reader) = &self.readers[slot] else {
            return;
        };
        let done = match &reader.handle {
            Handle::One(one) => one.cancel(),
            Handle::Many(shared) => shared.cancel(),
        };
        assert_eq!(done, self.is_open() && self.claim.is_none());
        if done {
            self.ends(End::Cancelled);
        }
    }

    fn poll(&mut self, slot: usize) {
        let Some(reader) = &mut self.readers[slot] else {
            return;
        };
        match reader.poll() {
            Poll::Ready(outcome) => {
                assert_eq!(Some(end(&outcome)), self.ended);
                // It has been read; a shared one can be read again.
                if matches!(reader.handle, Handle::One(_)) {
                    self.drop_reader(slot);
                }
            }
            Poll::Pending => {
                assert_eq!(self.ended, None);
                reader.waits = true;
            }
        }
    }

    fn drop_reader(&mut self, slot: usize) {
        self.readers[slot] = None;
        if self.readers.iter().all(Option::is_none) {
            self.wanted = false;
        }
    }

    fn share(&mut self, from: usize, to: usize) {
        let handle = match self.readers[from].take() {
            None => return,
            Some(Reader {
                handle: Handle::One(one),
                ..
            }) => one.shared(),
            Some(reader) => {
                let Handle::Many(shared) = &reader.handle else {
                    unreachable!()
                };
                let clone = shared.clone();
                self.readers[from] = Some(reader);
                if from != to {
                    // What it was before goes, but never as the last one.
                    self.readers[to] = Some(Reader::new(Handle::Many(clone)));
                }
                return;
            }
        };
        self.readers[from] = Some(Reader::new(Handle::Many(handle)));
    }

    fn replace(&mut self, slot: usize) {
        let value = self.value();
        let number = value.0;
        let Some(Reader {
            handle: Handle::Many(shared),
            ..
        }) = &self.readers[slot]
        else {
            return;
        };
        let before = shared.replace(Ok(value));
        assert_eq!(before.as_deref().map(end), self.ended);
        if self.ended.is_none() {
            self.ends(End::Value(number));
            self.wanted = false;
        }
        self.ended = Some(End::Value(number));
    }

    fn step(&mut self, bytes: &mut Bytes<'_>) {
        let (what, slots) = (bytes.below(24), bytes.below(SLOTS * SLOTS));
        let (slot, other) = (slots % SLOTS, slots / SLOTS);
        match what {
            0..=1 => self.settle(slot, what == 1),
            2..=4 => {
                if let Some(completer) = &self.completers[slot] {
                    self.completers[other] = Some(completer.clone());
                }
            }
            5..=7 => {
                self.completers[slot] = None;
                self.abandon();
            }
            8..=9 => self.claim(slot),
            10 => self.use_claim(),
            11 => {
                self.claim = None;
                self.abandon();
            }
            12 => self.cancel(slot),
            13..=17 => self.poll(slot),
            18 => self.drop_reader(slot),
            19..=21 => self.share(slot, other),
            _ => self.replace(slot),
        }
        self.check();
    }

    fn check(&self) {
        for reader in self.readers.iter().flatten() {
            assert_eq!(
                reader.wakes.0.load(Ordering::Relaxed),
                reader.woken,
                "wakes"
            );
            let settled = match &reader.handle {
                Handle::One(one) => one.is_settled(),
                Handle::Many(shared) => shared.is_settled(),
            };
            assert_eq!(settled, self.ended.is_some());
        }
        for completer in self.completers.iter().flatten() {
            assert_eq!(
                completer.is_wanted(),
                self.is_open() && self.claim.is_none()
            );
        }
    }
}

/// Does what the bytes say, as the model does.
pub(crate) fn fuzz(data: &[u8]) {
    set_unhandled_hook(|_| {}); // failures that nobody looks at are no failures of this test
    let live = Arc::new(());
    let (resolver, one) = promise();
    let mut test = Test {
        completers: [Some(resolver.into_completer()), None, None],
        claim: None,
        readers: [Some(Reader::new(Handle::One(one))), None, None],
        ended: None,
        wanted: true,
        live: Arc::clone(&live),
        next: 0,
    };
    let mut bytes = Bytes::new(data);
    while !bytes.is_empty() {
        test.step(&mut bytes);
    }
    for slot in 0..SLOTS {
        test.poll(slot);
    }
    test.check();
    drop(test);
    assert_eq!(Arc::strong_count(&live), 1, "values that live on");
}
