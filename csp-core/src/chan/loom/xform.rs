//! Models of channels with a transducer. (The channel of a step that uses itself has tests instead: it
//! is a matter of one thread.)

use crate::{
    __private::{Order, alt},
    Of2, TryPutError, TryTakeError, block_on,
    chan::{chan, chan_with},
    models::{Payload, SITE, model, poll_once, spawn},
    xf::{self, Flow, Transducer},
};

/// The payload twice, and at the end one more.
struct Twice {
    tail: Option<Payload>,
}

impl Transducer for Twice {
    type In = Payload;
    type Out = Payload;

    fn step(&mut self, value: Payload, emit: &mut impl FnMut(Payload) -> Flow) -> Flow {
        emit(value.clone())?;
        emit(value)
    }

    fn complete(&mut self, emit: &mut impl FnMut(Payload) -> Flow) -> Flow {
        emit(self.tail.take().expect("completed once"))
    }
}

/// Wants one value only.
struct First;

impl Transducer for First {
    type In = Payload;
    type Out = Payload;

    fn step(&mut self, value: Payload, emit: &mut impl FnMut(Payload) -> Flow) -> Flow {
        emit(value)?;
        Flow::Break(())
    }
}

/// One put serves two takers, who may park before or after; then the tail, once, and the end.
#[test]
fn one_put_serves_two_takers() {
    model(|| {
        let value = Payload::new(1);
        let tail = Payload::new(9);
        let (tx, rx) = chan_with(
            1,
            Twice {
                tail: Some(tail.clone()),
            },
        );
        let other = rx.clone();
        let taker = spawn(move || other.take_blocking().unwrap().n());
        let sent = value.clone();
        let putter = spawn(move || tx.put_blocking(sent).unwrap());
        let mut sum = rx.take_blocking().unwrap().n();
        sum += rx.take_blocking().unwrap().n();
        sum += taker.join().unwrap();
        assert_eq!(sum, 1 + 1 + 9);
        assert!(rx.take_blocking().is_none());
        putter.join().unwrap();
        value.assert_alone();
        tail.assert_alone();
    });
}

/// A put that is parked, or comes after, while the last sender goes: it is delivered before the tail.
#[test]
fn a_parked_put_goes_in_before_the_tail() {
    model(|| {
        let tail = Payload::new(9);
        let (tx, rx) = chan_with(
            1,
            Twice {
                tail: Some(tail.clone()),
            },
        );
        tx.try_put(Payload::new(1)).unwrap();
        let putter = spawn(move || tx.put_blocking(Payload::new(2)).unwrap());
        let got: Vec<_> = rx.iter_blocking().map(|value| value.n()).collect();
        assert_eq!(got, [1, 1, 2, 2, 9]);
        putter.join().unwrap();
        tail.assert_alone();
    });
}

/// Two puts meet a transducer that wants one: one is accepted, the other's value comes back.
#[test]
fn a_transducer_that_wants_no_more_gives_the_other_put_back() {
    model(|| {
        let value = Payload::new(1);
        let (tx, rx) = chan_with(1, First);
        let other = tx.clone();
        let sent = value.clone();
        let putter = spawn(move || other.put_blocking(sent).is_ok());
        let mine = tx.put_blocking(value.clone()).is_ok();
        let got: Vec<_> = rx.iter_blocking().collect();
        assert!(mine != putter.join().unwrap());
        assert_eq!(got.len(), 1);
        drop(got);
        value.assert_alone();
    });
}

/// The last receiver goes while a put is on its way.
#[test]
fn the_last_receiver_against_a_put() {
    model(|| {
        let value = Payload::new(1);
        let tail = Payload::new(9);
        let (tx, rx) = chan_with(
            1,
            Twice {
                tail: Some(tail.clone()),
            },
        );
        let sent = value.clone();
        let putter = spawn(move || match tx.try_put(sent) {
            Ok(()) | Err(TryPutError::Closed(_)) => {}
            Err(TryPutError::Full(_)) => panic!("there was room"),
        });
        drop(rx);
        putter.join().unwrap();
        value.assert_alone();
        tail.assert_alone();
    });
}

/// A taker goes away while a put that gives two serves it: nothing is lost.
#[test]
fn a_cancelled_taker_against_an_expanding_put() {
    model(|| {
        let value = Payload::new(1);
        let tail = Some(Payload::new(9));
        let (tx, rx) = chan_with(1, Twice { tail });
        let sent = value.clone();
        let putter = spawn(move || {
            tx.try_put(sent).unwrap();
            tx
        });
        let mut got = 0;
        {
            let mut take = Box::pin(rx.take());
            if poll_once(take.as_mut()).is_ready() {
                got += 1;
            }
        }
        let tx = putter.join().unwrap();
        while let Ok(value) = rx.try_take() {
            assert_eq!(value.n(), 1);
            got += 1;
        }
        assert_eq!(got, 2);
        assert_eq!(rx.try_take().err(), Some(TryTakeError::Empty));
        drop((tx, rx));
        value.assert_alone();
    });
}

/// A parked put is withdrawn while a take makes room for it: accepted, or its value comes back.
#[test]
fn a_withdrawn_put_against_a_take() {
    model(|| {
        let value = Payload::new(2);
        let (tx, rx) = chan_with(1, xf::map(|value: Payload| value));
        tx.try_put(Payload::new(1)).unwrap();
        let taker = spawn(move || {
            assert_eq!(rx.take_blocking().unwrap().n(), 1);
            rx
        });
        let accepted = {
            let mut put = Box::pin(tx.put(value.clone()));
            poll_once(put.as_mut()).is_ready() || put.as_mut().withdraw().is_none()
        };
        let rx = taker.join().unwrap();
        assert_eq!(
            rx.try_take().map(|value| value.n()).ok(),
            accepted.then_some(2)
        );
        value.assert_alone();
    });
}

/// A put and a take that park as tasks of `block_on`, through a step that gives nothing for one.
#[test]
fn a_put_that_gives_nothing_lets_the_next_in() {
    struct Odd;
    impl Transducer for Odd {
        type In = u32;
        type Out = u32;
        fn step(&mut self, value: u32, emit: &mut impl FnMut(u32) -> Flow) -> Flow {
            if value % 2 == 1 {
                emit(value)
            } else {
                Flow::Continue(())
            }
        }
    }
    model(|| {
        let (tx, rx) = chan_with(1, Odd);
        tx.try_put(1).unwrap();
        let putter = spawn(move || {
            block_on(tx.put(2)).unwrap();
            block_on(tx.put(3)).unwrap();
        });
        assert_eq!((rx.take_blocking(), rx.take_blocking()), (Some(1), Some(3)));
        assert_eq!(rx.take_blocking(), None);
        putter.join().unwrap();
    });
}

/// The last ends of both sides go at once: the tail is given out into a channel that nobody takes from any
/// more, or has gone. The second to come frees it all.
#[test]
fn the_last_ends_go_against_each_other() {
    model(|| {
        let tail = Payload::new(9);
        let value = Payload::new(1);
        let (tx, rx) = chan_with(
            1,
            Twice {
                tail: Some(tail.clone()),
            },
        );
        tx.try_put(value.clone()).unwrap();
        let other = spawn(move || drop(tx));
        drop(rx);
        other.join().unwrap();
        value.assert_alone();
        tail.assert_alone();
    });
}

/// A parked put that is an arm of an alts is admitted by a take, while the alts is decided by its other arm:
/// one of the two, and the value is in the channel or comes back.
#[test]
fn an_arm_that_puts_against_a_take_and_its_other_arm() {
    model(|| {
        let value = Payload::new(2);
        let (tx, rx) = chan_with(1, xf::map(|value: Payload| value));
        let (other_tx, other_rx) = chan(1);
        tx.try_put(Payload::new(1)).unwrap();
        let taker = spawn(move || {
            assert_eq!(rx.take_blocking().unwrap().n(), 1);
            rx
        });
        let decider = spawn(move || other_tx.try_put(()).unwrap());
        let sent = value.clone();
        let put = block_on(async {
            let both = alt((tx.put(sent), other_rx.take()), Order::Priority, &SITE);
            match both.await {
                Of2::A(result) => {
                    result.unwrap();
                    true
                }
                Of2::B(_) => false,
            }
        });
        decider.join().unwrap();
        let rx = taker.join().unwrap();
        assert_eq!(rx.try_take().map(|value| value.n()).ok(), put.then_some(2));
        drop((tx, rx));
        value.assert_alone();
    });
}

/// The transducer ends in a put: who waits for the close is told, and the taker gets the value and the end.
#[test]
fn a_step_that_ends_the_channel_tells_everybody() {
    model(|| {
        let value = Payload::new(2);
        let (tx, rx) = chan_with(1, First);
        let watcher = tx.clone();
        let watching = spawn(move || block_on(watcher.closed()));
        let sent = value.clone();
        let putter = spawn(move || {
            tx.put_blocking(sent).unwrap();
            tx
        });
        assert_eq!(rx.take_blocking().map(|value| value.n()), Some(2));
        assert!(rx.take_blocking().is_none());
        watching.join().unwrap();
        drop(putter.join().unwrap());
        value.assert_alone();
    });
}

/// An alts takes while a put steps, and its other arm is decided: one of the two, and the value is taken or in
/// the channel.
#[test]
fn an_arm_that_takes_against_a_put_and_its_other_arm() {
    model(|| {
        let value = Payload::new(2);
        let (tx, rx) = chan_with(1, xf::map(|value: Payload| value));
        let (other_tx, other_rx) = chan(1);
        let sent = value.clone();
        let putter = spawn(move || {
            tx.try_put(sent).unwrap();
            tx
        });
        let decider = spawn(move || other_tx.try_put(()).unwrap());
        let taken = block_on(async {
            match alt((rx.take(), other_rx.take()), Order::Priority, &SITE).await {
                Of2::A(value) => value,
                Of2::B(_) => None,
            }
        });
        decider.join().unwrap();
        let tx = putter.join().unwrap();
        assert_eq!(rx.try_take().is_ok(), taken.is_none());
        drop((tx, rx, taken));
        value.assert_alone();
    });
}
