//! The last value, once it is quiet.

use std::{pin::pin, time::Duration};

use csp_core::{
    Receiver, Sender,
    xf::{Identity, Transducer},
};

use super::{
    super::{Stream, start::follow},
    alarm::{Alarm, Came},
};
use crate::ops::outlet::Outlet;

impl<X> Stream<X>
where
    X: Transducer<In: Send + 'static, Out: Send + 'static> + Send + 'static,
{
    /// Gives a value once no other has come for `quiet`. **The others are dropped.**
    ///
    /// ```text
    /// time     0    10   20   30   40   50   60   70
    /// source   1  2  3                  4  5    |
    /// out                     3                5|     debounce(20 ms)
    /// ```
    ///
    /// As long as values keep coming closer together than `quiet`, none is given.
    ///
    /// * Back pressure: while a value waits to be taken, none is taken from the source.
    /// * When the source has ended, or failed, the last value comes at once, and then the end.
    /// * When nobody takes from the stream any more, the source is let go, and the value that waits for
    ///   quiet dropped.
    ///
    /// ```
    /// use csp::{Local, prelude::*};
    /// let last = Local::virtual_time().run_until(async {
    ///     let (keys, pressed) = chan(0);
    ///     let text = csp::stream(pressed).debounce(ms(200)).chan(0);
    ///     go!({ for part in ["c", "cs", "csp"] { put!(keys, part).ok(); sleep(ms(50)).await; } });
    ///     take!(text)
    /// });
    /// assert_eq!(last, Some("csp"));
    /// ```
    ///
    /// The `debounce` of the Rx family.
    #[track_caller]
    pub fn debounce(self, quiet: Duration) -> Stream<Identity<X::Out>> {
        follow(self, |from, to| debounce_all(from, to, quiet))
    }
}

async fn debounce_all<T>(from: Receiver<T>, to: Sender<T>, quiet: Duration) {
    let closed = pin!(to.closed());
    let mut out = Outlet::new(&to, closed);
    let mut alarm = Alarm::off();
    let mut last = None;
    loop {
        match alarm.or_value(&mut out, &from).await {
            Came::Value(value) => {
                alarm.set_in(quiet);
                last = Some(value);
            }
            Came::Time => {
                if let Some(value) = last.take()
                    && out.put(value).await.is_err()
                {
                    return;
                }
            }
            Came::Ended => break,
            Came::Unwanted => return,
        }
    }
    if let Some(value) = last {
        out.put(value).await.ok();
    }
    out.end(from.failure());
}
