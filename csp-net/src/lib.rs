//! Sockets as channels: TCP connections of frames, and a small HTTP/1.1 server and client.
//!
//! A listener is a channel of connections, and a connection is a pair of channels of frames. So the code
//! that talks to a peer is the code that talks to a go block: `take!`, `put!`, `alt!`, time limits, all of
//! it. The sockets stand on `async-io`'s reactor and hold no thread; what is here works in go blocks and
//! in async code of any executor (the blocks that it starts run on csp's current runtime).
//!
//! ```
//! use csp::prelude::*;
//! use csp_net::{Lines, tcp};
//!
//! let listener = tcp::listen("127.0.0.1:0")?;
//! let addr = listener.local_addr();
//! go!({
//!     while let Some(connection) = take!(listener.connections) {
//!         go!({
//!             let peer = connection.frames(Lines::new());
//!             while let Some(line) = take!(peer.rx) {
//!                 if put!(peer.tx, line.to_uppercase()).is_err() {
//!                     break; // the peer has gone
//!                 }
//!             }
//!         });
//!     }
//! });
//!
//! let answer = go!({
//!     let peer = tcp::connect(addr).await?.frames(Lines::new());
//!     put!(peer.tx, "hello".to_owned()).ok();
//!     Ok::<_, std::io::Error>(take!(peer.rx))
//! });
//! assert_eq!(answer.wait().unwrap()?.as_deref(), Some("HELLO"));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! * [`tcp`]: listening, connecting, [`Connection`](tcp::Connection), [`Link`](tcp::Link).
//! * [`Codec`] and the codecs [`Lines`], [`LengthPrefixed`], [`Bytes`]: what a frame is.
//! * [`Duplex`]: two channels, one for each direction.
//! * [`http`]: a server whose handler is an async function, and requests.
#![forbid(unsafe_code)]

mod addr;
mod buffer;
mod codec;
mod error;
pub mod http;
mod socket;
pub mod tcp;

pub use addr::Address;
pub use codec::{Bytes, Codec, LengthPrefixed, Lines};
pub use csp_flow::Duplex;
pub use error::{ConnectionError, FrameError, Reason};
