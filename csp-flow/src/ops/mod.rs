//! Moving values between channels, collections and iterators.

mod pipeline;
