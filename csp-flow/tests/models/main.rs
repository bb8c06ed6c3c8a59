//! Sequences of operations on promises against plain sequential models.

mod promise;
mod shared;
mod util;
