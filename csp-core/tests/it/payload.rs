//! What may go through a channel, and which threads its parts may go to.

use std::{cell::Cell, pin::pin, rc::Rc, sync::Arc};

use csp_core::{
    Alt, AltSet, Choose, Closed, IntoIter, Iter, Put, Receiver, Sender, Take, TooManyPending,
    TryPutError, WaitClosed, alts, chan, dropping, fixed, sliding,
};

use crate::util::{parks, ready};

/// GO-018: they count, park and are delivered like any other
#[test]
fn go_018_zero_sized_values_count_park_and_arrive() {
    let (tx, rx) = chan(0);
    let mut put = pin!(tx.put(()));
    parks(put.as_mut());
    assert_eq!(rx.try_take(), Ok(()));
    assert_eq!(ready(put), Ok(()));
    assert!(rx.try_take().is_err());
    let (tx, rx) = chan(2);
    tx.try_put(()).unwrap();
    tx.try_put(()).unwrap();
    assert!(tx.try_put(()).unwrap_err().is_full());
    assert_eq!(rx.len(), 2);
    let mut put = pin!(tx.put(()));
    parks(put.as_mut());
    tx.close();
    assert_eq!(rx.iter_blocking().count(), 3);
    // And with a Drop, counted.
    struct Unit;
    thread_local!(static DROPS: Cell<u32> = const { Cell::new(0) });
    impl Drop for Unit {
        fn drop(&mut self) {
            DROPS.set(DROPS.get() + 1);
        }
    }
    for buffer in [fixed(0), fixed(1), sliding(1), dropping(1)] {
        DROPS.set(0);
        let (tx, rx) = chan(buffer);
        let mut made = 0;
        for _ in 0..5 {
            made += 1;
            drop(tx.try_put(Unit));
        }
        {
            let mut takes = [Box::pin(rx.take()), Box::pin(rx.take())];
            for take in &mut takes {
                drop(crate::util::poll(take.as_mut()));
            }
            made += 1;
            drop(tx.try_put(Unit));
        }
        drop((tx, rx));
        assert_eq!(DROPS.get(), made);
    }
}

/// Values of any size and alignment.
#[test]
fn huge_and_overaligned_values_arrive_whole() {
    #[derive(Clone, PartialEq, Debug)]
    #[repr(align(256))]
    struct Aligned(u8);
    let huge = || {
        let mut huge = [0_u8; 16_000];
        huge[15_999] = 7;
        huge
    };
    for capacity in [0, 1] {
        let (tx, rx) = chan(capacity);
        let mut take = Box::pin(rx.take());
        assert!(crate::util::poll(take.as_mut()).is_pending());
        tx.try_put(huge()).unwrap();
        assert!(ready(take.as_mut()).unwrap() == huge());
        let (tx, rx) = chan(capacity);
        let mut take = Box::pin(rx.take());
        parks(take.as_mut());
        tx.try_put(Aligned(3)).unwrap();
        let value = Box::new(ready(take.as_mut()).unwrap());
        assert_eq!(*value, Aligned(3));
        assert_eq!(std::ptr::from_ref(&*value).addr() % 256, 0);
        let mut put = Box::pin(tx.put(Aligned(4)));
        let _ = crate::util::poll(put.as_mut());
        assert_eq!(rx.try_take(), Ok(Aligned(4)));
    }
}

/// Values that stay on their thread go through a channel that does too.
#[test]
fn values_that_are_not_send_go_through_on_one_thread() {
    let (tx, rx) = chan(0);
    let value = Rc::new(Cell::new(1));
    let mut take = pin!(rx.take());
    parks(take.as_mut());
    tx.try_put(Rc::clone(&value)).unwrap();
    ready(take).unwrap().set(2);
    assert_eq!((value.get(), Rc::strong_count(&value)), (2, 1));
    let (quiet_tx, quiet) = chan::<Rc<()>>(1);
    let out = csp_core::block_on(async { alts!(tx.put(Rc::clone(&value)), quiet.take(), default) });
    assert!(out.is_none());
    drop(quiet_tx);
    assert_eq!(Rc::strong_count(&value), 1);
}

/// Values that borrow: only what is spawned has to be 'static.
#[test]
fn values_that_borrow_from_the_stack_arrive() {
    let text = "some words on the stack".to_owned();
    let (tx, rx) = chan::<&str>(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for word in text.split(' ') {
                tx.put_blocking(word).unwrap();
            }
            tx.close();
        });
        assert_eq!(rx.iter_blocking().collect::<Vec<_>>().join(" "), text);
    });
    let mut number = 1;
    let (tx, rx) = chan::<&mut i32>(1);
    tx.try_put(&mut number).unwrap();
    *rx.try_take().unwrap() += 1;
    drop((tx, rx));
    assert_eq!(number, 2);
}

/// GO-012: values behind a trait object
#[test]
fn go_012_boxed_trait_objects_arrive() {
    let (tx, rx) = chan::<Box<dyn Fn(u32) -> u32 + Send>>(2);
    for n in 1..3 {
        assert!(tx.try_put(Box::new(move |x| x * n)).is_ok());
    }
    assert_eq!(
        (rx.try_take().unwrap()(10), rx.try_take().unwrap()(10)),
        (10, 20)
    );
}

/// GO-030: heap values are dropped exactly once
#[test]
fn go_030_shared_values_come_back_to_one_owner() {
    let value = Arc::new(());
    let (ask, asked) = chan::<(Arc<()>, Sender<Arc<()>>)>(1);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let asked = asked.clone();
            scope.spawn(move || {
                for (value, answer) in asked {
                    answer.put_blocking(value).unwrap();
                }
            });
        }
        drop(asked);
        for _ in 0..3 {
            let (ask, value) = (ask.clone(), &value);
            scope.spawn(move || {
                for _ in 0..500 {
                    let (tx, rx) = chan(0);
                    ask.put_blocking((Arc::clone(value), tx)).ok().unwrap();
                    assert!(Arc::ptr_eq(&rx.take_blocking().unwrap(), value));
                }
            });
        }
        drop(ask);
    });
    assert_eq!(Arc::strong_count(&value), 1);
}

fn send_and_sync<T: Send + Sync>() {}
fn send<T: Send>() {}

/// Everything is `Send + Sync` if its values are `Send`; values need not be `Sync`.
#[test]
fn parts_of_a_channel_are_send_and_sync_if_their_values_are_send() {
    send_and_sync::<Sender<Cell<u32>>>();
    send_and_sync::<Receiver<Cell<u32>>>();
    send_and_sync::<Put<'_, Cell<u32>>>();
    send_and_sync::<Take<'_, Cell<u32>>>();
    send_and_sync::<WaitClosed<'_, Cell<u32>>>();
    send_and_sync::<AltSet<Cell<u32>>>();
    send_and_sync::<Choose<'_, Cell<u32>>>();
    send_and_sync::<Iter<'_, Cell<u32>>>();
    send_and_sync::<IntoIter<Cell<u32>>>();
    send::<Alt<(Take<'_, Cell<u32>>, Put<'_, Cell<u32>>)>>();
    send_and_sync::<Alt<(Take<'_, u32>, Put<'_, u32>)>>();
    send_and_sync::<(Closed<u32>, TryPutError<u32>, TooManyPending<u32>)>();
    // Futures that hold them across an await can be spawned.
    fn spawnable(_: impl Future + Send + 'static) {}
    let (tx, rx) = chan::<u32>(0);
    let (tx2, rx2) = (tx.clone(), rx.clone());
    spawnable(async move { alts!(rx.take(), tx.put(1)) == csp_core::Of2::A(None) });
    spawnable(async move {
        csp_core::alt! {
            _ = csp_core::take!(rx2) => {},
            _ = csp_core::put!(tx2, 1) => {},
        }
    });
    let (tx, rx) = chan::<u32>(0);
    spawnable(async move { csp_core::put!(tx, 1) });
    spawnable(async move { csp_core::take_any(&[rx]).await.0 });
}

/// True if `T: Send`: an inherent constant that exists only then shadows the trait's.
macro_rules! is_send {
    ($t:ty) => {{
        #[allow(dead_code, reason = "unused where the answer is yes")]
        trait No {
            const SEND: bool = false;
        }
        impl<T: ?Sized> No for T {}
        #[allow(dead_code, reason = "only a type")]
        struct Is<T: ?Sized>(std::marker::PhantomData<T>);
        #[allow(dead_code, reason = "unused where the answer is no")]
        impl<T: ?Sized + Send> Is<T> {
            const SEND: bool = true;
        }
        <Is<$t>>::SEND
    }};
}

/// ... and nothing is if they are not.
#[test]
fn parts_of_a_channel_are_not_send_if_their_values_are_not() {
    assert!(is_send!(Sender<u32>));
    assert!(!is_send!(Sender<Rc<u32>>));
    assert!(!is_send!(Receiver<Rc<u32>>));
    assert!(!is_send!(Put<'static, Rc<u32>>));
    assert!(!is_send!(Take<'static, Rc<u32>>));
    assert!(!is_send!(AltSet<Rc<u32>>));
    assert!(!is_send!(Alt<(Take<'static, Rc<u32>>,)>));
}

/// A parked operation may move to another thread, which is the one woken then.
#[test]
fn parked_operations_move_to_other_threads() {
    let (tx, rx) = chan(0);
    let (other_tx, other) = chan(0);
    let mut take = Box::pin(rx.take());
    let mut put = Box::pin(other_tx.put(1));
    let mut block = Box::pin(async { alts!(rx.take(), other_tx.put(2)) });
    parks(take.as_mut());
    parks(put.as_mut());
    parks(block.as_mut());
    std::thread::scope(|scope| {
        let taker = scope.spawn(|| csp_core::block_on(take));
        let putter = scope.spawn(|| csp_core::block_on(put));
        let chooser = scope.spawn(|| csp_core::block_on(block));
        tx.put_blocking(5).unwrap();
        assert_eq!(taker.join().unwrap(), Some(5));
        assert_eq!(other.take_blocking(), Some(1));
        putter.join().unwrap().unwrap();
        tx.put_blocking(6).unwrap();
        assert_eq!(chooser.join().unwrap(), csp_core::Of2::A(Some(6)));
    });
}

/// A channel end may be sent through its own channel.
#[test]
fn a_receiver_may_go_through_its_own_channel() {
    struct Loop(Option<Receiver<Loop>>);
    let (tx, rx) = chan(1);
    tx.try_put(Loop(Some(rx.clone()))).ok().unwrap();
    let mut inner = rx.try_take().ok().unwrap();
    drop((rx, inner.0.take()));
    assert!(tx.is_closed());
    assert!(tx.try_put(Loop(None)).is_err_and(|error| error.is_closed()));
}
