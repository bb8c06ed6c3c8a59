//! What becomes of a stream whose source is silent.

use std::{pin::pin, time::Duration};

use csp_core::{
    Elapsed, Receiver, Sender, TryTakeError,
    xf::{Identity, Transducer},
};

use super::{
    super::{Stream, start::follow},
    alarm::{Alarm, Came},
};
use crate::{
    ops::outlet::{Outlet, Target},
    sync::Arc,
};

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Closes once no value has come for `idle`, and lets the source go.
    ///
    /// ```text
    /// time     0    10   20   30   40   50
    /// source   1    2    3                   4
    /// out      1    2    3         |              close_on_idle(20 ms)
    /// ```
    ///
    /// The clock starts with the stream, and anew when a value has been taken from it: the time in which a
    /// value waits for a taker does not count.
    ///
    /// * What is in the source, or comes later, stays there for its other receivers. If there is none, the
    ///   source closes: that tells whoever puts into it. A value that comes in the last moment is given.
    /// * Otherwise the stream ends or fails when its source does; and lets it go when nobody takes from
    ///   the stream any more.
    ///
    /// ```
    /// use csp::{Local, prelude::*};
    /// let got = Local::virtual_time().run_until(async {
    ///     let (tx, rx) = chan(0);
    ///     let lively = csp::stream(rx).close_on_idle(secs(30)).chan(0);
    ///     go!({ put!(tx, 1).ok(); tx.closed().await; });
    ///     (take!(lively), take!(lively))
    /// });
    /// assert_eq!(got, (Some(1), None));
    /// ```
    ///
    /// Lamina's `close-on-idle`.
    #[track_caller]
    pub fn close_on_idle(self, idle: Duration) -> Stream<Identity<X::Out>> {
        follow(self, |from, to| pass_all(from, to, idle, AtIdle::Close))
    }

    /// As [`close_on_idle`](Self::close_on_idle), but it fails, with [`Elapsed`].
    ///
    /// ```text
    /// time     0    10   20   30   40   50
    /// source   1    2    3                   4
    /// out      1    2    3         ✗ Elapsed      timeout_each(20 ms)
    /// ```
    ///
    /// ```
    /// use csp::{Elapsed, Local, prelude::*};
    /// Local::virtual_time().run_until(async {
    ///     let (_tx, rx) = chan::<u32>(0);
    ///     let lively = csp::stream(rx).timeout_each(secs(30)).chan(0);
    ///     assert_eq!(take!(lively), None);
    ///     assert!(lively.failure().unwrap().is::<Elapsed>());
    /// });
    /// ```
    #[track_caller]
    pub fn timeout_each(self, idle: Duration) -> Stream<Identity<X::Out>> {
        follow(self, |from, to| pass_all(from, to, idle, AtIdle::Fail))
    }
}

#[derive(Clone, Copy)]
enum AtIdle {
    Close,
    Fail,
}

async fn pass_all<T>(from: Receiver<T>, to: Sender<T>, idle: Duration, at_idle: AtIdle) {
    let closed = pin!(to.closed());
    let mut out = Outlet::new(&to, closed);
    let mut alarm = Alarm::off();
    loop {
        alarm.set_in(idle);
        let value = match alarm.or_value(&mut out, &from).await {
            Came::Value(value) => value,
            Came::Unwanted => return,
            Came::Ended => return out.end(from.failure()),
            Came::Time if out.is_closed() => return,
            // A value that is there is no silence, and an end is one.
            Came::Time => match (from.try_take(), at_idle) {
                (Ok(value), _) => value,
                (Err(TryTakeError::Empty), AtIdle::Fail) => {
                    return out.end(Some(Arc::new(Elapsed)));
                }
                (Err(_), _) => return out.end(from.failure()),
            },
        };
        if out.put(value).await.is_err() {
            return;
        }
    }
}
