//! Dynamic bindings: values that hold for a piece of code and everything it starts.

#[cfg(all(test, csp_loom))]
mod loom;

use std::{
    any::Any,
    cell::RefCell,
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use crate::sync::{local, plain::Arc};

/// One binding, and those around it.
struct Frame {
    key: usize,
    value: Arc<dyn Any + Send + Sync>,
    outer: Option<Bindings>,
}

/// A chain of blocks that each bind and start the next makes a long list: it is let go link by link, not on
/// the stack.
impl Drop for Frame {
    fn drop(&mut self) {
        let mut outer = self.outer.take();
        while let Some(Bindings(frame)) = outer {
            outer = Arc::into_inner(frame).and_then(|mut frame| frame.outer.take());
        }
    }
}

/// The bindings that hold at one place: a list that is shared, never changed.
#[derive(Clone)]
pub(crate) struct Bindings(Arc<Frame>);

local! {
    static HERE: RefCell<Option<Bindings>> = RefCell::new(None);
}

/// The bindings that hold now; `None`, at no cost, if there is none.
#[inline]
pub(crate) fn capture() -> Option<Bindings> {
    HERE.try_with(|here| here.borrow().clone()).ok().flatten()
}

/// Restores the bindings that held before.
pub(crate) struct Restore(Option<Bindings>);

impl Drop for Restore {
    fn drop(&mut self) {
        let inner = HERE.try_with(|here| std::mem::replace(&mut *here.borrow_mut(), self.0.take()));
        // Values are dropped without the borrow.
        drop(inner);
    }
}

impl Bindings {
    /// Makes these bindings hold on this thread, until the guard is dropped. On a thread whose locals are
    /// gone already nothing can hold.
    pub(crate) fn enter(&self) -> Restore {
        let before = HERE.try_with(|here| here.borrow_mut().replace(self.clone()));
        Restore(before.ok().flatten())
    }

    fn call<R>(&self, f: impl FnOnce() -> R) -> R {
        let _restore = self.enter();
        f()
    }

    /// A future in whose polls, and in whose drop, these bindings hold.
    fn around<F: Future>(self, future: F) -> Bound<F> {
        Bound {
            future: Some(future),
            bindings: self,
        }
    }
}

/// A future with bindings: see [`Dynamic::bind_async`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Bound<F> {
    // An Option, so that it can be dropped while the bindings hold.
    future: Option<F>,
    bindings: Bindings,
}

impl<F: Future> Future for Bound<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let bindings = self.bindings.clone();
        // SAFETY: structural pinning of the future: it is never moved, and dropped in place.
        let future = unsafe { self.map_unchecked_mut(|this| &mut this.future) };
        let future = future
            .as_pin_mut()
            .expect("the future is there until the drop");
        bindings.call(|| future.poll(cx))
    }
}

impl<F> Drop for Bound<F> {
    fn drop(&mut self) {
        let bindings = self.bindings.clone();
        bindings.call(|| self.future = None);
    }
}

impl<F> fmt::Debug for Bound<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bound")
    }
}

/// A dynamic variable: a default, and a binding that holds for a piece of code, for the blocks and
/// threads started in it, and across their park points. [`dynamic!`](crate::dynamic) declares it.
///
/// ```
/// use csp::prelude::*;
/// csp::dynamic! {
///     /// Who asked.
///     static USER: &'static str = "nobody";
/// }
/// let asked = csp::binding!(USER = "ann" => {
///     go!({ sleep(ms(1)).await; USER.get() })
/// });
/// assert_eq!(asked.wait(), Ok("ann"));
/// assert_eq!(USER.get(), "nobody");
/// ```
///
/// Clojure's dynamic vars, which core.async's blocks convey.
pub struct Dynamic<T: 'static> {
    default: fn() -> T,
}

impl<T: Send + Sync + 'static> Dynamic<T> {
    /// Used by `dynamic!`.
    #[doc(hidden)]
    pub const fn new(default: fn() -> T) -> Self {
        Self { default }
    }

    fn key(&'static self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The value that holds here.
    pub fn get(&'static self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// Gives the value that holds here to `f`.
    pub fn with<R>(&'static self, f: impl FnOnce(&T) -> R) -> R {
        let here = capture();
        let mut at = here.as_ref();
        while let Some(Bindings(frame)) = at {
            if frame.key == self.key()
                && let Some(value) = frame.value.downcast_ref()
            {
                return f(value);
            }
            at = frame.outer.as_ref();
        }
        f(&(self.default)())
    }

    /// Binds `value` while `f` runs.
    pub fn bind<R>(&'static self, value: T, f: impl FnOnce() -> R) -> R {
        self.bindings(value).call(f)
    }

    /// Binds `value` for a future: across all its park points, on whatever thread it goes on.
    pub fn bind_async<F: Future>(&'static self, value: T, future: F) -> Bound<F> {
        self.bindings(value).around(future)
    }

    fn bindings(&'static self, value: T) -> Bindings {
        Bindings(Arc::new(Frame {
            key: self.key(),
            value: Arc::new(value),
            outer: capture(),
        }))
    }
}

impl<T: fmt::Debug + Send + Sync + 'static> fmt::Debug for Dynamic<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dynamic(..)")
    }
}

/// Declares dynamic variables: `dynamic! { static NAME: Type = default; }`. See
/// [`Dynamic`](crate::Dynamic).
#[macro_export]
macro_rules! dynamic {
    ($($(#[$attr:meta])* $vis:vis static $name:ident: $type:ty = $default:expr;)+) => {$(
        $(#[$attr])*
        $vis static $name: $crate::Dynamic<$type> = $crate::Dynamic::new({
            fn default() -> $type { $default }
            default
        });
    )+};
}

/// Binds dynamic variables while a block runs: `binding!(NAME = value, OTHER = value => { … })`. In async
/// code use [`Dynamic::bind_async`](crate::Dynamic::bind_async): a plain block cannot park inside.
#[macro_export]
macro_rules! binding {
    ($name:path = $value:expr => $body:expr) => { $name.bind($value, || $body) };
    ($name:path = $value:expr, $($more:tt)+) => {
        $name.bind($value, || $crate::binding!($($more)+))
    };
}
