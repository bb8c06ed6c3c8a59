//! Parallel work on the values of a channel.
