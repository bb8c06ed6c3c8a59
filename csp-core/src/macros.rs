//! `take!`, `put!`, `park!`, and the wrappers that hand `$crate` to the procedural macros.

/// Takes from a channel, parking the go block (or async code) until a value arrives; `None` once the
/// channel is closed and drained.
///
/// `take!(rx)` is [`rx.take().await`](crate::Receiver::take) with its place in the source noted. It
/// works wherever `.await` does: in `go!`, in async functions, closures and blocks, and in the arguments
/// of other macros. A function that takes is a plain `async fn`.
///
/// ```
/// use csp::prelude::*;
/// async fn sum(rx: &Receiver<u32>) -> u32 {
///     let mut sum = 0;
///     while let Some(n) = take!(rx) { sum += n; }
///     sum
/// }
/// let (tx, rx) = chan(0);
/// let total = go!({ sum(&rx).await });
/// for n in 1..=3 { tx.put_blocking(n).unwrap(); }
/// drop(tx);
/// assert_eq!(total.wait(), Ok(6));
/// ```
///
/// core.async's `<!`, Go's `<-ch`.
#[macro_export]
macro_rules! take {
    // `alt!` asks whether the macro is in scope.
    (@used) => {};
    (@site($site:expr) $ch:expr $(,)?) => {
        $crate::__private::take_at(&$ch, $site).await
    };
    ($ch:expr $(,)?) => {
        $crate::__private::take_at(&$ch, $crate::__site!(Take, $ch)).await
    };
    ($(@site($site:expr))?) => {
        ::core::compile_error!("`take!` needs a channel: `take!(rx)`")
    };
    ($(@site($site:expr))? $ch:expr, $($more:tt)+) => {
        ::core::compile_error!(
            "`take!` takes one channel; to wait for several use `alt!` or `alts!`"
        )
    };
}

/// Puts a value into a channel, parking the go block (or async code) until it is accepted.
///
/// `put!(tx, v)` is [`tx.put(v).await`](crate::Sender::put) with its place in the source noted. Its value
/// is `Result<(), Closed<T>>`: a put on a closed channel gives the value back.
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = chan(0);
/// go!({
///     for n in 0.. {
///         if put!(tx, n).is_err() { break; } // nobody takes any more
///     }
/// });
/// assert_eq!((rx.take_blocking(), rx.take_blocking()), (Some(0), Some(1)));
/// ```
///
/// core.async's `>!`, Go's `ch <- v`.
#[macro_export]
macro_rules! put {
    // `alt!` asks whether the macro is in scope.
    (@used) => {};
    (@site($site:expr) $ch:expr, $value:expr $(,)?) => {
        $crate::__private::put_at(&$ch, $value, $site).await
    };
    ($ch:expr, $value:expr $(,)?) => {
        $crate::__private::put_at(&$ch, $value, $crate::__site!(Put, $ch)).await
    };
    ($($any:tt)*) => {
        ::core::compile_error!("`put!` needs a channel and a value: `put!(ch, value)`")
    };
}

/// Parks on any future or promise, with its place in the source noted: `park!(fut)` is `fut.await`. As
/// an arm of [`alt!`](crate::alt): `p = park!(fut) => …`.
///
/// ```
/// use csp::prelude::*;
/// let twice = go!({
///     let one = go!({ 21 });
///     park!(one).unwrap() * 2
/// });
/// assert_eq!(twice.wait(), Ok(42));
/// ```
#[macro_export]
macro_rules! park {
    // `alt!` asks whether the macro is in scope.
    (@used) => {};
    (@site($site:expr) $future:expr $(,)?) => {
        $crate::__private::parked($future, $site).await
    };
    ($future:expr $(,)?) => {
        $crate::__private::parked($future, $crate::__site!(Park, $future)).await
    };
    ($($any:tt)*) => {
        ::core::compile_error!("`park!` parks on one future: `park!(future)`")
    };
}

/// Waits for several operations and does exactly one: the first that can be done, one of them at
/// random if several can.
///
/// ```text
/// let out = alt! {
///     Some(job) = take!(jobs) => run(job),     // a refutable pattern: see `else`
///     ok = put!(results, r)   => …,            // r moves only if this arm is chosen
///     v = take!(rx), if open  => …,            // a guard: the arm is off when false
///     _ = take!(timeout(ms(50))) => …,
///     p = park!(promise)      => …,            // any promise or future
///     else none               => break,        // what a refutable pattern did not match
///     default                 => …,            // never parks; last
/// };
/// alt! { priority; … }                         // the first ready arm in order
/// ```
///
/// * All channels and values are evaluated once, in order, chosen or not.
/// * The arms that are not chosen leave no trace. A put's value that is a plain variable is there
///   again in the other arms; write `put!(tx, mut v)` to have it back in `v` itself, for the next round
///   of a loop. Another expression's value is dropped.
/// * `default` is chosen only if at one instant no arm was ready.
/// * A closed channel is ready, again and again: a take gives `None`, a put its value back. In a loop,
///   switch the arm off with a guard once it said so.
/// * Bodies may park, `break`, `continue`, `return` and use `?`, as in a `match`.
/// * Both ends of one channel may be arms; an alts never meets itself.
///
/// Parks the go block or async code; on a thread use [`alt_blocking!`](crate::alt_blocking).
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = chan(0);
/// go!({ put!(tx, 7).ok(); });
/// let got = go!({
///     alt! {
///         v = take!(rx) => v,
///         _ = take!(timeout(secs(5))) => None,
///     }
/// });
/// assert_eq!(got.wait(), Ok(Some(7)));
/// ```
///
/// core.async's `alt!`, Go's `select`.
///
/// # Cancellation
/// Dropping the future of the enclosing block withdraws every arm; what one was handed already goes
/// back to its channel.
///
/// # Panics
/// If every guard is false and there is no `default`: it would wait for ever.
#[macro_export]
macro_rules! alt {
    ($($arms:tt)*) => { $crate::__private::alt_impl! { [$crate] [park] $($arms)* } };
}

/// [`alt!`](crate::alt) on a thread: blocks it instead of parking.
///
/// Of the ready arms one is chosen at random. Of four and more a thread keeps to the one that it chose, for up to 16 times in a
/// row, as long as there is more for it: its partners are on other cores, and what it takes from one of them in a row costs it
/// less. In the long run arms that are always ready have equal shares. (With `priority`, the first in order.)
///
/// ```
/// use csp::prelude::*;
/// let (tx, rx) = chan(1);
/// tx.try_put(7).unwrap();
/// let got = alt_blocking! {
///     v = take!(rx) => v,
///     default => None,
/// };
/// assert_eq!(got, Some(7));
/// ```
#[macro_export]
macro_rules! alt_blocking {
    ($($arms:tt)*) => { $crate::__private::alt_impl! { [$crate] [block] $($arms)* } };
}

/// Chooses among operations and tells which was done, with what it gave.
///
/// * `alts!(a.take(), b.put(v))`: a few operations of different types. The value is [`Of2::A`] or
///   [`Of2::B`] (and so on, up to 16).
/// * `alts!(&mut set)`: operations known at run time, in an [`AltSet`](crate::AltSet). The value is
///   index and [`Event`](crate::Event).
/// * `priority` as last argument: the first ready one in order, instead of a random one.
/// * `default` as last argument: never parks; the value is an `Option`.
///
/// ```
/// use csp::prelude::*;
/// let (tx, a) = chan::<u32>(1);
/// let (b, _rx) = chan::<&str>(0);
/// tx.try_put(1).unwrap();
/// let which = go!({ alts!(a.take(), b.put("x"), priority) });
/// assert_eq!(which.wait(), Ok(Of2::A(Some(1))));
/// ```
///
/// [`Of2::A`]: crate::Of2::A
/// [`Of2::B`]: crate::Of2::B
///
/// core.async's `alts!`.
#[macro_export]
macro_rules! alts {
    ($($args:tt)*) => { $crate::__private::alts_impl! { [$crate] [park] $($args)* } };
}

/// [`alts!`](crate::alts) on a thread: blocks it instead of parking.
///
/// A set, and four and more operations, keep to the one that was chosen at random for up to 16 times in a row, as long as there
/// is more for it: see [`alt_blocking!`](crate::alt_blocking).
#[macro_export]
macro_rules! alts_blocking {
    ($($args:tt)*) => { $crate::__private::alts_impl! { [$crate] [block] $($args)* } };
}

/// The static site of a park point outside `go!`.
#[doc(hidden)]
#[macro_export]
macro_rules! __site {
    ($op:ident, $($text:tt)*) => {
        const {
            &$crate::__private::ParkSite::free(
                $crate::__private::Op::$op,
                ::core::stringify!($($text)*),
                ::core::file!(),
                ::core::line!(),
                ::core::column!(),
            )
        }
    };
}
