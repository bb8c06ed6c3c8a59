//! What every transducer has: a `Clone` and a `Debug` that do not depend on the type of the values.

/// `Debug` that shows the named fields and no others: values and closures need not be `Debug`.
macro_rules! debug {
    ($name:ident<$($param:ident),+> $(, $field:ident)*) => {
        impl<$($param),+> std::fmt::Debug for $name<$($param),+> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    $(.field(stringify!($field), &self.$field))*
                    .finish_non_exhaustive()
            }
        }
    };
}

/// `Clone` for a transducer that holds no values: asked of the parts (`F`), not of what goes in.
/// A derived one would ask `T: Clone` because of the `PhantomData`.
macro_rules! clone {
    ($name:ident<$in:ident $(, $part:ident)*> $(, $field:ident)*) => {
        impl<$in $(, $part: Clone)*> Clone for $name<$in $(, $part)*> {
            fn clone(&self) -> Self {
                Self {
                    $($field: Clone::clone(&self.$field),)*
                    of: std::marker::PhantomData,
                }
            }
        }
    };
}

pub(super) use {clone, debug};
