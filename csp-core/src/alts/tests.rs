use std::{
    panic::Location,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use super::{Alt, Of4, Order, alt_for};
use crate::{Receiver, Take, chan};

type Takes<'a> = Alt<(Take<'a, u32>, Take<'a, u32>, Take<'a, u32>, Take<'a, u32>)>;
type Taken = Of4<Option<u32>, Option<u32>, Option<u32>, Option<u32>>;

fn takes(rx: &[Receiver<u32>; 4]) -> Takes<'_> {
    let arms = (rx[0].take(), rx[1].take(), rx[2].take(), rx[3].take());
    alt_for(arms, Order::Random, Location::caller())
}

fn poll(alt: Pin<&mut Takes<'_>>) -> Poll<Taken> {
    alt.poll(&mut Context::from_waker(Waker::noop()))
}

/// What ends an alts, whichever way, ends all its arms: there is nothing to drop of them then. Should it be polled again,
/// there is.
#[test]
fn an_arm_that_was_handed_a_value_after_the_end_gives_it_back() {
    for room in [0, 1] {
        let ends: [_; 4] = std::array::from_fn(|_| chan::<u32>(room));
        let rx = ends.each_ref().map(|(_, rx)| rx.clone());
        let tx = &ends[2].0;
        {
            let mut alt = pin!(takes(&rx));
            if room > 0 {
                // It is there when the alts looks.
                tx.try_put(1).unwrap();
            } else {
                assert!(poll(alt.as_mut()).is_pending());
                tx.try_put(1).unwrap();
            }
            assert_eq!(poll(alt.as_mut()), Poll::Ready(Of4::C(Some(1))));
            assert!(poll(alt.as_mut()).is_pending());
            tx.try_put(2).unwrap();
        }
        assert_eq!(rx[2].try_take(), Ok(2), "room for {room}");
        for (tx, rx) in &ends {
            assert!(rx.try_take().is_err());
            assert!(tx.try_put(3).is_err() == (room == 0), "nobody waits");
        }
    }
}
