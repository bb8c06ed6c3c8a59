//! The rules that all stream operators keep: a check of them for any operator.
//!
//! ```ignore
//! Rules::of("map").check(|s| s.map(|n| n + 1).receiver(), |v| v.map(|n| n + 1).collect());
//! ```
//!
//! The second closure is the operator's twin: the same on an iterator. The operator ends in
//! [`receiver`](csp::Stream::receiver), so that no other block stands behind it.

use std::fmt::Debug;

use csp::{Receiver, Sender, Stream, chan, stream, xf::Identity};

use crate::util::blocks::{Stage, cause, drain};

/// The values of a source, as the twin sees them.
pub(crate) type Values = std::vec::IntoIter<u32>;

/// What a stream over numbers begins with.
pub(crate) type Source = Stream<Identity<u32>>;

/// How much goes in: 0, 1, fewer than the operators' `n`, as many, more, twice as many.
const SIZES: [u32; 8] = [0, 1, 2, 3, 4, 5, 6, 13];

/// What is true of one operator.
pub(crate) struct Rules {
    name: &'static str,
    /// How many values it has taken when nobody takes from it.
    in_hand: usize,
    /// How many it takes at most.
    takes: usize,
    exact: bool,
}

impl Rules {
    pub(crate) fn of(name: &'static str) -> Self {
        Self {
            name,
            in_hand: 1,
            takes: usize::MAX,
            exact: true,
        }
    }

    /// So many of the values 1, 2, 3 … are taken when nobody takes from the derived channel.
    pub(crate) fn in_hand(mut self, n: usize) -> Self {
        self.in_hand = n;
        self
    }

    /// It ends by itself when it has taken so many of the values 1, 2, 3 …
    pub(crate) fn takes(mut self, n: usize) -> Self {
        self.takes = n;
        self
    }

    /// Threads take part: what is in hand is a limit, and not exact.
    pub(crate) fn threads(mut self) -> Self {
        self.exact = false;
        self
    }

    /// Checks everything.
    pub(crate) fn check<U>(
        &self,
        op: impl Fn(Source) -> Receiver<U>,
        twin: impl Fn(Values) -> Vec<U>,
    ) where
        U: Debug + PartialEq + Send + 'static,
    {
        let twin = |n| twin((1..=n).collect::<Vec<_>>().into_iter());
        for n in SIZES {
            self.equals_its_twin(n, &op, &twin(n));
            self.failure_goes_down(n, &op, &twin(n));
        }
        self.close_goes_up_while_it_waits(&op, drop);
        self.close_goes_up_while_it_waits(&op, |out| {
            out.close();
        });
        self.close_goes_up_while_it_is_full(&op);
        self.rest_stays_in_the_source(&op);
        self.cancel_fails_it(&op);
    }

    fn ends_by_itself(&self, n: u32) -> bool {
        n as usize >= self.takes
    }

    /// EV-037, EV-039: queued before, put with the operator there, and one by one.
    fn equals_its_twin<U>(&self, n: u32, op: impl Fn(Source) -> Receiver<U>, twin: &[U])
    where
        U: Debug + PartialEq + Send + 'static,
    {
        let name = self.name;
        for buffer in [16, 0] {
            for queued in [true, false] {
                if queued && buffer == 0 {
                    continue;
                }
                let stage = Stage::new();
                let (tx, rx) = chan(buffer);
                let mut tx = Some(tx);
                if queued {
                    put_all(tx.take().unwrap(), n);
                }
                let out = stage.with(|| op(stream(rx)));
                if let Some(tx) = tx {
                    stage.with(|| drop(csp::go(put_each(tx, n))));
                }
                let values = collect(&stage, &out);
                assert_eq!(values, twin, "{name} of {n}, queued: {queued}");
                assert!(out.is_closed(), "{name} of {n}: drained is closed");
                assert!(out.failure().is_none(), "{name} of {n}: ended well");
            }
        }
    }

    fn failure_goes_down<U>(&self, n: u32, op: impl Fn(Source) -> Receiver<U>, twin: &[U])
    where
        U: Debug + PartialEq + Send + 'static,
    {
        let name = self.name;
        let stage = Stage::new();
        let (tx, rx) = chan(16);
        for n in 1..=n {
            tx.try_put(n).unwrap();
        }
        tx.fail("no disk");
        let out = stage.with(|| op(stream(rx)));
        assert_eq!(collect(&stage, &out), twin, "{name} of {n} that fail");
        if self.ends_by_itself(n) {
            assert!(
                out.failure().is_none(),
                "{name} of {n}: not its failure any more"
            );
        } else {
            assert_eq!(cause(&out), "no disk", "{name} of {n}");
        }
    }

    /// EV-217: without another put.
    fn close_goes_up_while_it_waits<U>(
        &self,
        op: impl Fn(Source) -> Receiver<U>,
        close: impl Fn(Receiver<U>),
    ) where
        U: Send + 'static,
    {
        let stage = Stage::new();
        let (tx, rx) = chan(0);
        let out = stage.with(|| op(stream(rx)));
        let open = !tx.is_closed();
        assert!(
            open || self.takes == 0,
            "{}: open as long as it may take",
            self.name
        );
        close(out);
        stage.until(self.name, || tx.is_closed());
    }

    fn close_goes_up_while_it_is_full<U>(&self, op: impl Fn(Source) -> Receiver<U>)
    where
        U: Send + 'static,
    {
        let stage = Stage::new();
        let (tx, rx) = chan(16);
        for n in 1..=16 {
            tx.try_put(n).unwrap();
        }
        let out = stage.with(|| op(stream(rx)));
        drop(out);
        stage.until(self.name, || tx.is_closed());
    }

    /// Nothing is lost but what was in hand.
    fn rest_stays_in_the_source<U>(&self, op: impl Fn(Source) -> Receiver<U>)
    where
        U: Send + 'static,
    {
        let name = self.name;
        let stage = Stage::new();
        let (tx, rx) = chan(16);
        for n in 1..=13 {
            tx.try_put(n).unwrap();
        }
        let others = rx.clone();
        let out = stage.with(|| op(stream(rx)));
        drop(out);
        stage.until(name, || others.receiver_count() == 1);
        assert!(!tx.is_closed(), "{name}: others take from its source");
        tx.try_put(14).unwrap();
        let rest = drain(&others);
        let taken = 14 - rest.len();
        assert!(
            taken == self.in_hand || (!self.exact && taken < self.in_hand),
            "{name}: {taken} values are in hand"
        );
        let first = u32::try_from(taken).unwrap() + 1;
        assert!(rest.into_iter().eq(first..=14), "{name}: in order");
    }

    /// A stream that is cut short says so.
    fn cancel_fails_it<U>(&self, op: impl Fn(Source) -> Receiver<U>)
    where
        U: Send + 'static,
    {
        if self.takes == 0 || !self.exact {
            return;
        }
        let stage = Stage::new();
        let (tx, rx) = chan(0);
        let out = stage.with(|| op(stream(rx)));
        assert!(!out.is_closed());
        drop(stage);
        assert!(tx.is_closed(), "{}: the source is let go", self.name);
        assert!(out.is_closed(), "{}: it ends", self.name);
        assert!(out.failure().is_some(), "{}: and not well", self.name);
    }
}

/// A function of the user's panics at the value 3: what came before comes, then the channel fails, and the
/// source is let go. `before` is what comes.
pub(crate) fn panics<U>(name: &str, op: impl Fn(Source) -> Receiver<U>, before: &[U])
where
    U: Debug + PartialEq + Send + 'static,
{
    let stage = Stage::new();
    let (tx, rx) = chan(16);
    for n in 1..=5 {
        tx.try_put(n).unwrap();
    }
    let out = stage.with(|| op(stream(rx)));
    assert_eq!(collect(&stage, &out), before, "{name}: what came before");
    let cause = cause(&out);
    assert!(cause.ends_with("panicked: boom"), "{name}: {cause}");
    stage.until(name, || tx.is_closed());
}

/// What panics at 3.
pub(crate) fn boom(n: u32) -> u32 {
    assert!(n != 3, "boom");
    n
}

fn put_all(tx: Sender<u32>, n: u32) {
    for n in 1..=n {
        // An operator that wants no more may be there already.
        tx.try_put(n).unwrap();
    }
}

async fn put_each(tx: Sender<u32>, n: u32) {
    for n in 1..=n {
        csp::yield_now().await;
        if tx.put(n).await.is_err() {
            return;
        }
    }
}

/// What comes out, one value at a time.
#[track_caller]
pub(crate) fn collect<U>(stage: &Stage, out: &Receiver<U>) -> Vec<U> {
    let mut values = Vec::new();
    stage.until("the end of the derived channel", || {
        values.extend(out.try_take());
        out.is_closed() && out.is_empty() && out.try_take().map(|value| values.push(value)).is_err()
    });
    values
}
