//! Code of the user's that panics where nobody expects it, is caught, and what it was called by is used again.

use std::{
    collections::VecDeque,
    mem::ManuallyDrop,
    pin::{Pin, pin},
    ptr::NonNull,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    task::{Context, RawWaker, RawWakerVTable, Waker},
};

use csp_core::{
    __private::Origin, Alt, AltSet, Arm, BlockSite, Buffer, BufferPolicy, Executor, Home, Order,
    Receiver, Sender, Task, TooManyPending, chan, put_all_or_none,
};

use crate::{
    custom::{Bad, Fifo, In},
    util::{Ledger, Tracked, id, panic_of, parks, ready},
};

/// What the policy of a channel is to panic in from now on.
#[derive(Clone)]
struct Switch(Arc<AtomicUsize>);

impl Switch {
    fn set(&self, at: In) {
        self.0.store(at as usize, Ordering::Relaxed);
    }
}

/// A channel with room for so many, whose policy panics when told to.
fn bad_chan(capacity: usize) -> (Sender<Tracked>, Receiver<Tracked>, Switch) {
    let bad = Arc::new(AtomicUsize::new(In::Nothing as usize));
    let (tx, rx) = chan(Buffer::custom(Bad {
        inner: Fifo::new(capacity),
        bad: Arc::clone(&bad),
    }));
    (tx, rx, Switch(bad))
}

/// Does something when it is cloned, and panics when it is dropped, once, if told to.
struct Odd {
    on_clone: Box<dyn Fn() + Send + Sync>,
    panics: AtomicBool,
}

static ODD: RawWakerVTable = RawWakerVTable::new(clone, wake, |_| (), wake);

fn odd(on_clone: impl Fn() + Send + Sync + 'static) -> Arc<Odd> {
    Arc::new(Odd {
        on_clone: Box::new(on_clone),
        panics: AtomicBool::new(false),
    })
}

#[allow(unsafe_code, reason = "a waker that misbehaves")]
fn waker(odd: &Arc<Odd>) -> Waker {
    // SAFETY: the table is for an `Arc<Odd>`, which the waker has.
    unsafe { Waker::new(Arc::into_raw(Arc::clone(odd)).cast(), &ODD) }
}

#[allow(unsafe_code, reason = "a waker that misbehaves")]
fn clone(at: *const ()) -> RawWaker {
    // SAFETY: `waker` made it of an `Arc<Odd>`, which stays the one waker's.
    let odd = ManuallyDrop::new(unsafe { Arc::from_raw(at.cast::<Odd>()) });
    (odd.on_clone)();
    RawWaker::new(Arc::into_raw(Arc::clone(&odd)).cast(), &ODD)
}

#[allow(unsafe_code, reason = "a waker that misbehaves")]
fn wake(at: *const ()) {
    // SAFETY: `waker` or `clone` made it of an `Arc<Odd>`, which goes with the waker.
    let odd = unsafe { Arc::from_raw(at.cast::<Odd>()) };
    assert!(!odd.panics.swap(false, Ordering::Relaxed), "bad waker");
}

/// An alts of two arms.
fn two<A: Arm, B: Arm>(a: A, b: B) -> Alt<(A, B)> {
    csp_core::__private::alt((a, b), Order::Random, csp_core::__site!(Alt, a, b))
}

/// Neither what it has captured is leaked nor its place among the pending ones.
#[test]
fn a_callback_goes_when_a_policy_fails_its_operation() {
    let ledger = Ledger::new();
    let (tx, rx, policy) = bad_chan(1);
    let held = Arc::new(());
    for bad in [In::Add, In::IsFull] {
        policy.set(bad);
        let kept = Arc::clone(&held);
        let put = || tx.put_then(ledger.value(1), move |_| drop(kept)).is_ok();
        assert_eq!(panic_of(put), "bad policy");
        assert_eq!((Arc::strong_count(&held), ledger.live()), (1, 0));
    }
    policy.set(In::Nothing);
    tx.try_put(ledger.value(2)).unwrap();
    policy.set(In::Remove);
    let kept = Arc::clone(&held);
    let take = || rx.take_then(move |_| drop(kept)).is_ok();
    assert_eq!(panic_of(take), "bad policy");
    assert_eq!(Arc::strong_count(&held), 1);
    policy.set(In::Nothing);
    for _ in 0..TooManyPending::<()>::LIMIT {
        tx.put_then(ledger.value(3), |result| result.unwrap())
            .unwrap();
    }
    assert!(tx.put_then(ledger.value(3), |_| ()).is_err());
    assert_eq!(id(rx.try_take().ok()), Some(2));
    while rx.try_take().is_ok() {}
    assert_eq!(ledger.live(), 0);
    for _ in 0..TooManyPending::<()>::LIMIT {
        rx.take_then(|_| ()).unwrap();
    }
    assert!(rx.take_then(|_| ()).is_err());
}

/// It has cloned its waker by then.
#[test]
fn a_put_that_fails_as_it_parks_gives_its_waker_up() {
    let ledger = Ledger::new();
    let (tx, rx, policy) = bad_chan(1);
    tx.try_put(ledger.value(1)).unwrap();
    let switch = policy.clone();
    let odd = odd(move || switch.set(In::IsFull));
    let mut put = Box::pin(tx.put(ledger.value(2)));
    let poll = || {
        put.as_mut()
            .poll(&mut Context::from_waker(&waker(&odd)))
            .is_ready()
    };
    assert_eq!(panic_of(poll), "bad policy");
    drop(put);
    assert_eq!((Arc::strong_count(&odd), ledger.live()), (1, 1));
    policy.set(In::Nothing);
    assert_eq!(id(rx.try_take().ok()), Some(1));
}

/// As above.
#[test]
fn a_take_that_fails_as_it_parks_gives_its_waker_up() {
    let ledger = Ledger::new();
    let (tx, rx, policy) = bad_chan(1);
    let (switch, value) = (policy.clone(), Arc::clone(&ledger));
    let odd = odd(move || {
        tx.try_put(value.value(1)).unwrap();
        switch.set(In::Remove);
    });
    let mut take = Box::pin(rx.take());
    let poll = || {
        take.as_mut()
            .poll(&mut Context::from_waker(&waker(&odd)))
            .is_ready()
    };
    assert_eq!(panic_of(poll), "bad policy");
    drop(take);
    assert_eq!(Arc::strong_count(&odd), 1);
    policy.set(In::Nothing);
    assert_eq!(id(rx.try_take().ok()), Some(1));
}

/// Two at most; while some are to panic, the oldest goes for the newest.
struct Moving(VecDeque<Grumpy>, Arc<AtomicUsize>);

impl BufferPolicy<Grumpy> for Moving {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn is_full(&self) -> bool {
        self.0.len() > 1
    }

    fn add(&mut self, value: Grumpy) -> Option<Grumpy> {
        self.0.push_back(value);
        let moves = self.1.load(Ordering::Relaxed) > 0;
        moves.then(|| self.0.pop_front()).flatten()
    }

    fn remove(&mut self) -> Option<Grumpy> {
        self.0.pop_front()
    }
}

/// Panics when it is dropped, while some are to.
struct Grumpy(u32, Arc<AtomicUsize>);

impl Drop for Grumpy {
    fn drop(&mut self) {
        let one_less = |left: usize| left.checked_sub(1);
        let left = (self.1).fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
        assert!(left.is_err(), "{} does not want to go", self.0);
    }
}

/// The take was done by then: it is not to pay for those.
#[test]
fn a_take_gives_its_value_though_others_panic_that_the_policy_lets_go() {
    for putters in 1..=3 {
        let left = Arc::new(AtomicUsize::new(0));
        let (tx, rx) = chan(Buffer::custom(Moving(VecDeque::new(), Arc::clone(&left))));
        let value = |n| Grumpy(n, Arc::clone(&left));
        tx.try_put(value(1)).unwrap();
        tx.try_put(value(2)).unwrap();
        let mut puts: Vec<_> = (3..3 + putters)
            .map(|n| Box::pin(tx.put(value(n))))
            .collect();
        for put in &mut puts {
            parks(put.as_mut());
        }
        left.store(puts.len(), Ordering::Relaxed);
        assert_eq!(rx.try_take().map(|value| value.0), Ok(1));
        assert_eq!(left.load(Ordering::Relaxed), 0);
        for put in &mut puts {
            assert!(ready(put.as_mut()).is_ok());
        }
        assert_eq!(rx.try_take().map(|value| value.0), Ok(2 + putters));
        assert!(rx.try_take().is_err());
    }
}

/// None would say that the channel is closed.
#[test]
fn an_alts_whose_take_failed_does_not_say_that_the_channel_is_closed() {
    let ledger = Ledger::new();
    let (tx, rx, policy) = bad_chan(1);
    let (_other_tx, other) = chan::<u32>(0);
    let (switch, value) = (policy.clone(), Arc::clone(&ledger));
    // Nothing is there when the alts looks, and something when it queues its arms.
    let odd = odd(move || {
        tx.try_put(value.value(1)).unwrap();
        switch.set(In::Remove);
    });
    let waker = waker(&odd);
    {
        let mut alt = pin!(two(rx.take(), other.take()));
        let mut poll = || alt.as_mut().poll(&mut Context::from_waker(&waker));
        assert_eq!(panic_of(|| poll().is_ready()), "bad policy");
        policy.set(In::Nothing);
        assert_eq!(
            panic_of(|| poll().is_ready()),
            "a take was polled after it had ended"
        );
    }
    assert_eq!(id(rx.try_take().ok()), Some(1));
    assert_eq!(ledger.live(), 0);
}

/// Whoever has put its value has nothing to put any more.
#[test]
fn an_alts_that_has_put_and_then_panicked_does_not_put_again() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(1);
    let (_other_tx, other) = chan::<u32>(0);
    tx.try_put(ledger.value(1)).unwrap();
    // There is no room when the alts looks, and some when it queues its arms.
    let taker = rx.clone();
    let odd = odd(move || drop(taker.try_take()));
    {
        let mut alt = pin!(two(tx.put(ledger.value(2)), other.take()));
        let waker = waker(&odd);
        odd.panics.store(true, Ordering::Relaxed);
        let mut poll = || alt.as_mut().poll(&mut Context::from_waker(&waker));
        assert_eq!(panic_of(|| poll().is_ready()), "bad waker");
        assert_eq!(id(rx.try_take().ok()), Some(2));
        assert_eq!(
            panic_of(|| poll().is_ready()),
            "a put was polled after it had ended"
        );
    }
    assert!(rx.try_take().is_err());
    assert_eq!(ledger.live(), 0);
}

/// Has no place for anybody.
struct Full;

impl Executor for Full {
    fn post(&self, _: Task) {
        panic!("no place");
    }
}

struct Here;

impl Origin for Here {
    fn site(&self) -> BlockSite {
        BlockSite::new(file!(), 1, 1, "", &[])
    }
}

#[allow(unsafe_code, reason = "an executor that misbehaves")]
fn home() -> Home {
    // SAFETY: the executor is a constant; the tests see to it that no block outlives its home.
    unsafe { Home::new(NonNull::<Full>::from(&Full)) }
}

/// It tells a transaction that there is a taker now, whose executor panics.
#[test]
fn a_callback_that_is_queued_stays_so_when_an_executor_panics() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(0);
    let home = home();
    let (task, go) = home.spawn(Here, {
        let (tx, ledger) = (tx.clone(), Arc::clone(&ledger));
        async move {
            // (It waits for two takers.)
            let puts = [tx.put(ledger.value(1)), tx.put(ledger.value(2))];
            put_all_or_none(puts).await.is_ok()
        }
    });
    task.unwrap().run();
    let (done, ran) = mpsc::channel();
    rx.take_then(move |value| done.send(id(value)).unwrap())
        .unwrap();
    assert!(home.is_empty());
    tx.try_put(ledger.value(3)).unwrap();
    assert_eq!(ran.try_recv(), Ok(Some(3)));
    drop(go);
    assert_eq!(ledger.live(), 0);
}

/// It goes to a block whose executor panics, and from there back to the channel.
#[test]
fn a_value_that_is_given_back_in_vain_is_given_back_once() {
    let ledger = Ledger::new();
    let (tx, rx) = chan(0);
    let home = home();
    let mut set = AltSet::new();
    set.take(&rx);
    let mut choose = set.choose(Order::Random);
    parks(Pin::new(&mut choose));
    let taker = rx.clone();
    let (task, go) = home.spawn(Here, async move { drop(taker.take().await) });
    task.unwrap().run();
    tx.try_put(ledger.value(1)).unwrap();
    assert_eq!(panic_of(|| drop(choose)), "no place");
    assert!(home.is_empty());
    drop((set, go));
    assert_eq!(id(rx.try_take().ok()), Some(1));
    assert!(rx.try_take().is_err());
    assert_eq!(ledger.live(), 0);
}
