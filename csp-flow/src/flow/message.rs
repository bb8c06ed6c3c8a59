//! What flows: shared values of any type behind one.

use std::{
    any::{Any, TypeId, type_name},
    fmt,
};

use crate::sync::plain::Arc;

/// What a process can take and put: any value that can be shared and shown.
///
/// Messages are behind an [`Arc`], so one can go to several processes, and stand in the report of an
/// error, and never has to be cloned. It is shown (`Debug`) in reports of errors.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a message of a flow",
    note = "messages are `Debug + Send + Sync + 'static`: they are shared among processes, and shown in reports of errors"
)]
pub trait Message: fmt::Debug + Send + Sync + 'static {}

impl<T: fmt::Debug + Send + Sync + 'static> Message for T {}

pub(crate) trait AnyMessage: Any + fmt::Debug + Send + Sync {
    fn kind(&self) -> Kind;
}

impl<T: Message> AnyMessage for T {
    fn kind(&self) -> Kind {
        Kind::of::<T>()
    }
}

/// A message without its type.
pub(crate) type Msg = Arc<dyn AnyMessage>;

pub(crate) fn downcast_ref<T: Message>(msg: &Msg) -> Option<&T> {
    let any: &dyn Any = &**msg;
    any.downcast_ref()
}

pub(crate) fn downcast<T: Message>(msg: Msg) -> Option<Arc<T>> {
    let any: Arc<dyn Any + Send + Sync> = msg;
    any.downcast().ok()
}

/// A type, with its name.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    id: TypeId,
    name: &'static str,
}

impl Kind {
    pub(crate) fn of<T: 'static>() -> Self {
        Self {
            id: TypeId::of::<T>(),
            name: type_name::<T>(),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        self.name
    }

    /// The name without the paths: `Vec<Line>` for `alloc::vec::Vec<log::Line>`.
    pub(crate) fn short_name(self) -> String {
        let mut short = String::new();
        let mut path = 0;
        for c in self.name.chars() {
            if c.is_alphanumeric() || c == '_' {
                short.push(c);
                continue;
            }
            if c == ':' {
                short.truncate(path);
                continue;
            }
            short.push(c);
            path = short.len();
        }
        short
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Kind {}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
