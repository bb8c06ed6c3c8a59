//! `AltSet`: operations known at run time.

use std::{mem::ManuallyDrop, pin::pin};

use csp_core::{
    AltSet, Closed, Event, Order, Receiver, Sender, alts, alts_blocking, block_on, chan, take_any,
};
use proptest::prelude::*;

use crate::util::{Counter, Ledger, id, panic_of, parks, poll, ready};

/// A loop over a set sees everything, from whichever channel, and puts that are given values again.
#[test]
fn a_set_is_used_round_after_round() {
    let ledger = Ledger::new();
    let (in_tx, in_rx) = chan(0);
    let (out_tx, out_rx) = chan(0);
    let mut set = AltSet::new();
    assert!(set.is_empty());
    assert_eq!(set.take(&in_rx), 0);
    assert_eq!(set.put(&out_tx, ledger.value(100)), 1);
    assert_eq!(set.len(), 2);
    for n in 0..10 {
        {
            let mut round = pin!(set.choose(Order::Random));
            parks(round.as_mut());
            in_tx.try_put(ledger.value(n)).unwrap();
            let (index, event) = ready(round);
            assert_eq!((index, id(event.took())), (0, Some(n)));
        }
        {
            let mut round = pin!(async { alts!(&mut set) });
            parks(round.as_mut());
            assert_eq!(id(out_rx.try_take().ok()), Some(100 + n));
            assert!(matches!(ready(round), (1, Event::Put(Ok(())))));
        }
        // A put that was chosen is off until it is given another value.
        let mut take = Box::pin(out_rx.take());
        parks(take.as_mut());
        assert!(set.choose(Order::Random).now().is_none());
        drop(take);
        set.put_again(1, ledger.value(101 + n));
    }
    drop(set);
    assert_eq!(ledger.live(), 0);
}

/// What may not be done to a set says so.
#[test]
fn misuse_of_a_set_says_so() {
    let (tx, rx) = chan(1);
    let mut set = AltSet::new();
    let take = set.take(&rx);
    let put = set.put(&tx, 1);
    let text = panic_of(|| set.put_again(put, 2));
    assert_eq!(text, "put 1 of the set still has its value");
    let text = panic_of(|| set.put_again(take, 2));
    assert_eq!(text, "operation 0 of the set is a take");
    let text = panic_of(|| set.put_again(7, 2));
    assert_eq!(text, "there is no operation 7 in the set");
    assert_eq!(alts_blocking!(&mut set, priority), (1, Event::Put(Ok(()))));
    let text = panic_of(|| set.enable(put));
    assert_eq!(text, "put 1 of the set has no value: use put_again");
    // All off, or nothing in it, and no default: it would wait for ever (GO-053, GO-054).
    set.disable(take);
    let text = panic_of(|| block_on(set.choose(Order::Random)).0);
    assert!(text.contains("no arm to wait for"), "{text}");
    assert_eq!(alts_blocking!(&mut set, default), None);
    set.enable(take);
    assert_eq!(alts_blocking!(&mut set), (0, Event::Took(Some(1))));
    let text = panic_of(|| block_on(async { alts!(&mut AltSet::<u32>::new()) }).0);
    assert!(
        text.contains("alt_set.rs:") && text.contains("set is empty"),
        "{text}"
    );
    let text = panic_of(|| block_on(take_any::<u32>(&[])).0);
    assert!(text.contains("no arm to wait for"), "{text}");
}

/// GO-082: only default; an empty set with default answers at once
#[test]
fn go_082_an_empty_set_with_default_defaults() {
    assert_eq!(AltSet::<u32>::default().choose(Order::Random).now(), None);
}

/// GO-081: 65,536 operations work, the 65,537th is refused with a clear message
#[test]
fn go_081_a_set_takes_65_536_operations_and_not_one_more() {
    let (tx, rx) = chan::<u32>(0);
    let (last_tx, last) = chan::<u32>(0);
    let mut set = AltSet::new();
    for _ in 0..65_535 {
        set.take(&rx);
    }
    assert_eq!(set.take(&last), 65_535);
    let text = panic_of(|| set.take(&last));
    assert_eq!(text, "an alts takes at most 65536 operations");
    let text = panic_of(|| set.put(&tx, 1));
    assert_eq!(text, "an alts takes at most 65536 operations");
    assert_eq!(set.len(), 65_536);
    for _ in 0..2 {
        let waker = Counter::new();
        let mut round = pin!(set.choose(Order::Random));
        assert!(waker.poll(round.as_mut()).is_pending());
        last_tx.try_put(7).unwrap();
        assert_eq!(waker.wakes(), 1);
        assert_eq!(ready(round), (65_535, Event::Took(Some(7))));
    }
    assert!(format!("{rx:?}").contains("takers: 0"));
    tx.try_put(1).unwrap_err();
    last_tx.close();
    assert_eq!(
        set.choose(Order::Priority).now(),
        Some((65_535, Event::Took(None)))
    );
    // Its handles go with it.
    assert_eq!(rx.receiver_count(), 65_536);
    drop(set);
    assert_eq!(rx.receiver_count(), 1);
}

/// A round given up, and a round leaked: the set is as before.
#[test]
fn a_round_given_up_or_leaked_leaves_a_sound_set() {
    for leak in [false, true] {
        let ledger = Ledger::new();
        let (in_tx, in_rx) = chan(0);
        let (out_tx, out_rx) = chan(0);
        let mut set = AltSet::new();
        set.take(&in_rx);
        set.put(&out_tx, ledger.value(9));
        let give_up = |set: &mut AltSet<_>| {
            let mut round = ManuallyDrop::new(set.choose(Order::Random));
            assert!(poll(std::pin::Pin::new(&mut *round)).is_pending());
            if !leak {
                drop(ManuallyDrop::into_inner(round));
            }
        };
        give_up(&mut set);
        // Leaked, its arms are still there; given up, they are not.
        assert_eq!(in_tx.try_put(ledger.value(1)).is_ok(), leak);
        let mut moved = set;
        if leak {
            // The next use gives the value back to the channel.
            assert_eq!(moved.take(&in_rx), 2);
            assert_eq!(id(in_rx.try_take().ok()), Some(1));
            give_up(&mut moved);
            assert_eq!(id(out_rx.try_take().ok()), Some(9));
            // A put done behind its back is off.
            assert!(moved.choose(Order::Random).now().is_none());
            moved.put_again(1, ledger.value(10));
            give_up(&mut moved);
        }
        drop(moved);
        assert!(out_rx.try_take().is_err());
        assert!(in_tx.try_put(ledger.value(2)).is_err());
        drop((in_rx, out_rx));
        assert_eq!(ledger.live(), 0);
    }
}

/// Between two rounds the operations of a set are queued, but are no takers or putters: others are served past them,
/// and the next round finds what came.
#[test]
fn between_rounds_a_set_takes_and_puts_nothing() {
    let (a_tx, a) = chan(0);
    let (b_tx, b) = chan(0);
    let mut set = AltSet::new();
    set.take(&a);
    set.put(&b_tx, 9);
    assert_eq!(set.choose(Order::Random).now(), None);
    a_tx.try_put(1).unwrap_err();
    b.try_take().unwrap_err();
    assert_eq!(set.choose(Order::Random).now(), None);
    let mut plain = pin!(a.take());
    parks(plain.as_mut());
    a_tx.try_put(2).unwrap();
    assert_eq!(ready(plain), Some(2));
    let mut putter = pin!(a_tx.put(3));
    parks(putter.as_mut());
    assert_eq!(
        set.choose(Order::Random).now(),
        Some((0, Event::Took(Some(3))))
    );
    ready(putter).unwrap();
    let mut taker = pin!(b.take());
    parks(taker.as_mut());
    assert_eq!(
        set.choose(Order::Random).now(),
        Some((1, Event::Put(Ok(()))))
    );
    assert_eq!(ready(taker), Some(9));
}

/// One that always has something does not keep the others from their turn.
#[test]
fn a_busy_operation_of_a_set_starves_nobody() {
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..8).map(|_| chan(1)).unzip();
    let mut set = AltSet::new();
    for rx in &rxs {
        set.take(rx);
    }
    let mut taken = [0; 8];
    for round in 0..8_000 {
        // The first has always something, the others now and then.
        let _full = txs[0].try_put(round);
        let _full = txs[1 + round % 7].try_put(round);
        let (index, _) = set.choose(Order::Random).now().expect("the first is ready");
        taken[index] += 1;
    }
    assert!(taken.iter().all(|count| *count > 500), "{taken:?}");
}

/// A taker committed in a round that is given up: the value is back for the next.
#[test]
fn a_committed_round_given_up_gives_back() {
    let (tx, rx) = chan(0);
    let mut set = AltSet::new();
    set.take(&rx);
    {
        let mut round = Box::pin(set.choose(Order::Random));
        parks(round.as_mut());
        tx.try_put(1).unwrap();
    }
    assert_eq!(
        set.choose(Order::Random).now(),
        Some((0, Event::Took(Some(1))))
    );
}

/// `take_any`: one value from many.
#[test]
fn take_any_takes_one_and_leaves_the_rest() {
    let (txs, rxs): (Vec<_>, Vec<_>) = (0..5).map(|_| chan::<usize>(1)).unzip();
    for (n, tx) in txs.iter().enumerate() {
        tx.try_put(n).unwrap();
    }
    let mut seen: Vec<_> = (0..5)
        .map(|_| {
            let (index, value) = block_on(take_any(&rxs));
            assert_eq!(value, Some(index));
            index
        })
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, [0, 1, 2, 3, 4]);
    let mut any = pin!(take_any(&rxs));
    parks(any.as_mut());
    drop(txs);
    assert!(matches!(ready(any), (_, None)));
}

/// One operation of a generated alts: what stands in it, and what may happen to it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    ReadyTake,
    ReadyPut,
    BlockedTake,
    BlockedPut,
    ClosedTake,
    ClosedPut,
    Off,
}

impl Kind {
    fn is_ready(self) -> bool {
        matches!(
            self,
            Self::ReadyTake | Self::ReadyPut | Self::ClosedTake | Self::ClosedPut
        )
    }
}

fn kind() -> impl Strategy<Value = Kind> {
    use Kind::{BlockedPut, BlockedTake, ClosedPut, ClosedTake, Off, ReadyPut, ReadyTake};
    prop_oneof![
        1 => Just(ReadyTake), 1 => Just(ReadyPut), 1 => Just(ClosedTake), 1 => Just(ClosedPut),
        6 => Just(BlockedTake), 6 => Just(BlockedPut), 2 => Just(Off),
    ]
}

/// The channel of operation `n`, prepared for its kind. Values out are `n`, values in `100 + n`.
fn prepare(kind: Kind, n: u32, buffered: bool) -> (Sender<u32>, Receiver<u32>) {
    let (tx, rx) = chan(usize::from(
        buffered || kind == Kind::ReadyTake || kind == Kind::ReadyPut,
    ));
    match kind {
        Kind::ReadyTake | Kind::Off => drop(tx.try_put(n)),
        Kind::BlockedPut if buffered => tx.try_put(n).unwrap(),
        Kind::ClosedTake | Kind::ClosedPut => assert!(tx.close()),
        _ => {}
    }
    (tx, rx)
}

fn check(kind: Kind, n: u32, event: &Event<u32>) {
    let expected = match kind {
        Kind::ReadyTake | Kind::BlockedTake => Event::Took(Some(n)),
        Kind::ReadyPut | Kind::BlockedPut => Event::Put(Ok(())),
        Kind::ClosedTake => Event::Took(None),
        Kind::ClosedPut => Event::Put(Err(Closed(100 + n))),
        Kind::Off => panic!("an operation that is off was chosen"),
    };
    assert_eq!(*event, expected);
}

proptest! {
    #![proptest_config(crate::util::cases(2000))]

    /// GO-080: any mix of operations; the choice is one that may be made, and its result is right
    #[test]
    fn go_080_any_mix_of_operations_chooses_right(
        kinds in prop::collection::vec((kind(), any::<bool>()), 1..8),
        priority: bool,
        default: bool,
        helper in any::<prop::sample::Index>(),
        rounds in 1..3_usize,
    ) {
        let chans: Vec<_> = (0..).zip(&kinds).map(|(n, (kind, buf))| prepare(*kind, n, *buf)).collect();
        let mut set = AltSet::new();
        for (n, ((kind, _), (tx, rx))) in (0..).zip(kinds.iter().zip(&chans)) {
            let index = match kind {
                Kind::ReadyTake | Kind::BlockedTake | Kind::ClosedTake => set.take(rx),
                _ => set.put(tx, 100 + n),
            };
            if *kind == Kind::Off {
                set.disable(index);
            }
        }
        let order = if priority { Order::Priority } else { Order::Random };
        for _ in 0..rounds {
            // Given up once, it must not matter.
            if kinds.iter().all(|(kind, _)| !kind.is_ready())
                && kinds.iter().any(|(kind, _)| *kind != Kind::Off)
            {
                prop_assert!(poll(pin!(set.choose(order))).is_pending());
            }
        }
        let ready_ones: Vec<usize> =
            (0..kinds.len()).filter(|n| kinds[*n].0.is_ready()).collect();
        let (index, event) = if default {
            let out = set.choose(order).now();
            prop_assert_eq!(out.is_some(), !ready_ones.is_empty());
            let Some(out) = out else { return Ok(()) };
            out
        } else if kinds.iter().all(|(kind, _)| *kind == Kind::Off) {
            return Ok(());
        } else {
            let waker = Counter::new();
            let mut round = pin!(set.choose(order));
            match waker.poll(round.as_mut()) {
                std::task::Poll::Ready(out) => {
                    prop_assert!(!ready_ones.is_empty());
                    out
                }
                std::task::Poll::Pending => {
                    prop_assert!(ready_ones.is_empty());
                    // A helper comes to one that is blocked, and the alts goes on with that one.
                    let blocked: Vec<usize> =
                        (0..kinds.len()).filter(|n| kinds[*n].0 != Kind::Off).collect();
                    let at = *helper.get(&blocked);
                    let n = u32::try_from(at).unwrap();
                    let (tx, rx) = &chans[at];
                    if kinds[at].0 == Kind::BlockedTake {
                        tx.try_put(n).unwrap();
                    } else {
                        prop_assert!(rx.try_take().is_ok());
                    }
                    prop_assert_eq!(waker.wakes(), 1);
                    let out = ready(round);
                    prop_assert_eq!(out.0, at);
                    out
                }
            }
        };
        check(kinds[index].0, u32::try_from(index).unwrap(), &event);
        if priority && !ready_ones.is_empty() {
            prop_assert_eq!(index, ready_ones[0]);
        }
        // Nothing is left behind, and nothing else has happened.
        drop(set);
        for (at, (tx, rx)) in chans.iter().enumerate() {
            let text = format!("{tx:?}");
            prop_assert!(text.contains("takers: 0, putters: 0"), "{}", text);
            let chosen = at == index;
            let left = match kinds[at] {
                (Kind::ReadyTake, _) => usize::from(!chosen),
                (Kind::ReadyPut, _) => usize::from(chosen),
                (Kind::BlockedPut, true) => 1,
                (Kind::Off, buffered) => usize::from(buffered),
                _ => 0,
            };
            prop_assert_eq!(rx.len(), left);
        }
    }
}
