//! From collections and iterators into channels.

use csp_core::{Closed, Go, Receiver, Sender, chan};
use csp_sched::{go, thread};

use super::{
    Rest,
    outlet::{call, end},
};
use crate::AtEnd;

/// How many values [`to_chan`] holds ready at most.
const AHEAD: usize = 100;

/// Puts the values of a collection or iterator into `to`, and closes it at the end.
///
/// ```text
/// values   [1 2 3]
/// to        1  2  3  |
/// ```
///
/// * After the last value `to` closes, also if it has other senders ([`onto_chan_with`] can leave it
///   open), and the `Go` says `Ok(())`.
/// * If `to` closes earlier, the `Go` gives a [`Rest`].
/// * Back pressure: the iterator is asked for the next value when the one before was accepted. It may be
///   without end.
/// * If the iterator panics, `to` fails with the panic's message, unless it is to stay open.
/// * Dropping the `Go` lets it run on. Cancelling it ends it at its next park point, without closing
///   `to` for other senders; the value that waits for room, and the iterator, are dropped.
///
/// The iterator runs in a go block, so it should not block: for one that does there is
/// [`onto_chan_blocking`].
///
/// # Errors
/// [`Rest`]: `to` closed before the last value was put. It has the value that was refused, the rest of the
/// iterator, and how many were put.
///
/// ```
/// use csp::{ops, prelude::*};
///
/// let (tx, rx) = chan(0);
/// ops::onto_chan(tx, vec![1, 2, 3]);
/// assert!(rx.into_iter().eq([1, 2, 3]));
/// ```
///
/// core.async's `onto-chan!`.
#[track_caller]
pub fn onto_chan<I>(to: Sender<I::Item>, values: I) -> Go<Result<(), Rest<I::IntoIter>>>
where
    I: IntoIterator<Item: Send + 'static, IntoIter: Send + 'static>,
{
    onto_chan_with(to, values, AtEnd::Close)
}

/// As [`onto_chan`]; `at_end` says what becomes of `to` after the last value.
///
/// # Errors
/// As for [`onto_chan`].
///
/// ```
/// use csp::{AtEnd, ops, prelude::*};
///
/// let (tx, rx) = chan(8);
/// ops::onto_chan_with(tx.clone(), 1..=2, AtEnd::KeepOpen).wait()??;
/// ops::onto_chan_with(tx, 3..=4, AtEnd::Close).wait()??;
/// assert!(rx.into_iter().eq([1, 2, 3, 4]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn onto_chan_with<I>(
    to: Sender<I::Item>,
    values: I,
    at_end: AtEnd,
) -> Go<Result<(), Rest<I::IntoIter>>>
where
    I: IntoIterator<Item: Send + 'static, IntoIter: Send + 'static>,
{
    let mut values = values.into_iter();
    go(async move {
        let mut put = 0;
        while let Some(value) = pull(&mut values, &to, at_end) {
            if let Err(Closed(value)) = to.put(value).await {
                return Err(Rest {
                    put,
                    value,
                    rest: values,
                });
            }
            put += 1;
        }
        end(&to, at_end, None);
        Ok(())
    })
}

/// As [`onto_chan`], for an iterator that may block: it runs on a thread of the pool.
///
/// If `to` closes while the iterator blocks, that is noticed with its next value. Cancelling the `Go`
/// ends it only before it has begun.
///
/// # Errors
/// As for [`onto_chan`].
///
/// ```
/// use csp::{ops, prelude::*};
///
/// let (tx, lines) = chan(16);
/// let text = std::io::Cursor::new("one\ntwo\n"); // a file, a socket
/// ops::onto_chan_blocking(tx, std::io::BufRead::lines(text).map_while(Result::ok));
/// assert!(lines.into_iter().eq(["one", "two"]));
/// ```
///
/// core.async's `onto-chan!!`.
#[track_caller]
pub fn onto_chan_blocking<I>(to: Sender<I::Item>, values: I) -> Go<Result<(), Rest<I::IntoIter>>>
where
    I: IntoIterator<Item: Send + 'static, IntoIter: Send + 'static>,
{
    onto_chan_blocking_with(to, values, AtEnd::Close)
}

/// As [`onto_chan_blocking`]; `at_end` says what becomes of `to` after the last value.
///
/// # Errors
/// As for [`onto_chan`].
///
/// ```
/// use csp::{AtEnd, ops, prelude::*};
///
/// let (tx, rx) = chan(8);
/// let (left, right) = (tx.clone(), tx);
/// let left = ops::onto_chan_blocking_with(left, [1, 2], AtEnd::KeepOpen);
/// let right = ops::onto_chan_blocking_with(right, [3, 4], AtEnd::KeepOpen);
/// left.wait()??;
/// right.wait()??;
/// // Both senders are gone.
/// assert_eq!(rx.into_iter().count(), 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn onto_chan_blocking_with<I>(
    to: Sender<I::Item>,
    values: I,
    at_end: AtEnd,
) -> Go<Result<(), Rest<I::IntoIter>>>
where
    I: IntoIterator<Item: Send + 'static, IntoIter: Send + 'static>,
{
    let mut values = values.into_iter();
    thread(move || {
        let mut put = 0;
        while let Some(value) = pull(&mut values, &to, at_end) {
            if let Err(Closed(value)) = to.put_blocking(value) {
                return Err(Rest {
                    put,
                    value,
                    rest: values,
                });
            }
            put += 1;
        }
        end(&to, at_end, None);
        Ok(())
    })
}

/// A channel of the values of a collection or iterator; it closes after the last.
///
/// ```text
/// values   [1 2 3]
/// out       1  2  3  |
/// ```
///
/// It has a buffer for as many values as there are, but not for more than 100, so up to that many are held
/// ready: for no value to be made before it is wanted, use [`onto_chan`] and a channel without a buffer.
///
/// * No values: it is closed at once.
/// * When the receiver is dropped, the iterator is dropped, with a value that waits for room.
/// * If the iterator panics, the channel fails with the panic's message.
///
/// The iterator runs in a go block, so it should not block: for one that does there is
/// [`to_chan_blocking`].
///
/// ```
/// use csp::ops;
///
/// let numbers = ops::to_chan(vec![1, 2, 3]);
/// assert!(numbers.into_iter().eq([1, 2, 3]));
/// ```
///
/// core.async's `to-chan!`.
#[track_caller]
pub fn to_chan<I>(values: I) -> Receiver<I::Item>
where
    I: IntoIterator<Item: Send + 'static, IntoIter: Send + 'static>,
{
    let values = values.into_iter();
    let (to, out) = chan(ahead(&values));
    drop(onto_chan(to, values));
    out
}

/// As [`to_chan`], for an iterator that may block: it runs on a thread of the pool.
///
/// ```
/// use csp::ops;
///
/// let (tx, queue) = std::sync::mpsc::channel();
/// let values = ops::to_chan_blocking(queue);
/// tx.send(5).unwrap();
/// drop(tx);
/// assert!(values.into_iter().eq([5]));
/// ```
///
/// core.async's `to-chan!!`.
#[track_caller]
pub fn to_chan_blocking<I>(values: I) -> Receiver<I::Item>
where
    I: IntoIterator<Item: Send + 'static, IntoIter: Send + 'static>,
{
    let values = values.into_iter();
    let (to, out) = chan(ahead(&values));
    drop(onto_chan_blocking(to, values));
    out
}

fn ahead(values: &impl Iterator) -> usize {
    values.size_hint().1.unwrap_or(AHEAD).min(AHEAD)
}

/// The iterator's next value. If it panics, the channel fails, unless it is to stay open.
fn pull<I: Iterator>(values: &mut I, to: &Sender<I::Item>, at_end: AtEnd) -> Option<I::Item> {
    match at_end {
        AtEnd::Close => call("the iterator of `ops::onto_chan`", to, || values.next()),
        AtEnd::KeepOpen => values.next(),
    }
}
