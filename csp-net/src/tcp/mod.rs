//! TCP: a listener is a channel of connections, a connection two channels of frames.
//!
//! ```text
//!  listen(addr)                                     connection.frames(codec)
//!
//!  system ──accept──▸ connections: Receiver         socket ──read, decode──▸ rx: Receiver
//!                       take!: a Connection         socket ◂─encode, write── tx: Sender
//! ```
//!
//! # What ends what
//! | this side | the peer sees | here |
//! |---|---|---|
//! | `tx` dropped or closed | the end of what it reads, after all that was put is written | `rx` goes on |
//! | `rx` dropped or closed | in time nothing more is read | `tx` goes on |
//! | both, and all is written | the connection closed | |
//! | [`Link::cut`] | the connection closed | `rx` fails, puts give their values back |
//!
//! | the peer | `rx` | `tx` |
//! |---|---|---|
//! | ends its direction | closes after the last frame; no failure | goes on |
//! | resets, writes no frame, is silent too long | fails with a [`ConnectionError`](crate::ConnectionError) | puts give their values back |
//! | goes away, and is written to | as above, once the system tells | as above |
//!
//! # Back pressure
//! Reading stops while nobody takes: what is kept is the frames of the channel's buffer
//! ([`buffer`](Connection::buffer)), one frame that waits to be put, and one read of bytes. Then the
//! system's buffers fill and the peer's writes wait. The other way a put parks while the peer does not
//! read.
//!
//! # What was put and not written
//! A put is done when the connection's block has the frame, and not when the peer has it. When the
//! connection breaks, [`Link::unwritten`] tells how many frames were accepted and not handed to the
//! system whole. Those that were may have been lost on the way as well: only an answer of the peer
//! tells.

mod connect;
mod connection;
mod link;
mod listen;
mod reader;
mod tracker;
mod writer;

pub use connect::{connect, connect_within};
pub use connection::Connection;
pub use link::Link;
pub use listen::{Listener, listen};
pub(crate) use tracker::Ticket;
