//! Several promises as one: all of them.

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use csp_core::Failure;

use super::{
    CancelOnDrop, Indexed, IntoPromise, Promise, bridge::start, failure::Outcome, many::Many,
};

/// All values, in the order of the promises.
///
/// ```text
/// a       ───▸ 1                    ───▸ 1
/// b       ─────────▸ 2              ──────▸ failure
/// c       ──────▸ 3                 ──────╴ cancelled
/// all               ╰▸ [1, 2, 3]          ╰▸ Indexed { index: 1, failure }
/// ```
///
/// The first failure, in time, is that of the whole; those that are still pending then are cancelled (one
/// that is [`Shared`](super::Shared) only if nobody else has it), and what they come to is not told of. So
/// it is if the promise of all is cancelled. Nothing to wait for gives `[]` at once.
///
/// ```
/// use csp::{Error, prelude::*, promise::all};
/// let squares = all((1..=3).map(|n| csp::Promise::<_, Error>::from(go!({ n * n }))));
/// assert_eq!(squares.wait().unwrap(), [1, 4, 9]);
/// ```
///
/// [`all!`](crate::all!) takes promises of different types. Twisted's `gatherResults`, Lamina's
/// `merge-results`, Task's `sequence`, Manifold's `zip`.
#[track_caller]
pub fn all<T, E, P>(promises: impl IntoIterator<Item = P>) -> Promise<Vec<T>, Indexed<E>>
where
    T: Send + 'static,
    E: Send + 'static,
    P: IntoPromise<T, E>,
{
    let mut many = Many::of(promises.into_iter().map(P::into_promise));
    if many.count() == 0 {
        return Promise::ready(Vec::new());
    }
    start(async move {
        let mut values = places(many.count());
        while let Some((index, outcome)) = many.next().await {
            match outcome {
                Ok(value) => values[index] = Some(value),
                Err(failure) => return Err(Failure::Error(Indexed { index, failure })),
            }
        }
        Ok(values.into_iter().flatten().collect())
    })
}

/// All outcomes, in the order of the promises: it never fails.
///
/// ```text
/// a         ───▸ 1
/// b         ──────▸ failure
/// settled         ╰▸ [Ok(1), Err(failure)]
/// ```
///
/// ```
/// use csp::{Promise, promise::settled};
/// let outcomes = settled([Promise::ready(1), Promise::<_>::failed("no")]).wait().unwrap();
/// assert_eq!(outcomes[0].as_ref().unwrap(), &1);
/// assert_eq!(outcomes[1].as_ref().unwrap_err().to_string(), "no");
/// ```
///
/// The failures count as looked at. Cancelled, it cancels those that are pending. Twisted's
/// `DeferredList`.
#[track_caller]
pub fn settled<T, E, P>(
    promises: impl IntoIterator<Item = P>,
) -> Promise<Vec<Outcome<T, E>>, Infallible>
where
    T: Send + 'static,
    E: Send + 'static,
    P: IntoPromise<T, E>,
{
    let mut many = Many::of(promises.into_iter().map(P::into_promise));
    if many.count() == 0 {
        return Promise::ready(Vec::new());
    }
    start(async move {
        let mut outcomes = places(many.count());
        while let Some((index, outcome)) = many.next().await {
            outcomes[index] = Some(outcome);
        }
        Ok(outcomes.into_iter().flatten().collect())
    })
}

/// Room for what comes in any order.
pub(super) fn places<T>(count: usize) -> Vec<Option<T>> {
    std::iter::repeat_with(|| None).take(count).collect()
}

/// All values of promises of different types, as a tuple: see [`promise::all`](crate::promise::all()), with
/// which it shares the rules.
///
/// ```
/// use csp::{Error, Promise, prelude::*, promise::all};
/// let both = all!(Promise::<_, Error>::ready(1), go!({ "one" }), Promise::ready('1'));
/// assert_eq!(both.wait().unwrap(), (1, "one", '1'));
/// ```
///
/// Up to eight of one error type. promesa's `plet`, Manifold's `zip`.
#[macro_export]
macro_rules! all {
    ($($promise:expr),+ $(,)?) => {
        $crate::promise::Tuple::all(
            ($($crate::promise::IntoPromise::into_promise($promise),)+)
        )
    };
}

/// A tuple of promises: what `all!` makes.
#[doc(hidden)]
pub trait Tuple {
    type Values: Send + 'static;
    type Error: Send + 'static;

    fn all(self) -> Promise<Self::Values, Indexed<Self::Error>>;
}

/// One of a tuple.
struct Member<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    promise: Option<CancelOnDrop<T, E>>,
    value: Option<T>,
}

impl<T, E> Member<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    fn new(promise: Promise<T, E>) -> Self {
        Self {
            promise: Some(promise.cancel_on_drop()),
            value: None,
        }
    }

    /// True when the value is there.
    fn poll(&mut self, index: usize, cx: &mut Context<'_>) -> Result<bool, Indexed<E>> {
        let Some(promise) = &mut self.promise else {
            return Ok(true);
        };
        let Poll::Ready(outcome) = Pin::new(promise).poll(cx) else {
            return Ok(false);
        };
        self.promise = None;
        match outcome {
            Ok(value) => {
                self.value = Some(value);
                Ok(true)
            }
            Err(failure) => Err(Indexed { index, failure }),
        }
    }

    fn into_value(self) -> T {
        self.value.expect("all values are there")
    }
}

macro_rules! tuple {
    ($($T:ident $member:ident $index:literal),+) => {
        impl<X, $($T),+> Tuple for ($(Promise<$T, X>,)+)
        where
            X: Send + 'static,
            $($T: Send + 'static,)+
        {
            type Values = ($($T,)+);
            type Error = X;

            #[track_caller]
            fn all(self) -> Promise<Self::Values, Indexed<X>> {
                let ($($member,)+) = self;
                $(let mut $member = Member::new($member);)+
                start(async move {
                    let gathered = poll_fn(|cx| {
                        let mut all = true;
                        $(match $member.poll($index, cx) {
                            Ok(there) => all &= there,
                            Err(failed) => return Poll::Ready(Err(failed)),
                        })+
                        if all { Poll::Ready(Ok(())) } else { Poll::Pending }
                    });
                    gathered.await.map_err(Failure::Error)?;
                    Ok(($($member.into_value(),)+))
                })
            }
        }
    };
}

tuple!(A a 0);
tuple!(A a 0, B b 1);
tuple!(A a 0, B b 1, C c 2);
tuple!(A a 0, B b 1, C c 2, D d 3);
tuple!(A a 0, B b 1, C c 2, D d 3, E e 4);
tuple!(A a 0, B b 1, C c 2, D d 3, E e 4, F f 5);
tuple!(A a 0, B b 1, C c 2, D d 3, E e 4, F f 5, G g 6);
tuple!(A a 0, B b 1, C c 2, D d 3, E e 4, F f 5, G g 6, H h 7);
